from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.evaluation.domain.scoring import (
    BidToRank,
    NotComputable,
    excluded_because,
    price_per_quality_point,
    quality_millipoints,
    rank_lot,
    rational_text,
)

SEEDED = dict(
    zip(
        [f"C{n}" for n in range(1, 11)],
        [Decimal(weight) for weight in (15, 15, 10, 15, 8, 10, 10, 7, 5, 5)],
        strict=True,
    )
)
MINIMUMS = {f"C{n}": 2 if n in {1, 2, 4} else 1 for n in range(1, 11)}


def leaves(marks, weights=SEEDED):
    return {
        leaf: (weight, mark) for (leaf, weight), mark in zip(weights.items(), marks, strict=True)
    }


def bid(name, price, millipoints, *, bidder=None, lot="L1", out=()):
    return BidToRank(
        lot=lot,
        bid=name,
        bidder=bidder or name,
        quality_millipoints=millipoints,
        evaluated_price_pence=price,
        excluded_because=tuple(out),
    )


# Quality points


def test_full_marks_are_100_points_and_no_marks_are_none():
    assert quality_millipoints(leaves([4] * 10), 4) == 100_000
    assert quality_millipoints(leaves([0] * 10), 4) == 0


def test_points_are_weight_times_mark_over_the_highest_mark():
    # 15x3 + 15x2 + 10x4 + 15x3 + 8x1 + 10x2 + 10x3 + 7x4 + 5x0 + 5x2 = 256; / 4 = 64
    assert quality_millipoints(leaves([3, 2, 4, 3, 1, 2, 3, 4, 0, 2]), 4) == 64_000


@pytest.mark.parametrize(
    ("weight", "mark", "max_mark", "millipoints"),
    [
        ("100", 1, 3, 33_333),
        ("100", 2, 3, 66_667),
        ("0.001", 1, 2, 0),
        ("0.003", 1, 2, 2),
        ("0.005", 1, 2, 2),
    ],
    ids=["down", "up", "half to 0", "half up to 2", "half down to 2"],
)
def test_points_are_rounded_half_to_even_to_a_thousandth(weight, mark, max_mark, millipoints):
    assert quality_millipoints({"C1": (Decimal(weight), mark)}, max_mark) == millipoints


def test_points_are_rounded_once_over_all_leaves():
    thirds = {f"C{n}": (Decimal("0.001"), 1) for n in range(3)}
    assert quality_millipoints(thirds, 3) == 1  # each third of a milli-point alone would be none


@pytest.mark.parametrize("mark", [-1, 5, 2.5, True, None])
def test_mark_off_the_scale_is_refused_by_name(mark):
    with pytest.raises(NotComputable, match="mark of C1 must be from 0 to 4"):
        quality_millipoints({"C1": (Decimal(100), mark)}, 4)


def test_scale_without_marks_is_refused():
    with pytest.raises(NotComputable, match="at least 1"):
        quality_millipoints({}, 0)


marks_of_ten = st.lists(st.integers(0, 4), min_size=10, max_size=10)


@given(marks_of_ten)
def test_points_lie_from_0_to_100_and_never_fall_as_a_mark_rises(marks):
    points = quality_millipoints(leaves(marks), 4)
    assert 0 <= points <= 100_000
    for place, mark in enumerate(marks):
        if mark < 4:
            better = [*marks[:place], mark + 1, *marks[place + 1 :]]
            assert quality_millipoints(leaves(better), 4) > points


@given(marks_of_ten, st.integers(1, 5))
def test_points_do_not_depend_on_the_fineness_of_the_scale(marks, factor):
    finer = [mark * factor for mark in marks]
    assert quality_millipoints(leaves(finer), 4 * factor) == quality_millipoints(leaves(marks), 4)


@given(
    st.dictionaries(
        st.text(min_size=1), st.tuples(st.decimals(0, 100, places=4), st.integers(0, 7))
    )
)
def test_rounding_moves_points_by_half_a_thousandth_at_most(given_leaves):
    exact = sum((Fraction(w) * m / 7 for w, m in given_leaves.values()), Fraction(0))
    assert abs(quality_millipoints(given_leaves, 7) - 1000 * exact) <= Fraction(1, 2)


# Exclusion


def marks(**changes):
    return dict.fromkeys(MINIMUMS, 3) | changes


def test_bid_over_every_minimum_stays_in():
    assert excluded_because(marks(), MINIMUMS, 75_000, 50_000) == ()
    assert excluded_because(marks(C1=2, C3=1), MINIMUMS, 50_000, 50_000) == ()


@pytest.mark.parametrize(
    ("changes", "millipoints", "minimum", "codes"),
    [
        ({"C1": 1}, 75_000, 50_000, ("minimum_mark:C1",)),
        ({"C3": 0, "C10": 0}, 75_000, 50_000, ("minimum_mark:C10", "minimum_mark:C3")),
        ({}, 49_999, 50_000, ("minimum_points",)),
        ({}, 0, 0, ("minimum_points",)),
        ({"C2": 1}, 10_000, 50_000, ("minimum_mark:C2", "minimum_points")),
    ],
)
def test_bid_under_a_minimum_is_out_with_sorted_codes(changes, millipoints, minimum, codes):
    assert excluded_because(marks(**changes), MINIMUMS, millipoints, minimum) == codes


def test_least_bid_that_counts_has_one_thousandth_of_a_point():
    assert excluded_because(marks(), MINIMUMS, 1, 0) == ()
    assert excluded_because(marks(), MINIMUMS, 1, 1) == ()


def test_nothing_is_decided_while_a_leaf_has_no_agreed_mark():
    with pytest.raises(NotComputable, match="no agreed mark for C1, C2 yet"):
        excluded_because({"C3": 3}, {"C1": 2, "C2": 2, "C3": 1}, 75_000, 50_000)


# Price per quality point


def test_price_per_quality_point_is_exact():
    assert price_per_quality_point(100_000_000, 80_000) == 1_250_000
    assert price_per_quality_point(118_000_000, 99_000) == Fraction(118_000_000, 99)
    assert rational_text(price_per_quality_point(118_000_000, 99_000)) == "118000000/99"


@pytest.mark.parametrize(("price", "points"), [(1, 0), (1, -1), (0, 1), (-1, 1)])
def test_nothing_above_nothing_has_no_price_per_point(price, points):
    with pytest.raises(NotComputable):
        price_per_quality_point(price, points)


@pytest.mark.parametrize(
    ("number", "text"),
    [(Fraction(6, 4), "3/2"), (Fraction(4, 2), "2"), (Fraction(0), "0"), (Fraction(-1, 3), "-1/3")],
)
def test_rational_is_written_in_lowest_terms(number, text):
    assert rational_text(number) == text


# Ranking


def test_lowest_price_per_point_is_first_and_equals_share_a_place():
    rows = rank_lot(
        [
            bid("B4", 200, 60_000),
            bid("B3", 150, 90_000),
            bid("B1", 100, 60_000),
            bid("B2", 300, 99_999),
        ]
    )
    assert [(row.bid, row.rank) for row in rows] == [("B1", 1), ("B3", 1), ("B2", 3), ("B4", 4)]


def test_bids_that_differ_beyond_any_float_are_not_equal():
    cheaper = bid("A", 10**15, 99_999)
    dearer = bid("B", 10**15 + 1, 99_999)
    assert [row.rank for row in rank_lot([dearer, cheaper])] == [1, 2]


def test_excluded_bid_has_no_rank_and_moves_nobody():
    rows = rank_lot(
        [
            bid("A", 10, 40_000, out=["minimum_points"]),
            bid("B", 100, 60_000),
            bid("C", None, 0, out=["minimum_points"]),
        ]
    )
    assert [(row.bid, row.rank, row.price_per_quality_point) for row in rows] == [
        ("B", 1, Fraction(5, 3)),
        ("A", None, None),
        ("C", None, None),
    ]


def test_row_is_that_of_the_award_pack():
    rows = rank_lot([bid("A", 100, 60_000), bid("B", 7, 1, out=["minimum_points"])])
    assert json.loads(json.dumps([row.as_dict() for row in rows])) == [
        {
            "lot": "L1",
            "bid": "A",
            "bidder": "A",
            "quality_millipoints": 60_000,
            "evaluated_price_pence": 100,
            "ppqp_pence": "5/3",
            "rank": 1,
            "excluded_because": [],
        },
        {
            "lot": "L1",
            "bid": "B",
            "bidder": "B",
            "quality_millipoints": 1,
            "evaluated_price_pence": 7,
            "ppqp_pence": None,
            "rank": None,
            "excluded_because": ["minimum_points"],
        },
    ]


def test_lot_without_bids_has_an_empty_ranking():
    assert rank_lot([]) == ()


@pytest.mark.parametrize(
    ("bids", "sentence"),
    [
        ([bid("A", 1, 1), bid("B", 1, 1, lot="L2")], "lot by lot"),
        ([bid("A", 1, 1), bid("A", 2, 2, bidder="X")], "bid stands there twice"),
        ([bid("A", 1, 1, bidder="X"), bid("B", 2, 2, bidder="X")], "at most one bid"),
        ([bid("A", None, 1)], "price of A is not evaluated yet"),
        ([bid("A", 1, 0)], "without quality points"),
    ],
)
def test_bids_that_cannot_be_ranked_are_refused(bids, sentence):
    with pytest.raises(NotComputable, match=sentence):
        rank_lot(bids)


@st.composite
def lots_of_bids(draw):
    figures = draw(
        st.lists(
            st.tuples(st.integers(1, 40), st.integers(1, 8), st.booleans()), min_size=1, max_size=9
        )
    )
    return [
        bid(f"B{n}", price, points * 1000, out=["minimum_points"] if out else [])
        for n, (price, points, out) in enumerate(figures)
    ]


@given(lots_of_bids(), st.randoms())
def test_ranking_does_not_depend_on_the_order_of_the_bids(bids, random):
    shuffled = list(bids)
    random.shuffle(shuffled)
    assert rank_lot(shuffled) == rank_lot(bids)


@given(lots_of_bids())
def test_rank_is_one_more_than_the_number_of_strictly_better_bids(bids):
    rows = rank_lot(bids)
    counted = [row for row in rows if row.rank is not None]
    for row in counted:
        better = [r for r in counted if r.price_per_quality_point < row.price_per_quality_point]
        assert row.rank == 1 + len(better)
    assert {row.bid for row in rows if row.rank is None} == {
        b.bid for b in bids if b.excluded_because
    }


@given(lots_of_bids(), st.integers(2, 1000))
def test_ranking_does_not_depend_on_the_unit_of_money(bids, factor):
    dearer = [
        bid(b.bid, b.evaluated_price_pence * factor, b.quality_millipoints, out=b.excluded_because)
        for b in bids
    ]
    assert [row.rank for row in rank_lot(dearer)] == [row.rank for row in rank_lot(bids)]


@given(lots_of_bids())
def test_bid_that_leaves_changes_no_order_among_the_others(bids):
    before = [row.bid for row in rank_lot(bids) if row.bid != "B0"]
    assert [row.bid for row in rank_lot(bids[1:])] == before
