"""Reading people, their roles and their addresses."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from commissioning.identity.domain.roles import Need
from commissioning.identity.models import (
    Organisation,
    RoleGrant,
    RoleNeed,
    User,
)
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor, Grant, Role
from commissioning.kernel.errors import NotFound


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


def public_keys_of(references: Sequence[str]) -> dict[str, bytes]:
    """The public key of each person who has one, in the order asked for."""
    found = {
        user.reference: user.public_key
        for user in db.session.scalars(select(User).where(User.reference.in_(references)))
        if user.public_key is not None
    }
    return {reference: found[reference] for reference in references if reference in found}


def user_by_email(email: str) -> User | None:
    """The person with an address in its normal form, if there is one."""
    return db.session.scalar(_people().where(User.email == email))


def people_of(organisation: str) -> Sequence[User]:
    """The people of an organisation by name, without those who have left it."""
    return db.session.scalars(
        _people()
        .join(User.organisation)
        .where(Organisation.reference == organisation, User.removed_at.is_(None))
        .order_by(func.lower(User.name), User.id)
    ).all()


def has_had_people(organisation: Organisation) -> bool:
    """Whether anybody belongs, or has ever belonged, to an organisation."""
    found = select(User.id).where(User.organisation_id == organisation.id).limit(1)
    return db.session.scalar(found) is not None


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


def role_needs(competitions: Collection[str]) -> dict[tuple[str, str], Need]:
    """How these competitions need the people in a role, by (competition, role)."""
    if not competitions:
        return {}
    rows = db.session.scalars(select(RoleNeed).where(RoleNeed.competition.in_(competitions)))
    return {(row.competition, row.role): Need(row.need) for row in rows}


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
