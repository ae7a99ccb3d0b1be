"""A rehearsal in words: what was assumed, and what came of it. It never sounds like a forecast."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Final

from commissioning.award.domain.problem import AwardRule
from commissioning.award.domain.rehearsal.assumptions import PPM, Assumptions, Between, BidderKind
from commissioning.award.domain.rehearsal.firmness import MarksOutlook
from commissioning.award.domain.rehearsal.report import (
    KindOutlook,
    LimitOutlook,
    LotOutlook,
    Rehearsal,
    RuleOutlook,
    Spread,
)

RULE_WORDS: Final = {
    AwardRule.OPTIMUM: "the best award over all lots",
    AwardRule.PROTECTED_OPTIMUM: "the best award that keeps first places which break no limit",
    AwardRule.REVERSION_IN_ORDER: "reversion to the next-best bid, lot by lot in a stated order",
    AwardRule.REVERSION_LARGEST_MARGIN: "reversion to the next-best bid, largest margin first",
}
_NO_NAMES: Final[Mapping[str, str]] = {}


def rehearsal_in_words(
    rehearsal: Rehearsal, names: Mapping[str, str] = _NO_NAMES
) -> tuple[str, ...]:
    """What a rehearsal found, as sentences in a fixed order, the assumptions first.

    `names` gives what people call lots, by id. Parts are stated in per cent to two places, rounded
    half to even for display only; the exact figures are in the rehearsal.
    """
    lines = [
        invention_in_words(rehearsal),
        *assumptions_in_words(rehearsal.assumptions),
        *reservations_in_words(rehearsal),
    ]
    if rehearsal.markets:
        lines += [
            *bids_in_words(rehearsal, names),
            *limits_in_words(rehearsal),
            *rules_in_words(rehearsal),
            *kinds_in_words(rehearsal),
        ]
    return tuple(lines)


def invention_in_words(rehearsal: Rehearsal) -> str:
    """That all of it is invented, and what it is for."""
    return (
        f"All of this is invented: {_many(len(rehearsal.markets), 'market')} drawn from the seed "
        f"{rehearsal.assumptions.seed}. No bidder, price or mark in it is real, and nothing in it "
        "says how a real competition will go; it shows how the rules act on such markets."
    )


def reservations_in_words(rehearsal: Rehearsal) -> tuple[str, ...]:
    """What a reader must know of how the rehearsal went; nothing where it was whole and exact."""
    said = []
    if not rehearsal.is_complete:
        said.append(
            f"It was stopped after {len(rehearsal.markets)} of {rehearsal.assumptions.markets} "
            "markets; the figures are of these alone."
        )
    if not rehearsal.is_exact:
        said.append("In places this rests on the solver's word, not on exact arithmetic alone.")
    return tuple(said)


def bids_in_words(rehearsal: Rehearsal, names: Mapping[str, str] = _NO_NAMES) -> tuple[str, ...]:
    """How often each lot stays without a bid or with one, and whether there is an award at all."""
    solved = len(rehearsal.markets)
    scarce = [lot for lot in rehearsal.lots if lot.without_bid or lot.with_one_bid]
    return (*(_lot(lot, solved, names) for lot in scarce), *award_in_words(rehearsal))


def award_in_words(rehearsal: Rehearsal) -> tuple[str, ...]:
    """In how many markets there is no bid, or no award that keeps every limit."""
    return tuple(_no_award(rehearsal))


def limits_in_words(rehearsal: Rehearsal) -> tuple[str, ...]:
    """What the share limit and the funding test cost."""
    return (
        *_limit("The share limit", rehearsal.share_limit),
        *_limit("The funding test", rehearsal.funding_test),
    )


def rules_in_words(rehearsal: Rehearsal) -> tuple[str, ...]:
    """How often each award rule differs from the best award, and by how much."""
    return tuple(_rule(rule) for rule in rehearsal.rules if rule.rule is not AwardRule.OPTIMUM)


def kinds_in_words(rehearsal: Rehearsal) -> tuple[str, ...]:
    """How each kind of bidder fares under the rule of the competition."""
    return tuple(_kind(kind, rehearsal) for kind in rehearsal.kinds)


def marks_in_words(outlook: MarksOutlook) -> tuple[str, ...]:
    """How often a single mark would decide, and how many markets that was looked at in."""
    if not outlook.examined:
        return ("No market was looked at for single marks that decide.",)
    said = [
        (
            f"In {outlook.deciding} of {_many(outlook.examined, 'market')} that were looked at for "
            "this, at least one single agreed mark, one step higher or lower, would move a lot: "
            f"{outlook.marks_deciding:,} of {outlook.marks_tried:,} marks that were tried."
        )
    ]
    if outlook.by_market is not None:
        said.append(
            f"In the middle market {outlook.by_market.median} marks would, and at most "
            f"{outlook.by_market.most}."
        )
    if outlook.without_award:
        said.append(f"{_many(outlook.without_award, 'more market')} had no award to look at.")
    if not outlook.is_complete:
        said.append(f"It was stopped before all {outlook.asked} markets were looked at.")
    if not outlook.is_exact:
        said.append("In places this rests on the solver's word, not on exact arithmetic alone.")
    return tuple(said)


def assumptions_in_words(assumptions: Assumptions) -> tuple[str, ...]:
    """What the markets were assumed to be, kind by kind, so that anybody may doubt it."""
    known = ""
    if assumptions.known_group_sizes:
        sizes = ", ".join(map(str, assumptions.known_group_sizes))
        known = f" Known groups of {sizes} bidders stand in every market."
    return (
        *map(_assumed, assumptions.kinds),
        (
            "Assumed of suppliers behind several bidders: "
            f"{_range(assumptions.groups)} in a market, each behind "
            f"{_range(assumptions.group_size)} bidders.{known}"
        ),
    )


def _assumed(kind: BidderKind) -> str:
    size = ""
    if kind.largest_lot_ppm < PPM:
        size = f", none worth more than {_percent_of_ppm(kind.largest_lot_ppm)} of all lots"
    return (
        f"Assumed of {kind.name}: {_range(kind.count)} in a market, each bidding for "
        f"{_range(kind.lots)} lots{size}; prices from {_percent_of_ppm(kind.price_ppm.low)} to "
        f"{_percent_of_ppm(kind.price_ppm.high)} of a lot's value over the years; marks around "
        f"{_range(kind.marks)}; funding proved from {_percent_of_ppm(kind.funding_ppm.low)} to "
        f"{_percent_of_ppm(kind.funding_ppm.high)} of the value of the lots bid for."
    )


def _lot(lot: LotOutlook, solved: int, names: Mapping[str, str]) -> str:
    return (
        f"Lot {names.get(lot.lot, lot.lot)} was without a valid bid in {lot.without_bid} and had "
        f"one alone in {lot.with_one_bid} of {_many(solved, 'market')}."
    )


def _no_award(rehearsal: Rehearsal) -> Iterator[str]:
    solved = len(rehearsal.markets)
    if rehearsal.without_bid:
        yield f"In {_many(rehearsal.without_bid, 'market')} there was no valid bid at all."
    if rehearsal.without_award:
        yield (
            f"In {rehearsal.without_award} of {_many(solved, 'market')}, no award of all lots with "
            "a bid keeps every limit."
        )
    else:
        yield "Wherever there were bids, some award of all lots with a bid keeps every limit."


def _limit(what: str, limit: LimitOutlook) -> Iterator[str]:
    if not limit.is_stated:
        yield f"{what} is not stated in these rules."
        return
    said = f"{what} costs something in {limit.costing} of {_many(limit.compared, 'market')}"
    if limit.relative is not None:
        said += f"; as a part of the best objective without it, {_spread(limit.relative)}"
    yield f"{said}."
    if limit.made_impossible:
        yield (
            f"In {_many(limit.made_impossible, 'market')} there is an award only without "
            f"{what[0].lower()}{what[1:]}."
        )


def _rule(rule: RuleOutlook) -> str:
    said = (
        f"With {RULE_WORDS[rule.rule]}, a lot goes to another bidder than in the best award in "
        f"{rule.differing} of {_many(rule.whole, 'market')} that it awards whole"
    )
    if rule.worse_by is not None:
        said += f"; there its objective is worse by {_spread(rule.worse_by)}"
    said += "."
    if rule.leaving_lots:
        said += f" It leaves lots to nobody in {_many(rule.leaving_lots, 'market')}."
    if rule.without_award:
        said += f" It gives no award at all in {_many(rule.without_award, 'market')}."
    return said


def _kind(kind: KindOutlook, rehearsal: Rehearsal) -> str:
    return (
        f"{kind.name}: by {RULE_WORDS[rehearsal.published]}, {kind.winners} of "
        f"{_many(kind.bidders, 'bidder')} won a lot; of {_many(kind.bids, 'bid')} {kind.lots_won} "
        f"won, {_percent(kind.value_share)} of the value awarded."
    )


def _spread(spread: Spread) -> str:
    return (
        f"{_percent(spread.median)} in the middle, {_percent(spread.lower_quartile)} to "
        f"{_percent(spread.upper_quartile)} for the middle half, {_percent(spread.most)} at worst"
    )


def _percent(part: Fraction) -> str:
    """A part as a percentage to two places; more places where it is small and not nothing."""
    places = 2
    while part and round(part * 100 * 10**places) == 0 and places < 12:
        places += 1
    whole, rest = divmod(round(part * 100 * 10**places), 10**places)
    return f"{whole}.{rest:0{places}d}%"


def _percent_of_ppm(ppm: int) -> str:
    whole, rest = divmod(ppm, 10_000)
    return f"{whole}%" if not rest else f"{whole}.{f'{rest:04d}'.rstrip('0')}%"


def _range(between: Between) -> str:
    if between.low == between.high:
        return str(between.low)
    return f"{between.low} to {between.high}"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
