"""The timetable: dates that can hold, in versions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.competition import queries
from commissioning.competition.domain.lifecycle import fixed_dates
from commissioning.competition.domain.timetable import (
    Deadline,
    TimetableEvent,
    deadline_at,
    resolve_wall_time,
)
from commissioning.competition.models import Competition, TimetableEntry
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, BadInputs
from commissioning.kernel.stage import Stage
from commissioning.permissions import Permission, require

Moment = Deadline | datetime | str
"""A date as it is handed over: a deadline, an aware instant, or "YYYY-MM-DD HH:MM" in London."""


def set_timetable(
    actor: Actor,
    competition: str,
    entries: Mapping[TimetableEvent | str, Moment | None],
    *,
    clock: Clock,
) -> dict[TimetableEvent, Deadline]:
    """The timetable is kept in versions, and only with dates that exist, lie ahead and can hold.

    `entries` are by event; one that is not named stays, None takes a date out. A date that bidders
    rely on already does not change here. A changed date is a new version; the old one stays to be
    read. Returns the timetable as it now is. Raises BadInputs with the event's value as the field.
    """
    now = clock.now()
    row = queries.competition_for_change(competition)
    require(actor, Permission.COMPETITION_EDIT_TIMETABLE, queries.facts(row, now))
    before = queries.current_timetable(row)
    wanted = _merged(before, as_deadlines(entries))
    fixed = fixed_dates(Stage(row.stage))
    _refuse_fixed(before, wanted, fixed)
    found = queries.timetable_faults(row, wanted, now=now, settled=fixed)
    if found:
        raise BadInputs([(problem.event.value, problem.sentence) for problem in found])
    changes = {}
    for event in TimetableEvent:
        old, new = before.get(event), wanted.get(event)
        if old != new:
            put_date(row, event, new, by=actor, at=now)
            changes[event.value] = [told(old), told(new)]
    if not changes:
        return before
    db.session.flush()
    audit.record(
        actor,
        Event.TIMETABLE_CHANGED,
        Subject("competition", row.reference),
        changes,
        at=now,
        stream=competition_stream(row.reference),
    )
    return queries.current_timetable(row)


def as_deadlines(
    entries: Mapping[TimetableEvent | str, Moment | None],
) -> dict[TimetableEvent, Deadline | None]:
    """What was typed, as deadlines by event; BadInputs names each event whose date is none."""
    found: dict[TimetableEvent, Deadline | None] = {}
    faults: list[tuple[str, str]] = []
    for name, moment in entries.items():
        try:
            event = TimetableEvent(name)
        except ValueError:
            faults.append((str(name), "There is no such date in a timetable."))
            continue
        try:
            found[event] = None if moment is None else as_deadline(moment, event.value)
        except BadInput as error:
            faults.append((error.field, error.sentence))
    if faults:
        raise BadInputs(faults)
    return found


def as_deadline(moment: Moment, field: str) -> Deadline:
    """One date as a deadline: an instant that exists once on the clocks where it is read.

    Raises BadInput on `field` for a wall time that the clocks skip or repeat.
    """
    try:
        if isinstance(moment, Deadline):
            return moment
        if isinstance(moment, str):
            wall = _wall_time(moment)
            return resolve_wall_time(wall.date(), wall.time())
        if isinstance(moment.tzinfo, ZoneInfo) and moment.tzinfo.key != "UTC":
            # Python would silently shift a wall time that the clocks skip.
            return resolve_wall_time(moment.date(), moment.time(), moment.tzinfo.key)
        return deadline_at(moment)
    except BadInput as error:
        raise BadInput(field, error.sentence) from error


def put_date(
    competition: Competition,
    event: TimetableEvent,
    deadline: Deadline | None,
    *,
    by: Actor,
    at: datetime,
) -> None:
    """A new version of one date; the version that it takes the place of stays, with when it ended.

    A step of the acts that set dates; it neither authorises nor records.
    """
    entry = queries.current_entries(competition).get(event)
    if entry is not None:
        entry.superseded_at = at
    if deadline is None:
        return
    last = max(
        (row.version for row in competition.timetable if row.event == event.value), default=0
    )
    competition.timetable.append(
        TimetableEntry(
            event=event.value,
            instant=deadline.instant_utc,
            zone=deadline.zone,
            wall_text=deadline.wall_text,
            version=last + 1,
            set_by=by.reference,
            set_at=at,
        )
    )


def told(deadline: Deadline | None) -> str | None:
    """A date as the trail keeps it: the wall time that people were told, and its zone."""
    return None if deadline is None else f"{deadline.wall_text} {deadline.zone}"


def _merged(
    before: Mapping[TimetableEvent, Deadline],
    entries: Mapping[TimetableEvent, Deadline | None],
) -> dict[TimetableEvent, Deadline]:
    merged = {**before, **entries}
    return {
        event: deadline for event in TimetableEvent if (deadline := merged.get(event)) is not None
    }


def _refuse_fixed(
    before: Mapping[TimetableEvent, Deadline],
    wanted: Mapping[TimetableEvent, Deadline],
    fixed: frozenset[TimetableEvent],
) -> None:
    found = [
        (
            event.value,
            f"{event.label} is published and stays. Two people can extend a deadline.",
        )
        for event in TimetableEvent
        if event in fixed and before.get(event) != wanted.get(event)
    ]
    if found:
        raise BadInputs(found)


def _wall_time(text: str) -> datetime:
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    except ValueError as error:
        raise BadInput("time", "Enter a date and a time, such as 2026-09-30 12:00.") from error
