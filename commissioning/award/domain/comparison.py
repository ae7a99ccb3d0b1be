"""The award beside the lot-by-lot answer: first places, ranks, who is displaced and by what.

All of it is exact and needs no solver.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from commissioning.award.domain.limits import Rule, broken_by_swap
from commissioning.award.domain.objective import measure
from commissioning.award.domain.problem import Bid, Problem


@dataclass(frozen=True)
class Displaced:
    """A bidder whose bid is better on the lot than the winner's, and the limits in its way."""

    bidder: str
    limits: tuple[Rule, ...]


def lot_by_lot(problem: Problem) -> dict[str, str | None]:
    """Each lot's first place: its best bid by the measure, as if there were no limit at all.

    Ties go to the earlier bidder in `bidders`; a lot without bids has no first place (None).
    """
    return {lot: bids[0].bidder if bids else None for lot, bids in _ranked(problem).items()}


def rank_on_lot(problem: Problem) -> dict[tuple[str, str], int]:
    """The rank of each bid on its own lot, by (lot, bidder): 1 + the number of better bids.

    Equal bids share a rank, and the next one is counted on: 1, 1, 3.
    """
    ranks: dict[tuple[str, str], int] = {}
    for lot, bids in _ranked(problem).items():
        previous: Fraction | None = None
        rank = 0
        for place, bid in enumerate(bids, start=1):
            figure = measure(problem, bid)
            if figure != previous:
                rank, previous = place, figure
            ranks[lot, bid.bidder] = rank
    return ranks


def displaced(problem: Problem, award: Mapping[str, str]) -> dict[str, tuple[Displaced, ...]]:
    """For each lot awarded, the bids strictly better than the winner's and why they did not win.

    The swap test: the lot is given to that bidder, all else stays as in the award, and the limits
    that this breaks are named. A bid that breaks none stands with an empty tuple: the award as a
    whole, not a limit on this bidder, decides against it.
    """
    answer: dict[str, tuple[Displaced, ...]] = {}
    for lot, bids in _ranked(problem).items():
        if lot not in award:
            continue
        won_at = measure(problem, problem.bid_for[award[lot], lot])
        answer[lot] = tuple(
            Displaced(bid.bidder, broken_by_swap(problem, award, bid))
            for bid in bids
            if measure(problem, bid) < won_at
        )
    return answer


def _ranked(problem: Problem) -> dict[str, list[Bid]]:
    """The bids on each lot, best first; `bids_on` is in the order of bidders, and sorting keeps it
    among equals.
    """
    return {
        lot: sorted(bids, key=lambda bid: measure(problem, bid))
        for lot, bids in problem.bids_on.items()
    }
