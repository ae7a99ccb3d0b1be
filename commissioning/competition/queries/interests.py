"""Reading declared interests, what was decided of them, and whom they keep from what."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from commissioning.competition.domain.interests import Bar, standing_bar
from commissioning.competition.domain.lifecycle import INTEREST
from commissioning.competition.models import Competition, Decision, Interest
from commissioning.infrastructure.database import db
from commissioning.kernel.errors import NotFound


def interest_by_id(competition: Competition, key: int) -> Interest:
    """One declared interest; NotFound where the competition has none of this number."""
    found = db.session.scalar(
        select(Interest).where(Interest.competition_id == competition.id, Interest.id == key)
    )
    if found is None:
        raise NotFound
    return found


def interest_decisions(*competitions: Competition) -> dict[int, list[Decision]]:
    """What was proposed on each interest, by its number, oldest first."""
    found: dict[int, list[Decision]] = {}
    for row in db.session.scalars(
        select(Decision)
        .where(
            Decision.competition_id.in_([each.id for each in competitions]),
            Decision.event == INTEREST,
        )
        .order_by(Decision.id)
    ):
        found.setdefault(row.payload["interest"], []).append(row)
    return found


def interests_to_decide(*competitions: Competition) -> dict[int, list[Interest]]:
    """The declared interests of which nothing was approved yet and nothing is proposed."""
    found: dict[int, list[Interest]] = {row.id: [] for row in competitions}
    rows = db.session.scalars(
        select(Interest).where(Interest.competition_id.in_(found)).order_by(Interest.id)
    ).all()
    decided = {
        key
        for key, decisions in interest_decisions(*competitions).items()
        if any(row.status in {"approved", "proposed"} for row in decisions)
    }
    for row in rows:
        if row.id not in decided:
            found[row.competition_id].append(row)
    return found


def bars_in(
    *competitions: Competition, people: Collection[str] | None = None
) -> dict[int, list[Bar]]:
    """Whom the declared interests keep from what, by competition; of these people, if named.

    An interest that nobody has decided on bars, and so does one declared after a decision.
    """
    found: dict[int, list[Bar]] = {row.id: [] for row in competitions}
    statement = select(Interest).where(Interest.competition_id.in_(found)).order_by(Interest.id)
    if people is not None:
        statement = statement.where(Interest.person.in_(set(people)))
    rows = db.session.scalars(statement).all()
    if not rows:
        return found
    approved = {
        key: [row for row in decisions if row.status == "approved"]
        for key, decisions in interest_decisions(*competitions).items()
    }
    for row in rows:
        last = approved.get(row.id, [])[-1:]
        bar = standing_bar(row.person, row.organisation, last[0].payload if last else None)
        if bar is not None:
            found[row.competition_id].append(bar)
    return found
