"""An explanation in words that a bidder could be told: no figure of another bidder is in them."""

from __future__ import annotations

from collections.abc import Sequence

from commissioning.award.domain.comparison import Displaced
from commissioning.award.domain.explanation.parts import Reason
from commissioning.award.domain.limits import Rule
from commissioning.award.domain.problem import Bid, Problem
from commissioning.award.domain.wording import MEASURE_WORDS, limits_in_words


def why_lost(
    problem: Problem,
    bid: Bid,
    reason: Reason,
    *,
    broken: Sequence[Rule],
    moving: Sequence[str] | None,
    is_awarded: bool = True,
) -> str:
    """Why a bid lost, as its bidder is told.

    `broken` are the limits that giving it the lot would break, all else unchanged; `moving` the
    other lots that would go elsewhere with it, None where that is not settled. Where the lot is
    not awarded, it was lost to nobody.
    """
    lot, bidder = bid.lot, bid.bidder
    what, better = MEASURE_WORDS[problem.objective]
    stands = f"On lot {lot}, the bid of {bidder} has a {better} {what} than the bid that won"
    if not is_awarded:
        stands = f"Lot {lot} goes to nobody"
    match reason:
        case Reason.IMPOSSIBLE:
            said = (
                f"There is no award of all lots within the published limits in which {bidder} "
                f"wins lot {lot}."
            )
        case Reason.DEARER:
            said = (
                f"On lot {lot}, the bid of {bidder} has no {better} {what} than the bid that won."
            )
        case Reason.COMBINATION if not broken:
            said = (
                f"{stands}, and no limit alone stands against it; but the best award over all "
                "lots together gives the lot to another bid."
            )
        case _:
            verb = "exceed" if reason is not Reason.COMBINATION else "not keep to"
            said = (
                f"{stands}; but with lot {lot}, and all other lots as awarded, the award would "
                f"{verb} {limits_in_words(tuple(broken))}."
            )
    if reason is Reason.IMPOSSIBLE or moving is None:
        return said
    return f"{said} {_moves(bidder, lot, moving)}"


def _moves(bidder: str, lot: str, moving: Sequence[str]) -> str:
    start = f"In the best award in which {bidder} wins lot {lot},"
    if not moving:
        return f"{start} every other lot goes as it does now."
    if len(moving) == 1:
        return f"{start} lot {moving[0]} goes to another bidder than now."
    return f"{start} {len(moving)} other lots go to other bidders than now."


def why_won(problem: Problem, lot: str, bidder: str, better: Sequence[Displaced]) -> str:
    """How a lot was won, as anybody may be told: as best bid, or in place of better ones."""
    what, direction = MEASURE_WORDS[problem.objective]
    extreme = {"lower": "lowest", "higher": "highest"}[direction]
    if lot in problem.fixed:
        return f"Lot {lot} was already decided for {bidder}."
    if not better:
        return f"{bidder} wins lot {lot} with the {extreme} {what} on it."
    one = len(better) == 1
    bids = "one bid" if one else f"{len(better)} bids"
    limits = {limit for each in better for limit in each.limits}
    against = limits_in_words(tuple(rule for rule in Rule if rule in limits))
    return (
        f"{bidder} wins lot {lot}. {bids.capitalize()} with a {direction} {what} "
        f"{'was' if one else 'were'} displaced by {against}."
    )
