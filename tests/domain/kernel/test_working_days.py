from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.kernel.bank_holidays import (
    BANK_HOLIDAY_NAMES,
    BANK_HOLIDAYS,
    FIRST_YEAR,
    LAST_YEAR,
    UkPart,
)
from commissioning.kernel.working_days import (
    CalendarUnknown,
    is_working_day,
    next_working_day,
    nth_working_day,
    working_days_between,
)

days = st.dates(date(FIRST_YEAR, 1, 1), date(LAST_YEAR - 1, 12, 31))
counts = st.integers(1, 60)


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 3, 7), "a Saturday"),
        (date(2026, 3, 8), "a Sunday"),
        (date(2026, 4, 3), "Good Friday"),
        (date(2026, 4, 6), "Easter Monday, not kept in Scotland"),
        (date(2026, 3, 17), "Northern Ireland alone"),
        (date(2026, 11, 30), "Scotland alone"),
        (date(2026, 6, 15), "Scotland alone, proclaimed in 2026"),
        (date(2022, 9, 19), "proclaimed for one year"),
        (date(2021, 12, 27), "the substitute of Christmas Day"),
    ],
)
def test_day_off_in_any_part_of_the_kingdom_is_no_working_day(day, why):
    assert not is_working_day(day), why


@pytest.mark.parametrize("day", [date(2026, 3, 2), date(2026, 12, 24), date(2014, 12, 5)])
def test_ordinary_weekday_is_a_working_day(day):
    assert is_working_day(day)


@pytest.mark.parametrize("day", [date(FIRST_YEAR - 1, 12, 30), date(LAST_YEAR + 1, 1, 2)])
def test_year_outside_the_table_is_refused_rather_than_guessed(day):
    with pytest.raises(CalendarUnknown, match=f"bank holidays of {day.year} are not in the table"):
        is_working_day(day)


def test_period_of_working_days_across_easter():
    assert nth_working_day(date(2026, 4, 1), 8) == date(2026, 4, 14)


def test_period_of_no_working_days_is_refused():
    with pytest.raises(ValueError, match="at least one working day"):
        nth_working_day(date(2026, 4, 1), 0)


def test_working_days_between_counts_both_ends_and_never_below_nothing():
    assert working_days_between(date(2026, 3, 2), date(2026, 3, 6)) == 5
    assert working_days_between(date(2026, 3, 6), date(2026, 3, 2)) == 0


@given(days, counts)
def test_last_day_of_a_period_is_the_working_day_that_completes_the_count(first, count):
    last = nth_working_day(first, count)
    assert is_working_day(last)
    assert working_days_between(first, last) == count
    assert working_days_between(first, last - timedelta(days=1)) == count - 1


@given(days, days, counts)
def test_later_start_never_ends_earlier(one, other, count):
    first, second = sorted((one, other))
    assert nth_working_day(first, count) <= nth_working_day(second, count)


@given(days)
def test_next_working_day_is_the_nearest_not_before(day):
    found = next_working_day(day)
    assert is_working_day(found)
    assert found >= day
    assert not any(is_working_day(day + timedelta(days=n)) for n in range((found - day).days))


def test_table_holds_weekdays_in_order_without_repeats():
    assert list(BANK_HOLIDAYS) == sorted(set(BANK_HOLIDAYS))
    assert all(day.weekday() < 5 for day in BANK_HOLIDAYS)
    assert {day.year for day in BANK_HOLIDAYS} == set(range(FIRST_YEAR, LAST_YEAR + 1))
    assert BANK_HOLIDAYS.keys() == BANK_HOLIDAY_NAMES.keys()


@pytest.mark.parametrize("year", range(FIRST_YEAR, LAST_YEAR + 1))
def test_table_agrees_with_the_package_that_it_was_generated_from(year):
    holidays = pytest.importorskip("holidays")
    subdivisions = {
        UkPart.ENGLAND_AND_WALES: "ENG",
        UkPart.SCOTLAND: "SCT",
        UkPart.NORTHERN_IRELAND: "NIR",
    }
    for part, subdivision in subdivisions.items():
        expected = {
            day
            for day in holidays.UnitedKingdom(subdiv=subdivision, years=year)
            if day.weekday() < 5
        }
        ours = {d for d, parts in BANK_HOLIDAYS.items() if d.year == year and part in parts}
        assert ours == expected, part
