"""Reading who works on a competition, and whom its mail concerns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select

from commissioning.competition.models import Admission, Competition
from commissioning.identity import queries as identity
from commissioning.identity.models import Organisation, RoleGrant, User
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import BIDDER_ROLES, Role
from commissioning.kernel.errors import NotFound
from commissioning.kernel.stage import Stage

KEY_HOLDERS: Final = {"full": (5, 3), "short": (3, 2)}
"""By profile: how many people hold a share of the opening keys, and how many open together."""


@dataclass(frozen=True, slots=True)
class TeamMember:
    """A person of the authority with the roles that they hold on a competition."""

    reference: str
    name: str
    email: str
    roles: tuple[Role, ...]
    since: datetime
    is_active: bool


def team(competition: Competition) -> list[TeamMember]:
    """The people who hold a role on the competition now, by name."""
    grants: dict[str, list[RoleGrant]] = {}
    for grant in identity.competition_grants(competition.reference):
        grants.setdefault(grant.user.reference, []).append(grant)
    members = [
        TeamMember(
            reference=held[0].user.reference,
            name=held[0].user.name,
            email=held[0].user.email,
            roles=tuple(sorted(Role(grant.role) for grant in held)),
            since=min(grant.given_at for grant in held),
            is_active=held[0].user.is_active and held[0].user.removed_at is None,
        )
        for held in grants.values()
    ]
    return sorted(members, key=lambda member: (member.name.casefold(), member.reference))


def team_addresses(competition: Competition, *roles: Role) -> list[str]:
    """The addresses of the team, or of those of it who hold one of the roles."""
    return [
        member.email
        for member in team(competition)
        if member.is_active and (not roles or set(roles) & set(member.roles))
    ]


def key_holders(competition: Competition) -> list[str]:
    """The references of the people who hold a share of the opening keys, in the order given."""
    return key_holders_of_each(competition)[competition.id]


def key_holders_of_each(*competitions: Competition) -> dict[int, list[str]]:
    """The people who hold a share of the opening keys, by competition, in the order given."""
    keys = {row.reference: row.id for row in competitions}
    found: dict[int, list[str]] = {row.id: [] for row in competitions}
    for competition, person in db.session.execute(
        select(RoleGrant.competition, User.reference)
        .join(RoleGrant.user)
        .where(
            RoleGrant.competition.in_(keys),
            RoleGrant.role == Role.KEY_HOLDER.value,
            RoleGrant.ended_at.is_(None),
            User.is_active,
            User.removed_at.is_(None),
        )
        .order_by(RoleGrant.id)
    ):
        found[keys[competition]].append(person)
    return found


def key_holders_needed(competition: Competition) -> tuple[int, int]:
    """How many key holders the competition's profile asks for, and how many open together."""
    return KEY_HOLDERS[competition.profile]


def people_who_may_join(competition: Competition) -> Sequence[User]:
    """The active people of the authority, by name: only they are given roles on a competition."""
    authority = competition.programme.authority.reference
    return [user for user in identity.people_of(authority) if user.is_active]


def person_who_may_join(competition: Competition, user: str) -> User | None:
    """The person, if they belong to the competition's authority and can sign in."""
    try:
        person = identity.user_by_reference(user)
    except NotFound:
        return None
    is_own = person.organisation.reference == competition.programme.authority.reference
    return person if is_own and person.is_active and person.removed_at is None else None


def roles_ever_held(competition: Competition, user: str) -> frozenset[Role]:
    """Every role that a person holds or has held on a competition."""
    return frozenset(
        Role(role)
        for role in db.session.scalars(
            select(RoleGrant.role)
            .join(RoleGrant.user)
            .where(RoleGrant.competition == competition.reference, User.reference == user)
        )
    )


def organisations_named(references: Iterable[str]) -> dict[str, Organisation]:
    """The organisations of these references, by reference; what is unknown is left out."""
    rows = db.session.scalars(
        select(Organisation).where(Organisation.reference.in_(list(references)))
    )
    return {row.reference: row for row in rows}


def bidder_addresses(competition: Competition) -> list[str]:
    """The addresses of every bidder whom an event of the competition concerns.

    From the shortlist on these are the organisations admitted to it. Before, whoever is registered
    as a bidder may take part, and nobody may look who does: so they are all of them.
    """
    reached = Stage(competition.reached_stage or competition.stage)
    if reached.is_at_or_after(Stage.SHORTLISTED):
        concerned = select(Organisation.reference).where(
            Organisation.id.in_(
                select(Admission.organisation_id).where(Admission.competition_id == competition.id)
            )
        )
    else:
        concerned = select(Organisation.reference).where(
            Organisation.kind == "bidder", Organisation.status == "active"
        )
    references = db.session.scalars(concerned).all()
    return identity.emails_of(references, BIDDER_ROLES) if references else []


def everyone_concerned(competition: Competition) -> list[str]:
    """The addresses of the team and of every bidder concerned, each once."""
    return list(dict.fromkeys([*team_addresses(competition), *bidder_addresses(competition)]))
