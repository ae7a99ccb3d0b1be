"""The prices that decide: by how little a price would have to differ for any lot to go elsewhere.

Each answer is verified where it stands: at the change of price that is given, and at one penny
less, the award is solved again.
"""

from __future__ import annotations

from commissioning.award.domain.problem import AwardRule, Bid, Problem
from commissioning.award.domain.robustness.breaking import Broke, Cannot, MovingPrice
from commissioning.award.domain.robustness.findings import (
    Heard,
    PriceChange,
    PriceFindings,
    Search,
    go_on,
    heard_through,
    moved_lots,
)
from commissioning.award.domain.robustness.standing import Standing
from commissioning.award.domain.robustness.watched import watched_at

FURTHEST_RISE = 10
"""A rise is looked for up to so many times the highest price on the lot."""


def prices_that_decide(standing: Standing, *, heard: Heard = go_on) -> PriceFindings:
    """For each bid, the smallest whole-pence change of its price that changes any winner.

    A bid that won its lot rises, by up to `FURTHEST_RISE` times the highest price on the lot; a
    bid that lost falls, down to one penny, or to what its packages take off it. All other prices
    stay. The change that is given moves a lot, and one penny less of it moves none; both are
    verified by solving again. `heard` is told how many bids of how many are done.

    How the smallest is known to be the smallest depends on the award rule: see `breaking` for the
    optima and the reversion in a stated order, `watched` for the largest margin. Where a bidder has
    a limit on its prices and the rule is the largest margin, or where the ratio of sums meets a
    budget or such a limit, it may be unknown: such bids are `unsettled`.
    """
    problem = standing.problem
    before = standing.solved
    changing: list[PriceChange] = []
    steady: list[tuple[str, str]] = []
    unsettled: list[tuple[str, str]] = []
    tried = 0
    for bid in heard_through(problem.bids, heard):
        tried += 1
        is_winner = standing.award.get(bid.lot) == bid.bidder
        sign = 1 if is_winner else -1
        most = _furthest_rise(problem, bid) if is_winner else _furthest_cut(problem, bid)
        found = _first_change(standing, bid, sign, most)
        if isinstance(found, Broke):
            to_price = bid.price + sign * found.change
            moved = moved_lots(problem, standing.award, found.award)
            changing.append(PriceChange(bid.bidder, bid.lot, is_winner, bid.price, to_price, moved))
        else:
            (steady if found is Cannot.CHANGE else unsettled).append((bid.bidder, bid.lot))
    return PriceFindings(
        tuple(changing),
        tuple(steady),
        tuple(unsettled),
        Search(tried, len(problem.bids), standing.solved - before, standing.is_exact),
    )


def _furthest_rise(problem: Problem, bid: Bid) -> int:
    highest = max(each.price for each in problem.bids_on[bid.lot])
    return max(1, FURTHEST_RISE * highest)


def _furthest_cut(problem: Problem, bid: Bid) -> int:
    """A price stays above 0, and no package takes more off than it is."""
    packages = problem.packages_of.get(bid.bidder, ())
    off = sum(package.discounts.get(bid.lot, 0) for package in packages)
    return bid.price - max(1, off)


def _first_change(standing: Standing, bid: Bid, sign: int, most: int) -> Broke | Cannot:
    if most < 1:
        return Cannot.CHANGE
    if standing.problem.award_rule is AwardRule.REVERSION_LARGEST_MARGIN:
        return _first_by_margin(standing, bid, sign, most)
    return MovingPrice(standing, bid, sign).first_change(most)


def _first_by_margin(standing: Standing, bid: Bid, sign: int, most: int) -> Broke | Cannot:
    """The first change by the largest margin: from one turn of a comparison to the next."""
    problem = standing.problem
    if problem.bidder_by_id[bid.bidder].max_price is not None:
        return Cannot.BE_SETTLED
    change: int | None = 1
    while change is not None and change <= most:
        standing.solved += 1
        watched = watched_at(problem, bid, change, sign)
        if watched.award != standing.award:
            return Broke(change, watched.award)
        change = watched.until
    return Cannot.CHANGE
