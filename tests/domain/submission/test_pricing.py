from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from commissioning.submission.domain.pricing import (
    MAX_PENCE,
    BadPrice,
    PriceProblem,
    PriceSchedule,
    evaluated_price_pence,
    schedule_problems,
)

RATE = Decimal("0.035")
fees = st.lists(st.integers(1, 10**13), min_size=1, max_size=10)
rates = st.decimals(0, 1, places=4)


def problems(schedule, *, years=7, rate=RATE, value=None):
    return schedule_problems(
        schedule.fees_pence,
        schedule.adjustments_pence,
        years=years,
        discount_rate=rate,
        annual_value_pence=value,
    )


def test_seven_equal_fees_at_the_published_rate():
    # 10 million pounds a year: the annuity-due factor at 3.5 % over seven years is
    # 1 + (1 - 1.035**-6) / 0.035 = 6.328 553 020...
    assert evaluated_price_pence([1_000_000_000] * 7, 0, RATE) == 6_328_553_020


def test_first_year_and_adjustments_are_not_discounted():
    assert evaluated_price_pence([100], 7, RATE) == 107
    assert evaluated_price_pence([100, 207], -50, Decimal("0.035")) == 250


@pytest.mark.parametrize(
    ("second_fee", "price"),
    [(1, 10), (3, 12), (5, 12), (7, 14)],
    ids=["10.5 to 10", "11.5 to 12", "12.5 to 12", "13.5 to 14"],
)
def test_half_a_penny_goes_to_the_even_penny(second_fee, price):
    # At a rate of 100 % the second year counts half.
    assert evaluated_price_pence([10, second_fee], 0, Decimal(1)) == price


def test_price_is_rounded_once_at_the_end():
    # Four halves of a penny are two pence; each rounded alone they would be none.
    quarter_by_quarter = [1] + [2**k for k in range(4)]
    assert evaluated_price_pence(quarter_by_quarter, 0, Decimal(1)) == 3


@pytest.mark.parametrize(
    ("fees_pence", "adjustments"), [([100], -100), ([1], -2), ([0], 0), ([], 0)]
)
def test_price_that_is_not_above_nothing_is_refused(fees_pence, adjustments):
    with pytest.raises(BadPrice, match="must be above £0"):
        evaluated_price_pence(fees_pence, adjustments, RATE)


def test_price_that_rounds_to_nothing_is_refused():
    with pytest.raises(BadPrice):
        evaluated_price_pence([0, 1], 0, Decimal(1))


@pytest.mark.parametrize(
    ("fees_pence", "adjustments", "rate"),
    [
        ([1.0], 0, RATE),
        ([True], 0, RATE),
        (["1"], 0, RATE),
        ([1], 0.5, RATE),
        ([1], 0, Decimal(-1)),
        ([1], 0, Decimal("NaN")),
    ],
)
def test_anything_but_whole_pence_and_a_rate_is_refused(fees_pence, adjustments, rate):
    with pytest.raises(ValueError, match=r"whole pence|discount rate"):
        evaluated_price_pence(fees_pence, adjustments, rate)


@given(fees, st.integers(0, 10**13), rates)
def test_price_agrees_with_long_decimal_arithmetic(fees_pence, adjustments, rate):
    with localcontext(prec=400) as context:
        context.rounding = ROUND_HALF_EVEN
        value = sum(
            (Decimal(fee) / (1 + rate) ** year for year, fee in enumerate(fees_pence)),
            Decimal(adjustments),
        )
        assume(abs(value % 1 - Decimal("0.5")) > Decimal("1e-300") or rate in {0, 1})
        expected = int(value.quantize(Decimal(1)))
    assert evaluated_price_pence(fees_pence, adjustments, rate) == expected


@given(fees, rates)
def test_price_never_exceeds_the_sum_of_the_fees(fees_pence, rate):
    price = evaluated_price_pence(fees_pence, 0, rate)
    assert price <= sum(fees_pence)
    assert evaluated_price_pence(fees_pence, 0, Decimal(0)) == sum(fees_pence)


@given(fees, rates, st.integers(1, 10**9))
def test_dearer_year_never_makes_a_cheaper_bid(fees_pence, rate, more):
    for year in range(len(fees_pence)):
        dearer = [fee + more * (k == year) for k, fee in enumerate(fees_pence)]
        assert evaluated_price_pence(dearer, 0, rate) >= evaluated_price_pence(fees_pence, 0, rate)


@given(fees, rates)
def test_rounding_moves_a_price_by_half_a_penny_at_most(fees_pence, rate):
    exact = sum(Fraction(fee) / (1 + Fraction(rate)) ** k for k, fee in enumerate(fees_pence))
    assert abs(evaluated_price_pence(fees_pence, 0, rate) - exact) <= Fraction(1, 2)


# Schedules

VALUE = 11_400_000_00
GOOD = PriceSchedule((VALUE,) * 7, -50_000_00)


def test_complete_schedule_has_no_problem():
    assert problems(GOOD, value=VALUE) == []
    assert problems(GOOD) == []


@pytest.mark.parametrize("years", [6, 8])
def test_schedule_of_the_wrong_length_is_told_how_many_years_are_needed(years):
    assert problems(GOOD, years=years) == [
        PriceProblem("fees", f"The schedule has 7 yearly fees; {years} are needed.")
    ]


def test_each_year_without_a_lawful_fee_has_its_own_sentence():
    schedule = PriceSchedule((VALUE, 0, -1, None, VALUE, 1.5, MAX_PENCE + 1), 0)
    assert problems(schedule) == [
        PriceProblem("fees.2", "The fee for year 2 must be above £0."),
        PriceProblem("fees.3", "The fee for year 3 must be above £0."),
        PriceProblem("fees.4", "Enter the fee for year 4."),
        PriceProblem("fees.6", "The fee for year 6 must be an amount in pounds and pence."),
        PriceProblem("fees.7", "The fee for year 7 is too large to be meant. Check its unit."),
    ]


@pytest.mark.parametrize(
    ("factor", "unit"),
    [
        (Fraction(100), "pence"),
        (Fraction(31), "pence"),
        (Fraction(1, 101), "thousands"),
        (Fraction(1, 1000), "thousands"),
        (Fraction(1, 29_999), "thousands"),
        (Fraction(1, 30_001), "millions"),
        (Fraction(1, 1_000_000), "millions"),
    ],
)
def test_fee_in_another_unit_is_recognised(factor, unit):
    wrong = int(VALUE * factor)
    schedule = PriceSchedule((VALUE, wrong, *GOOD.fees_pence[2:]), 0)
    (problem,) = problems(schedule, value=VALUE)
    assert problem.where == "fees.2"
    assert f"looks like it is in {unit}. Enter it in pounds." in problem.sentence
    assert problems(schedule) == []


@pytest.mark.parametrize("factor", [Fraction(1, 100), Fraction(1, 2), Fraction(30)])
def test_fee_within_reason_is_taken(factor):
    schedule = PriceSchedule((int(VALUE * factor),) * 7, 0)
    assert problems(schedule, value=VALUE) == []


@pytest.mark.parametrize("fee", [1, MAX_PENCE])
def test_fee_at_the_edge_of_its_range_is_taken(fee):
    assert problems(PriceSchedule((fee,), MAX_PENCE), years=1) == []
    assert PriceSchedule((fee,)).adjustments_pence == 0


@pytest.mark.parametrize("adjustments", [1.5, MAX_PENCE + 1, -MAX_PENCE - 1])
def test_adjustments_that_are_no_amount_are_refused(adjustments):
    (problem,) = problems(PriceSchedule((VALUE,) * 7, adjustments))
    assert problem.where == "adjustments"


def test_adjustments_left_empty_are_none():
    assert problems(PriceSchedule((VALUE,) * 7, None)) == []


def test_adjustments_may_not_take_the_whole_price():
    (problem,) = problems(PriceSchedule((100,), -100), years=1)
    assert problem.where == "adjustments"
    assert "must be above £0" in problem.sentence


@given(st.lists(st.integers(-5, 5) | st.none(), max_size=4), st.integers(-20, 20))
def test_schedule_without_a_problem_always_has_a_price(fees_pence, adjustments):
    if not schedule_problems(fees_pence, adjustments, years=3, discount_rate=RATE):
        assert len(fees_pence) == 3
        assert evaluated_price_pence(fees_pence, adjustments, RATE) > 0
