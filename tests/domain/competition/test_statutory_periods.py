from __future__ import annotations

from datetime import date, time

import pytest

from commissioning.competition.domain.statutory_periods import period_checks
from commissioning.competition.domain.timetable import TimetableEvent, resolve_wall_time
from commissioning.kernel.statutory import NoSuchRule, Regime

E = TimetableEvent
COMMENCED = date(2026, 3, 2)


def dates(**days: date):
    return {E(event): resolve_wall_time(day, time(12)) for event, day in days.items()}


def checks(timetable, regime=Regime.PA_2023, commenced_on=COMMENCED):
    return period_checks(timetable, regime=regime, commenced_on=commenced_on)


@pytest.mark.parametrize(("last", "standing"), [(26, "Too short"), (27, "Met"), (28, "Met")])
def test_the_participation_period_ends_no_sooner_than_its_last_day(last, standing):
    participation, _tendering, _standstill = checks(
        dates(notice=date(2026, 3, 2), pqq_deadline=date(2026, 3, last))
    )

    assert participation.standing == standing
    assert participation.earliest == date(2026, 3, 27)
    assert participation.citation == "Procurement Act 2023, section 54"
    assert participation.asked == "At least 25 days, counted from the day after"


@pytest.mark.parametrize(("day", "standing"), [(9, "Too short"), (10, "Met")])
def test_a_standstill_lasts_to_the_end_of_its_last_day(day, standing):
    *_others, standstill = checks(
        dates(award_decision=date(2026, 5, 29), standstill_end=date(2026, 6, day))
    )

    # Eight working days that begin with Friday 29 May: the last is Tuesday 9 June.
    assert standstill.earliest == date(2026, 6, 9)
    assert standstill.standing == standing


def test_without_dates_nothing_is_said_to_be_met():
    assert {check.standing for check in checks({})} == {"No dates yet"}


def test_light_touch_has_nothing_to_meet_but_a_standstill_that_is_offered():
    light = checks({}, Regime.PA_2023_LIGHT_TOUCH)
    offered = checks(dates(standstill_end=date(2026, 6, 1)), Regime.PA_2023_LIGHT_TOUCH)

    assert [check.standing for check in light] == ["Nothing to meet"] * 3
    assert [check.asked for check in light] == ["No minimum"] * 3
    assert offered[2].title == "Voluntary standstill"
    assert offered[2].asked == "At least 8 working days, the day itself is day 1"


def test_a_row_that_is_not_enforced_is_for_a_person_to_check():
    found = checks(
        dates(notice=date(2013, 9, 19), pqq_deadline=date(2013, 9, 20)),
        Regime.PCR_2006_PART_B,
        date(2013, 9, 19),
    )

    assert {check.standing for check in found} == {"To be checked by a person"}
    assert all("Part B is to be checked by a person" in check.note for check in found)


def test_a_law_that_did_not_govern_is_refused():
    with pytest.raises(NoSuchRule):
        checks({}, Regime.PCR_2015, COMMENCED)
