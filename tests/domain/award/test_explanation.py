"""Why an award is as it is: costs of limits, reasons of losers, words that a bidder could read."""

from __future__ import annotations

from fractions import Fraction

import pytest

from commissioning.award.domain.explanation import Reason
from commissioning.award.domain.limits import Rule
from commissioning.award.domain.optimiser import solve
from commissioning.award.domain.problem import AwardRule, parse_problem
from tests.domain.award.documents import document

LIMIT_ONE = {"L1": {"A": 50, "B": 55}, "L2": {"A": 60, "B": 200}}


def explained(doc, **options):
    return solve(parse_problem(doc), explain=True, **options).explanation


def loser(explanation, bidder, lot):
    return next(each for each in explanation.losers if (each.bidder, each.lot) == (bidder, lot))


def test_cost_of_a_limit_is_the_difference_of_two_optima_and_says_for_whom_it_binds():
    said = explained(document(LIMIT_ONE, limits={"max_lots_per_bidder": 1, "budget": 1_000}))
    cost = said.limits[Rule.MAX_LOTS_PER_BIDDER]
    assert (cost.objective_without, cost.cost, cost.binding_for) == (110, 5, ("A",))
    slack = said.limits[Rule.BUDGET]
    assert (slack.objective_without, slack.cost, slack.binding_for) == (115, 0, ())


def test_cost_of_packages_is_what_they_save():
    doc = document(LIMIT_ONE, packages=[{"id": "P", "bidder": "B", "discounts": {"L1": 9}}])
    cost = explained(doc).limits[Rule.PACKAGES]
    assert (cost.objective_without, cost.cost) == (110, 4)


def test_cost_of_a_ceiling_names_the_bidder_that_would_win_above_it():
    doc = document({"L1": {"A": (9, 90_000), "B": (1, 1)}}, objective="max_total_quality")
    doc["lots"][0]["max_price"] = 8
    cost = explained(doc).limits[Rule.LOT_MAX_PRICE]
    assert (cost.objective_without, cost.cost, cost.binding_for) == (90_000, 89_999, ("A",))


def test_cost_of_packages_is_unknown_where_the_budget_needs_them():
    doc = document(
        {"L1": {"A": 9}},
        limits={"budget": 8},
        packages=[{"id": "P", "bidder": "A", "discounts": {"L1": 1}}],
    )
    cost = explained(doc).limits[Rule.PACKAGES]
    assert (cost.objective_without, cost.cost, cost.binding_for) == (None, None, ())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"bidder": {"max_lots": 1}}, Reason.OWN_LIMIT),
        ({"bidder": {"max_value": 1_500}}, Reason.CAPACITY),
        ({"bidder": {"max_price": 100}}, Reason.CAPACITY),
        ({"limits": {"max_value_share_per_bidder_ppm": 600_000}}, Reason.OWN_LIMIT),
        ({"limits": {"incompatible_lots": [["L1", "L2"]]}}, Reason.OWN_LIMIT),
        ({"groups": [{"id": "G", "members": ["A"], "max_lots": 1}]}, Reason.SHARED_LIMIT),
        ({"limits": {"min_distinct_winners": 2}}, Reason.COMBINATION),
    ],
)
def test_loser_with_the_better_bid_is_told_which_kind_of_limit_stood_against_it(change, reason):
    doc = document(LIMIT_ONE, **{key: value for key, value in change.items() if key != "bidder"})
    doc["bidders"][0].update(change.get("bidder", {}))
    lost = loser(explained(doc), "A", "L1")
    assert lost.reason is reason
    assert (lost.objective_if_forced, lost.cost_if_forced) == (250, 135)
    assert lost.lots_that_would_move == ("L2",)
    assert "has a lower price than the bid that won" in lost.in_words
    assert "lot L2 goes to another bidder than now" in lost.in_words


def test_bid_that_no_award_can_contain_is_impossible_and_has_no_cost():
    # C would be dearer too, but first of all there is no award with it: nobody else takes L2.
    doc = document({"L1": {"A": 1, "C": 9}, "L2": {"C": 5}}, limits={"max_lots_per_bidder": 1})
    lost = loser(explained(doc), "C", "L1")
    assert lost.reason is Reason.IMPOSSIBLE
    assert lost.objective_if_forced is lost.cost_if_forced is None
    assert lost.lots_that_would_move == ()
    assert lost.in_words == (
        "There is no award of all lots within the published limits in which C wins lot L1."
    )


def test_equal_bid_is_dearer_by_the_rule_and_told_that_it_is_not_lower():
    lost = loser(explained(document({"L1": {"A": 5, "B": 5}})), "B", "L1")
    assert (lost.reason, lost.cost_if_forced) == (Reason.DEARER, 0)
    assert lost.in_words.startswith("On lot L1, the bid of B has no lower price than the bid")


def test_winner_stands_with_its_rank_and_those_whom_it_displaced():
    said = explained(document(LIMIT_ONE, limits={"max_lots_per_bidder": 1}))
    first, second = said.winners
    assert (first.lot, first.bidder, first.rank_on_lot) == ("L1", "B", 2)
    assert [(each.bidder, each.limits) for each in first.displaced] == [
        ("A", (Rule.MAX_LOTS_PER_BIDDER,))
    ]
    assert first.in_words == (
        "B wins lot L1. One bid with a lower price was displaced by the most lots that one bidder "
        "may win."
    )
    assert second.in_words == "A wins lot L2 with the lowest price on it."


def test_words_for_losers_hold_no_figure_of_another_bid():
    bids = {"L1": {"A": (51_234, 61_111), "B": (57_777, 62_222)}, "L2": {"A": (1_999, 3), "B": 7}}
    said = explained(document(bids, objective="min_sum_ppqp", limits={"max_lots_per_bidder": 1}))
    for each in said.losers:
        for figure in ("51", "61", "57", "62", "1999", "1,999"):
            assert figure not in each.in_words


def test_explanation_gives_all_four_rules_whatever_the_rule_is():
    for rule in AwardRule:
        doc = document(LIMIT_ONE, limits={"max_lots_per_bidder": 1}, award_rule=rule.value)
        answer = solve(parse_problem(doc), explain=True)
        by_rule = {each: found.objective for each, found in answer.explanation.rules.items()}
        assert list(by_rule.values()) == [115, 115, 250, 115]
        assert answer.objective == by_rule[rule]


def test_costs_under_a_reversion_are_still_those_of_the_optimum():
    doc = document(LIMIT_ONE, limits={"max_lots_per_bidder": 1}, award_rule="reversion_in_order")
    said = explained(doc)
    assert said.limits[Rule.MAX_LOTS_PER_BIDDER].cost == 5
    assert loser(said, "B", "L1").cost_if_forced == 0
    assert loser(said, "B", "L1").lots_that_would_move == ("L2",)


def test_protected_optimum_leaves_first_places_alone_where_the_plain_optimum_does_not():
    # B keeps L3 by the limits, but the optimum would move it to make room for another lot.
    bids = {
        "L1": {"A": 10, "B": 12},
        "L2": {"A": 10, "B": 60},
        "L3": {"B": 10, "C": 11},
    }
    doc = document(bids, limits={"max_lots_per_bidder": 1})
    plain = solve(parse_problem(doc))
    protected = solve(parse_problem(doc | {"award_rule": "protected_optimum"}))
    assert plain.award == {"L1": "B", "L2": "A", "L3": "C"}
    assert plain.objective == 33
    # With L3 kept by B, and A over its limit, only one of L1 and L2 finds a taker.
    assert protected.award == {}
    assert protected.infeasible.in_words.startswith(
        "With the first places that protected_optimum keeps, there is no award; without that rule"
    )
    doc["bids"].append({"bidder": "D", "lot": "L1", "price": 90, "quality": 1})
    doc["bidders"].append({"id": "D"})
    protected = solve(parse_problem(doc | {"award_rule": "protected_optimum"}))
    assert protected.award == {"L1": "D", "L2": "A", "L3": "B"}
    assert protected.objective == protected.bound == 110


def test_protection_ends_for_all_members_of_a_group_that_would_exceed_its_limit_together():
    bids = {"L1": {"A": 1, "C": 2}, "L2": {"B": 1, "C": 9}, "L3": {"D": 1, "C": 2}}
    doc = document(bids, groups=[{"id": "G", "members": ["A", "B"], "max_lots": 1}])
    answer = solve(parse_problem(doc | {"award_rule": "protected_optimum"}))
    assert answer.award == {"L1": "C", "L2": "B", "L3": "D"}


def test_answer_of_a_reversion_over_budget_is_infeasible_and_shows_what_the_rule_gives():
    doc = document(
        LIMIT_ONE,
        limits={"max_lots_per_bidder": 1, "budget": 200},
        award_rule="reversion_in_order",
    )
    answer = solve(parse_problem(doc))
    assert answer.status == "infeasible"
    assert answer.infeasible.conflict == (Rule.BUDGET,)
    assert answer.infeasible.partial.award == {"L1": "A", "L2": "B"}
    (needed,) = answer.infeasible.relaxations
    assert (needed.rule, needed.stated, needed.to) == (Rule.BUDGET, 200, 250)
    assert (
        "The net prices add up to £2.50, above the budget of £2.00." in answer.infeasible.in_words
    )


def test_explanation_that_time_does_not_suffice_for_claims_nothing():
    answer = solve(
        parse_problem(document(LIMIT_ONE, award_rule="reversion_in_order")),
        explain=True,
        time_limit_s=0,
    )
    assert answer.status == "optimal"
    for lost in answer.explanation.losers:
        assert lost.objective_if_forced is lost.cost_if_forced is None
        assert lost.reason is not Reason.IMPOSSIBLE
    assert not answer.explanation.rules[AwardRule.OPTIMUM].is_proven


def test_explanation_is_the_same_with_cbc():
    bids = {"L1": {"A": (10, 3), "B": (11, 3), "C": (11, 4)}, "L2": {"A": (9, 2), "C": (12, 2)}}
    doc = document(bids, objective="min_portfolio_ppqp", limits={"max_lots_per_bidder": 1})
    assert explained(doc, solver="cbc").to_dict() == explained(doc).to_dict()


def test_exact_costs_are_fractions_in_lowest_terms():
    bids = {"L1": {"A": (10, 3), "B": (11, 3)}}
    lost = loser(explained(document(bids, objective="min_sum_ppqp")), "B", "L1")
    assert lost.cost_if_forced == Fraction(1, 3)
    assert lost.to_dict()["cost_if_forced"] == "1/3"
