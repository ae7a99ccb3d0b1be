"""The published rules in words, as people read them beside the figures."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from commissioning.competition.domain.criteria import (
    FULL_SHARE_PPM,
    AwardRule,
    ClosingRule,
    EvaluationModel,
    Limits,
    Objective,
    PriceModel,
    decimal_text,
)
from commissioning.kernel.money import Money

AWARD_RULES: Final = {
    AwardRule.OPTIMUM: "The best award over all lots together, within every limit.",
    AwardRule.PROTECTED_OPTIMUM: (
        "The best award over all lots together that leaves untouched the first places of every "
        "bidder who would breach no limit."
    ),
    AwardRule.REVERSION_IN_ORDER: (
        "Lot by lot in the order of the list: each goes to the best bidder who may still win it."
    ),
    AwardRule.REVERSION_LARGEST_MARGIN: (
        "Where a bidder would win too much, it keeps the lots in which it leads by most; the "
        "others go to the next best bidder."
    ),
}
"""How the lots go to bidders where a limit stands in the way, in a sentence."""

OBJECTIVES: Final = {
    Objective.MIN_SUM_PPQP: "The least sum of price per quality point over the lots.",
    Objective.MIN_TOTAL_PRICE: "The least total of evaluated prices.",
    Objective.MIN_PORTFOLIO_PPQP: "The least total price for the total of quality points.",
    Objective.MAX_TOTAL_QUALITY: "The most quality points.",
}
"""What the best award is, in a sentence."""

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


def limits_in_words(limits: Limits, total_annual_value_pence: int = 0) -> list[str]:
    """Each limit on what one bidder, or one supplier, may win, as a sentence.

    `total_annual_value_pence` is the base of the shares, from which they are told in money too;
    0 where there are no lots yet.
    """
    shares = (
        (limits.max_value_share_per_bidder_ppm, "One bidder wins", ""),
        (
            limits.max_value_share_per_group_ppm,
            "One supplier wins, through all the bidders that it stands behind,",
            " Its share in a consortium counts whole.",
        ),
    )
    said = [
        f"{who} at most {_share(ppm)} of the market by annual value"
        f"{_in_money(ppm, total_annual_value_pence)}.{more}"
        for ppm, who, more in shares
        if ppm is not None
    ]
    if limits.max_lots_per_bidder is not None:
        said.append(f"One bidder wins at most {_lots(limits.max_lots_per_bidder)}.")
    if limits.max_lots_per_group is not None:
        said.append(
            "One supplier wins, through all the bidders that it stands behind, at most "
            f"{_lots(limits.max_lots_per_group)}."
        )
    if limits.min_distinct_winners is not None:
        said.append(f"At least {_count(limits.min_distinct_winners, 'different bidder')} win.")
    said += [f"{first} and {second} never go to one bidder." for first, second in _pairs(limits)]
    if limits.budget is not None:
        said.append(f"The evaluated prices of all awards total at most {Money(limits.budget)}.")
    if limits.funding_multiple is not None:
        said.append(
            "The annual value that one bidder wins is at most "
            f"{_count(limits.funding_multiple, 'time')} the funding that it proved."
        )
    return said or ["No limit is set on what one bidder may win."]


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


def award_in_words(model: EvaluationModel) -> list[str]:
    """Which award is the best, and by which rule the lots go to bidders."""
    return [AWARD_RULES[model.award_rule], f"Best means: {_lower(OBJECTIVES[model.objective])}"]


def _share(ppm: int) -> str:
    return f"{decimal_text(Decimal(ppm) / 10_000)}%"


def _in_money(ppm: int, total_pence: int) -> str:
    if not total_pence:
        return ""
    return f", which is {Money(ppm * total_pence // FULL_SHARE_PPM)} a year"


def _pairs(limits: Limits) -> tuple[tuple[str, str], ...]:
    return limits.incompatible_lots


def _lots(number: int) -> str:
    return _count(number, "lot")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
