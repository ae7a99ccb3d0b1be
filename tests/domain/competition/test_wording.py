from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from commissioning.competition.domain import wording
from commissioning.competition.domain.criteria import (
    ClosingRule,
    EvaluationModel,
    Limits,
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
