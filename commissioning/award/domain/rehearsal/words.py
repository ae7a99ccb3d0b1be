"""A rehearsal in words: what was assumed, and what came of it. It never sounds like a forecast."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Final

from commissioning.award.domain.problem import AwardRule
from commissioning.award.domain.rehearsal.assumptions import PPM, Assumptions, Between, BidderKind
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
    solved = len(rehearsal.markets)
    lines = [
        (
            f"All of this is invented: {_many(solved, 'market')} drawn from the seed "
            f"{rehearsal.assumptions.seed}. No bidder, price or mark in it is real, and nothing in "
            "it says how a real competition will go; it shows how the rules act on such markets."
        ),
        *assumptions_in_words(rehearsal.assumptions),
    ]
    if not rehearsal.is_complete:
        lines.append(
            f"It was stopped after {solved} of {rehearsal.assumptions.markets} markets; the "
            "figures are of these alone."
        )
    if not solved:
        return tuple(lines)
    lines += [
        *(
            _lot(lot, solved, names)
            for lot in rehearsal.lots
            if lot.without_bid or lot.with_one_bid
        ),
        *_no_award(rehearsal),
        *_limit("The share limit", rehearsal.share_limit),
        *_limit("The funding test", rehearsal.funding_test),
        *(_rule(rule) for rule in rehearsal.rules if rule.rule is not AwardRule.OPTIMUM),
        *(_kind(kind, rehearsal) for kind in rehearsal.kinds),
    ]
    if not rehearsal.is_exact:
        lines.append("In places this rests on the solver's word, not on exact arithmetic alone.")
    return tuple(lines)


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
    return f"{whole}.{rest:0{places}d} %"


def _percent_of_ppm(ppm: int) -> str:
    whole, rest = divmod(ppm, 10_000)
    return f"{whole} %" if not rest else f"{whole}.{f'{rest:04d}'.rstrip('0')} %"


def _range(between: Between) -> str:
    if between.low == between.high:
        return str(between.low)
    return f"{between.low} to {between.high}"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
