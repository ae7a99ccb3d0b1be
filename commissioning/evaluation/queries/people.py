"""Who evaluates what: the team, its assignments, and what its people have declared."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, union
from sqlalchemy.orm import joinedload

from commissioning.competition import queries as competition_queries
from commissioning.competition.models import Competition, Criterion, Interest, Lot
from commissioning.evaluation.models import Assignment, Mark
from commissioning.identity.models import RoleGrant, User
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor, Role
from commissioning.permissions import Facts
from commissioning.submission.models import Bid


def role_holders(competition: Competition) -> dict[Role, dict[str, str]]:
    """The names of those who hold each role on a competition, by reference, in order of name."""
    holders: dict[Role, dict[str, str]] = {role: {} for role in Role}
    for row in db.session.execute(
        select(RoleGrant.role, User.reference, User.name)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(RoleGrant.competition == competition.reference, RoleGrant.ended_at.is_(None))
        .order_by(User.name, User.reference)
    ):
        holders[Role(row.role)][row.reference] = row.name
    return holders


def has_marked_here(competition: Competition, person: str) -> bool:
    """Whether a person was ever given answers to mark or to moderate in a competition.

    Whoever has may see no price, also after the role has ended.
    """
    return competition.id in marked_in(person, competition)


def marked_in(person: str, *competitions: Competition) -> set[int]:
    """The keys of those competitions in which a person was ever given answers, or marked any."""
    keys = [row.id for row in competitions]
    given = select(Assignment.competition_id).where(
        Assignment.competition_id.in_(keys), Assignment.person == person
    )
    marked = (
        select(Bid.competition_id)
        .join(Mark, Bid.id == Mark.bid_id)
        .where(Bid.competition_id.in_(keys), Mark.evaluator == person)
    )
    return set(db.session.scalars(union(given, marked)))


def price_facts(competition: Competition, actor: Actor, now: datetime, **more: Any) -> Facts:
    """What the policy asks before it shows prices, a ranking or an award to somebody.

    `more` are further fields of Facts.
    """
    return competition_queries.facts(
        competition, now, has_marked_here=has_marked_here(competition, actor.reference), **more
    )


def lots_and_criteria(*competitions: Competition) -> tuple[list[Lot], list[Criterion]]:
    """The lots and the criteria of a competition, or of several, in their published order."""
    keys = [row.id for row in competitions]
    lots = db.session.scalars(
        select(Lot).where(Lot.competition_id.in_(keys)).order_by(Lot.competition_id, Lot.position)
    )
    criteria = db.session.scalars(
        select(Criterion)
        .where(Criterion.competition_id.in_(keys))
        .order_by(Criterion.competition_id, Criterion.position)
    )
    return list(lots), list(criteria)


def assignments_in(
    *competitions: Competition, person: str | None = None, with_ended: bool = False
) -> list[Assignment]:
    """The assignments that stand in a competition, or in several, by lot and criterion.

    Of one person, if named.
    """
    statement = (
        select(Assignment)
        .join(Assignment.lot)
        .join(Assignment.criterion)
        .where(Assignment.competition_id.in_([row.id for row in competitions]))
        .options(joinedload(Assignment.lot), joinedload(Assignment.criterion))
        .order_by(Criterion.position, Lot.position, Assignment.person)
    )
    if person is not None:
        statement = statement.where(Assignment.person == person)
    if not with_ended:
        statement = statement.where(Assignment.ended_at.is_(None))
    return list(db.session.scalars(statement))


@dataclass(slots=True)
class Team:
    """Who has a criterion on a lot."""

    evaluators: list[Assignment] = field(default_factory=list)
    moderators: list[Assignment] = field(default_factory=list)

    @property
    def submitted(self) -> int:
        """How many evaluators have submitted their sheet."""
        return sum(each.submitted_at is not None for each in self.evaluators)


def teams(*competitions: Competition) -> dict[tuple[int, int], Team]:
    """Who has which criterion on which lot: by the ids of lot and criterion."""
    found: dict[tuple[int, int], Team] = {}
    for row in assignments_in(*competitions):
        team = found.setdefault((row.lot_id, row.criterion_id), Team())
        (team.evaluators if row.role == Role.EVALUATOR else team.moderators).append(row)
    return found


def interests_in(competition: Competition) -> list[Interest]:
    """The register of declared interests, newest first."""
    return list(
        db.session.scalars(
            select(Interest)
            .where(Interest.competition_id == competition.id)
            .order_by(Interest.id.desc())
        )
    )
