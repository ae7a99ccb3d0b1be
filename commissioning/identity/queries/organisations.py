"""Reading organisations, and what they are to each other."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from commissioning.identity.domain import membership
from commissioning.identity.domain.roles import is_run_by_operator
from commissioning.identity.domain.ties import Standing, TieKind, TieStatus, standing
from commissioning.identity.models import (
    ConsortiumMembership,
    Organisation,
    Ownership,
)
from commissioning.infrastructure.database import db, forget_what_was_read
from commissioning.kernel.actor import Actor
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Facts, Permission, require


def organisation_by_reference(reference: str) -> Organisation:
    """The organisation; NotFound where there is none."""
    found = db.session.scalar(select(Organisation).where(Organisation.reference == reference))
    if found is None:
        raise NotFound
    return found


_HELD = (
    select(Organisation)
    .where(Organisation.reference == bindparam("reference"))
    .with_for_update(key_share=True)
)


def organisation_held(reference: str) -> Organisation:
    """The organisation, held until the transaction ends; NotFound where there is none.

    So two of its people who write at the same moment do so one after the other, and the later one
    reads what the earlier one wrote.
    """
    found = db.session.scalar(_HELD, {"reference": reference})
    if found is None:
        raise NotFound
    return found


def organisation_for_change(reference: str) -> Organisation:
    """The organisation, held by whoever changes its people or ties; or NotFound.

    What was read before the wait for it is read anew.
    """
    forget_what_was_read()
    return organisation_held(reference)


def organisation_by_identifier(scheme: str, identifier: str) -> Organisation | None:
    """The organisation with a number in its normal form, if one is registered."""
    return db.session.scalar(
        select(Organisation).where(
            Organisation.identifier_scheme == scheme, Organisation.identifier == identifier
        )
    )


def organisations(*, kind: str | None = None, containing: str = "") -> Sequence[Organisation]:
    """Every organisation, or those of a kind, or whose name or number contains a text; by name."""
    statement = select(Organisation).order_by(func.lower(Organisation.name), Organisation.id)
    if kind:
        statement = statement.where(Organisation.kind == kind)
    if containing:
        statement = statement.where(
            or_(
                Organisation.name.icontains(containing, autoescape=True),
                Organisation.identifier.icontains(containing, autoescape=True),
            )
        )
    return db.session.scalars(statement).all()


def facts(organisation: Organisation) -> Facts:
    """What the permission table needs to know of an organisation."""
    return Facts(
        organisation=organisation.reference, is_suspended=organisation.status == "suspended"
    )


def readable_organisation(actor: Actor, reference: str) -> Organisation:
    """An organisation of which the actor may see the people and particulars; else NotFound."""
    organisation = organisation_by_reference(reference)
    require(actor, Permission.IDENTITY_READ_ORGANISATION, facts(organisation))
    return organisation


def people_permission(organisation: Organisation, permission: Permission) -> Permission:
    """The permission by which people of this organisation are looked after.

    Its own people hold `permission`; those of an authority, and of the operator, are looked after
    by the administrator.
    """
    if is_run_by_operator(organisation.kind):
        return Permission.IDENTITY_CREATE_AUTHORITY_PEOPLE
    return permission


@dataclass(frozen=True, slots=True)
class Ties:
    """What an organisation is to others: its owners, what it owns, its consortia, its members."""

    owners: Sequence[Ownership]
    owned: Sequence[Ownership]
    consortia: Sequence[ConsortiumMembership]
    members: Sequence[ConsortiumMembership]


def ties_of(organisation: Organisation) -> Ties:
    """Every declared tie of an organisation, by the other's name, confirmed or not."""
    ownerships = db.session.scalars(
        select(Ownership)
        .options(joinedload(Ownership.owner), joinedload(Ownership.owned))
        .where(or_(Ownership.owner_id == organisation.id, Ownership.owned_id == organisation.id))
    ).all()
    memberships = db.session.scalars(
        select(ConsortiumMembership)
        .options(
            joinedload(ConsortiumMembership.consortium), joinedload(ConsortiumMembership.member)
        )
        .where(
            or_(
                ConsortiumMembership.consortium_id == organisation.id,
                ConsortiumMembership.member_id == organisation.id,
            )
        )
    ).all()
    return Ties(
        owners=sorted(
            (row for row in ownerships if row.owned_id == organisation.id),
            key=lambda row: row.owner.name,
        ),
        owned=sorted(
            (row for row in ownerships if row.owner_id == organisation.id),
            key=lambda row: row.owned.name,
        ),
        consortia=sorted(
            (row for row in memberships if row.member_id == organisation.id),
            key=lambda row: row.consortium.name,
        ),
        members=sorted(
            (row for row in memberships if row.consortium_id == organisation.id),
            key=lambda row: row.member.name,
        ),
    )


Tie = Ownership | ConsortiumMembership


def ownership_between(owner: Organisation, owned: Organisation) -> Ownership | None:
    """What is declared of one owning the other, whatever the other end says; locked for change."""
    return db.session.scalar(
        select(Ownership)
        .where(Ownership.owner_id == owner.id, Ownership.owned_id == owned.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def membership_between(
    consortium: Organisation, member: Organisation
) -> ConsortiumMembership | None:
    """What is declared of one being a member of the other, as with an ownership."""
    return db.session.scalar(
        select(ConsortiumMembership)
        .where(
            ConsortiumMembership.consortium_id == consortium.id,
            ConsortiumMembership.member_id == member.id,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def standing_of(row: Tie, own: Organisation) -> Standing:
    """How a tie stands for one of its two ends."""
    return standing(
        own.reference,
        status=row.status,
        declared_by=row.declared_by,
        ending_asked_by=row.ending_asked_by,
    )


def ties_to_answer(organisation: Organisation) -> list[tuple[Organisation, Standing]]:
    """The ties of an organisation that wait for its answer: the other end, and what it asks."""
    held = ties_of(organisation)
    found: list[tuple[Organisation, Standing]] = []
    rows: list[Tie] = [*held.owners, *held.owned, *held.consortia, *held.members]
    for row in rows:
        step = standing_of(row, organisation)
        if step in {Standing.ANSWER_WANTED, Standing.END_WANTED_BY_THEM}:
            first, second = row.ends
            found.append((second if first.id == organisation.id else first, step))
    return found


def ties_behind(bidders: Collection[str]) -> dict[str, list[Any]]:
    """Every tie behind these bidders as it stands now: what both ends confirm, and what only one
    says.

    `ownerships` are [owner, owned] and `memberships` [consortium, member]; `unconfirmed` has rows
    of kind, first, second, status and who declared it, which do not count.
    """
    owned, joined = _pairs(Ownership), _pairs(ConsortiumMembership)
    relevant = membership.behind(
        bidders, [pair for pair, _, _ in owned], [pair for pair, _, _ in joined]
    )
    told = sorted(
        (kind, *pair, status, declared_by)
        for kind, rows, lower in ((TieKind.OWNERSHIP, owned, 1), (TieKind.MEMBERSHIP, joined, 0))
        for pair, status, declared_by in rows
        if pair[lower] in relevant
    )
    counting = [row for row in told if row[3] == TieStatus.CONFIRMED.value]
    return {
        "ownerships": [[one, two] for kind, one, two, *_ in counting if kind is TieKind.OWNERSHIP],
        "memberships": [
            [one, two] for kind, one, two, *_ in counting if kind is TieKind.MEMBERSHIP
        ],
        "unconfirmed": [
            {
                "kind": kind.value,
                "first": first,
                "second": second,
                "status": status,
                "declared_by": declared_by,
            }
            for kind, first, second, status, declared_by in told
            if status != TieStatus.CONFIRMED.value
        ],
    }


def _pairs(
    model: type[Ownership | ConsortiumMembership],
) -> list[tuple[tuple[str, str], str, str]]:
    """Every tie of a kind: its two ends, its status, and who declared it."""
    first, second = aliased(Organisation), aliased(Organisation)
    if model is Ownership:
        ends = Ownership.owner_id, Ownership.owned_id
    else:
        ends = ConsortiumMembership.consortium_id, ConsortiumMembership.member_id
    rows = db.session.execute(
        select(first.reference, second.reference, model.status, model.declared_by)
        .select_from(model)
        .join(first, ends[0] == first.id)
        .join(second, ends[1] == second.id)
    )
    return [((one, other), status, declared_by) for one, other, status, declared_by in rows]


def ownership_pairs() -> set[tuple[str, str]]:
    """Every ownership that both ends confirm as (owner, owned) references."""
    return _confirmed(Ownership)


def consortium_pairs() -> set[tuple[str, str]]:
    """Every membership that both ends confirm as (consortium, member) references."""
    return _confirmed(ConsortiumMembership)


def _confirmed(model: type[Ownership | ConsortiumMembership]) -> set[tuple[str, str]]:
    return {pair for pair, status, _by in _pairs(model) if status == TieStatus.CONFIRMED.value}


def award_groups(organisations: Sequence[str]) -> list[dict[str, Any]]:
    """The groups that bidders form through shared owners and members, as an award problem says it.

    `organisations` are the bidders' references in the problem's order. See `groups_for_award`.
    """
    return membership.groups_for_award(
        organisations,
        [membership.Ownership(*pair) for pair in sorted(ownership_pairs())],
        [membership.ConsortiumMembership(*pair) for pair in sorted(consortium_pairs())],
    )
