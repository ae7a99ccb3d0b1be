"""Why no award exists, in words: the first reason that is true, from the plainest on.

Looked for in this order: a lot without bids; a lot on which every bid is ruled out by itself; lots
already fixed that break a limit; too few lots, too little value or budget over all bidders; too
few winners; some lots for which their bidders together may not win enough (Hall's condition). What
is left is a conflict of several limits at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from commissioning.award.domain.limits import (
    LOT_COUNTS,
    Rule,
    allowances,
    broken_by_taking,
    broken_limits,
)
from commissioning.award.domain.problem import Bid, Bidder, Problem
from commissioning.award.domain.what_if import stated_limits
from commissioning.kernel.money import Money

# What more lots may still mend, so that lots fixed by now do not break it yet.
_OPEN_UNTIL_THE_END = frozenset({Rule.MIN_DISTINCT_WINNERS, Rule.BUDGET, Rule.FIXED})
_MOST_NAMES = 8


def why_infeasible(problem: Problem, conflict: Sequence[Rule] | None = None) -> str:
    """The first true reason why no award exists. To be asked only where none does.

    `conflict` are limits that cannot hold together, named where nothing plainer can be said; None
    where they were not worked out.
    """
    reasons: tuple[Callable[[Problem], str | None], ...] = (
        _lots_without_bids,
        _a_lot_ruled_out,
        _fixed_lots_break_a_limit,
        _too_few_lots_allowed,
        _too_little_value_allowed,
        _budget_too_small,
        _too_few_winners,
        _too_few_lots_allowed_to_some,
    )
    for reason in reasons:
        in_words = reason(problem)
        if in_words is not None:
            return in_words
    if conflict is None:
        conflict = [rule for rule in stated_limits(problem) if rule is not Rule.PACKAGES]
    fixed = ", with the lots that are fixed" if problem.fixed else ""
    rules = ", ".join(conflict)
    return f"No award of every lot keeps all of these limits together{fixed}: {rules}."


def _lots_without_bids(problem: Problem) -> str | None:
    empty = [lot.id for lot in problem.lots if not problem.bids_on[lot.id]]
    if empty:
        return f"There is no bid for {_listed('lot', empty)}."
    for lot, bidder in problem.fixed.items():
        if (bidder, lot) not in problem.bid_for:
            return f"Lot {lot} is fixed to {bidder}, who made no bid for it."
    return None


def _a_lot_ruled_out(problem: Problem) -> str | None:
    for lot in problem.lots:
        bids = _bids_in_question(problem, lot.id)
        broken = {bid.bidder: broken_by_taking(problem, {}, bid) for bid in bids}
        if all(broken.values()):
            return _ruled_out(problem, lot.id, broken)
    return None


def _ruled_out(problem: Problem, lot: str, broken: Mapping[str, tuple[Rule, ...]]) -> str:
    value = problem.lot_by_id[lot].value
    shared = Rule.MAX_VALUE_SHARE_PER_BIDDER
    ppm = problem.limits.max_value_share_per_bidder_ppm
    if ppm is not None and all(shared in rules for rules in broken.values()):
        allowed = Money(problem.value_allowed(ppm))
        return (
            f"Lot {lot} has a value of {Money(value)}, and {shared} allows no bidder more than "
            f"{allowed}."
        )
    each = [f"{bidder} breaks {', '.join(rules)}" for bidder, rules in broken.items()]
    return f"No bid for lot {lot} may win it, even alone: {_shortened(each, '; ')}."


def _fixed_lots_break_a_limit(problem: Problem) -> str | None:
    for broken in broken_limits(problem, problem.fixed):
        if broken.rule not in _OPEN_UNTIL_THE_END:
            return f"The lots already fixed break a limit. {broken.in_words}"
    return None


def _too_few_lots_allowed(problem: Problem) -> str | None:
    places = sum(_lots_allowed(problem, bidder) for bidder in problem.bidders)
    if places < len(problem.lots):
        return (
            f"All bidders together may win {places} lots, by their own limits and the general "
            f"one and by what they bid for; there are {len(problem.lots)} lots."
        )
    return None


def _too_little_value_allowed(problem: Problem) -> str | None:
    room = 0
    for bidder in problem.bidders:
        most = [sum(problem.lot_by_id[bid.lot].value for bid in _bids_of(problem, bidder))]
        most += [
            allowed
            for rule, allowed in allowances(problem, bidder)
            if rule in (Rule.MAX_VALUE_SHARE_PER_BIDDER, Rule.BIDDER_MAX_VALUE)
        ]
        room += min(most)
    total = sum(lot.value for lot in problem.lots)
    if room < total:
        return (
            f"All bidders together may win lots worth {Money(room)}, by the limits on value and "
            f"by what they bid for; the lots are worth {Money(total)}."
        )
    return None


def _budget_too_small(problem: Problem) -> str | None:
    budget = problem.limits.budget
    if budget is None:
        return None
    off: dict[tuple[str, str], int] = {}
    for package in problem.packages:
        if all((package.bidder, lot) in problem.bid_for for lot in package.discounts):
            for lot, amount in package.discounts.items():
                off[package.bidder, lot] = off.get((package.bidder, lot), 0) + amount
    least = sum(
        min(bid.price - off.get((bid.bidder, lot.id), 0) for bid in problem.bids_on[lot.id])
        for lot in problem.lots
    )
    if least > budget:
        return (
            f"The cheapest bids on every lot, with every discount that there is, come to "
            f"{Money(least)}, above the budget of {Money(budget)}."
        )
    return None


def _too_few_winners(problem: Problem) -> str | None:
    least = problem.limits.min_distinct_winners
    if least is None:
        return None
    bidders = len({bid.bidder for bid in problem.bids})
    if least > min(bidders, len(problem.lots)):
        return (
            f"At least {least} different winners are required, of {bidders} bidders with a bid "
            f"for {len(problem.lots)} lots."
        )
    return None


def _too_few_lots_allowed_to_some(problem: Problem) -> str | None:
    """Hall's condition on lot counts: some lots have too few places among those who bid."""
    suitors = {
        lot.id: [
            bid.bidder
            for bid in _bids_in_question(problem, lot.id)
            if not broken_by_taking(problem, {}, bid)
        ]
        for lot in problem.lots
    }
    places = {bidder.id: _lots_allowed(problem, bidder) for bidder in problem.bidders}
    given: dict[str, list[str]] = {bidder: [] for bidder in places}
    for lot in suitors:
        short = _give_a_place(lot, suitors, places, given)
        if short:
            asked = {each for name in short for each in suitors[name]}
            bidders = [bidder.id for bidder in problem.bidders if bidder.id in asked]
            short = [each.id for each in problem.lots if each.id in short]
            count = sum(places[bidder] for bidder in bidders)
            return (
                f"{_listed('Lot', short)} can go only to {_shortened(bidders, ', ')}, who may win "
                f"{count} lots in all."
            )
    return None


def _give_a_place(
    lot: str,
    suitors: Mapping[str, list[str]],
    places: Mapping[str, int],
    given: dict[str, list[str]],
) -> list[str]:
    """Find a place for a lot, moving others if need be; else the lots that are short of places."""
    came_from: dict[str, tuple[str, str] | None] = {lot: None}
    queue = [lot]
    for current in queue:
        for bidder in suitors[current]:
            if len(given[bidder]) < places[bidder]:
                _move_along(current, bidder, came_from, given)
                return []
            for other in given[bidder]:
                if other not in came_from:
                    came_from[other] = (current, bidder)
                    queue.append(other)
    return queue


def _move_along(
    lot: str,
    bidder: str,
    came_from: Mapping[str, tuple[str, str] | None],
    given: dict[str, list[str]],
) -> None:
    """Give the lot to the bidder with a place left, and its own place to whoever asked for it."""
    while True:
        given[bidder].append(lot)
        step = came_from[lot]
        if step is None:
            return
        asking, freed = step
        given[freed].remove(lot)
        lot, bidder = asking, freed


def _lots_allowed(problem: Problem, bidder: Bidder) -> int:
    allowed = [each for rule, each in allowances(problem, bidder) if rule in LOT_COUNTS]
    return min([len(_bids_of(problem, bidder)), *allowed])


def _bids_of(problem: Problem, bidder: Bidder) -> list[Bid]:
    return [
        problem.bid_for[bidder.id, lot.id]
        for lot in problem.lots
        if (bidder.id, lot.id) in problem.bid_for
    ]


def _bids_in_question(problem: Problem, lot: str) -> list[Bid]:
    fixed_to = problem.fixed.get(lot)
    return [bid for bid in problem.bids_on[lot] if fixed_to in (None, bid.bidder)]


def _listed(kind: str, names: list[str]) -> str:
    return f"{kind}{'' if len(names) == 1 else 's'} {_shortened(names, ', ')}"


def _shortened(parts: Iterable[str], between: str) -> str:
    parts = list(parts)
    shown = between.join(parts[:_MOST_NAMES])
    more = len(parts) - _MOST_NAMES
    return f"{shown} and {more} more" if more > 0 else shown
