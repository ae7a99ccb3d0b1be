"""The rules in words say every limit with its figure, and the award rule that is computed."""

from __future__ import annotations

import pytest

from commissioning.award.domain.problem import AwardRule, Objective, parse_problem
from commissioning.award.domain.rules_words import rules_in_words
from tests.domain.award.documents import document

BIDS = {"L1": {"A": 5, "B": 6}, "L2": {"A": 5, "B": 6}}


def said(**more):
    return rules_in_words(parse_problem(document(BIDS, **more)))


def test_plain_rules_are_five_sentences():
    assert said() == (
        "Every lot goes to exactly one bidder that bid for it.",
        "The best award is the one with the lowest total of net prices over all lots.",
        "The net price of a bid is its price, less the discounts of packages that are met.",
        "The award is the best of all awards that keep every limit.",
        ("Of awards that are equally good, the one stands whose first lot, in the order of lots, "
        "goes to the bidder that comes earliest in the drawn order of bidders; if that leaves "
        "several, the second lot decides in the same way, and so on."),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ({"max_lots_per_bidder": 1}, "One bidder wins at most 1 lot."),
        ({"max_lots_per_group": 2}, "The members of one group together win at most 2 lots."),
        (
            {"max_value_share_per_bidder_ppm": 333_333},
            (
                "One bidder wins lots worth at most 33.3333% of £20.00, which is £6.66, by the "
                "indicative values of the authority. Exactly that much is allowed."
            ),
        ),
        (
            {"max_value_share_per_group_ppm": 250_000},
            (
                "The members of one group together win lots worth at most 25% of £20.00, which is "
                "£5.00, by the indicative values of the authority. Exactly that much is allowed."
            ),
        ),
        ({"min_distinct_winners": 2}, "At least 2 different bidders win a lot."),
        ({"incompatible_lots": [["L1", "L2"]]}, "Lots L1 and L2 do not go to one bidder."),
        ({"budget": 1_200}, "The net prices of all lots together are at most £12.00."),
    ],
)
def test_each_limit_is_said_once_with_its_figure(limit, words):
    assert said(limits=limit).count(words) == 1
    assert len(said(limits=limit)) == len(said()) + 1


def test_ceiling_is_said_of_its_lot():
    doc = document(BIDS)
    doc["lots"][1]["max_price"] = 550
    assert "On lot L2, a bid with a price above £5.50 cannot win." in rules_in_words(
        parse_problem(doc)
    )


def test_every_rule_and_objective_has_words_of_its_own():
    texts = {
        said(award_rule=rule.value, objective=objective.value)
        for rule in AwardRule
        for objective in Objective
    }
    assert len(texts) == len(AwardRule) * len(Objective)


def test_order_of_lots_is_said_where_it_decides():
    texts = said(award_rule="reversion_in_order", lot_order=["L2", "L1"])
    assert any("in this order: L2, L1. In its turn, each lot goes" in text for text in texts)


def test_what_single_bidders_declared_is_not_said():
    doc = document(BIDS)
    doc["bidders"][0].update(max_lots=1, max_value=77_777, max_price=88_888)
    assert rules_in_words(parse_problem(doc)) == said()
