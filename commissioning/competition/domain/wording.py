"""How bids are marked and priced, in words, as people read it beside the figures.

How the lots go to bidders is said by `award_rules`, and nowhere else.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from commissioning.competition.domain.criteria import (
    ClosingRule,
    EvaluationModel,
    PriceModel,
    decimal_text,
)

CLOSING_RULES: Final = {
    ClosingRule.MAJORITY: (
        "An agreed mark closes when every evaluator of the answer has spoken and more agree than "
        "dissent; each dissent stays on the record with its reason."
    ),
    ClosingRule.ALL_AGREE: (
        "An agreed mark closes when every evaluator of the answer agrees to it; while one of them "
        "dissents it stays open."
    ),
}
"""How the agreed mark of an answer closes, in a sentence."""


def quality_in_words(model: EvaluationModel) -> list[str]:
    """How marks become quality points, and what shuts a bid out."""
    words = [descriptor.name.lower() for descriptor in model.descriptors]
    scale = f"Each answer gets a whole mark from 0 to {model.max_mark}"
    if words:
        scale += ": " + ", ".join(f"{mark} {word}" for mark, word in enumerate(words))
    least = decimal_text(Decimal(model.minimum_points_milli) / 1000)
    summed = (
        f"Quality points are the sum of weight × agreed mark ÷ {model.max_mark}, out of 100, "
        "stated to a thousandth of a point."
    )
    out = (
        f"A bid with fewer than {least} points, with none, or with an agreed mark below the "
        "minimum of its criterion, is out."
    )
    agreed = (
        "Each evaluator marks alone; then a moderator records one agreed mark. "
        f"{CLOSING_RULES[model.closing_rule]}"
    )
    return [f"{scale}.", agreed, summed, out]


def price_in_words(price: PriceModel) -> list[str]:
    """How the fees of a bid become one evaluated price."""
    rate = decimal_text(price.discount_rate * 100)
    discounted = (
        f"The evaluated price is the value today of {_count(price.years, 'yearly fee')}, in prices "
        f"of {price.base_year}, at a real discount rate of {rate}% a year; the first year is "
        "not discounted."
    )
    compared = (
        "It is rounded to the penny once, at the end. Price per quality point is that price "
        "divided by the quality points: the lowest is best."
    )
    return [discounted, compared]


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
