"""Reading organisations, and what they are to each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased, joinedload

from commissioning.identity.domain import membership
from commissioning.identity.domain.roles import is_run_by_operator
from commissioning.identity.models import (
    ConsortiumMembership,
    Organisation,
    Ownership,
)
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Facts, Permission, require


def organisation_by_reference(reference: str) -> Organisation:
    """The organisation; NotFound where there is none."""
    found = db.session.scalar(select(Organisation).where(Organisation.reference == reference))
    if found is None:
        raise NotFound
    return found


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
    """Every recorded tie of an organisation, by the other's name."""
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


def ownership_pairs() -> set[tuple[str, str]]:
    """Every recorded ownership as (owner, owned) references."""
    owner, owned = aliased(Organisation), aliased(Organisation)
    rows = db.session.execute(
        select(owner.reference, owned.reference)
        .select_from(Ownership)
        .join(owner, Ownership.owner_id == owner.id)
        .join(owned, Ownership.owned_id == owned.id)
    )
    return {(above, below) for above, below in rows}


def consortium_pairs() -> set[tuple[str, str]]:
    """Every recorded membership as (consortium, member) references."""
    whole, part = aliased(Organisation), aliased(Organisation)
    rows = db.session.execute(
        select(whole.reference, part.reference)
        .select_from(ConsortiumMembership)
        .join(whole, ConsortiumMembership.consortium_id == whole.id)
        .join(part, ConsortiumMembership.member_id == part.id)
    )
    return {(bidder, member) for bidder, member in rows}


def award_groups(
    organisations: Sequence[str], *, max_value_share_ppm: int | None = None
) -> list[dict[str, Any]]:
    """The groups that bidders form through shared owners and members, as an award problem says it.

    `organisations` are the bidders' references in the problem's order; each group carries the
    published share as its own limit where one is given. See `groups_for_award`.
    """
    return membership.groups_for_award(
        organisations,
        [membership.Ownership(*pair) for pair in sorted(ownership_pairs())],
        [membership.ConsortiumMembership(*pair) for pair in sorted(consortium_pairs())],
        max_value_share_ppm=max_value_share_ppm,
    )
