"""The statutory calendar: how long each step of a procurement must last, as rows.

A row says which period, under which regime, in which circumstances, how many days, of which kind,
counted how, for procurements commenced when, by which provision. A competition keeps the rules of
the day on which it commenced. Where several rows apply, the shortest holds, as section 54 of the
Procurement Act 2023 has it.

The numbers come from public sources and are no legal advice: a row with a note is to be checked by
a person, and a row that is not enforced is shown and never refuses a date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from commissioning.kernel.errors import DomainError
from commissioning.kernel.working_days import next_working_day, nth_working_day


class Regime(StrEnum):
    """The law under which a procurement runs, fixed by the day on which it commenced."""

    PCR_2006_PART_B = "pcr_2006_part_b"
    PCR_2015 = "pcr_2015"
    PA_2023 = "pa_2023"
    PA_2023_LIGHT_TOUCH = "pa_2023_light_touch"
    PSR_2023 = "psr_2023"

    @property
    def label(self) -> str:
        """The regime as people say it."""
        return _LABELS[self]


_LABELS: Final = {
    Regime.PCR_2006_PART_B: "Public Contracts Regulations 2006, Part B services",
    Regime.PCR_2015: "Public Contracts Regulations 2015",
    Regime.PA_2023: "Procurement Act 2023",
    Regime.PA_2023_LIGHT_TOUCH: "Procurement Act 2023, light touch",
    Regime.PSR_2023: "Provider Selection Regime 2023",
}


class Period(StrEnum):
    """A period that a regime can ask for."""

    PARTICIPATION = "participation_period"
    TENDERING = "tendering_period"
    STANDSTILL = "standstill"
    VOLUNTARY_STANDSTILL = "voluntary_standstill"


class Unit(StrEnum):
    """The kind of day that is counted."""

    WORKING = "working"
    CALENDAR = "calendar"


class Convention(StrEnum):
    """Which day is day 1: the day of the event itself, or the day after it."""

    BEGINNING_WITH = "beginning_with"
    DAY_AFTER = "day_after"


class Circumstance(StrEnum):
    """What can make a shorter row apply."""

    ELECTRONIC = "electronic"
    ALL_DOCUMENTS_WITH_NOTICE = "all_documents_with_notice"
    LIGHT_TOUCH = "light_touch"
    URGENCY = "urgency"
    SUB_CENTRAL_NEGOTIATED_PERIOD = "sub_central_negotiated_period"
    SUB_CENTRAL_PRESELECTED_SUPPLIERS = "sub_central_preselected_suppliers"
    QUALIFYING_PLANNED_PROCUREMENT_NOTICE = "qualifying_planned_procurement_notice"
    DYNAMIC_MARKET = "dynamic_market"
    FRAMEWORK_CALL_OFF = "framework_call_off"
    URGENCY_DIRECT_AWARD = "urgency_direct_award"
    SECTION_42_DIRECT_AWARD = "section_42_direct_award"
    PRIVATE_UTILITY_DIRECT_AWARD = "private_utility_direct_award"
    PSR_DIRECT_AWARD_A_OR_B = "psr_direct_award_a_or_b"


USUAL_CIRCUMSTANCES: Final = frozenset(
    {Circumstance.ELECTRONIC, Circumstance.ALL_DOCUMENTS_WITH_NOTICE}
)
"""This platform takes electronic tenders only, and gives out every document with the invitation."""

TO_BE_CHECKED: Final = "to be checked by a person"


class NoSuchRule(DomainError, ValueError):
    """The regime has no such rule for a procurement commenced on that day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatutoryRule:
    """One row of the statutory calendar.

    `days` is 0 where the law sets no minimum. `when` names what must be true for the row to apply,
    all of it. `commenced_from` and `commenced_to` are both included; None is open. A period that
    `ends_on_working_day` runs on to the next working day. A row that is not `is_enforced` informs
    only.
    """

    rule_id: str
    period: Period
    regime: Regime
    days: int
    unit: Unit
    convention: Convention
    commenced_from: date
    commenced_to: date | None
    citation: str
    when: frozenset[Circumstance] = frozenset()
    ends_on_working_day: bool = False
    is_enforced: bool = True
    jurisdiction: str = "England, Wales and Northern Ireland"
    note: str = ""

    def is_in_force(self, commenced_on: date) -> bool:
        """Whether the row governs a procurement commenced on that day."""
        return self.commenced_from <= commenced_on and (
            self.commenced_to is None or commenced_on <= self.commenced_to
        )


@dataclass(frozen=True, slots=True)
class _Law:
    """What all rows of one regime share."""

    regime: Regime
    name: str
    commenced_from: date
    commenced_to: date | None
    jurisdiction: str = "England, Wales and Northern Ireland"
    is_enforced: bool = True
    note: str = ""

    def row(
        self,
        period: Period,
        days: int,
        provision: str,
        *when: Circumstance,
        unit: Unit = Unit.CALENDAR,
        convention: Convention = Convention.DAY_AFTER,
        ends_on_working_day: bool = False,
    ) -> StatutoryRule:
        """One row of this law."""
        parts = [self.regime.value, period.value, *sorted(when)]
        return StatutoryRule(
            rule_id=".".join(parts),
            period=period,
            regime=self.regime,
            days=days,
            unit=unit,
            convention=convention,
            commenced_from=self.commenced_from,
            commenced_to=self.commenced_to,
            citation=f"{self.name}, {provision}",
            when=frozenset(when),
            ends_on_working_day=ends_on_working_day,
            is_enforced=self.is_enforced,
            jurisdiction=self.jurisdiction,
            note=self.note,
        )


_PCR_2006 = _Law(
    Regime.PCR_2006_PART_B,
    "Public Contracts Regulations 2006 (SI 2006/5)",
    date(2006, 1, 31),
    date(2015, 2, 25),
    is_enforced=False,
    note=f"Whether the services fall under Part B is {TO_BE_CHECKED}.",
)
_PCR_2015 = _Law(
    Regime.PCR_2015,
    "Public Contracts Regulations 2015 (SI 2015/102)",
    date(2015, 2, 26),
    date(2025, 2, 23),
    note=f"From public sources: {TO_BE_CHECKED}.",
)
_PA_2023 = _Law(Regime.PA_2023, "Procurement Act 2023", date(2025, 2, 24), None)
_PA_2023_LIGHT = _Law(Regime.PA_2023_LIGHT_TOUCH, "Procurement Act 2023", date(2025, 2, 24), None)
_PSR_2023 = _Law(
    Regime.PSR_2023,
    "Health Care Services (Provider Selection Regime) Regulations 2023 (SI 2023/1348)",
    date(2024, 1, 1),
    None,
    jurisdiction="England",
    note=(
        f"Which bank holidays count is {TO_BE_CHECKED}; those of any part of the United Kingdom "
        "are counted here, which can only lengthen the period."
    ),
)

_P, _T = Period.PARTICIPATION, Period.TENDERING
_S, _V = Period.STANDSTILL, Period.VOLUNTARY_STANDSTILL
_C = Circumstance

RULES: Final[tuple[StatutoryRule, ...]] = (
    # Part B services of 2006: no minimum periods and no standstill; ten days were the custom.
    _PCR_2006.row(_P, 0, "regulation 5(2): not applied to Part B services"),
    _PCR_2006.row(_T, 0, "regulation 5(2): not applied to Part B services"),
    _PCR_2006.row(_S, 0, "regulation 5(2): not applied to Part B services"),
    _PCR_2006.row(_V, 10, "as regulation 32A counts it", ends_on_working_day=True),
    # 2015
    _PCR_2015.row(_P, 30, "regulation 28"),
    _PCR_2015.row(_P, 15, "regulation 28", _C.URGENCY),
    _PCR_2015.row(_P, 0, "regulation 76: reasonable and proportionate", _C.LIGHT_TOUCH),
    _PCR_2015.row(_T, 30, "regulation 28"),
    _PCR_2015.row(_T, 25, "regulation 28", _C.ELECTRONIC),
    _PCR_2015.row(_T, 10, "regulation 28", _C.QUALIFYING_PLANNED_PROCUREMENT_NOTICE),
    _PCR_2015.row(_T, 10, "regulation 28", _C.URGENCY),
    _PCR_2015.row(_T, 10, "regulation 34", _C.DYNAMIC_MARKET),
    _PCR_2015.row(_T, 0, "regulation 76: reasonable and proportionate", _C.LIGHT_TOUCH),
    _PCR_2015.row(_S, 15, "regulation 87", ends_on_working_day=True),
    _PCR_2015.row(_S, 10, "regulation 87", _C.ELECTRONIC, ends_on_working_day=True),
    _PCR_2015.row(_S, 0, "regulation 86(5)", _C.FRAMEWORK_CALL_OFF),
    _PCR_2015.row(_S, 0, "regulation 86(5)", _C.DYNAMIC_MARKET),
    _PCR_2015.row(_V, 10, "as regulation 87 counts it", ends_on_working_day=True),
    # 2023
    _PA_2023.row(_P, 25, "section 54"),
    _PA_2023.row(_P, 10, "section 54", _C.URGENCY),
    _PA_2023.row(_T, 35, "section 54"),
    _PA_2023.row(_T, 30, "section 54", _C.ALL_DOCUMENTS_WITH_NOTICE),
    _PA_2023.row(_T, 30, "section 54", _C.ELECTRONIC),
    _PA_2023.row(_T, 25, "section 54", _C.ELECTRONIC, _C.ALL_DOCUMENTS_WITH_NOTICE),
    _PA_2023.row(_T, 10, "section 54", _C.DYNAMIC_MARKET),
    _PA_2023.row(_T, 10, "section 54", _C.URGENCY),
    _PA_2023.row(_T, 10, "section 54", _C.QUALIFYING_PLANNED_PROCUREMENT_NOTICE),
    _PA_2023.row(_T, 10, "section 54", _C.SUB_CENTRAL_PRESELECTED_SUPPLIERS),
    _PA_2023.row(_T, 0, "section 54", _C.SUB_CENTRAL_NEGOTIATED_PERIOD),
    _PA_2023.row(_S, 8, "section 51(2)", unit=Unit.WORKING, convention=Convention.BEGINNING_WITH),
    _PA_2023.row(_S, 0, "section 51(3)", _C.URGENCY_DIRECT_AWARD),
    _PA_2023.row(_S, 0, "section 51(3)", _C.SECTION_42_DIRECT_AWARD),
    _PA_2023.row(_S, 0, "section 51(3)", _C.PRIVATE_UTILITY_DIRECT_AWARD),
    _PA_2023.row(_S, 0, "section 51(3)", _C.FRAMEWORK_CALL_OFF),
    _PA_2023.row(_S, 0, "section 51(3)", _C.DYNAMIC_MARKET),
    _PA_2023.row(
        _V, 8, "section 51(4) and (5)", unit=Unit.WORKING, convention=Convention.BEGINNING_WITH
    ),
    _PA_2023_LIGHT.row(_P, 0, "section 54: none for light touch"),
    _PA_2023_LIGHT.row(_T, 0, "section 54: none for light touch"),
    _PA_2023_LIGHT.row(_S, 0, "section 51(3)(f): none for light touch"),
    _PA_2023_LIGHT.row(
        _V, 8, "section 51(4) and (5)", unit=Unit.WORKING, convention=Convention.BEGINNING_WITH
    ),
    # Health care services: the standstill runs to midnight after the eighth working day.
    _PSR_2023.row(_P, 0, "no minimum period"),
    _PSR_2023.row(_T, 0, "no minimum period"),
    _PSR_2023.row(_S, 8, "regulation 12", unit=Unit.WORKING),
    _PSR_2023.row(_S, 0, "regulation 12", _C.PSR_DIRECT_AWARD_A_OR_B),
    _PSR_2023.row(_V, 8, "as regulation 12 counts it", unit=Unit.WORKING),
)


def regime_for(commenced_on: date, *, light_touch: bool, health_care: bool = False) -> Regime:
    """A procurement runs under the law of the day on which it commenced, to its end.

    `light_touch` says that the services stand on the light touch list (before 26 February 2015: in
    Part B); `health_care` that the Provider Selection Regime covers them. From 24 February 2025 it
    is the Procurement Act 2023. Raises NoSuchRule where this platform holds no rules for that day:
    before 31 January 2006, and for what was not Part B until 2015.
    """
    if health_care and commenced_on >= _PSR_2023.commenced_from:
        return Regime.PSR_2023
    if commenced_on >= _PA_2023.commenced_from:
        return Regime.PA_2023_LIGHT_TOUCH if light_touch else Regime.PA_2023
    if commenced_on >= _PCR_2015.commenced_from:
        return Regime.PCR_2015
    if light_touch and commenced_on >= _PCR_2006.commenced_from:
        return Regime.PCR_2006_PART_B
    raise NoSuchRule(
        f"This platform holds no procurement rules for a start on {_in_words(commenced_on)}. "
        "Choose a later start, or mark the services as Part B (light touch) services."
    )


def rule_for(
    period: Period,
    regime: Regime,
    commenced_on: date,
    circumstances: frozenset[Circumstance] = USUAL_CIRCUMSTANCES,
) -> StatutoryRule:
    """The rule that governs a period: of the rows that apply, the shortest.

    Raises NoSuchRule where the regime did not govern procurements commenced on that day.
    """
    rows = [
        row
        for row in RULES
        if row.period is period
        and row.regime is regime
        and row.is_in_force(commenced_on)
        and row.when <= circumstances
    ]
    if not rows:
        raise NoSuchRule(
            f"{regime.label} does not govern a procurement that commenced on "
            f"{_in_words(commenced_on)}. Check the start date and the regime."
        )
    return min(rows, key=lambda row: row.days)


def last_day(anchor: date, rule: StatutoryRule) -> date:
    """The last day of a statutory period that an event on `anchor` sets running.

    "Beginning with" makes the day of the event day 1; "day after" the day that follows it. Working
    days leave out Saturdays, Sundays and bank holidays in any part of the United Kingdom. A rule of
    no days ends where it begins, on the anchor.
    """
    if rule.days == 0:
        return anchor
    first = anchor if rule.convention is Convention.BEGINNING_WITH else anchor + timedelta(days=1)
    if rule.unit is Unit.WORKING:
        return nth_working_day(first, rule.days)
    last = first + timedelta(days=rule.days - 1)
    return next_working_day(last) if rule.ends_on_working_day else last


def earliest_contract_date(published: date, rule: StatutoryRule) -> date:
    """The first day on which the contract may be signed: the day after the standstill's last.

    `published` is the day of the award notice (of the award letters before 2025). A rule of no days
    holds nothing up: the day of publication itself.
    """
    if rule.days == 0:
        return published
    return last_day(published, rule) + timedelta(days=1)


def _in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
