"""Checking an award: each rule broken once, and the objective exactly."""

from __future__ import annotations

import pytest

from commissioning.award.domain.problem import BadProblem, parse_problem
from commissioning.award.domain.verifier import read_answer, verify
from tests.domain.award.documents import document

BIDS = {
    "L1": {"A": (100, 50_000), "B": (110, 60_000), "C": (90, 40_000)},
    "L2": {"A": (200, 50_000), "B": (210, 60_000)},
    "L3": {"A": (300, 50_000), "B": (290, 60_000), "C": (310, 70_000)},
}
VALUES = {"L1": 100, "L2": 200, "L3": 290}
AWARD = {"L1": "A", "L2": "A", "L3": "B"}


def broken(award=AWARD, objective=None, **more):
    doc = {**document(BIDS, values=VALUES), "share_base_value": 600, **more}
    answer = {"award": award} if objective is None else {"award": award, "objective": objective}
    return [str(each.rule) for each in verify(parse_problem(doc), answer)]


def bidder_with(**limit):
    return [{"id": "A", **limit}, {"id": "B"}, {"id": "C"}]


def lot_with(**limit):
    return [{"id": lot, "value": VALUES[lot], **(limit if lot == "L1" else {})} for lot in BIDS]


def group_with(**limit):
    return [{"id": "G", "members": ["A", "C"], **limit}]


@pytest.mark.parametrize(
    ("rule", "kept", "violated"),
    [
        (
            "max_lots_per_bidder",
            {"limits": {"max_lots_per_bidder": 2}},
            {"limits": {"max_lots_per_bidder": 1}},
        ),
        (
            "max_value_share_per_bidder_ppm",
            {"limits": {"max_value_share_per_bidder_ppm": 500_000}},
            {"limits": {"max_value_share_per_bidder_ppm": 499_999}},
        ),
        (
            "max_lots_per_group",
            {"groups": group_with(), "limits": {"max_lots_per_group": 2}},
            {"groups": group_with(), "limits": {"max_lots_per_group": 1}},
        ),
        (
            "max_value_share_per_group_ppm",
            {"groups": group_with(), "limits": {"max_value_share_per_group_ppm": 500_000}},
            {"groups": group_with(), "limits": {"max_value_share_per_group_ppm": 499_999}},
        ),
        (
            "min_distinct_winners",
            {"limits": {"min_distinct_winners": 2}},
            {"limits": {"min_distinct_winners": 3}},
        ),
        (
            "incompatible_lots",
            {"limits": {"incompatible_lots": [["L1", "L3"]]}},
            {"limits": {"incompatible_lots": [["L2", "L1"]]}},
        ),
        ("budget", {"limits": {"budget": 590}}, {"limits": {"budget": 589}}),
        ("lot.max_price", {"lots": lot_with(max_price=100)}, {"lots": lot_with(max_price=99)}),
        (
            "bidder.max_lots",
            {"bidders": bidder_with(max_lots=2)},
            {"bidders": bidder_with(max_lots=1)},
        ),
        (
            "bidder.max_value",
            {"bidders": bidder_with(max_value=300)},
            {"bidders": bidder_with(max_value=299)},
        ),
        (
            "bidder.max_price",
            {"bidders": bidder_with(max_price=300)},
            {"bidders": bidder_with(max_price=299)},
        ),
        (
            "group.max_lots",
            {"groups": group_with(max_lots=2)},
            {"groups": group_with(max_lots=1)},
        ),
        (
            "group.max_value_share_ppm",
            {"groups": group_with(max_value_share_ppm=500_000)},
            {"groups": group_with(max_value_share_ppm=499_999)},
        ),
        (
            "group.max_value",
            {"groups": group_with(max_value=300)},
            {"groups": group_with(max_value=299)},
        ),
        ("fixed", {"fixed": {"L3": "B"}}, {"fixed": {"L3": "C"}}),
        ("objective", {"objective": "590"}, {"objective": "591"}),
    ],
)
def test_rule_is_kept_at_its_edge_and_named_when_broken(rule, kept, violated):
    assert broken(**kept) == []
    assert broken(**violated) == [rule]


def test_group_counts_all_its_members_together():
    award = {"L1": "C", "L2": "A", "L3": "B"}
    assert broken(award, groups=group_with(max_lots=1)) == ["group.max_lots"]


def test_share_is_of_the_stated_base():
    limits = {"max_value_share_per_bidder_ppm": 250_000}
    assert broken(limits=limits, share_base_value=1_200) == []
    assert broken(limits=limits, share_base_value=1_199) == ["max_value_share_per_bidder_ppm"]


def test_budget_counts_net_prices_and_capacity_gross_ones():
    packages = [{"id": "P", "bidder": "A", "discounts": {"L1": 10, "L2": 20}}]
    assert broken(packages=packages, limits={"budget": 560}) == []
    assert broken(packages=packages, limits={"budget": 559}) == ["budget"]
    assert broken(packages=packages, bidders=bidder_with(max_price=299)) == ["bidder.max_price"]


def test_package_counts_only_when_all_its_lots_are_won():
    packages = [{"id": "P", "bidder": "A", "discounts": {"L1": 10, "L3": 20}}]
    assert broken(packages=packages, limits={"budget": 589}) == ["budget"]


def test_every_lot_must_go_to_somebody():
    assert broken({"L1": "A", "L3": "B"}) == ["every_lot_awarded"]


def test_no_bid_no_award():
    assert broken({**AWARD, "L2": "C"}) == ["no_bid_no_award"]


def test_unknown_lots_and_bidders_are_named():
    assert broken({**AWARD, "L9": "A"}) == ["unknown_lot_or_bidder"]
    assert broken({**AWARD, "L2": "Z"}) == ["unknown_lot_or_bidder"]


@pytest.mark.parametrize("stated", ["1180/2", "590.0", " 590", "0590", "", 590, 590.0, None, []])
def test_objective_is_one_text_only(stated):
    problem = parse_problem(document(BIDS, values=VALUES))
    rules = [each.rule for each in verify(problem, {"award": AWARD, "objective": stated})]
    assert rules == ["objective"]


@pytest.mark.parametrize(
    ("objective", "exact"),
    [
        ("min_total_price", "590"),
        ("min_sum_ppqp", "13/1200"),
        ("min_portfolio_ppqp", "59/16000"),
        ("max_total_quality", "160000"),
    ],
)
def test_objective_is_exact_and_in_lowest_terms(objective, exact):
    doc = document(BIDS, values=VALUES)
    doc["objective"] = objective
    assert verify(parse_problem(doc), {"award": AWARD, "objective": exact}) == []


def test_sentences_say_who_holds_what_against_what():
    doc = document(BIDS, values=VALUES, limits={"max_lots_per_bidder": 1})
    (found,) = verify(parse_problem(doc), {"award": AWARD})
    assert found.subject == "A"
    assert found.in_words == "Bidder A holds 2 lots; max_lots_per_bidder allows 1 lot."


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"award": {}}',
        '{"award": []}',
        '{"award": {"L1": 1}}',
        '{"award": {"L1": "A", "L1": "B"}}',
        '{"award": {"L1": "A"}, "award": {"L1": "B"}}',
    ],
)
def test_document_without_a_readable_award_is_refused(text):
    with pytest.raises(BadProblem):
        read_answer(text)
