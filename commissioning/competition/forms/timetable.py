"""The dates of a timetable, all on one form."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from commissioning.competition.domain.timetable import Deadline, TimetableEvent
from commissioning.web.fields import DateTimeField, Form


class TimetableForm(Form):
    """One date and time for each event that can still change, under the event's own name."""

    events: tuple[TimetableEvent, ...] = ()

    def entries(self) -> dict[TimetableEvent | str, datetime | None]:
        """What was typed, by event; None where a date is taken out."""
        return {event: self._fields[event.value].data for event in self.events}


def timetable_form(
    current: Mapping[TimetableEvent, Deadline], fixed: Collection[TimetableEvent]
) -> TimetableForm:
    """The form of a timetable, with the dates that hold now."""
    events = tuple(event for event in TimetableEvent if event not in fixed)
    fields: dict[str, Any] = {"events": events}
    for event in events:
        held = current.get(event)
        fields[event.value] = DateTimeField(event.label, default=held.instant_utc if held else None)
    made: TimetableForm = type("ThisTimetableForm", (TimetableForm,), fields)()
    return made
