"""The minimum periods that a timetable meets, one line each, as a page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from commissioning.competition.domain.timetable import (
    Deadline,
    TimetableEvent,
    assumed_circumstances,
)
from commissioning.kernel.errors import DomainError
from commissioning.kernel.statutory import (
    TO_BE_CHECKED,
    Convention,
    Period,
    Regime,
    StatutoryRule,
    Unit,
    last_day,
    rule_for,
)

_E = TimetableEvent
_SPANS: Final = (
    (Period.PARTICIPATION, _E.NOTICE, _E.PQQ_DEADLINE, "For responses to the PQQ"),
    (Period.TENDERING, _E.ITN_ISSUE, _E.ITN_DEADLINE, "For bids"),
    (Period.STANDSTILL, _E.AWARD_DECISION, _E.STANDSTILL_END, "Standstill"),
)


@dataclass(frozen=True, slots=True)
class PeriodCheck:
    """One minimum period: what it is for, what the law asks, from when to when, and how it stands.

    `earliest` is the last day of the minimum period; `is_met` None where a date is missing.
    `standing` is what a person reads: "Met", "Too short", and so on.
    """

    title: str
    days: int
    asked: str
    citation: str
    note: str
    starts: date | None
    ends: date | None
    earliest: date | None
    is_met: bool | None
    is_enforced: bool

    @property
    def standing(self) -> str:
        """How the period stands, in words."""
        if not self.is_enforced:
            return TO_BE_CHECKED.capitalize()
        if not self.days:
            return "Nothing to meet"
        if self.is_met is None:
            return "No dates yet"
        return "Met" if self.is_met else "Too short"


def period_checks(
    deadlines: Mapping[TimetableEvent, Deadline], *, regime: Regime, commenced_on: date
) -> list[PeriodCheck]:
    """Every minimum period that the law of the competition sets, against the dates of a timetable.

    A row that is not enforced is shown to be checked by a person, and refuses nothing. Raises
    NoSuchRule where the regime does not govern a procurement commenced on that day.
    """
    circumstances = assumed_circumstances(deadlines)
    checks = []
    for period, start, end, title in _SPANS:
        rule = rule_for(period, regime, commenced_on, circumstances)
        is_offered = period is Period.STANDSTILL and not rule.days and end in deadlines
        if is_offered:
            rule = rule_for(Period.VOLUNTARY_STANDSTILL, regime, commenced_on, circumstances)
        said = "Voluntary standstill" if is_offered else title
        checks.append(_check(rule, said, deadlines.get(start), deadlines.get(end)))
    return checks


def _check(
    rule: StatutoryRule, title: str, start: Deadline | None, end: Deadline | None
) -> PeriodCheck:
    earliest = None
    if start is not None:
        try:
            earliest = last_day(start.local_date, rule)
        except DomainError:
            earliest = None  # the calendar of bank holidays ends before that day
    is_met = None
    if end is not None and earliest is not None:
        # A standstill runs to midnight at the end of its last day; other periods end on it.
        is_met = (
            end.local_date > earliest
            if rule.period in {Period.STANDSTILL, Period.VOLUNTARY_STANDSTILL} and rule.days
            else end.local_date >= earliest
        )
    return PeriodCheck(
        title=title,
        days=rule.days,
        asked=_in_words(rule),
        citation=rule.citation,
        note=rule.note,
        starts=start.local_date if start else None,
        ends=end.local_date if end else None,
        earliest=earliest,
        is_met=is_met,
        is_enforced=rule.is_enforced,
    )


def _in_words(rule: StatutoryRule) -> str:
    if not rule.days:
        return "No minimum"
    unit = "working days" if rule.unit is Unit.WORKING else "days"
    counted = (
        "the day itself is day 1"
        if rule.convention is Convention.BEGINNING_WITH
        else "counted from the day after"
    )
    return f"At least {rule.days} {unit}, {counted}"
