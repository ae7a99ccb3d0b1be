"""The answers that the table gives: whether, why not, and the whole of it as lines."""

from __future__ import annotations

from commissioning.kernel.actor import Actor
from commissioning.kernel.errors import Forbidden
from commissioning.permissions.conditions import Facts
from commissioning.permissions.names import Permission, Scope
from commissioning.permissions.table import ROWS, Row

_BY_PERMISSION: dict[Permission, tuple[Row, ...]] = {
    permission: tuple(row for row in ROWS if row.permission is permission)
    for permission in Permission
}


def rows_for(permission: Permission) -> tuple[Row, ...]:
    """The rows that can give a permission."""
    return _BY_PERMISSION[permission]


def _role_is_held(row: Row, actor: Actor, facts: Facts) -> bool:
    match row.scope:
        case Scope.ANYONE:
            return True
        case Scope.SIGNED_IN:
            return not actor.is_anonymous and facts.person in {None, actor.reference}
        case Scope.PLATFORM:
            return bool(row.roles & actor.roles())
        case Scope.AUTHORITY:
            return facts.authority is not None and bool(row.roles & actor.roles_in(facts.authority))
        case Scope.COMPETITION:
            return bool(row.roles & actor.roles_on(facts.competition))
        case Scope.OWN:
            return facts.organisation is not None and bool(
                row.roles & actor.roles_in(facts.organisation)
            )


def may(actor: Actor, permission: Permission, facts: Facts | None = None) -> bool:
    """Whether some row gives the actor the permission under these facts."""
    subject = facts or Facts()
    return any(
        _role_is_held(row, actor, subject)
        and all(condition.holds(actor, subject) for condition in row.conditions)
        for row in _BY_PERMISSION[permission]
    )


def require(actor: Actor, permission: Permission, facts: Facts | None = None) -> None:
    """Refuse, unless some row gives the actor the permission under these facts.

    Raises Forbidden, which a page shows exactly as something absent and the trail keeps.
    """
    if not may(actor, permission, facts):
        raise Forbidden(permission.value, _reason(actor, permission, facts or Facts()))


def _reason(actor: Actor, permission: Permission, facts: Facts) -> str:
    """Why not, for the trail: the first condition that fails in a row whose role is held."""
    for row in _BY_PERMISSION[permission]:
        if _role_is_held(row, actor, facts):
            for condition in row.conditions:
                if not condition.holds(actor, facts):
                    return f"fails: {condition.name}"
    return "role not held"


def could_ever(actor: Actor, permission: Permission) -> bool:
    """Whether the actor holds, anywhere, a role that some row of the permission names.

    A view asks this first: it gives an early no, never a yes.
    """
    return any(
        row.scope is Scope.ANYONE
        or (row.scope is Scope.SIGNED_IN and not actor.is_anonymous)
        or bool(row.roles & actor.roles())
        for row in _BY_PERMISSION[permission]
    )


def matrix() -> list[tuple[str, str, str, str]]:
    """The whole policy as lines (permission, role, where held, conditions), in the table's order.

    The help page, the command line and the committed copy all print this.
    """
    lines: list[tuple[str, str, str, str]] = []
    for row in ROWS:
        conditions = "; ".join(condition.name for condition in row.conditions)
        lines += [
            (row.permission.value, role, row.scope.value, conditions)
            for role in sorted(role.value for role in row.roles) or ["-"]
        ]
    return lines
