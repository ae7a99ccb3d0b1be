"""The objective as integers on the columns of the program, so that bounds can be exact.

Everything is turned into "less is better". A common denominator makes all ratios integers; where
that would be too long a number, ratios are rounded down at a fixed point, so that the costs of an
award are never more than what it is worth: what looks too dear is too dear, and an award within
the rounding is settled by its exact value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, gcd, lcm

from commissioning.award.domain.optimiser.program import AwardProgram
from commissioning.award.domain.problem import Objective

FIXED_POINT_BITS = 96
_LONGEST_DENOMINATOR = 1 << 16  # bits
_LONGEST_TOTAL = 1 << 26  # bits, over all columns


@dataclass(frozen=True)
class Costs:
    """An integer cost for each column; an award's badness is `offset + step x its cost`, or more.

    On every lot the cheapest column costs 0: what all awards pay alike stands in `offset`. Costs
    are `exact` unless they had to be rounded down at a fixed point. `badness` is the objective
    (negated for quality) or, for the ratio of sums, price less `ratio` x quality.
    """

    columns: tuple[int, ...]
    step: Fraction
    offset: Fraction
    exact: bool
    ratio: Fraction | None
    sign: int

    def most(self, target: Fraction, *, strict: bool) -> int:
        """The largest cost that an award can have whose badness is below (or at) the target."""
        steps = (target - self.offset) / self.step
        return ceil(steps) - 1 if strict else floor(steps)

    def badness(self, cost: Fraction) -> Fraction:
        """The least badness of an award of that cost."""
        return self.offset + self.step * cost

    def target(self, value: Fraction) -> Fraction:
        """The badness of an award that is worth `value` by the problem's objective."""
        return Fraction(0) if self.ratio is not None else self.sign * value


def costs_of(program: AwardProgram, ratio: Fraction | None = None) -> Costs:
    """The costs of the columns by the problem's objective.

    For the ratio of sums, `ratio` is the value to beat: an award is better exactly where its price
    less ratio x quality is below 0.
    """
    bids, packages = _rationals(program, ratio)
    integers, denominator, exact = _integers([*bids, *packages])
    offset = 0
    for columns in program.columns_on:
        least = min(integers[column] for column in columns)
        offset += least
        for column in columns:
            integers[column] -= least
    step = gcd(*integers) or 1
    padding = program.column_count - len(integers)
    return Costs(
        columns=(*(each // step for each in integers), *[0] * padding),
        step=Fraction(step, denominator),
        offset=Fraction(offset, denominator),
        exact=exact,
        ratio=ratio,
        sign=-1 if program.problem.objective is Objective.MAX_TOTAL_QUALITY else 1,
    )


def _rationals(
    program: AwardProgram, ratio: Fraction | None
) -> tuple[list[Fraction], list[Fraction]]:
    """The badness of each bid, gross, and what each package takes off it (0 or less)."""
    bids, packages = program.bids, program.packages
    totals = [-sum(package.discounts.values()) for package in packages]
    match program.problem.objective:
        case Objective.MIN_TOTAL_PRICE:
            return [Fraction(bid.price) for bid in bids], [Fraction(total) for total in totals]
        case Objective.MIN_SUM_PPQP:
            per_quality = []
            for package in packages:
                off = Fraction(0)
                for lot, amount in package.discounts.items():
                    off -= Fraction(amount, program.problem.bid_for[package.bidder, lot].quality)
                per_quality.append(off)
            return [Fraction(bid.price, bid.quality) for bid in bids], per_quality
        case Objective.MIN_PORTFOLIO_PPQP:
            against = ratio or Fraction(0)
            balance = [bid.price - against * bid.quality for bid in bids]
            return balance, [Fraction(total) for total in totals]
        case Objective.MAX_TOTAL_QUALITY:
            return [Fraction(-bid.quality) for bid in bids], [Fraction(0) for _ in packages]


def _integers(rationals: Sequence[Fraction]) -> tuple[list[int], int, bool]:
    denominator = 1
    for rational in rationals:
        denominator = lcm(denominator, rational.denominator)
        bits = denominator.bit_length()
        if bits > _LONGEST_DENOMINATOR or bits * len(rationals) > _LONGEST_TOTAL:
            denominator = 1 << FIXED_POINT_BITS
            return [floor(each * denominator) for each in rationals], denominator, False
    integers = [each.numerator * (denominator // each.denominator) for each in rationals]
    return integers, denominator, True
