"""What an award is worth: net prices with packages, the four objectives, the measure on a lot.

Everything here is exact: integers, and fractions in lowest terms. An award is a mapping of lot to
bidder in which every pair has a bid; a lot that is not in it is not awarded.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from commissioning.award.domain.problem import Bid, Objective, Package, Problem

PER_QUALITY_POINT = frozenset({Objective.MIN_SUM_PPQP, Objective.MIN_PORTFOLIO_PPQP})


def met_packages(problem: Problem, award: Mapping[str, str]) -> tuple[Package, ...]:
    """A package is met when its bidder wins every lot it names; met means applied."""
    return tuple(
        package
        for package in problem.packages
        if all(award.get(lot) == package.bidder for lot in package.discounts)
    )


def net_prices(problem: Problem, award: Mapping[str, str]) -> dict[str, int]:
    """The net price of each lot awarded, in pence: the bid less the discounts of packages met."""
    net = {lot: problem.bid_for[bidder, lot].price for lot, bidder in award.items()}
    for package in met_packages(problem, award):
        for lot, amount in package.discounts.items():
            net[lot] -= amount
    return net


def objective_value(problem: Problem, award: Mapping[str, str]) -> Fraction:
    """The exact value of an award by the problem's objective, in the units of the file.

    Sum of net prices (pence); sum of net price per quality (pence a milli-point); sum of net
    prices over sum of quality; sum of quality (milli-points). An award of no lot is worth 0.
    """
    if not award:
        return Fraction(0)
    quality = {lot: problem.bid_for[bidder, lot].quality for lot, bidder in award.items()}
    match problem.objective:
        case Objective.MIN_TOTAL_PRICE:
            return Fraction(sum(net_prices(problem, award).values()))
        case Objective.MIN_SUM_PPQP:
            net = net_prices(problem, award)
            return sum((Fraction(net[lot], quality[lot]) for lot in award), Fraction(0))
        case Objective.MIN_PORTFOLIO_PPQP:
            return Fraction(sum(net_prices(problem, award).values()), sum(quality.values()))
        case Objective.MAX_TOTAL_QUALITY:
            return Fraction(sum(quality.values()))


def is_better(problem: Problem, one: Fraction, other: Fraction) -> bool:
    """Whether an award worth `one` is strictly better than an award worth `other`."""
    if problem.objective is Objective.MAX_TOTAL_QUALITY:
        return one > other
    return one < other


def measure(problem: Problem, bid: Bid) -> Fraction:
    """What a bid is ranked by on its own lot, so that less is better.

    Gross price, price per quality, or quality (negated, since more of it is better); packages do
    not count, because they are met over several lots.
    """
    if problem.objective is Objective.MAX_TOTAL_QUALITY:
        return Fraction(-bid.quality)
    if problem.objective in PER_QUALITY_POINT:
        return Fraction(bid.price, bid.quality)
    return Fraction(bid.price)
