"""The two reversion rules: lot by lot to the best bid that the limits on its bidder still allow.

These are award rules of their own, not ways to the optimum: they need no solver, and may leave a
lot unawarded that the optimum awards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from commissioning.award.domain.limits import broken_by_taking
from commissioning.award.domain.objective import measure
from commissioning.award.domain.problem import AwardRule, Bid, Problem

Measured = Callable[[Problem, Bid], Any]
"""What a bid is ranked by on its lot, less is better: numbers that are compared and subtracted."""

REVERSIONS = frozenset({AwardRule.REVERSION_IN_ORDER, AwardRule.REVERSION_LARGEST_MARGIN})
"""The award rules that need no solver."""


def reversion(problem: Problem, rule: AwardRule) -> dict[str, str]:
    """The award by one of the two reversion rules. Raises ValueError for another rule."""
    match rule:
        case AwardRule.REVERSION_IN_ORDER:
            return reversion_in_order(problem)
        case AwardRule.REVERSION_LARGEST_MARGIN:
            return reversion_largest_margin(problem)
    raise ValueError(f"{rule} is no reversion.")


def reversion_in_order(problem: Problem) -> dict[str, str]:
    """Lot by lot in `lot_order`, each to its best bid whose bidder breaks no limit by taking it.

    Best by the measure, then by bidder position. The limits are those on bidders and groups,
    ceilings and incompatible lots, with what is held already; fixed lots are held from the start.
    Lots that nobody may take are not in the award. Discounts count only in the stated objective;
    budget and winners are for the reader to check at the end (`limits.broken_limits`).
    """
    order = problem.lot_order or tuple(lot.id for lot in problem.lots)
    return _revert(problem, lambda allowed: next(lot for lot in order if lot in allowed))


def reversion_largest_margin(problem: Problem, measured: Measured = measure) -> dict[str, str]:
    """The same, but next is always the lot with the most to lose by waiting.

    That is the largest difference on the measure between its best and its second-best bid still
    allowed; a lot with one such bid left goes first of all; ties go by the order of lots. The
    margins are worked out again after each award. `measured` stands in for the measure where
    somebody watches what it is compared with.
    """
    place = {lot.id: index for index, lot in enumerate(problem.lots)}

    def urgency(bids: list[Bid]) -> tuple[int, Any]:
        if len(bids) == 1:
            return 0, Fraction(0)
        return 1, measured(problem, bids[0]) - measured(problem, bids[1])

    def most_to_lose(allowed: Mapping[str, list[Bid]]) -> str:
        return min(allowed, key=lambda lot: (urgency(allowed[lot]), place[lot]))

    return _revert(problem, most_to_lose, measured)


def _revert(
    problem: Problem,
    choose: Callable[[Mapping[str, list[Bid]]], str],
    measured: Measured = measure,
) -> dict[str, str]:
    held = {
        lot: bidder for lot, bidder in problem.fixed.items() if (bidder, lot) in problem.bid_for
    }
    waiting = {
        lot: sorted(bids, key=lambda bid: measured(problem, bid))
        for lot, bids in problem.bids_on.items()
        if lot not in problem.fixed
    }
    touched = {bidder.id for bidder in problem.bidders}
    while waiting:
        # A bid that breaks a limit now breaks it for good: what is held only grows. And only those
        # who stand behind the lot that was awarded last hold more than before.
        waiting = {
            lot: allowed
            for lot, bids in waiting.items()
            if (
                allowed := [
                    bid
                    for bid in bids
                    if bid.bidder not in touched or not broken_by_taking(problem, held, bid)
                ]
            )
        }
        if waiting:
            lot = choose(waiting)
            winner = waiting.pop(lot)[0].bidder
            held[lot] = winner
            groups = problem.groups_of.get(winner, ())
            touched = {winner, *(member for group in groups for member in group.members)}
    return {lot.id: held[lot.id] for lot in problem.lots if lot.id in held}
