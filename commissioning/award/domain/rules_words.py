"""The award rules of a problem in words, exact enough to stand in the tender documents.

What is said is what is computed: objective, award rule, limits and ties. Only what is published
before bids come is said; what single bidders declared or proved is not.
"""

from __future__ import annotations

from typing import Final

from commissioning.award.domain.problem import AwardRule, Lot, Objective, Problem
from commissioning.kernel.money import Money

_BEST: Final = {
    Objective.MIN_TOTAL_PRICE: (
        "The best award is the one with the lowest total of net prices over all lots.",
        "its price; the lowest is best",
    ),
    Objective.MIN_SUM_PPQP: (
        (
            "The best award is the one with the lowest sum, over all lots, of net price divided by "
            "quality points."
        ),
        "its price divided by its quality points; the lowest is best",
    ),
    Objective.MIN_PORTFOLIO_PPQP: (
        (
            "The best award is the one with the lowest ratio of the total of net prices to the "
            "total of quality points over all lots."
        ),
        "its price divided by its quality points; the lowest is best",
    ),
    Objective.MAX_TOTAL_QUALITY: (
        "The best award is the one with the highest total of quality points over all lots.",
        "its quality points; the highest is best",
    ),
}

_PROTECTED: Final = (
    "A bidder that is best on some lots, and that breaks no limit on itself or on a group that it "
    "belongs to when every lot goes to its best bid, keeps those lots. The award is the best of "
    "all awards in which they do, and that keep every limit."
)
_IN_ORDER: Final = "The lots are awarded one after the other, in this order"
_BY_MARGIN: Final = (
    "The next lot to be awarded is always the one whose best and second-best bid that may still "
    "win differ most; a lot with a single such bid comes first of all, and of equals the one that "
    "is listed earlier. This is worked out again after each award."
)
_MAY_TAKE: Final = (
    "each lot goes to its best bid whose bidder, with the lots that it already has, breaks no "
    "limit on itself or on a group that it belongs to, no ceiling price, and holds no lots that "
    "may not go to one bidder. A lot that nobody may take is not awarded. Discounts, the budget "
    "and the number of winners are looked at when all lots are through."
)
_TIES: Final = (
    "Of awards that are equally good, the one stands whose first lot, in the order of lots, goes "
    "to the bidder that comes earliest in the drawn order of bidders; if that leaves several, the "
    "second lot decides in the same way, and so on."
)


def rules_in_words(problem: Problem) -> tuple[str, ...]:
    """The rules by which lots go to bidders, as numbered paragraphs of a tender document would say.

    In this order: what every award is, what the best one is, the award rule, each limit with its
    exact figure, and what settles ties. Money in pounds, shares in per cent and in money.
    """
    return (
        "Every lot goes to exactly one bidder that bid for it.",
        _BEST[problem.objective][0],
        *_net_price(problem),
        *_award_rule(problem),
        *_limits(problem),
        *_ceilings(problem),
        *_ties(problem),
    )


def _net_price(problem: Problem) -> list[str]:
    return [
        "A bidder that wins all the lots of a package it offered charges, on each of them, its "
        "price less the discount of that package; discounts of several packages add up. The net "
        "price is the price after these discounts. A package of which one lot is not won counts "
        "nothing."
        if problem.packages
        else "The net price of a bid is its price, less the discounts of packages that are met."
    ]


def _award_rule(problem: Problem) -> list[str]:
    measured = f"On a lot, a bid is measured by {_BEST[problem.objective][1]}."
    by_position = "Of bids that measure the same, that of the earlier bidder is better."
    order = ", ".join(problem.lot_order or [lot.id for lot in problem.lots])
    match problem.award_rule:
        case AwardRule.OPTIMUM:
            return ["The award is the best of all awards that keep every limit."]
        case AwardRule.PROTECTED_OPTIMUM:
            return [
                f"{measured} {by_position}",
                _PROTECTED,
            ]
        case AwardRule.REVERSION_IN_ORDER:
            return [
                f"{measured} {by_position}",
                f"{_IN_ORDER}: {order}. In its turn, {_MAY_TAKE}",
            ]
        case AwardRule.REVERSION_LARGEST_MARGIN:
            return [
                f"{measured} {by_position}",
                f"{_BY_MARGIN} In its turn, {_MAY_TAKE}",
            ]


def _limits(problem: Problem) -> list[str]:
    limits = problem.limits
    said = []
    everyone = (
        ("One bidder wins", limits.max_lots_per_bidder, limits.max_value_share_per_bidder_ppm),
        (
            "The members of one group together win",
            limits.max_lots_per_group,
            limits.max_value_share_per_group_ppm,
        ),
    )
    for who, lots, share in everyone:
        if lots is not None:
            said.append(f"{who} at most {_count(lots, 'lot')}.")
        if share is not None:
            said.append(
                f"{who} lots worth at most {_percent(share)} of "
                f"{Money(problem.share_base_value)}, which is "
                f"{Money(problem.value_allowed(share))}, by the indicative values of the "
                "authority. Exactly that much is allowed."
            )
    if limits.min_distinct_winners is not None:
        said.append(
            f"At least {_count(limits.min_distinct_winners, 'different bidder')} win a lot."
        )
    said += [
        f"Lots {one} and {other} do not go to one bidder."
        for one, other in limits.incompatible_lots
    ]
    if limits.budget is not None:
        said.append(f"The net prices of all lots together are at most {Money(limits.budget)}.")
    return said


def _ceilings(problem: Problem) -> list[str]:
    def stated(lot: Lot) -> str:
        return f"On lot {lot.id}, a bid with a price above {Money(lot.max_price or 0)} cannot win."

    return [stated(lot) for lot in problem.lots if lot.max_price is not None]


def _ties(problem: Problem) -> list[str]:
    if problem.award_rule in (AwardRule.OPTIMUM, AwardRule.PROTECTED_OPTIMUM):
        return [_TIES]
    return ["Which bidder is the earlier one is decided by the drawn order of bidders."]


def _percent(ppm: int) -> str:
    whole, rest = divmod(ppm, 10_000)
    return f"{whole}.{rest:04}".rstrip("0").rstrip(".") + "%"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
