"""What decides an award: single cases, words, refusals, and searches that are stopped."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from commissioning.award.domain.problem import parse_problem
from commissioning.award.domain.robustness import (
    Leaf,
    MarkedBid,
    Quality,
    Standing,
    mark_in_words,
    marks_in_words,
    marks_that_decide,
    prices_in_words,
    prices_that_decide,
    weights_in_words,
    weights_that_decide,
    withdrawals_in_words,
    withdrawals_that_decide,
)
from commissioning.evaluation.domain.scoring import quality_millipoints
from commissioning.kernel.errors import BadInput, BadInputs
from tests.domain.award.documents import document

LEAVES = (
    Leaf("Q1", "C1", Fraction(60), minimum_mark=1),
    Leaf("Q2", "C2", Fraction(40)),
)


def marked(prices, marks, **more):
    """A standing award and its `Quality`, from prices and (Q1, Q2) marks by lot and bidder."""
    bids = tuple(
        MarkedBid(who, lot, dict(zip(("Q1", "Q2"), each, strict=True)))
        for lot, on_lot in marks.items()
        for who, each in on_lot.items()
    )
    quality = Quality(LEAVES, bids, 4, more.pop("minimum_points_milli", 0))
    points = {(bid.bidder, bid.lot): quality.points_milli(bid.marks) for bid in bids}
    doc = document(
        {
            lot: {
                who: (price, points[who, lot])
                for who, price in on_lot.items()
                if points[who, lot] is not None
            }
            for lot, on_lot in prices.items()
        },
        objective="min_sum_ppqp",
        **more,
    )
    return Standing(parse_problem(doc)), quality


def two_lots_and_one_each():
    return marked(
        {"L": {"X": 100, "Y": 110}, "M": {"X": 100, "Y": 112}},
        {"L": {"X": (3, 3), "Y": (3, 3)}, "M": {"X": (3, 3), "Y": (3, 3)}},
        limits={"max_lots_per_bidder": 1},
    )


def test_mark_that_decides_is_said_with_every_lot_that_it_moves():
    standing, quality = two_lots_and_one_each()
    assert dict(standing.award) == {"L": "Y", "M": "X"}

    found = marks_that_decide(standing, quality)

    less = next(
        each
        for each in found.changing
        if (each.bidder, each.lot, each.leaf, each.to_mark) == ("X", "M", "Q1", 2)
    )
    assert mark_in_words(less, {"Q1": "Criterion 1"}) == (
        "One mark less on Criterion 1 of bidder X on lot M (3 to 2) would move lots L and M "
        "(L from Y to X; M from X to Y)."
    )
    assert marks_in_words(found)[0] == (
        f"{len(found.changing)} single marks, one step higher or lower, would each move a lot."
    )


def test_mark_under_a_minimum_puts_the_bid_out_and_the_words_say_so():
    standing, quality = marked({"L": {"X": 100, "Y": 900}}, {"L": {"X": (1, 4), "Y": (4, 4)}})

    found = marks_that_decide(standing, quality)

    (change,) = found.changing
    assert (change.bidder, change.leaf, change.to_mark, change.puts_out) == ("X", "Q1", 0, True)
    assert marks_in_words(found)[1] == (
        "One mark less on Q1 of bidder X on lot L (1 to 0) would put that bid out, under a "
        "published minimum, and move lot L (L from X to Y)."
    )


def test_last_bid_of_a_lot_that_falls_out_leaves_the_lot_to_nobody_and_the_share_base_as_it_was():
    # Y may hold half of all value: still so, of the published total, when L is left out.
    standing, quality = marked(
        {"L": {"X": 100}, "M": {"Y": 9}},
        {"L": {"X": (1, 4)}, "M": {"Y": (4, 4)}},
        limits={"max_value_share_per_bidder_ppm": 500_000},
    )

    (change,) = marks_that_decide(standing, quality).changing

    assert [(each.lot, each.before, each.after) for each in change.moved] == [("L", "X", None)]


def test_mark_that_lets_a_bid_in_is_named_but_what_it_would_win_is_not_guessed():
    standing, quality = marked({"L": {"X": 100, "Y": 1}}, {"L": {"X": (4, 4), "Y": (0, 4)}})

    found = marks_that_decide(standing, quality)

    assert [(each.bidder, each.leaf, each.to_mark) for each in found.entering] == [("Y", "Q1", 1)]
    assert found.changing == ()
    assert "price is not opened" in marks_in_words(found)[1]


def test_better_mark_of_a_winner_may_cost_it_the_other_lot_of_a_package():
    # With the package, half of the price on L counts: a better mark there helps A by half of what
    # it helps the award in which the package is not met, and that one passes A.
    leaves = (Leaf("Q", "C", Fraction(100)),)
    marks = {("P", "L"): 1, ("P", "M"): 4, ("R", "M"): 4}
    bids = tuple(MarkedBid(who, lot, {"Q": mark}) for (who, lot), mark in marks.items())
    doc = document(
        {"L": {"P": (100, 25_000)}, "M": {"P": (1_000, 100_000), "R": (850, 100_000)}},
        objective="min_sum_ppqp",
        packages=[{"id": "both", "bidder": "P", "discounts": {"L": 50, "M": 0}}],
    )
    standing = Standing(parse_problem(doc))
    assert dict(standing.award) == {"L": "P", "M": "P"}

    found = marks_that_decide(standing, Quality(leaves, bids, 4))

    better = [each for each in found.changing if (each.bidder, each.to_mark) == ("P", 2)]
    assert [[(each.lot, each.after) for each in change.moved] for change in better] == [
        [("M", "R")]
    ]


def test_most_marks_need_no_new_solution():
    lots = [f"L{number}" for number in range(8)]
    prices = {lot: {"X": 100, "Y": 160, "Z": 190} for lot in lots}
    marks = {lot: {"X": (3, 3), "Y": (3, 3), "Z": (3, 3)} for lot in lots}
    standing, quality = marked(prices, marks)

    found = marks_that_decide(standing, quality)

    assert found.changing == ()
    assert found.search.tried == 8 * 3 * 4
    # One forced solution for each losing bid, at most; and no mark needed one of its own.
    assert found.search.solved <= 16


def test_weight_that_decides_keeps_the_others_in_proportion():
    standing, quality = marked({"L": {"X": 100, "Y": 100}}, {"L": {"X": (4, 3), "Y": (3, 4)}})

    found = weights_that_decide(standing, quality, furthest=20, step=5)

    assert [(each.criterion, each.to_weight) for each in found.changing] == [("C1", 45), ("C2", 55)]
    assert found.steady == (("C1", 80), ("C2", 20))
    assert weights_in_words(found)[:2] == (
        (
            "If C1 had weighed 45 instead of 60 points, and all other criteria in proportion, this "
            "would move lot L (L from X to Y)."
        ),
        (
            "If C2 had weighed 55 instead of 40 points, and all other criteria in proportion, this "
            "would move lot L (L from X to Y)."
        ),
    )
    assert quality.with_weight("C1", Fraction(45)) == {"Q1": 45, "Q2": 55}


def test_withdrawal_of_a_bidder_without_a_lot_moves_lots_by_a_group_that_it_ends():
    doc = document(
        {"L": {"A": 10, "B": 20}, "M": {"A": 10, "B": 20}, "N": {"C": 50, "B": 5}},
        groups=[{"id": "G", "members": ["A", "C"], "max_lots": 1}],
    )
    doc["bids"] = [row for row in doc["bids"] if (row["bidder"], row["lot"]) != ("C", "N")]
    standing = Standing(parse_problem(doc))
    assert sorted(standing.award.values()) == ["A", "B", "B"]

    found = withdrawals_that_decide(standing)

    assert withdrawals_in_words(found) == (
        "C wins no lot; without its bids, the rules would move lot M (M from B to A).",
    )


def test_withdrawal_of_a_first_place_that_could_not_win_exposes_another_bidder():
    # X is first on L and may not win it. Without it Y is first on both lots, is over its limit,
    # and its first place on M is protected no more.
    doc = document(
        {"L": {"X": 1, "Y": 10, "Z": 100}, "M": {"Y": 50, "Z": 60}},
        limits={"max_lots_per_bidder": 1},
        award_rule="protected_optimum",
    )
    doc["bidders"][0]["max_value"] = 999
    standing = Standing(parse_problem(doc))
    assert dict(standing.award) == {"L": "Z", "M": "Y"}

    (withdrawal,) = withdrawals_that_decide(standing).changing

    assert withdrawal.bidder == "X"
    assert {each.lot: each.after for each in withdrawal.moved} == {"L": "Y", "M": "Z"}


def test_withdrawal_under_the_optimum_moves_nothing_and_is_not_solved_again():
    doc = document({"L": {"A": 10, "B": 10, "C": 10}})

    found = withdrawals_that_decide(Standing(parse_problem(doc)))

    assert (found.changing, found.search.tried, found.search.solved) == ((), 2, 0)
    assert withdrawals_in_words(found) == (
        "No bidder without a lot bears on the award: without it, every lot stays.",
    )


def test_prices_that_decide_are_exact_to_the_penny_and_ties_are_settled():
    # A is earlier: B has to be cheaper, A may be as dear as B.
    standing = Standing(parse_problem(document({"L": {"A": 100_00, "B": 120_00}})))

    found = prices_that_decide(standing)

    assert [(each.bidder, each.change) for each in found.changing] == [("A", 20_01), ("B", -20_01)]
    assert found.smallest_on("L") == found.changing[0]
    assert prices_in_words(found)[0] == (
        "The bid of A on lot L won at £100.00. A price that is £20.01 higher would move lot L "
        "(L from A to B); one penny less of a difference would move nothing."
    )


def test_price_break_follows_the_ratio_of_price_and_quality():
    doc = document({"L": {"A": (300, 3), "B": (700, 5)}}, objective="min_sum_ppqp")

    found = prices_that_decide(Standing(parse_problem(doc)))

    # A stands at 100 a point. B falls to 499; A rises past 140 a point.
    assert {each.bidder: each.to_price for each in found.changing} == {"A": 421, "B": 499}


def test_rise_ends_where_a_ceiling_or_the_budget_shuts_the_winner_out():
    doc = document({"L": {"A": 100}, "M": {"A": 50, "B": 60}}, limits={"budget": 170})
    doc["lots"][0]["max_price"] = 105

    found = prices_that_decide(Standing(parse_problem(doc)))

    by_bid = {(each.bidder, each.lot): each for each in found.changing}
    assert by_bid["A", "L"].to_price == 106
    assert all(each.after is None for each in by_bid["A", "L"].moved)
    assert by_bid["A", "M"].to_price == 61
    assert "leave no award within the limits" in " ".join(prices_in_words(found))


@pytest.mark.parametrize(("budget", "to_price"), [(290, 171), (240, None), (None, 171)])
def test_winners_that_come_and_go_with_a_price_are_settled_or_said_not_to_be(budget, to_price):
    # From 71 pence more on, the dearer and better bid for M gives the better ratio of sums, while
    # the budget bears it; then the cheaper one would win again.
    doc = document(
        {"L": {"W": (100, 1)}, "M": {"A": (10, 1), "B": (100, 2)}}, objective="min_portfolio_ppqp"
    )
    doc["limits"] = {"budget": budget}

    found = prices_that_decide(Standing(parse_problem(doc)))

    by_bid = {(each.bidder, each.lot): each.to_price for each in found.changing}
    assert by_bid.get(("W", "L")) == to_price
    assert (("W", "L") in found.unsettled) is (to_price is None)


def test_first_place_above_the_ceiling_wins_where_it_comes_down_to_it():
    doc = document(
        {"L": {"A": 60_000_000, "B": 40_000_000}, "M": {"A": 70_000_000, "B": 80_000_000}},
        limits={"max_lots_per_bidder": 1},
        award_rule="protected_optimum",
    )
    doc["lots"][1]["max_price"] = 75_000_000
    doc["bids"][2]["price"] = 76_000_000
    doc["bids"].append({"bidder": "C", "lot": "M", "price": 74_000_000, "quality": 1})
    doc["bids"].append({"bidder": "C", "lot": "L", "price": 90_000_000, "quality": 1})
    doc["bidders"].append({"id": "C"})
    standing = Standing(parse_problem(doc))
    assert dict(standing.award) == {"L": "B", "M": "C"}

    by_bid = {
        (each.bidder, each.lot): each.to_price for each in prices_that_decide(standing).changing
    }

    # It must be first on the lot, and ties go to the earlier bidder: 74 000 000 is enough.
    assert by_bid["A", "M"] == 74_000_000


def test_bid_alone_on_its_lot_is_steady_at_any_price():
    found = prices_that_decide(Standing(parse_problem(document({"L": {"A": 100}}))))
    assert (found.changing, found.steady) == ((), (("A", "L"),))


def test_search_that_is_stopped_says_how_far_it_came():
    standing, quality = two_lots_and_one_each()
    told = []

    def three(done, total):
        told.append((done, total))
        return done < 3

    marks = marks_that_decide(standing, quality, heard=three)
    assert (marks.search.tried, marks.search.total, marks.search.is_complete) == (3, 16, False)
    assert told == [(0, 16), (1, 16), (2, 16), (3, 16)]
    assert "stopped after 3 of 16 changes" in marks_in_words(marks)[-1]
    assert not weights_that_decide(standing, quality, furthest=5, heard=three).search.is_complete
    assert not prices_that_decide(standing, heard=three).search.is_complete
    told.clear()
    assert prices_that_decide(
        standing, heard=lambda *at: told.append(at) or True
    ).search.is_complete
    assert told == [(number, 4) for number in range(5)]


def test_award_that_does_not_exist_is_refused():
    doc = document({"L": {"A": 100}}, limits={"min_distinct_winners": 2})
    with pytest.raises(BadInput, match="no award"):
        Standing(parse_problem(doc))


def test_marks_that_do_not_give_the_quality_of_the_problem_are_refused():
    standing, quality = two_lots_and_one_each()
    other = Quality(
        LEAVES,
        (MarkedBid("X", "L", {"Q1": 4, "Q2": 3}), *quality.bids[1:3]),
        quality.max_mark,
    )

    with pytest.raises(BadInputs) as refused:
        marks_that_decide(standing, other)

    assert [place for place, _ in refused.value.problems] == ["bids[X, L]", "bids[Y, M]"]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"max_mark": 0}, "max_mark"),
        ({"leaves": (*LEAVES[:1], Leaf("Q2", "C2", Fraction(39)))}, "leaves"),
        ({"leaves": (*LEAVES[:1], Leaf("Q1", "C2", Fraction(40)))}, "leaves"),
        ({"leaves": (Leaf("Q1", "C1", Fraction(101)), Leaf("Q2", "C2", Fraction(-1)))}, "leaves"),
        ({"bids": (MarkedBid("X", "L", {"Q1": 1}),)}, "bids[X, L]"),
        ({"bids": (MarkedBid("X", "L", {"Q1": 1, "Q2": 5}),)}, "bids[X, L]"),
        ({"bids": (MarkedBid("X", "L", {"Q1": 1, "Q2": True}),)}, "bids[X, L]"),
        ({"bids": (MarkedBid("X", "L", {"Q1": 1, "Q2": 1}),) * 2}, "bids"),
    ],
)
def test_quality_that_makes_no_sense_is_refused_with_its_place(change, place):
    with pytest.raises(BadInputs) as refused:
        Quality(**{"leaves": LEAVES, "bids": (), "max_mark": 4, **change})
    assert place in [each for each, _ in refused.value.problems]


@pytest.mark.parametrize("wrong", [{"furthest": 5, "step": 0}, {"furthest": 1, "step": 2}])
def test_senseless_step_or_range_of_weights_is_refused(wrong):
    standing, quality = two_lots_and_one_each()
    with pytest.raises(BadInput):
        weights_that_decide(standing, quality, **wrong)


def test_points_are_those_of_scoring():
    # The domain of evaluation says the same: thousandths, rounded half to even, once.
    leaves = (Leaf("a", "A", Fraction("33.333")), Leaf("b", "B", Fraction("66.667")))
    quality = Quality(leaves, (), 8)
    for a in range(9):
        for b in range(9):
            marks = {"a": a, "b": b}
            scored = quality_millipoints(
                {"a": (Decimal("33.333"), a), "b": (Decimal("66.667"), b)}, 8
            )
            assert (quality.points_milli(marks) or 0) == scored
