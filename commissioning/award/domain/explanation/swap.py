"""The swap test: a lot is given to another bidder, all else stays, and what breaks is named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from commissioning.award.domain.comparison import (
    displaced,
    rank_on_lot,
)
from commissioning.award.domain.explanation.parts import Reason, Winner
from commissioning.award.domain.explanation.words import why_won
from commissioning.award.domain.limits import Rule, broken_by_swap
from commissioning.award.domain.objective import measure
from commissioning.award.domain.problem import Bid, Problem

_REASONS: Final = (
    (
        Reason.CAPACITY,
        frozenset({Rule.BIDDER_MAX_VALUE, Rule.BIDDER_MAX_PRICE, Rule.LOT_MAX_PRICE}),
    ),
    (
        Reason.OWN_LIMIT,
        frozenset(
            {
                Rule.MAX_LOTS_PER_BIDDER,
                Rule.BIDDER_MAX_LOTS,
                Rule.MAX_VALUE_SHARE_PER_BIDDER,
                Rule.INCOMPATIBLE_LOTS,
            }
        ),
    ),
    (
        Reason.SHARED_LIMIT,
        frozenset(
            {
                Rule.MAX_LOTS_PER_GROUP,
                Rule.MAX_VALUE_SHARE_PER_GROUP,
                Rule.GROUP_MAX_LOTS,
                Rule.GROUP_MAX_VALUE_SHARE,
                Rule.GROUP_MAX_VALUE,
            }
        ),
    ),
)


def reason_of_loss(
    problem: Problem, award: Mapping[str, str], bid: Bid, *, is_impossible: bool
) -> tuple[Reason, tuple[Rule, ...]]:
    """Why a bid lost, as the first reason that fits, and the limits that the swap would break.

    `is_impossible` is what has been proven: that no award within all limits contains the bid. A
    bid is dearer that is not strictly better than the winner's on the measure of the lot; on a lot
    that nobody won, none is.
    """
    broken = broken_by_swap(problem, award, bid)
    if is_impossible:
        return Reason.IMPOSSIBLE, broken
    winner = award.get(bid.lot)
    if winner is not None:
        won_at = measure(problem, problem.bid_for[winner, bid.lot])
        if measure(problem, bid) >= won_at:
            return Reason.DEARER, broken
    for reason, rules in _REASONS:
        if rules.intersection(broken):
            return reason, broken
    return Reason.COMBINATION, broken


def winners_of(problem: Problem, award: Mapping[str, str]) -> tuple[Winner, ...]:
    """Each lot's winner with its rank on the lot, and the better bids with what displaced them.

    In the order of lots; a lot that nobody won is not among them. A displaced bid stands with the
    limits that the swap test breaks, with none where the award as a whole decides against it.
    """
    ranks = rank_on_lot(problem)
    better = displaced(problem, award)
    return tuple(
        Winner(
            lot=lot.id,
            bidder=award[lot.id],
            rank_on_lot=ranks[lot.id, award[lot.id]],
            displaced=better[lot.id],
            in_words=why_won(problem, lot.id, award[lot.id], better[lot.id]),
        )
        for lot in problem.lots
        if lot.id in award
    )
