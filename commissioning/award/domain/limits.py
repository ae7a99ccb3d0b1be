"""The limits of an award problem: what each bidder and group holds, against what it may hold.

Limits are "at most, equality allowed", in integers: a share of p parts per million allows lots
worth up to p x share_base_value / 1 000 000. A group counts what its members hold together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from commissioning.award.domain.objective import net_prices
from commissioning.award.domain.problem import Bid, Bidder, Group, Problem
from commissioning.kernel.money import Money


class Rule(StrEnum):
    """The names of limits, in the order in which reports and filters go through them."""

    MAX_LOTS_PER_BIDDER = "max_lots_per_bidder"
    MAX_VALUE_SHARE_PER_BIDDER = "max_value_share_per_bidder_ppm"
    MAX_LOTS_PER_GROUP = "max_lots_per_group"
    MAX_VALUE_SHARE_PER_GROUP = "max_value_share_per_group_ppm"
    MIN_DISTINCT_WINNERS = "min_distinct_winners"
    INCOMPATIBLE_LOTS = "incompatible_lots"
    BUDGET = "budget"
    LOT_MAX_PRICE = "lot.max_price"
    BIDDER_MAX_LOTS = "bidder.max_lots"
    BIDDER_MAX_VALUE = "bidder.max_value"
    BIDDER_MAX_PRICE = "bidder.max_price"
    GROUP_MAX_LOTS = "group.max_lots"
    GROUP_MAX_VALUE_SHARE = "group.max_value_share_ppm"
    GROUP_MAX_VALUE = "group.max_value"
    # No limit, but taken out like one where its worth is asked for.
    PACKAGES = "packages"
    # What an award must be, apart from limits.
    FIXED = "fixed"
    EVERY_LOT = "every_lot_awarded"
    UNKNOWN = "unknown_lot_or_bidder"
    NO_BID = "no_bid_no_award"
    OBJECTIVE = "objective"


LOT_COUNTS = frozenset(
    {
        Rule.MAX_LOTS_PER_BIDDER,
        Rule.MAX_LOTS_PER_GROUP,
        Rule.BIDDER_MAX_LOTS,
        Rule.GROUP_MAX_LOTS,
    }
)


@dataclass(frozen=True)
class Broken:
    """A rule that an award breaks: its name, on whom or what, and a sentence for people."""

    rule: Rule
    subject: str
    in_words: str


@dataclass(frozen=True)
class Measured:
    """One limit on a holding: what is held against what is allowed (lots, or pence)."""

    rule: Rule
    held: int
    allowed: int

    @property
    def is_broken(self) -> bool:
        """Whether more is held than allowed; equality is allowed."""
        return self.held > self.allowed


@dataclass(frozen=True)
class Holding:
    """What a bidder, or the members of a group together, hold in an award, and its limits.

    `value` is the sum of the lots' indicative values and `price` that of the gross bid prices, in
    pence; `share` is value over the share base (None where the base is 0).
    """

    id: str
    is_group: bool
    lots: tuple[str, ...]
    value: int
    price: int
    share: Fraction | None
    limits: tuple[Measured, ...]


def allowances(problem: Problem, holder: Bidder | Group) -> tuple[tuple[Rule, int], ...]:
    """Each limit that bears on a bidder or a group, with what it allows in lots or pence.

    A group's own limit and the general one both hold. Incompatible lots and ceilings, which are
    not sums over lots, are not among them.
    """
    limits = problem.limits
    stated: tuple[tuple[Rule, int | None], ...]
    if isinstance(holder, Bidder):
        share = _allowed(problem, limits.max_value_share_per_bidder_ppm)
        stated = (
            (Rule.MAX_LOTS_PER_BIDDER, limits.max_lots_per_bidder),
            (Rule.MAX_VALUE_SHARE_PER_BIDDER, share),
            (Rule.BIDDER_MAX_LOTS, holder.max_lots),
            (Rule.BIDDER_MAX_VALUE, holder.max_value),
            (Rule.BIDDER_MAX_PRICE, holder.max_price),
        )
    else:
        share = _allowed(problem, limits.max_value_share_per_group_ppm)
        own_share = _allowed(problem, holder.max_value_share_ppm)
        stated = (
            (Rule.MAX_LOTS_PER_GROUP, limits.max_lots_per_group),
            (Rule.MAX_VALUE_SHARE_PER_GROUP, share),
            (Rule.GROUP_MAX_LOTS, holder.max_lots),
            (Rule.GROUP_MAX_VALUE_SHARE, own_share),
            (Rule.GROUP_MAX_VALUE, holder.max_value),
        )
    return tuple((rule, allowed) for rule, allowed in stated if allowed is not None)


def counted(problem: Problem, rule: Rule, bid: Bid) -> int:
    """What a bid that wins its lot counts towards a limit: one lot, its price, or the lot's value.

    The price is the gross price; the value is the authority's own.
    """
    if rule in LOT_COUNTS:
        return 1
    if rule is Rule.BIDDER_MAX_PRICE:
        return bid.price
    return problem.lot_by_id[bid.lot].value


def holdings(problem: Problem, award: Mapping[str, str]) -> tuple[Holding, ...]:
    """What every bidder and every group holds in an award, against the limits that bear on it.

    Bidders come first, in their order, then groups; those that hold nothing are included. Lots are
    in the order of the problem; values and prices in pence.
    """
    won: dict[str, list[Bid]] = {}
    for lot in problem.lots:
        if lot.id in award:
            won.setdefault(award[lot.id], []).append(problem.bid_for[award[lot.id], lot.id])
    rank = {lot.id: place for place, lot in enumerate(problem.lots)}
    held = [_holding(problem, bidder, won.get(bidder.id, [])) for bidder in problem.bidders]
    for group in problem.groups:
        together = [bid for member in group.members for bid in won.get(member, [])]
        together.sort(key=lambda bid: rank[bid.lot])
        held.append(_holding(problem, group, together))
    return tuple(held)


def _holding(problem: Problem, holder: Bidder | Group, won: list[Bid]) -> Holding:
    value = sum(problem.lot_by_id[bid.lot].value for bid in won)
    base = problem.share_base_value
    return Holding(
        id=holder.id,
        is_group=isinstance(holder, Group),
        lots=tuple(bid.lot for bid in won),
        value=value,
        price=sum(bid.price for bid in won),
        share=Fraction(value, base) if base else None,
        limits=tuple(
            Measured(rule, sum(counted(problem, rule, bid) for bid in won), allowed)
            for rule, allowed in allowances(problem, holder)
        ),
    )


def broken_limits(problem: Problem, award: Mapping[str, str]) -> tuple[Broken, ...]:
    """Every limit that an award breaks, each named with its subject and a sentence.

    The award may leave lots out; every pair in it must have a bid. The order is: bidders, groups,
    ceilings, incompatible lots, winners, budget, fixed lots.
    """
    return (
        *_broken_by_holders(problem, award),
        *_broken_ceilings(problem, award),
        *_broken_pairs(problem, award),
        *_broken_totals(problem, award),
        *_broken_fixed(problem, award),
    )


def broken_by_taking(problem: Problem, held: Mapping[str, str], bid: Bid) -> tuple[Rule, ...]:
    """The limits on a bidder, its groups or the lot that are broken when it takes that lot too.

    `held` is what has been awarded so far; budget, winners and what others hold are not looked at.
    """
    taken = {**held, bid.lot: bid.bidder}
    holders: list[Bidder | Group] = [problem.bidder_by_id[bid.bidder]]
    holders.extend(problem.groups_of.get(bid.bidder, ()))
    broken = set()
    for holder in holders:
        members = holder.members if isinstance(holder, Group) else (holder.id,)
        won = [problem.bid_for[who, lot] for lot, who in taken.items() if who in members]
        broken |= {limit.rule for limit in _holding(problem, holder, won).limits if limit.is_broken}
    ceiling = problem.lot_by_id[bid.lot].max_price
    if ceiling is not None and bid.price > ceiling:
        broken.add(Rule.LOT_MAX_PRICE)
    for pair in problem.limits.incompatible_lots:
        if bid.lot in pair and all(taken.get(lot) == bid.bidder for lot in pair):
            broken.add(Rule.INCOMPATIBLE_LOTS)
    return tuple(rule for rule in Rule if rule in broken)


def those_that_fit_alone(problem: Problem, bids: Iterable[Bid]) -> Iterator[Bid]:
    """The bids that break no limit when they win their lot and nothing else is awarded.

    The same as those of which `broken_by_taking` says nothing with nothing held, for many at once.
    """
    known: dict[str, list[tuple[Rule, int]]] = {}
    for bid in bids:
        stated = known.get(bid.bidder)
        if stated is None:
            holders: list[Bidder | Group] = [problem.bidder_by_id[bid.bidder]]
            holders.extend(problem.groups_of.get(bid.bidder, ()))
            stated = [
                (rule, allowed)
                for holder in holders
                for rule, allowed in allowances(problem, holder)
                if rule not in LOT_COUNTS or allowed < 1  # one lot always fits
            ]
            known[bid.bidder] = stated
        ceiling = problem.lot_by_id[bid.lot].max_price
        if ceiling is not None and bid.price > ceiling:
            continue
        if not stated or all(counted(problem, rule, bid) <= allowed for rule, allowed in stated):
            yield bid


def broken_by_swap(problem: Problem, award: Mapping[str, str], bid: Bid) -> tuple[Rule, ...]:
    """The limits broken when the bid's lot goes to its bidder and all else stays as in the award.

    Those on the bidder, its groups and the lot; winners, budget and fixed lots of the whole award.
    Whoever gives the lot up can break no limit by it.
    """
    swapped = {**award, bid.lot: bid.bidder}
    broken = set(broken_by_taking(problem, award, bid))
    broken |= {each.rule for each in _broken_totals(problem, swapped)}
    broken |= {each.rule for each in _broken_fixed(problem, swapped)}
    return tuple(rule for rule in Rule if rule in broken)


def _broken_by_holders(problem: Problem, award: Mapping[str, str]) -> Iterator[Broken]:
    for holding in holdings(problem, award):
        for limit in holding.limits:
            if limit.is_broken:
                who = "The members of group" if holding.is_group else "Bidder"
                verb = "hold" if holding.is_group else "holds"
                held, allowed = (
                    _in_units(limit.rule, limit.held),
                    _in_units(limit.rule, limit.allowed),
                )
                sentence = f"{who} {holding.id} {verb} {held}; {limit.rule} allows {allowed}."
                yield Broken(limit.rule, holding.id, sentence)


def _broken_ceilings(problem: Problem, award: Mapping[str, str]) -> Iterator[Broken]:
    for lot, bidder in award.items():
        ceiling = problem.lot_by_id[lot].max_price
        price = problem.bid_for[bidder, lot].price
        if ceiling is not None and price > ceiling:
            sentence = (
                f"Lot {lot} goes to {bidder} at {Money(price)}, above its ceiling of "
                f"{Money(ceiling)}."
            )
            yield Broken(Rule.LOT_MAX_PRICE, lot, sentence)


def _broken_pairs(problem: Problem, award: Mapping[str, str]) -> Iterator[Broken]:
    for one, other in problem.limits.incompatible_lots:
        if one in award and award[one] == award.get(other):
            sentence = f"Bidder {award[one]} holds both {one} and {other}, which are incompatible."
            yield Broken(Rule.INCOMPATIBLE_LOTS, award[one], sentence)


def _broken_totals(problem: Problem, award: Mapping[str, str]) -> Iterator[Broken]:
    least = problem.limits.min_distinct_winners
    winners = len(set(award.values()))
    if least is not None and winners < least:
        sentence = f"There are {winners} different winners; at least {least} are required."
        yield Broken(Rule.MIN_DISTINCT_WINNERS, str(winners), sentence)
    budget = problem.limits.budget
    total = sum(net_prices(problem, award).values())
    if budget is not None and total > budget:
        sentence = f"The net prices add up to {Money(total)}, above the budget of {Money(budget)}."
        yield Broken(Rule.BUDGET, str(total), sentence)


def _broken_fixed(problem: Problem, award: Mapping[str, str]) -> Iterator[Broken]:
    for lot, bidder in problem.fixed.items():
        if award.get(lot) != bidder:
            sentence = f"Lot {lot} is fixed to {bidder}, but goes to {award.get(lot, 'nobody')}."
            yield Broken(Rule.FIXED, lot, sentence)


def _allowed(problem: Problem, share_ppm: int | None) -> int | None:
    return None if share_ppm is None else problem.value_allowed(share_ppm)


def _in_units(rule: Rule, amount: int) -> str:
    if rule in LOT_COUNTS:
        return f"{amount} lot" if amount == 1 else f"{amount} lots"
    kind = "price" if rule is Rule.BIDDER_MAX_PRICE else "value"
    return f"{kind} {Money(amount)}"
