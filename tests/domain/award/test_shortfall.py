"""Where no award exists: limits in conflict, the most that can be awarded, what would help."""

from __future__ import annotations

import pytest

from commissioning.award.domain.limits import Rule
from commissioning.award.domain.optimiser import solve
from commissioning.award.domain.problem import parse_problem
from commissioning.award.domain.shortfall_words import shortfall_in_words
from tests.domain.award.documents import document

THREE = {lot: {"A": 10, "B": 20} for lot in ("L1", "L2", "L3")}


def shortfall(doc):
    return solve(parse_problem(doc)).infeasible


def relaxed(doc):
    return [(each.rule.value, each.holder, each.to) for each in shortfall(doc).relaxations]


def test_conflict_names_limits_that_cannot_hold_together_and_none_besides():
    doc = document(
        THREE, limits={"max_lots_per_bidder": 2, "min_distinct_winners": 2, "budget": 39}
    )
    assert shortfall(doc).conflict == (Rule.MIN_DISTINCT_WINNERS, Rule.BUDGET)


def test_conflict_is_empty_where_a_lot_has_no_bid():
    doc = document(THREE, limits={"max_lots_per_bidder": 1})
    doc["bids"] = [bid for bid in doc["bids"] if bid["lot"] != "L2"]
    found = shortfall(doc)
    assert found.conflict == ()
    assert found.partial.award == {"L1": "A", "L3": "B"}
    assert [each.to for each in found.relaxations] == [None]


def test_partial_awards_the_most_lots_then_the_best_then_the_earliest():
    # Two lots of three: of equals the last lot is left over; where L1 is dear, it is that one.
    doc = document(THREE, limits={"max_lots_per_bidder": 1})
    partial = shortfall(doc).partial
    assert (partial.award, partial.objective) == ({"L1": "A", "L2": "B"}, 30)
    doc["bids"][0]["price"], doc["bids"][1]["price"] = 12, 25
    assert shortfall(doc).partial.award == {"L2": "A", "L3": "B"}


@pytest.mark.parametrize("objective", ["min_sum_ppqp", "min_portfolio_ppqp", "max_total_quality"])
def test_partial_of_a_ratio_or_of_quality_counts_only_lots_that_are_awarded(objective):
    doc = document(
        {"L1": {"A": (10, 2), "B": (9, 1)}, "L2": {"A": (30, 7)}, "L3": {"A": (8, 1)}},
        objective=objective,
        limits={"max_lots_per_bidder": 1},
    )
    partial = shortfall(doc).partial
    # Two lots: B has L1, A one of the others.
    expected = {
        "min_sum_ppqp": ({"L1": "B", "L2": "A"}, "93/7"),
        "min_portfolio_ppqp": ({"L1": "B", "L2": "A"}, "39/8"),
        "max_total_quality": ({"L1": "B", "L2": "A"}, "8"),
    }[objective]
    assert (partial.award, str(partial.objective)) == expected


def test_partial_does_not_count_winners_and_may_be_whole():
    doc = document(THREE, limits={"min_distinct_winners": 3})
    found = shortfall(doc)
    assert found.partial.award == {"L1": "A", "L2": "A", "L3": "A"}
    assert found.conflict == (Rule.MIN_DISTINCT_WINNERS,)
    assert relaxed(doc) == [("min_distinct_winners", None, 2)]


def test_partial_is_empty_where_no_lot_can_be_awarded():
    doc = document({"L1": {"A": 5}}, limits={"budget": 4})
    found = shortfall(doc).to_dict()
    assert found["partial"] == {"lots_awarded": 0, "objective": "0", "award": {}}
    assert found["relaxations"] == [{"rule": "budget", "id": None, "from": 4, "to": 5}]


def test_relaxations_are_the_nearest_integers_that_help_each_limit_alone():
    doc = document(
        THREE,
        values={"L1": 1_000, "L2": 1_001, "L3": 1_500},
        limits={"max_value_share_per_bidder_ppm": 500_000},
    )
    doc["bidders"][0].update(max_value=1_500, max_lots=1)
    # Bidder B would take two lots: the least that two weigh is 2001 of 3501.
    assert relaxed(doc) == [
        ("max_value_share_per_bidder_ppm", None, 571_551),
        ("bidder.max_lots", "A", None),
        ("bidder.max_value", "A", None),
    ]


def test_relaxations_of_single_bidders_groups_and_lots():
    doc = document(
        {"L1": {"A": 7, "B": 9}, "L2": {"A": 8}},
        groups=[{"id": "G", "members": ["A", "B"], "max_value_share_ppm": 900_000}],
    )
    assert relaxed(doc) == [("group.max_value_share_ppm", "G", 1_000_000)]
    doc = document({"L1": {"A": 7, "B": 9}})
    doc["lots"][0]["max_price"] = 5
    assert relaxed(doc) == [("lot.max_price", "L1", 7)]
    doc = document({"L1": {"A": 7}, "L2": {"A": 8}})
    doc["bidders"][0]["max_price"] = 12
    assert relaxed(doc) == [("bidder.max_price", "A", 15)]


def test_fixed_lot_that_cannot_be_kept_is_left_over_in_the_partial_award():
    doc = document({"L1": {"A": 7}, "L2": {"B": 8}}, fixed={"L1": "B"})
    found = shortfall(doc)
    assert (found.conflict, found.partial.award) == ((), {"L2": "B"})


def test_what_time_does_not_suffice_for_is_null():
    doc = document(THREE, limits={"min_distinct_winners": 3})
    answer = solve(parse_problem(doc), time_limit_s=0)
    assert answer.status == "unknown"
    assert answer.infeasible is None


def in_words(doc):
    problem = parse_problem(doc)
    return shortfall_in_words(problem, solve(problem).infeasible)


def test_words_say_what_can_be_had_and_what_a_new_competition_would_need():
    assert in_words(document(THREE, limits={"max_lots_per_bidder": 1}))[1:] == (
        "At most 2 of 3 lots can be awarded; the best such award leaves over L3.",
        (
            "Every lot could be awarded if the most lots that one bidder may win were 2 instead "
            "of 1; that would need a new competition."
        ),
    )
    assert in_words(document(THREE, limits={"max_value_share_per_bidder_ppm": 333_400}))[2:] == (
        (
            "Every lot could be awarded if the share of the market that one bidder may win were "
            "66.6667% instead of 33.34%; that would need a new competition."
        ),
    )
    assert in_words(document(THREE, limits={"budget": 29}))[2:] == (
        (
            "Every lot could be awarded if the budget were £0.30 instead of £0.29; that would need "
            "a new competition."
        ),
    )


def test_words_say_where_no_limit_alone_would_do():
    doc = document(THREE, limits={"max_lots_per_bidder": 1, "budget": 29})
    assert in_words(doc)[-1] == "To change one limit alone would not do."
    doc = document(THREE, limits={"min_distinct_winners": 3})
    assert in_words(doc)[1] == (
        "Every lot can be awarded if the number of different winners is left aside."
    )
