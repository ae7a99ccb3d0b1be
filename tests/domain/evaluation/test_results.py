from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.competition.domain.criteria import (
    Criterion,
    EvaluationModel,
    Leaf,
    Limits,
    PriceModel,
)
from commissioning.competition.domain.lots import Lot
from commissioning.evaluation.domain.results import (
    PRICE_NOT_VALID,
    price_working,
    quality_result,
    with_price,
)
from commissioning.evaluation.domain.scoring import BidToRank, NotComputable, rank_lot

PRICE = PriceModel(1, Decimal("0.035"), 7)
LEAVES = {"A": "45", "B": "15", "C": "40"}


def model(*, max_mark=4, minimum_points_milli=50_000):
    leaves = {name: Leaf(name, Decimal(weight)) for name, weight in LEAVES.items()}
    return EvaluationModel(
        lots=(Lot(reference="L1", name="One", annual_value_pence=1),),
        criteria=(
            Criterion("C1", "One", Decimal(60), 2, (leaves["A"], leaves["B"])),
            Criterion("C2", "Two", Decimal(40), 1, (leaves["C"],)),
        ),
        max_mark=max_mark,
        minimum_points_milli=minimum_points_milli,
        price=PRICE,
        limits=Limits(),
    )


def test_minimum_of_a_criterion_holds_for_each_of_its_leaves():
    found = quality_result(model(), {"A": 4, "B": 1, "C": 0})

    assert found.millipoints == 48_750  # 45 + 15 / 4 + 0
    assert found.excluded_because == ("minimum_mark:B", "minimum_mark:C", "minimum_points")


def test_leaf_without_an_agreed_mark_computes_nothing():
    with pytest.raises(NotComputable, match="for B, C yet"):
        quality_result(model(), {"A": 3})


@given(st.fixed_dictionaries({leaf: st.integers(0, 7) for leaf in LEAVES}))
def test_points_are_the_exact_sum_rounded_once(marks):
    found = quality_result(model(max_mark=7), marks)

    exact = sum(Fraction(LEAVES[leaf]) * mark / 7 for leaf, mark in marks.items())
    assert found.millipoints == round(1000 * exact)


@st.composite
def marked_models(draw):
    """A model of many leaves whose weights are no round numbers, and a mark for each."""
    numbers = draw(st.lists(st.integers(1, 5), min_size=1, max_size=6))
    micro = st.integers(1, 99_999_999)
    marks, criteria = {}, []
    for place, count in enumerate(numbers):
        leaves = tuple(
            Leaf(f"C{place}.{each}", Decimal(draw(micro)).scaleb(-6)) for each in range(count)
        )
        marks |= {leaf.id: draw(st.integers(0, 7)) for leaf in leaves}
        weight = sum(leaf.weight for leaf in leaves)
        criteria.append(Criterion(f"C{place}", "One", weight, draw(st.integers(0, 7)), leaves))
    return replace(model(max_mark=7), criteria=tuple(criteria)), marks


@given(st.data())
def test_points_do_not_depend_on_the_order_of_criteria_leaves_or_marks(data):
    stated, marks = data.draw(marked_models())

    def shuffled(rows):
        return tuple(data.draw(st.permutations(rows)))

    other = replace(
        stated,
        criteria=shuffled(
            [replace(each, leaves=shuffled(each.leaves)) for each in stated.criteria]
        ),
    )

    assert quality_result(other, dict(shuffled(list(marks.items())))) == quality_result(
        stated, marks
    )


fees = st.lists(st.integers(1, 10**13), min_size=7, max_size=7)


@given(fees, st.integers(-(10**12), 10**12))
def test_working_adds_up_to_the_price_exactly(fees_pence, adjustments):
    found = price_working(fees_pence, adjustments, PRICE)

    assert sum(fee.present_value_pence for fee in found.fees) + adjustments == found.exact_pence
    assert all(fee.present_value_pence * fee.divisor == fee.fee_pence for fee in found.fees)
    if found.evaluated_price_pence is None:
        assert found.faults
        assert round(found.exact_pence) <= 0
    else:
        assert found.evaluated_price_pence == round(found.exact_pence) > 0


def test_first_year_is_not_discounted_and_the_last_six_times():
    found = price_working([100] * 7, 0, PRICE)

    assert found.fees[0].divisor == 1
    assert found.fees[6].divisor == Fraction("1.035") ** 6


@pytest.mark.parametrize(
    ("fees_pence", "adjustments"),
    [([100] * 6, 0), ([100] * 8, 0), ([], 0), ([0] + [100] * 6, 0), ([100] * 7, -700)],
)
def test_schedule_that_makes_no_price_says_why(fees_pence, adjustments):
    found = price_working(fees_pence, adjustments, PRICE)

    assert found.evaluated_price_pence is None
    assert all(sentence.endswith(".") for sentence in found.faults)
    assert found.faults


def test_bid_without_a_price_is_out_beside_its_other_reasons():
    assert with_price(["minimum_points", "minimum_mark:A"], None) == (
        "minimum_mark:A",
        "minimum_points",
        PRICE_NOT_VALID,
    )
    assert with_price([PRICE_NOT_VALID], 1) == ()
    assert with_price([PRICE_NOT_VALID], None) == (PRICE_NOT_VALID,)


bids_of_a_lot = st.lists(
    st.tuples(
        st.integers(1, 100_000),
        st.integers(1, 10**12),
        st.sampled_from([(), ("minimum_points",)]),
    ),
    min_size=1,
    max_size=8,
)


@given(bids_of_a_lot, st.randoms(use_true_random=False))
def test_ranking_does_not_depend_on_the_order_of_the_bids(drawn, random):
    bids = [
        BidToRank(
            lot="L1",
            bid=f"B{number}",
            bidder=f"ORG{number}",
            quality_millipoints=points,
            evaluated_price_pence=price,
            excluded_because=out,
        )
        for number, (points, price, out) in enumerate(drawn)
    ]
    shuffled = list(bids)
    random.shuffle(shuffled)

    assert rank_lot(shuffled) == rank_lot(bids)
