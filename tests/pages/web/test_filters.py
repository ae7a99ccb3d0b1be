from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.kernel.money import Money
from commissioning.kernel.stage import Stage
from commissioning.web import filters


@pytest.mark.parametrize(
    ("pence", "shown"),
    [(0, "£0.00"), (5, "£0.05"), (123_456_789, "£1,234,567.89"), (-300, "-£3.00"), (None, "–")],
)
def test_money_is_pounds_and_pence(pence, shown):
    assert filters.money(pence) == shown


def test_money_takes_the_type_of_the_kernel():
    assert filters.money(Money(100)) == filters.money_compact(Money(100)) == "£1.00"


@pytest.mark.parametrize(
    ("pence", "shown"),
    [
        (6_500_000_000, "£65.0m"),
        (99_999_999, "£999,999.99"),
        (100_000_000, "£1.0m"),
        (123_000_000_000, "£1.23bn"),
        (-6_500_000_000, "-£65.0m"),
        (None, "–"),
    ],
)
def test_large_amounts_are_short(pence, shown):
    assert filters.money_compact(pence) == shown


def test_a_price_per_point_is_shown_in_pounds():
    assert filters.ppqp("9123456789/100") == "£912,345.68"
    assert filters.ppqp(-12345) == "-£123.45"
    assert filters.ppqp(None) == "–"


def test_two_prices_that_would_look_alike_get_more_digits():
    near = [Fraction(10**8, 3), Fraction(10**8, 3) + Fraction(1, 50), None]
    assert filters.ppqp_apart(near) == ["£333,333.333", "£333,333.334", "–"]
    assert filters.ppqp_apart([Fraction(800), Fraction(700)], 0) == ["£8", "£7"]
    assert filters.ppqp_apart([Fraction(800), Fraction(790)], 0) == ["£8.0", "£7.9"]


def test_equal_prices_look_equal():
    assert filters.ppqp_apart([Fraction(1, 3), Fraction(2, 6)]) == ["£0.00", "£0.00"]


def test_prices_that_no_digits_tell_apart_are_written_as_fractions():
    near = [Fraction(1, 3), Fraction(10**30 + 1, 3 * 10**30)]
    shown = filters.ppqp_apart(near)
    assert shown[0] != shown[1]
    assert "(1/3 pence)" in shown[0]


@given(st.lists(st.fractions(min_value=0, max_value=10**9), max_size=8))
def test_different_prices_never_look_alike(values):
    shown = filters.ppqp_apart(values)
    assert len(set(shown)) == len(set(values))


@pytest.mark.parametrize(
    ("instant", "shown"),
    [
        (datetime(2014, 10, 29, 12, tzinfo=UTC), "Wednesday 29 October 2014, 12 noon (UK time)"),
        (datetime(2014, 7, 1, 11, tzinfo=UTC), "Tuesday 1 July 2014, 12 noon (UK time)"),
        (datetime(2014, 7, 1, 16, 30, tzinfo=UTC), "Tuesday 1 July 2014, 5:30pm (UK time)"),
        (datetime(2014, 1, 1, 9, tzinfo=UTC), "Wednesday 1 January 2014, 9am (UK time)"),
        (
            datetime(2014, 1, 1, tzinfo=UTC),
            "Wednesday 1 January 2014, 12 midnight at the start of the day (UK time)",
        ),
    ],
)
def test_a_moment_says_its_weekday_its_time_and_its_zone(instant, shown):
    assert filters.moment(instant) == shown


def test_a_moment_elsewhere_names_its_zone():
    instant = datetime(2014, 10, 29, 12, tzinfo=UTC)
    assert filters.moment(instant, "Europe/Paris").endswith("1pm (Europe/Paris time)")


def test_a_naive_moment_is_a_mistake():
    with pytest.raises(ValueError, match="without a zone"):
        filters.moment(datetime(2014, 10, 29))


def test_the_other_ways_to_write_a_time():
    instant = datetime(2014, 6, 30, 23, 30, 5, tzinfo=UTC)
    assert filters.moment_short(instant) == "1 Jul 2014, 00:30"
    assert filters.moment_exact(instant) == "1 Jul 2014, 00:30:05 BST"
    assert filters.day(instant) == "1 July 2014"
    assert filters.day(date(2014, 6, 30)) == "30 June 2014"
    assert filters.machine_time(instant) == "2014-06-30T23:30:05Z"


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (filters.percent(Decimal("12.50")), "12.5%"),
        (filters.percent(Decimal(100)), "100%"),
        (filters.percent(Fraction(100, 3)), "33.33%"),
        (filters.percent(Fraction(1, 8), 1), "0.1%"),
        (filters.percent_ppm(250_000), "25%"),
        (filters.percent_ppm(1), "0.0001%"),
        (filters.points(71_250), "71.250"),
        (filters.points(None), "–"),
        (filters.short_hash("abcdef0123456789"), "abcdef012345"),
        (filters.count(1, "bid"), "1 bid"),
        (filters.count(2, "reply", "replies"), "2 replies"),
        (filters.file_size(0), "0 bytes"),
        (filters.file_size(1_000_000), "1 MB"),
        (filters.file_size(1_234_567), "1.2 MB"),
        (filters.words("preferred_bidders"), "Preferred bidders"),
        (filters.words(Stage.PQQ_OPEN), "PQQ open"),
        (filters.words(StrEnum("Plain", {"SINGLE_BID": "single_bid"}).SINGLE_BID), "Single bid"),
    ],
)
def test_small_things_are_written_as_people_say_them(shown, expected):
    assert shown == expected


def test_paragraphs_escape_everything():
    assert filters.paragraphs("a <b>\nc\n\nd & e") == (
        '<p class="govuk-body">a &lt;b&gt;<br>c</p><p class="govuk-body">d &amp; e</p>'
    )
