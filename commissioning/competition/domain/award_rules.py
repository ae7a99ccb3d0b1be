"""The rules by which lots go to bidders, in words exact enough to stand in the tender documents.

This is the one place where they are put into words: from the drafted or frozen model before bids
come, and from the award problem when it is solved. What is said is what is computed. Only what is
published before bids come is said; what single bidders declared or proved is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import fill
from typing import Final

from commissioning.competition.domain.criteria import (
    FULL_SHARE_PPM,
    AwardRule,
    EvaluationModel,
    Limits,
    Objective,
)
from commissioning.kernel.money import Money

OBJECTIVE_NAMES: Final = {
    Objective.MIN_SUM_PPQP: "Least sum of price per quality point",
    Objective.MIN_TOTAL_PRICE: "Least total price",
    Objective.MIN_PORTFOLIO_PPQP: "Least price per quality point of the whole",
    Objective.MAX_TOTAL_QUALITY: "Most quality",
}
RULE_NAMES: Final = {
    AwardRule.OPTIMUM: "Optimum over all lots",
    AwardRule.PROTECTED_OPTIMUM: "Protected optimum",
    AwardRule.REVERSION_IN_ORDER: "Reversion in the order of the lots",
    AwardRule.REVERSION_LARGEST_MARGIN: "Reversion, largest margin first",
}

REVERSION_RULES: Final = frozenset(
    {AwardRule.REVERSION_IN_ORDER, AwardRule.REVERSION_LARGEST_MARGIN}
)

OBJECTIVES: Final = {
    Objective.MIN_TOTAL_PRICE: (
        "The best award is the one with the lowest total of net prices over all lots."
    ),
    Objective.MIN_SUM_PPQP: (
        "The best award is the one with the lowest sum, over all lots, of net price divided by "
        "quality points."
    ),
    Objective.MIN_PORTFOLIO_PPQP: (
        "The best award is the one with the lowest ratio of the total of net prices to the "
        "total of quality points over all lots."
    ),
    Objective.MAX_TOTAL_QUALITY: (
        "The best award is the one with the highest total of quality points over all lots."
    ),
}
"""What the best award is."""

_MEASURED_BY: Final = {
    Objective.MIN_TOTAL_PRICE: "its price; the lowest is best",
    Objective.MIN_SUM_PPQP: "its price divided by its quality points; the lowest is best",
    Objective.MIN_PORTFOLIO_PPQP: "its price divided by its quality points; the lowest is best",
    Objective.MAX_TOTAL_QUALITY: "its quality points; the highest is best",
}
_OPTIMUM: Final = "The award is the best of all awards that keep every limit."
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
_EQUAL_AWARDS: Final = (
    "Of awards that are equally good, the one stands whose first lot, in the order of lots, goes "
    "to the bidder that comes earliest in the drawn order of bidders; if that leaves several, the "
    "second lot decides in the same way, and so on."
)
_EQUAL_BIDS: Final = "Which bidder is the earlier one is decided by the drawn order of bidders."
_GROUP: Final = (
    "A group is one organisation with every bidder that it is, owns or is a member of. A share in "
    "a consortium counts whole. Groups may overlap, and are not merged."
)
_NET_OF_PACKAGES: Final = (
    "A bidder that wins all the lots of a package it offered charges, on each of them, its "
    "price less the discount of that package; discounts of several packages add up. The net "
    "price is the price after these discounts. A package of which one lot is not won counts "
    "nothing."
)
_FIGURES: Final = (
    "The price of a bid is its evaluated price, to the penny; its quality points are stated to a "
    "thousandth of a point. Awards are compared on exact fractions of these, never on rounded ones."
)
_LEFT_OUT: Final = (
    "A lot without a valid bid is left out of the award and follows its own path. Shares are "
    "still taken of the total of all lots as published."
)
_DRAWN: Final = (
    "The order of bidders is drawn by a seed: bidders stand in the order of the SHA-256 of the "
    "seed, a colon and the reference of the bidder."
)


@dataclass(frozen=True, slots=True)
class RuledLot:
    """A lot as the rules know it: indicative value and ceiling price, both in pence."""

    id: str
    value_pence: int
    max_price_pence: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardRules:
    """Everything that decides which bid wins which lot, apart from the bids.

    `share_base_pence` is what shares are taken of, 0 where it is not known yet. `lot_order` is
    that of a reversion in order, empty for the order of lots.
    """

    lots: tuple[RuledLot, ...]
    objective: Objective
    award_rule: AwardRule
    limits: Limits
    share_base_pence: int
    lot_order: tuple[str, ...] = ()
    has_packages: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, and the paragraphs under it."""

    title: str
    paragraphs: tuple[str, ...]


def rules_of(model: EvaluationModel) -> AwardRules:
    """The rules that an evaluation model, drafted or frozen, lays down."""
    return AwardRules(
        lots=tuple(
            RuledLot(lot.reference, lot.annual_value_pence, lot.ceiling_price_pence)
            for lot in model.lots
        ),
        objective=model.objective,
        award_rule=model.award_rule,
        limits=model.limits,
        share_base_pence=model.total_annual_value_pence,
    )


def rules_in_words(rules: AwardRules) -> tuple[str, ...]:
    """The rules by which lots go to bidders, as numbered paragraphs of a tender document would say.

    In this order: what every award is, what the best one is, the award rule, each limit with its
    exact figure, and what settles ties. Money in pounds, shares in per cent and in money.
    """
    return (*_best_award(rules), *_award_rule(rules), *_limits(rules), *_ties(rules))


def award_rule_in_words(rule: AwardRule) -> str:
    """One award rule, where bids are not measured and lots are not listed yet."""
    match rule:
        case AwardRule.OPTIMUM:
            return _OPTIMUM
        case AwardRule.PROTECTED_OPTIMUM:
            return _PROTECTED
        case AwardRule.REVERSION_IN_ORDER:
            return f"{_IN_ORDER}: that of the list. In its turn, {_MAY_TAKE}"
        case AwardRule.REVERSION_LARGEST_MARGIN:
            return f"{_BY_MARGIN} In its turn, {_MAY_TAKE}"


def published_text(rules: AwardRules, *, tie_seed: str | None = None) -> tuple[Section, ...]:
    """The award rules as they are published: the rules in words, and what they leave to say.

    `tie_seed` is None until it is drawn. To the paragraphs of `rules_in_words`, all of them, are
    added what a group is, how bidders are ordered, and what happens where there is no award.
    """
    limits = _limits(rules)
    if not rules.limits.as_dict():
        limits = ["No limit is set on what one bidder may win.", *limits]
    if _has_group_limit(rules.limits):
        limits = [*limits, _GROUP]
    seed = (
        "The seed is drawn when the ITN is issued, before any bid, and published with the "
        "evaluation model."
        if tie_seed is None
        else f"The seed, drawn before any bid, is {tie_seed}."
    )
    return (
        Section("The best award", (*_best_award(rules), _FIGURES)),
        Section("How the lots go to bidders", tuple(_award_rule(rules))),
        Section("Limits", tuple(limits)),
        Section("Ties", (*_ties(rules), _DRAWN, seed)),
        Section("Where lots cannot be awarded", tuple(_without_award(rules))),
    )


def _best_award(rules: AwardRules) -> list[str]:
    return [
        "Every lot goes to exactly one bidder that bid for it.",
        OBJECTIVES[rules.objective],
        _NET_OF_PACKAGES
        if rules.has_packages
        else "The net price of a bid is its price, less the discounts of packages that are met.",
    ]


def _award_rule(rules: AwardRules) -> list[str]:
    rule = rules.award_rule
    if rule is AwardRule.OPTIMUM:
        return [_OPTIMUM]
    measured = (
        f"On a lot, a bid is measured by {_MEASURED_BY[rules.objective]}. "
        "Of bids that measure the same, that of the earlier bidder is better."
    )
    said = award_rule_in_words(rule)
    order = rules.lot_order or tuple(lot.id for lot in rules.lots)
    if rule is AwardRule.REVERSION_IN_ORDER and order:
        said = f"{_IN_ORDER}: {', '.join(order)}. In its turn, {_MAY_TAKE}"
    return [measured, said]


def _limits(rules: AwardRules) -> list[str]:
    limits = rules.limits
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
                f"{who} lots worth at most {percent_in_words(share)} of "
                f"{_in_money(share, rules.share_base_pence)}, by the indicative values of the "
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
    if limits.funding_multiple is not None:
        said.append(
            "The lots that one bidder wins are worth at most "
            f"{_count(limits.funding_multiple, 'time')} the funding that it proved, by the "
            "indicative annual values of the authority."
        )
    said += [
        f"On lot {lot.id}, a bid with a price above {Money(lot.max_price_pence)} cannot win."
        for lot in rules.lots
        if lot.max_price_pence is not None
    ]
    return said


def _ties(rules: AwardRules) -> list[str]:
    return [_EQUAL_BIDS if rules.award_rule in REVERSION_RULES else _EQUAL_AWARDS]


def _without_award(rules: AwardRules) -> list[str]:
    said = [_LEFT_OUT]
    if rules.award_rule in REVERSION_RULES:
        said.append(
            "A lot that nobody may take by the award rule is left over: the award of the other "
            "lots stands, and the lot follows its own path."
        )
    said.append(
        "Where no award keeps every limit by these rules, nothing is awarded by them. No limit "
        "changes once bids are open: other limits need a new competition."
    )
    return said


def _has_group_limit(limits: Limits) -> bool:
    return (limits.max_lots_per_group, limits.max_value_share_per_group_ppm) != (None, None)


def _in_money(share_ppm: int, base_pence: int) -> str:
    if not base_pence:
        return "the total of all lots"
    allowed = share_ppm * base_pence // FULL_SHARE_PPM
    return f"{Money(base_pence)}, which is {Money(allowed)}"


def percent_in_words(ppm: int) -> str:
    """A share in parts per million as a percentage, with no digit lost: 333 333 is "33.3333%"."""
    whole, rest = divmod(ppm, 10_000)
    return f"{whole}.{rest:04}".rstrip("0").rstrip(".") + "%"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def numbered(
    sections: Iterable[Section],
) -> tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]:
    """Sections and paragraphs with their numbers, as a document carries them: 1, and in it 1.1."""
    return tuple(
        (
            str(place),
            section.title,
            tuple((f"{place}.{n}", said) for n, said in enumerate(section.paragraphs, start=1)),
        )
        for place, section in enumerate(sections, start=1)
    )


def as_plain_text(heading: Iterable[str], sections: Iterable[Section]) -> str:
    """The published text as a file for the tender documents: heading, then numbered paragraphs."""
    lines = [*heading]
    for number, title, paragraphs in numbered(sections):
        lines += ["", f"{number}. {title}", ""]
        lines += [
            fill(said, width=80, initial_indent=f"{place:<5}", subsequent_indent=" " * 5)
            for place, said in paragraphs
        ]
    return "\n".join(lines) + "\n"
