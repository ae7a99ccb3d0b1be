"""The timetable of a competition: what happens when, and whether the dates can hold.

A date that people must meet is kept three times: as the UTC instant that decides, as the time zone,
and as the wall time that people were told. A change makes a new version and overwrites nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from commissioning.kernel.errors import BadInput, Conflict
from commissioning.kernel.statutory import (
    Circumstance,
    Period,
    Regime,
    StatutoryRule,
    earliest_contract_date,
    last_day,
    rule_for,
)
from commissioning.kernel.working_days import CalendarUnknown

LONDON: Final = "Europe/London"
_WALL_FORMAT: Final = "%Y-%m-%d %H:%M"
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


class TimetableEvent(StrEnum):
    """What a timetable names, in the order in which it must happen."""

    NOTICE = "notice"
    PQQ_CLARIFICATION_DEADLINE = "pqq_clarification_deadline"
    PQQ_DEADLINE = "pqq_deadline"
    SHORTLIST = "shortlist"
    ITN_ISSUE = "itn_issue"
    ITN_CLARIFICATION_DEADLINE = "itn_clarification_deadline"
    ITN_DEADLINE = "itn_deadline"
    AWARD_DECISION = "award_decision"
    STANDSTILL_END = "standstill_end"
    SIGNATURE = "signature"
    COMMENCEMENT = "commencement"

    @property
    def label(self) -> str:
        """The event as people say it."""
        return _LABELS[self]


_E = TimetableEvent
_LABELS: Final = {
    _E.NOTICE: "The notice",
    _E.PQQ_CLARIFICATION_DEADLINE: "The last day for questions on the PQQ",
    _E.PQQ_DEADLINE: "The PQQ deadline",
    _E.SHORTLIST: "The shortlist",
    _E.ITN_ISSUE: "The issue of the ITN",
    _E.ITN_CLARIFICATION_DEADLINE: "The last day for questions on the ITN",
    _E.ITN_DEADLINE: "The deadline for bids",
    _E.AWARD_DECISION: "The award decision",
    _E.STANDSTILL_END: "The end of the standstill",
    _E.SIGNATURE: "Signature",
    _E.COMMENCEMENT: "Commencement",
}

# Without a PQQ the notice and the ITN go out together; signature may follow the standstill at once.
_MAY_COINCIDE: Final = {(_E.NOTICE, _E.ITN_ISSUE), (_E.STANDSTILL_END, _E.SIGNATURE)}
_NEEDS: Final = {
    _E.PQQ_CLARIFICATION_DEADLINE: _E.PQQ_DEADLINE,
    _E.PQQ_DEADLINE: _E.NOTICE,
    _E.ITN_CLARIFICATION_DEADLINE: _E.ITN_DEADLINE,
    _E.ITN_DEADLINE: _E.ITN_ISSUE,
    _E.STANDSTILL_END: _E.AWARD_DECISION,
}


class WallTimeError(BadInput, ValueError):
    """A wall time names no instant, or two."""


class AmbiguousTime(WallTimeError):
    """The clocks go back over that wall time, so it happens twice."""


class NonexistentTime(WallTimeError):
    """The clocks go forward over that wall time, so it never happens."""


class ExtensionRefused(Conflict, ValueError):
    """A deadline moves only forward, and only before it has passed."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment that people must meet: the instant in UTC, the zone, and the wall time they read.

    `wall_text` is "YYYY-MM-DD HH:MM" in `zone`. The instant decides; the other two say what was
    promised, should the rules of the zone change in between.
    """

    instant_utc: datetime
    zone: str
    wall_text: str

    def __post_init__(self) -> None:
        if self.instant_utc.utcoffset() != timedelta(0):
            raise ValueError("A deadline is kept as an instant in UTC.")

    @property
    def local_date(self) -> date:
        """The day on which it falls, where it is read."""
        return datetime.strptime(self.wall_text, _WALL_FORMAT).date()  # noqa: DTZ007 wall time has no zone

    @property
    def in_words(self) -> str:
        """The deadline as a sentence shows it: day, wall time and zone."""
        zone = "UK time" if self.zone == LONDON else self.zone
        return f"{day_in_words(self.local_date)} at {self.wall_text[-5:]} ({zone})"


@dataclass(frozen=True, slots=True)
class TimetableProblem:
    """Why a timetable cannot be published: the event to change, and a sentence."""

    event: TimetableEvent
    sentence: str


def resolve_wall_time(day: date, wall_time: time, zone: str = LONDON) -> Deadline:
    """The one instant that a wall time names in a zone; a deadline must name exactly one.

    Raises NonexistentTime where the clocks skip it, AmbiguousTime where they repeat it, BadInput
    on an unknown zone, a year out of reach or a time finer than a minute. Python itself would
    silently pick one.
    """
    if wall_time.second or wall_time.microsecond or wall_time.tzinfo:
        raise BadInput("time", "Enter the time as hours and minutes, such as 12:00.")
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise BadInput("date", f"Enter a year between {_FIRST_YEAR} and {_LAST_YEAR}.")
    place = _zone(zone)
    wall = datetime.combine(day, wall_time)
    instants = {
        wall.replace(tzinfo=place, fold=fold).astimezone(UTC)
        for fold in (0, 1)
        if _is_read_back(wall, place, fold)
    }
    if not instants:
        raise NonexistentTime(
            "time",
            f"{wall:%H:%M} on {day_in_words(day)} does not exist in {zone}: the clocks go forward "
            "over it. Choose another time.",
        )
    if len(instants) > 1:
        raise AmbiguousTime(
            "time",
            f"{wall:%H:%M} on {day_in_words(day)} happens twice in {zone}: the clocks go back over "
            "it. Choose another time.",
        )
    return Deadline(instants.pop(), zone, wall.strftime(_WALL_FORMAT))


def deadline_at(instant: datetime, zone: str = LONDON) -> Deadline:
    """The deadline at an instant, told in the wall time of a zone.

    The same refusals as `resolve_wall_time`: an instant whose wall time happens twice is no
    deadline. Raises ValueError on an instant without a zone.
    """
    if instant.tzinfo is None:
        raise ValueError("An instant needs a zone.")
    local = instant.astimezone(_zone(zone))
    return resolve_wall_time(local.date(), local.time(), zone)


def is_in_time(received: datetime, deadline: Deadline) -> bool:
    """What is received before the instant of the deadline is in time; at the instant it is late.

    A noon deadline therefore takes 11:59:59.999999 and refuses 12:00:00.000000. `received` carries
    a zone; ValueError otherwise.
    """
    if received.tzinfo is None:
        raise ValueError("A time of receipt needs a zone.")
    return received < deadline.instant_utc


def has_wall_time_moved(deadline: Deadline) -> bool:
    """Whether the rules of the zone changed since publication, so that clock and instant differ.

    People keep the wall time they were told: two people then decide, by an extension.
    """
    told = datetime.strptime(deadline.wall_text, _WALL_FORMAT)  # noqa: DTZ007 wall time has no zone
    now_reads = deadline.instant_utc.astimezone(_zone(deadline.zone)).replace(tzinfo=None)
    return told != now_reads


def extend(deadline: Deadline, new: Deadline, *, now: datetime) -> Deadline:
    """A deadline is extended only forward, and only before it passes; for everyone at once.

    Gives the new version back. Raises ExtensionRefused.
    """
    if not is_in_time(now, deadline):
        raise ExtensionRefused(
            f"This deadline passed on {deadline.in_words} and cannot be extended any more."
        )
    if new.instant_utc <= deadline.instant_utc:
        raise ExtensionRefused(
            f"A deadline moves only forward: choose a time after {deadline.in_words}."
        )
    return new


def standstill_end(published: date, rule: StatutoryRule, zone: str = LONDON) -> Deadline:
    """A standstill runs to midnight at the end of its last day: 00:00 of the day after."""
    return resolve_wall_time(earliest_contract_date(published, rule), time(0, 0), zone)


def timetable_problems(
    deadlines: Mapping[TimetableEvent, Deadline],
    *,
    regime: Regime,
    commenced_on: date,
    now: datetime,
    happened: Collection[TimetableEvent] = (),
    required: Collection[TimetableEvent] = (),
    circumstances: frozenset[Circumstance] | None = None,
) -> list[TimetableProblem]:
    """Everything that keeps a timetable from being published, in the order of its events.

    Checks that nothing required is missing, that nothing still to come lies in the past, that the
    order holds (questions close before the deadline they serve), and that the enforced minimum
    periods of the regime are kept. `happened` names events that are over and may lie in the past.
    Without `circumstances`, tenders are electronic, and the documents count as given with the
    notice only where the ITN goes out with it. Raises NoSuchRule where the regime does not govern
    a procurement commenced on that day.
    """
    found = [
        *_missing(deadlines, required),
        *_in_the_past(deadlines, now, happened),
        *_out_of_order(deadlines),
        *_too_short(deadlines, regime, commenced_on, circumstances),
    ]
    order = list(TimetableEvent)
    return sorted(found, key=lambda problem: order.index(problem.event))


def _missing(
    deadlines: Mapping[TimetableEvent, Deadline], required: Collection[TimetableEvent]
) -> list[TimetableProblem]:
    needed = {*required, *(_NEEDS[event] for event in deadlines if event in _NEEDS)}
    return [
        TimetableProblem(event, f"{event.label} has no date. Enter one.")
        for event in TimetableEvent
        if event in needed and event not in deadlines
    ]


def _in_the_past(
    deadlines: Mapping[TimetableEvent, Deadline],
    now: datetime,
    happened: Collection[TimetableEvent],
) -> list[TimetableProblem]:
    return [
        TimetableProblem(
            event, f"{event.label} is in the past ({deadline.in_words}). Choose a later time."
        )
        for event, deadline in deadlines.items()
        if event not in happened and deadline.instant_utc < now
    ]


def _out_of_order(deadlines: Mapping[TimetableEvent, Deadline]) -> list[TimetableProblem]:
    found = []
    present = [event for event in TimetableEvent if event in deadlines]
    for earlier, later in pairwise(present):
        first, second = deadlines[earlier].instant_utc, deadlines[later].instant_utc
        if first < second or (first == second and (earlier, later) in _MAY_COINCIDE):
            continue
        # Where questions close too late, it is their date that is wrong, not the deadline's.
        if _NEEDS.get(earlier) is later:
            sentence = (
                f"{earlier.label} ({deadlines[earlier].in_words}) must be before "
                f"{_lower(later.label)} ({deadlines[later].in_words})."
            )
            found.append(TimetableProblem(earlier, sentence))
        else:
            sentence = (
                f"{later.label} ({deadlines[later].in_words}) must come after "
                f"{_lower(earlier.label)} ({deadlines[earlier].in_words})."
            )
            found.append(TimetableProblem(later, sentence))
    return found


def _too_short(
    deadlines: Mapping[TimetableEvent, Deadline],
    regime: Regime,
    commenced_on: date,
    circumstances: frozenset[Circumstance] | None,
) -> list[TimetableProblem]:
    if circumstances is None:
        circumstances = assumed_circumstances(deadlines)

    def rule(period: Period) -> StatutoryRule:
        return rule_for(period, regime, commenced_on, circumstances)

    found: list[TimetableProblem] = []
    for start, end, period in (
        (_E.NOTICE, _E.PQQ_DEADLINE, Period.PARTICIPATION),
        (_E.ITN_ISSUE, _E.ITN_DEADLINE, Period.TENDERING),
    ):
        if start in deadlines and end in deadlines:
            found += _shorter_than(deadlines, start, end, rule(period))
    if _E.AWARD_DECISION in deadlines:
        standstill = rule(Period.STANDSTILL)
        if not standstill.days and _E.STANDSTILL_END in deadlines:
            # Offered freely, a standstill has a minimum of its own.
            standstill = rule(Period.VOLUNTARY_STANDSTILL)
        found += _standstill_cut_short(deadlines, standstill)
    return found


def _shorter_than(
    deadlines: Mapping[TimetableEvent, Deadline],
    start: TimetableEvent,
    end: TimetableEvent,
    rule: StatutoryRule,
) -> list[TimetableProblem]:
    earliest = last_day(deadlines[start].local_date, rule)
    if not rule.is_enforced or deadlines[end].local_date >= earliest:
        return []
    return [
        TimetableProblem(
            end,
            f"{end.label} is too soon after {_lower(start.label)}: at least {rule.days} days are "
            f"needed ({rule.citation}). Choose {day_in_words(earliest)} or later.",
        )
    ]


def _standstill_cut_short(
    deadlines: Mapping[TimetableEvent, Deadline], rule: StatutoryRule
) -> list[TimetableProblem]:
    decision = deadlines[_E.AWARD_DECISION]
    if not rule.is_enforced or not rule.days:
        return []
    try:
        end = standstill_end(decision.local_date, rule, decision.zone)
    except CalendarUnknown as unknown:
        return [TimetableProblem(_E.AWARD_DECISION, unknown.sentence)]
    return [
        TimetableProblem(
            event,
            f"{event.label} is too soon: the standstill runs to midnight at the end of "
            f"{day_in_words(last_day(decision.local_date, rule))} ({rule.citation}). Choose "
            f"{end.in_words} or later.",
        )
        for event in (_E.STANDSTILL_END, _E.SIGNATURE)
        if event in deadlines and deadlines[event].instant_utc < end.instant_utc
    ]


def assumed_circumstances(
    deadlines: Mapping[TimetableEvent, Deadline],
) -> frozenset[Circumstance]:
    """Tenders are electronic; the documents count as given with the notice where the ITN is."""
    with_notice = _E.NOTICE not in deadlines or (
        _E.ITN_ISSUE in deadlines
        and deadlines[_E.ITN_ISSUE].instant_utc <= deadlines[_E.NOTICE].instant_utc
    )
    extra = {Circumstance.ALL_DOCUMENTS_WITH_NOTICE} if with_notice else set()
    return frozenset({Circumstance.ELECTRONIC, *extra})


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput("zone", f"There is no time zone {name!r}: use Europe/London.") from error


def _is_read_back(wall: datetime, place: ZoneInfo, fold: int) -> bool:
    instant = wall.replace(tzinfo=place, fold=fold).astimezone(UTC)
    return instant.astimezone(place).replace(tzinfo=None) == wall


def day_in_words(day: date) -> str:
    """A day as a sentence says it: Thursday 5 March 2026."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def _lower(label: str) -> str:
    return label[0].lower() + label[1:]
