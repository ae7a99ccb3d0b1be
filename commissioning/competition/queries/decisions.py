"""Reading the acts that take two people."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from commissioning.competition.models import Competition, Decision
from commissioning.infrastructure.database import db
from commissioning.kernel.errors import NotFound


def decision_by_reference(reference: str) -> Decision:
    """A decision with its competition; NotFound where there is none."""
    found = db.session.scalar(
        select(Decision)
        .join(Decision.competition)
        .options(contains_eager(Decision.competition))
        .where(Decision.reference == reference)
    )
    if found is None:
        raise NotFound
    return found


def decisions_of(competition: Competition) -> Sequence[Decision]:
    """Every decision of a competition, newest first."""
    return db.session.scalars(
        select(Decision)
        .where(Decision.competition_id == competition.id)
        .order_by(Decision.id.desc())
    ).all()


def open_decisions(competition: Competition) -> Sequence[Decision]:
    """What one person has proposed and no second has decided, oldest first."""
    return db.session.scalars(
        select(Decision)
        .where(Decision.competition_id == competition.id, Decision.status == "proposed")
        .order_by(Decision.id)
    ).all()


def events_proposed(*competitions: Competition) -> set[tuple[int, str]]:
    """What waits for a second person, as (key of the competition, event)."""
    rows = db.session.execute(
        select(Decision.competition_id, Decision.event).where(
            Decision.competition_id.in_([row.id for row in competitions]),
            Decision.status == "proposed",
        )
    )
    return set(rows.tuples())


def open_decision_for(competition: Competition, event: str) -> Decision | None:
    """The proposal of an event that waits for a second person, if there is one."""
    return db.session.scalar(
        select(Decision).where(
            Decision.competition_id == competition.id,
            Decision.event == event,
            Decision.status == "proposed",
        )
    )
