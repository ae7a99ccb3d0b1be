"""The award rules in words: what is published before bids, and the same of what is solved."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from commissioning.award.domain.building import ValidBid, stated_problem
from commissioning.award.domain.problem import parse_problem
from commissioning.award.domain.rules_words import rules_in_words as words_of_problem
from commissioning.award.domain.rules_words import says_what_was_published
from commissioning.competition.domain import award_rules
from commissioning.competition.domain.criteria import (
    AwardRule,
    EvaluationModel,
    Limits,
    Objective,
    PriceModel,
)
from commissioning.competition.domain.lots import Lot

LIMITS = Limits(
    max_lots_per_bidder=2,
    max_value_share_per_bidder_ppm=700_000,
    max_lots_per_group=2,
    max_value_share_per_group_ppm=712_500,
    min_distinct_winners=1,
    incompatible_lots=(("L1", "L2"),),
    budget=10_000_00,
    funding_multiple=2,
)
MODEL = EvaluationModel(
    lots=(
        Lot(reference="L1", name="One", annual_value_pence=600_00),
        Lot(reference="L2", name="Two", annual_value_pence=300_00, ceiling_price_pence=900_00),
        Lot(reference="L3", name="Three", annual_value_pence=100_00),
    ),
    criteria=(),
    max_mark=4,
    minimum_points_milli=50_000,
    price=PriceModel(2026, Decimal("0.035"), 7),
    limits=LIMITS,
)
FROZEN = {
    "lots": [
        {"id": "L1", "annual_value_pence": 600_00},
        {"id": "L2", "annual_value_pence": 300_00, "ceiling_price_pence": 900_00},
        {"id": "L3", "annual_value_pence": 100_00},
    ],
    "limits": LIMITS.as_dict(),
    "tie_seed": "seed",
}


def solved(model, lots=("L1", "L2", "L3")):
    """The problem that a frozen model becomes when bids for these lots are valid."""
    frozen = FROZEN | {"objective": model.objective.value, "award_rule": model.award_rule.value}
    bids = [ValidBid(bidder, lot, 50_00, 75_000) for lot in lots for bidder in ("A", "B")]
    stated = stated_problem(frozen, bids, proved_funding_pence={"A": 500_00, "B": None}, groups=[])
    return parse_problem(stated)


def said(model, **more):
    return [one for part in award_rules.published_text(award_rules.rules_of(model), **more)
            for one in part.paragraphs]  # fmt: skip


@pytest.mark.parametrize("rule", AwardRule)
@pytest.mark.parametrize("objective", Objective)
def test_what_is_published_says_all_that_is_solved_word_for_word(rule, objective):
    model = replace(MODEL, award_rule=rule, objective=objective)
    problem = solved(model)
    assert says_what_was_published(problem, award_rules.rules_of(model))
    assert set(words_of_problem(problem)) <= set(said(model))


@pytest.mark.parametrize(
    "change",
    [
        {"award_rule": AwardRule.PROTECTED_OPTIMUM},
        {"objective": Objective.MIN_TOTAL_PRICE},
        {"limits": replace(LIMITS, max_lots_per_bidder=1)},
        {"limits": replace(LIMITS, incompatible_lots=())},
        {"lots": (*MODEL.lots, Lot(reference="L4", name="Four", annual_value_pence=1))},
    ],
)
def test_a_problem_by_other_rules_is_noticed(change):
    assert not says_what_was_published(
        solved(MODEL), award_rules.rules_of(replace(MODEL, **change))
    )


def test_a_lot_without_a_bid_moves_no_share_and_takes_its_pair_along():
    problem = solved(MODEL, lots=("L1", "L3"))
    assert problem.limits.incompatible_lots == ()
    assert says_what_was_published(problem, award_rules.rules_of(MODEL))


def test_every_limit_has_its_paragraph_with_figures_that_are_never_rounded_up():
    limits = replace(LIMITS, max_value_share_per_bidder_ppm=333_333)
    texts = said(replace(MODEL, limits=limits))
    for told in (
        "One bidder wins at most 2 lots.",
        (
            "One bidder wins lots worth at most 33.3333% of £1,000.00, which is £333.33, by the "
            "indicative values of the authority. Exactly that much is allowed."
        ),
        (
            "The lots that one bidder wins are worth at most 2 times the funding that it proved, "
            "by the indicative annual values of the authority."
        ),
        "On lot L2, a bid with a price above £900.00 cannot win.",
        "The net prices of all lots together are at most £10,000.00.",
    ):
        assert texts.count(told) == 1, told
    assert any(text.startswith("A group is one organisation") for text in texts)


def test_no_limit_is_said_aloud_and_a_base_that_is_not_known_is_no_amount():
    assert "No limit is set on what one bidder may win." in said(replace(MODEL, limits=Limits()))
    draft = replace(MODEL, lots=(), limits=Limits(max_value_share_per_bidder_ppm=250_000))
    assert any("at most 25% of the total of all lots" in text for text in said(draft))


def test_only_a_reversion_leaves_lots_over():
    for rule in AwardRule:
        told = any("is left over" in text for text in said(replace(MODEL, award_rule=rule)))
        assert told is (rule in award_rules.REVERSION_RULES), rule


def test_the_seed_is_said_once_it_is_drawn():
    assert any("drawn when the ITN is issued" in text for text in said(MODEL))
    assert any("is 5eed." in text for text in said(MODEL, tie_seed="5eed"))


def test_the_file_has_every_paragraph_under_its_number():
    sections = award_rules.published_text(award_rules.rules_of(MODEL))
    text = award_rules.as_plain_text(["Award rules", "CMP-1"], sections)
    assert text.startswith("Award rules\nCMP-1\n\n1. The best award\n\n1.1  Every lot goes")
    flat = " ".join(text.split())
    for _number, _title, paragraphs in award_rules.numbered(sections):
        for number, paragraph in paragraphs:
            assert f"{number} {paragraph}" in flat
    assert max(map(len, text.splitlines())) <= 80
