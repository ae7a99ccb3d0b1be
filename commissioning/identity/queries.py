"""Reading people, organisations and what they are to each other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload, selectinload

from commissioning.identity.domain.roles import is_run_by_operator
from commissioning.identity.models import (
    ConsortiumMembership,
    Invitation,
    Organisation,
    OrganisationKeyWrap,
    Ownership,
    RecoveryCode,
    RoleGrant,
    User,
)
from commissioning.infrastructure.database import db
from commissioning.infrastructure.outbox import OutboxMessage
from commissioning.kernel.actor import Actor, Grant, Role
from commissioning.kernel.errors import NotFound
from commissioning.kernel.waiting import WaitingItem
from commissioning.permissions import Facts, Permission, may, require

# Organisations -------------------------------------------------------------------------------


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


# People --------------------------------------------------------------------------------------


def _people() -> Select[tuple[User]]:
    return select(User).options(
        joinedload(User.organisation),
        selectinload(User.grants).joinedload(RoleGrant.organisation),
    )


def user_by_reference(reference: str) -> User:
    """The person; NotFound where there is none."""
    found = db.session.scalar(_people().where(User.reference == reference))
    if found is None:
        raise NotFound
    return found


def user_by_email(email: str) -> User | None:
    """The person with an address in its normal form, if there is one."""
    return db.session.scalar(_people().where(User.email == email))


def people_of(organisation: str, *, with_removed: bool = False) -> Sequence[User]:
    """The people of an organisation by name, without those who have left it."""
    statement = (
        _people()
        .join(User.organisation)
        .where(Organisation.reference == organisation)
        .order_by(func.lower(User.name), User.id)
    )
    if not with_removed:
        statement = statement.where(User.removed_at.is_(None))
    return db.session.scalars(statement).all()


def organisation_of_person(user: str) -> Organisation:
    """The organisation to which a person belongs; NotFound where there is no such person."""
    found = db.session.scalar(
        select(Organisation)
        .join(User, User.organisation_id == Organisation.id)
        .where(User.reference == user)
    )
    if found is None:
        raise NotFound
    return found


def names_of(references: Iterable[str]) -> dict[str, str]:
    """The names of people and organisations by reference; what is unknown is left out."""
    wanted = set(references)
    if not wanted:
        return {}
    names: dict[str, str] = {}
    for model in (User, Organisation):
        rows = db.session.execute(
            select(model.reference, model.name).where(model.reference.in_(wanted))
        )
        names.update((reference, name) for reference, name in rows)
    return names


def roles_held(user: User, *, competition: str | None = None) -> list[Role]:
    """The roles that a person holds now for the organisation as a whole, or on one competition."""
    return sorted(
        Role(grant.role)
        for grant in user.grants
        if grant.ended_at is None and grant.competition == competition
    )


def people_with_role(competition: str, role: Role) -> Sequence[User]:
    """The people who hold a role on a competition now, in the order in which they were given it."""
    return db.session.scalars(
        _people()
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(
            RoleGrant.competition == competition,
            RoleGrant.role == role.value,
            RoleGrant.ended_at.is_(None),
        )
        .order_by(RoleGrant.id)
    ).all()


def competition_grants(competition: str) -> Sequence[RoleGrant]:
    """Every role held on a competition now, with its person, in the order given."""
    return db.session.scalars(
        select(RoleGrant)
        .options(joinedload(RoleGrant.user).joinedload(User.organisation))
        .where(RoleGrant.competition == competition, RoleGrant.ended_at.is_(None))
        .order_by(RoleGrant.id)
    ).all()


def emails_of(organisations: Collection[str], roles: Collection[Role] = ()) -> list[str]:
    """The addresses of an organisation's people, or of those with one of the roles, for mail."""
    statement = (
        select(User.email)
        .join(User.organisation)
        .where(
            Organisation.reference.in_(organisations),
            User.is_active,
            User.removed_at.is_(None),
        )
        .order_by(User.id)
    )
    if roles:
        holders = select(RoleGrant.user_id).where(
            RoleGrant.role.in_([role.value for role in roles]), RoleGrant.ended_at.is_(None)
        )
        statement = statement.where(User.id.in_(holders))
    return list(db.session.scalars(statement))


def actor_of(user: User, personal_key: bytes | None = None) -> Actor:
    """The person as services know them, with the roles that they hold at this moment."""
    return Actor(
        reference=user.reference,
        name=user.name,
        organisation=user.organisation.reference,
        grants=frozenset(
            Grant(Role(grant.role), grant.organisation.reference, grant.competition)
            for grant in user.grants
            if grant.ended_at is None
        ),
        personal_key=personal_key,
    )


# Keys and invitations ------------------------------------------------------------------------


def key_wrap(organisation: str, user: str) -> OrganisationKeyWrap | None:
    """The organisation's key as it is sealed to one member."""
    return db.session.scalar(
        select(OrganisationKeyWrap)
        .join(Organisation, OrganisationKeyWrap.organisation_id == Organisation.id)
        .join(User, OrganisationKeyWrap.user_id == User.id)
        .where(Organisation.reference == organisation, User.reference == user)
    )


def key_holders_of(organisation: str) -> frozenset[str]:
    """The references of the people who can open what the organisation has sealed."""
    return frozenset(
        db.session.scalars(
            select(User.reference)
            .join(OrganisationKeyWrap, OrganisationKeyWrap.user_id == User.id)
            .join(Organisation, OrganisationKeyWrap.organisation_id == Organisation.id)
            .where(Organisation.reference == organisation)
        )
    )


def recovery_code_of(organisation: str) -> RecoveryCode | None:
    """The organisation's recovery code that still opens its key, if it has one."""
    return db.session.scalar(
        select(RecoveryCode)
        .join(Organisation, RecoveryCode.organisation_id == Organisation.id)
        .where(Organisation.reference == organisation, RecoveryCode.used_at.is_(None))
        .order_by(RecoveryCode.id.desc())
        .limit(1)
    )


def open_invitations(organisation: str, now: datetime) -> Sequence[Invitation]:
    """The invitations that can still be accepted at `now` of the real clock, oldest first."""
    return db.session.scalars(
        select(Invitation)
        .join(Invitation.organisation)
        .options(contains_eager(Invitation.organisation))
        .where(
            Organisation.reference == organisation,
            Invitation.accepted_at.is_(None),
            Invitation.expires_at > now,
        )
        .order_by(Invitation.id)
    ).all()


# Ownership and consortia ---------------------------------------------------------------------


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


# What waits, and the outbox of a demonstration -----------------------------------------------


def waiting_for(actor: Actor, _now: datetime) -> list[WaitingItem]:
    """What a person should do about their organisation's key: get it, or let others have it."""
    if actor.organisation is None:
        return []
    subject = Facts(organisation=actor.organisation)
    if not may(actor, Permission.IDENTITY_ADMIT_TO_KEY, subject):
        return []
    holders = key_holders_of(actor.organisation)
    people = people_of(actor.organisation)
    context = next((p.organisation.name for p in people), "")
    if actor.reference not in holders:
        return [
            WaitingItem(
                "Open your organisation’s key",
                "You cannot read or write drafts until a colleague lets you in, or you use the "
                "recovery code.",
                "identity.key",
                context=context,
            )
        ]
    items = [
        WaitingItem(
            f"Let {person.name} in",
            "They cannot open your organisation’s drafts until you do.",
            "identity.person",
            {"reference": person.reference},
            context=context,
        )
        for person in people
        if person.reference not in holders and person.is_active
    ]
    if len(holders) == 1 and recovery_code_of(actor.organisation) is None:
        items.append(
            WaitingItem(
                "Make a recovery code",
                "You alone can open your organisation’s drafts. Without a code, a forgotten "
                "password would lose them.",
                "identity.key",
                context=context,
            )
        )
    return items


def messages_newest_first(limit: int = 200) -> Sequence[OutboxMessage]:
    """The mail of this installation, newest first, for a demonstration to show."""
    return db.session.scalars(
        select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(limit)
    ).all()
