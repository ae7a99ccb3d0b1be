"""Roles on a competition: given by its lead, and never two that exclude each other."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.competition import queries
from commissioning.competition.domain.conflicts import excluded_by
from commissioning.competition.models import Competition
from commissioning.identity import queries as identity
from commissioning.identity import services as identity_services
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import AUTHORITY_ROLES, Actor, Role
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, Conflict, NotFound
from commissioning.kernel.stage import Stage
from commissioning.permissions import Permission, has_conflict, require


def give_role(actor: Actor, competition: str, user: str, role: Role, *, clock: Clock) -> None:
    """The lead gives people of the authority roles on a competition, but no excluding pair.

    Where no lead of it can act, a lead of the authority does, and names another.
    Until the quality opening the roles held now count; from then on also those held before, because
    what somebody has seen does not end with a role. Key holders change until the ITN is issued, and
    then the keys are prepared and rehearsed again. Raises NotFound, Forbidden, and BadInput on
    `user` or `role`.
    """
    now = clock.now()
    row = queries.competition_for_change(competition)
    require(actor, Permission.COMPETITION_GIVE_ROLES, queries.team_facts(row, now))
    wanted = _competition_role(role)
    _require_may_have(row, user, wanted, person_at="user", role_at="role")
    if wanted is Role.PROCUREMENT_LEAD and has_conflict(user, queries.facts(row, now)):
        raise BadInput(
            "user",
            "They declared an interest in this competition and could not act as its lead. Choose "
            "somebody else.",
        )
    changes = _keys_after(row, wanted)
    needed, _threshold = queries.key_holders_needed(row)
    if wanted is Role.KEY_HOLDER and len(queries.key_holders(row)) >= needed:
        raise BadInput(
            "role",
            f"This procedure takes exactly {needed} key holders, and {needed} are named. End that "
            "role of another first.",
        )
    try:
        identity_services.record_competition_role(actor, user, row.reference, wanted, clock=clock)
    except Conflict as refusal:
        raise BadInput("user", refusal.sentence) from refusal
    _apply(row, changes)
    told = {"role": wanted.value, **changes}
    _record(actor, Event.COMPETITION_ROLE_GIVEN, row, user, told, at=now)


def end_role(actor: Actor, competition: str, user: str, role: Role, *, clock: Clock) -> None:
    """The lead ends a role on a competition; it ends at the person's next request.

    A competition keeps one lead who can act. Raises NotFound, also where the role is not held,
    Forbidden, and BadInput on `role`.
    """
    now = clock.now()
    row = queries.competition_for_change(competition)
    require(actor, Permission.COMPETITION_GIVE_ROLES, queries.team_facts(row, now))
    ending = _competition_role(role)
    holders = [member.reference for member in _holders(row, ending)]
    if user not in holders:
        raise NotFound
    if ending is Role.PROCUREMENT_LEAD and not set(queries.leads_able_to_act(row)) - {user}:
        raise BadInput(
            "role",
            "A competition needs a lead who can act. Give the role to somebody else first.",
        )
    changes = _keys_after(row, ending)
    identity_services.end_competition_role(actor, user, row.reference, ending, clock=clock)
    _apply(row, changes)
    told = {"role": ending.value, **changes}
    _record(actor, Event.COMPETITION_ROLE_ENDED, row, user, told, at=now)


def require_may_hold_keys(competition: Competition, user: str) -> None:
    """Whoever takes over a share may hold it by the same rules; BadInput on `joining` if not."""
    _require_may_have(competition, user, Role.KEY_HOLDER, person_at="joining", role_at="joining")


def pass_on_key_holding(
    actor: Actor, competition: Competition, *, leaving: str, joining: str, clock: Clock
) -> None:
    """The role passes from one key holder to another, once the shares have been made anew.

    A step of the ceremony that has authorised it. Raises BadInput on `joining` where they may not.
    """
    require_may_hold_keys(competition, joining)
    identity_services.end_competition_role(
        actor,
        leaving,
        competition.reference,
        Role.KEY_HOLDER,
        is_passed_on=True,
        clock=clock,
    )
    identity_services.record_competition_role(
        actor, joining, competition.reference, Role.KEY_HOLDER, clock=clock
    )
    told = {"role": Role.KEY_HOLDER.value, "by": "replacement"}
    _record(actor, Event.COMPETITION_ROLE_ENDED, competition, leaving, told, at=clock.now())
    _record(actor, Event.COMPETITION_ROLE_GIVEN, competition, joining, told, at=clock.now())


def _require_may_have(
    competition: Competition, user: str, wanted: Role, *, person_at: str, role_at: str
) -> None:
    """The person is of the authority, can sign in, and holds no role that excludes this one."""
    person = queries.person_who_may_join(competition, user)
    if person is None:
        raise BadInput(person_at, "Choose a person of the authority who can sign in.")
    ever = queries.roles_ever_held(competition, user)
    held = frozenset(identity.roles_held(person, competition=competition.reference))
    if wanted in held:
        raise BadInput(role_at, f"{person.name} is {wanted.label} already.")
    has_begun = Stage(competition.stage).is_at_or_after(Stage.QUALITY_EVALUATION)
    pair = excluded_by(ever if has_begun else held, wanted, profile=competition.profile)
    if pair is not None:
        other = pair.second if pair.first is wanted else pair.first
        raise BadInput(
            role_at,
            f"{person.name} is, or was, {other.label} and cannot be {wanted.label} as well. "
            f"{pair.reason}",
        )


def _competition_role(role: Role | str) -> Role:
    try:
        wanted = Role(role)
    except ValueError as error:
        raise BadInput("role", "Choose a role.") from error
    if wanted not in AUTHORITY_ROLES:
        raise BadInput("role", "Choose a role that a competition gives.")
    return wanted


def _holders(competition: Competition, role: Role) -> Iterable[queries.TeamMember]:
    return [member for member in queries.team(competition) if role in member.roles]


def _keys_after(competition: Competition, role: Role) -> dict[str, Any]:
    """What a change of this role does to the opening keys.

    The keys are held by the people who were key holders when they were made: another circle needs
    other keys, and once bids may be sealed to them it cannot change at all.
    """
    if role is not Role.KEY_HOLDER:
        return {}
    stage = Stage(competition.stage)
    if stage.is_at_or_after(Stage.ITN_OPEN) and not stage.is_at_or_after(Stage.PRICE_EVALUATION):
        raise BadInput(
            "role",
            "The key holders stay until the price envelopes are open: bids are sealed to their "
            "keys. One can be replaced by the others, on the page of the opening keys.",
        )
    if stage.is_at_or_after(Stage.ITN_OPEN) or competition.opening_keys_sha256 is None:
        return {}
    return {"opening_keys_dropped": competition.opening_keys_sha256}


def _apply(competition: Competition, changes: dict[str, Any]) -> None:
    if changes:
        competition.opening_keys_sha256 = None
        competition.rehearsed_at = None
    db.session.flush()


def _record(
    actor: Actor,
    event: Event,
    competition: Competition,
    user: str,
    changes: dict[str, Any],
    *,
    at: datetime,
) -> None:
    audit.record(
        actor,
        event,
        Subject("user", user),
        changes,
        at=at,
        stream=competition_stream(competition.reference),
    )
