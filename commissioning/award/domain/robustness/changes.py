"""Award problems with marks, bids or prices changed: what a what-if is solved with."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from commissioning.award.domain.problem import Bid, Problem


def with_points(problem: Problem, points: Mapping[tuple[str, str], int | None]) -> Problem:
    """The problem with other quality points (thousandths) for some bids, by (bidder, lot).

    None takes a bid out, as in `without_bids`.
    """
    bids = []
    for bid in problem.bids:
        quality = points.get((bid.bidder, bid.lot), bid.quality)
        bids.append(bid if quality is None else replace(bid, quality=quality))
    out = {pair for pair, quality in points.items() if quality is None}
    changed = problem.changed(bids=tuple(bids))
    return without_bids(changed, out) if out else changed


def without_bids(problem: Problem, out: Collection[tuple[str, str]]) -> Problem:
    """The problem without some bids, given as (bidder, lot).

    A lot whose last bid goes is left out of the award, and the base of the shares stays what it
    was. A lot that was decided for a bid that goes is open again. A package with a lot that its
    bidder cannot win any more is never met, and goes.
    """
    bids = tuple(bid for bid in problem.bids if (bid.bidder, bid.lot) not in out)
    left = {bid.lot for bid in bids}
    emptied = {lot for _, lot in out} - left
    limits = replace(
        problem.limits,
        incompatible_lots=tuple(
            pair for pair in problem.limits.incompatible_lots if not emptied.intersection(pair)
        ),
    )
    return problem.changed(
        lots=tuple(lot for lot in problem.lots if lot.id not in emptied),
        bids=bids,
        packages=tuple(
            package
            for package in problem.packages
            if not any((package.bidder, lot) in out for lot in package.discounts)
        ),
        limits=limits,
        stated_share_base=problem.share_base_value,
        fixed={lot: who for lot, who in problem.fixed.items() if (who, lot) not in out},
        lot_order=tuple(lot for lot in problem.lot_order if lot not in emptied),
    )


def without_bidder(problem: Problem, bidder: str) -> Problem:
    """The problem as if a bidder had never bid; the others keep their order for ties.

    A group that had other members and is left with one is none any more: nobody stands behind
    several bidders through it, and its limits go with it.
    """
    smaller = without_bids(
        problem, {(bid.bidder, bid.lot) for bid in problem.bids if bid.bidder == bidder}
    )
    groups = []
    for group in problem.groups:
        members = tuple(member for member in group.members if member != bidder)
        if members == group.members:
            groups.append(group)
        elif len(members) > 1:
            groups.append(replace(group, members=members))
    return smaller.changed(
        bidders=tuple(each for each in problem.bidders if each.id != bidder),
        groups=tuple(groups),
    )


def with_price(problem: Problem, bid: Bid, price: int) -> Problem:
    """The problem with another gross price, in pence, for one bid."""
    return problem.changed(
        bids=tuple(replace(each, price=price) if each == bid else each for each in problem.bids)
    )
