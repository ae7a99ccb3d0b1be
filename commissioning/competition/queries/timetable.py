"""Reading the timetable: the dates that hold, and those that held before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from commissioning.competition.domain.lifecycle import CLOSED_BY, OPEN_UNTIL
from commissioning.competition.domain.timetable import Deadline, TimetableEvent
from commissioning.competition.models import Competition, TimetableEntry
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import SYSTEM
from commissioning.kernel.stage import Stage


def as_deadline(entry: TimetableEntry) -> Deadline:
    """The deadline that a row of the timetable keeps."""
    return Deadline(entry.instant, entry.zone, entry.wall_text)


def current_entries(competition: Competition) -> dict[TimetableEvent, TimetableEntry]:
    """The rows that hold now, by event, in the order of the events."""
    held = {
        TimetableEvent(entry.event): entry
        for entry in competition.timetable
        if entry.superseded_at is None
    }
    return {event: held[event] for event in TimetableEvent if event in held}


def current_timetable(competition: Competition) -> dict[TimetableEvent, Deadline]:
    """The dates that hold now, by event, in the order of the events."""
    return {event: as_deadline(entry) for event, entry in current_entries(competition).items()}


def deadline_of(competition: Competition, event: TimetableEvent | str) -> Deadline | None:
    """The date that holds now for an event; None where the timetable names none."""
    return current_timetable(competition).get(TimetableEvent(event))


def open_deadline(competition: Competition) -> Deadline | None:
    """The deadline at which the stage closes, where it is a stage that is open to bidders."""
    event = OPEN_UNTIL.get(Stage(competition.stage))
    return None if event is None else deadline_of(competition, event)


def closed_deadline(competition: Competition) -> Deadline | None:
    """The deadline at which bidders' stage closed, where the competition has come no further."""
    event = CLOSED_BY.get(Stage(competition.stage))
    return None if event is None else deadline_of(competition, event)


def timetable_history(competition: Competition) -> list[TimetableEntry]:
    """Every version of every date, by event and then by version: nothing is ever overwritten."""
    order = list(TimetableEvent)
    return sorted(
        competition.timetable, key=lambda row: (order.index(TimetableEvent(row.event)), row.version)
    )


def set_by_people(competition: Competition, event: TimetableEvent) -> Deadline | None:
    """The last date of an event that people set, before what the platform made of it."""
    rows = [
        entry
        for entry in competition.timetable
        if entry.event == event.value and entry.set_by != SYSTEM.reference
    ]
    return as_deadline(max(rows, key=lambda row: row.version)) if rows else None


def moved_from(competition: Competition, event: TimetableEvent) -> Deadline | None:
    """The deadline that people set, where it has moved since because the service failed."""
    entry = current_entries(competition).get(event)
    if entry is None or entry.set_by != SYSTEM.reference:
        return None
    return set_by_people(competition, event)


def open_competitions() -> Sequence[Competition]:
    """The competitions that are open to bidders, with their timetables."""
    return db.session.scalars(
        select(Competition)
        .where(Competition.stage.in_([stage.value for stage in OPEN_UNTIL]))
        .options(selectinload(Competition.timetable))
        .order_by(Competition.id)
    ).all()


def is_overdue(competition: Competition, now: datetime) -> bool:
    """Whether the stage that is open to bidders should have closed by now."""
    deadline = open_deadline(competition)
    return deadline is not None and deadline.instant_utc <= now
