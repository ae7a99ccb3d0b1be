from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from commissioning.competition.domain import wording
from commissioning.competition.domain.criteria import (
    AwardRule,
    ClosingRule,
    EvaluationModel,
    Limits,
    Objective,
    PriceModel,
)
from commissioning.competition.domain.lots import Lot

MODEL = EvaluationModel(
    lots=(Lot(reference="L1", name="One", annual_value_pence=1_000_000_00),),
    criteria=(),
    max_mark=4,
    minimum_points_milli=50_500,
    price=PriceModel(2026, Decimal("0.0350"), 7),
    limits=Limits(),
)
SUPPLIER = (
    "One supplier wins, through all the bidders that it stands behind, at most 12.55% of the "
    "market by annual value, which is £125.50 a year. Its share in a consortium counts whole."
)


def test_no_limit_is_said_aloud():
    assert wording.limits_in_words(Limits()) == ["No limit is set on what one bidder may win."]


def test_every_limit_has_its_sentence():
    limits = Limits(
        max_lots_per_bidder=1,
        max_value_share_per_bidder_ppm=250_000,
        max_lots_per_group=3,
        max_value_share_per_group_ppm=125_500,
        min_distinct_winners=2,
        incompatible_lots=(("L1", "L2"),),
        budget=10_000_00,
        funding_multiple=2,
    )

    assert wording.limits_in_words(limits, 1_000_00) == [
        "One bidder wins at most 25% of the market by annual value, which is £250.00 a year.",
        SUPPLIER,
        "One bidder wins at most 1 lot.",
        "One supplier wins, through all the bidders that it stands behind, at most 3 lots.",
        "At least 2 different bidders win.",
        "L1 and L2 never go to one bidder.",
        "The evaluated prices of all awards total at most £10,000.00.",
        "The annual value that one bidder wins is at most 2 times the funding that it proved.",
    ]
    assert len(wording.limits_in_words(limits)) == len(limits.as_dict())


def test_a_share_in_money_is_never_rounded_up_beyond_the_limit():
    said = wording.limits_in_words(Limits(max_value_share_per_bidder_ppm=333_333), 1_00)

    assert "£0.33 a year" in said[0]


@pytest.mark.parametrize("rule", AwardRule)
@pytest.mark.parametrize("objective", Objective)
def test_every_award_rule_and_objective_can_be_said(rule, objective):
    said = wording.award_in_words(replace(MODEL, award_rule=rule, objective=objective))

    assert said == [wording.AWARD_RULES[rule], said[1]]
    assert said[1].lower().endswith(wording.OBJECTIVES[objective].lower())


def test_the_scale_is_named_where_it_has_names():
    assert "2 acceptable" in wording.quality_in_words(MODEL)[0]
    assert wording.quality_in_words(replace(MODEL, max_mark=10, descriptors=()))[0] == (
        "Each answer gets a whole mark from 0 to 10."
    )
    assert "fewer than 50.5 points" in wording.quality_in_words(MODEL)[3]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (ClosingRule.MAJORITY, "has spoken and more agree than dissent"),
        (ClosingRule.ALL_AGREE, "agrees to it; while one of them dissents it stays open"),
    ],
)
def test_the_rule_by_which_an_agreed_mark_closes_is_said(rule, words):
    assert words in wording.quality_in_words(replace(MODEL, closing_rule=rule))[1]


def test_the_price_model_is_said_with_its_exact_rate():
    said = wording.price_in_words(MODEL.price)

    assert "7 yearly fees, in prices of 2026, at a real discount rate of 3.5% a year" in said[0]
    assert "1 yearly fee," in wording.price_in_words(replace(MODEL.price, years=1))[0]
