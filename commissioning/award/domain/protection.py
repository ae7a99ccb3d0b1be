"""First places that the award leaves alone: those of bidders whom no limit touches.

The plain optimum may take a lot from a bidder that would exceed nothing, because that helps to
place another lot. Where the published rule protects first places, a limit bites only on those who
would exceed it.
"""

from __future__ import annotations

from commissioning.award.domain.comparison import lot_by_lot
from commissioning.award.domain.limits import Rule, broken_limits
from commissioning.award.domain.problem import Problem

_NOBODY_IN_PARTICULAR = frozenset({Rule.MIN_DISTINCT_WINNERS, Rule.BUDGET, Rule.FIXED})


def protected_first_places(problem: Problem) -> dict[str, str]:
    """A bidder whose first places, all together, break no limit on it or a group of it keeps them.

    First places are the best bids on the measure of the lot, ties by bidder position; a lot that
    is fixed counts for the bidder that it is fixed to. What counts against a bidder: its own and
    the general limits, those of its groups by what all members would hold, incompatible lots, and
    a first place above the lot's ceiling. Budget and number of winners are nobody's own, and
    protect or expose nobody. Returns lot to bidder, in the order of lots.
    """
    fixed = {
        lot: bidder for lot, bidder in problem.fixed.items() if (bidder, lot) in problem.bid_for
    }
    first = {lot: bidder for lot, bidder in lot_by_lot(problem).items() if bidder is not None}
    held = {**first, **fixed}
    members = {group.id: group.members for group in problem.groups}
    exposed: set[str] = set()
    for broken in broken_limits(problem, held):
        if broken.rule in _NOBODY_IN_PARTICULAR:
            continue
        if broken.rule is Rule.LOT_MAX_PRICE:
            exposed.add(held[broken.subject])
        elif broken.rule.value.startswith("group.") or broken.rule in (
            Rule.MAX_LOTS_PER_GROUP,
            Rule.MAX_VALUE_SHARE_PER_GROUP,
        ):
            exposed.update(members[broken.subject])
        else:
            exposed.add(broken.subject)
    return {
        lot.id: held[lot.id]
        for lot in problem.lots
        if lot.id in held and lot.id not in problem.fixed and held[lot.id] not in exposed
    }
