"""A reversion by the largest margin, watched: up to which price it would go exactly as it does.

As the price of one bid moves, the margins of its lot move, and lots change their turn back and
forth: winners may come and go, so that no bisection finds where they change first. But the rule
only ever compares numbers, and each is a straight line in the price. Between two prices at which
some comparison turns, everything goes the same way; so it is enough to look just there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

from commissioning.award.domain.limits import broken_limits
from commissioning.award.domain.objective import measure, net_prices
from commissioning.award.domain.problem import Bid, Problem
from commissioning.award.domain.reversion import reversion_largest_margin
from commissioning.award.domain.robustness.changes import with_price


class _Watch:
    """Where, after `now`, the first comparison that was made would turn out otherwise."""

    def __init__(self, now: int) -> None:
        self.now = now
        self.turns_at: int | None = None

    def note(self, at: int) -> None:
        """One more place where something turns."""
        if at > self.now and (self.turns_at is None or at < self.turns_at):
            self.turns_at = at


class _Line:
    """A number that moves with the price: `start + slope x t`, compared at the watch's `now`.

    Whether it is below, at or above another number is noted with the first later t (a whole one)
    at which that would be different.
    """

    __slots__ = ("_watch", "slope", "start")

    def __init__(self, start: Fraction, slope: Fraction, watch: _Watch) -> None:
        self.start = start
        self.slope = slope
        self._watch = watch

    def __sub__(self, other: Fraction | _Line) -> _Line:
        start, slope = _parts(other)
        return _Line(self.start - start, self.slope - slope, self._watch)

    def __rsub__(self, other: Fraction) -> _Line:
        return _Line(other - self.start, -self.slope, self._watch)

    def __lt__(self, other: Fraction | _Line) -> bool:
        return self._sign(other) < 0

    def __gt__(self, other: Fraction | _Line) -> bool:
        return self._sign(other) > 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fraction | _Line) and self._sign(other) == 0

    __hash__ = None  # type: ignore[assignment]  # it is another number at another price

    def _sign(self, other: Fraction | _Line) -> int:
        """-1, 0 or 1 as this is below, at or above the other now; notes where that turns."""
        difference = self - other
        slope, now = difference.slope, self._watch.now
        here = difference.start + slope * now
        if slope and here == 0:
            self._watch.note(now + 1)
        elif slope and (here > 0) != (slope > 0):
            self._watch.note(ceil(-difference.start / slope))
        return (here > 0) - (here < 0)


def _parts(number: Fraction | _Line) -> tuple[Fraction, Fraction]:
    if isinstance(number, _Line):
        return number.start, number.slope
    return number, Fraction(0)


@dataclass(frozen=True)
class Watched:
    """A reversion's award at one price, empty where it breaks the budget or has too few winners.

    It stays the same up to `until`, a change in pence like the one it was worked out at, exclusive;
    None where it stays whatever the price.
    """

    award: dict[str, str]
    until: int | None


def watched_at(problem: Problem, bid: Bid, change: int, sign: int) -> Watched:
    """The award by the largest margin when a price has moved by `change` pence, and how long it is.

    `sign` is 1 where the price rises and -1 where it falls; `change` is 1 or more. The bidder may
    have no limit on its prices (`max_price`): that would be compared outside the rule's measure.
    """
    watch = _Watch(change)
    moving = bid.bidder, bid.lot
    start = measure(problem, bid)
    slope = sign * (measure(problem, replace(bid, price=bid.price + 1)) - start)

    def measured(changed: Problem, each: Bid) -> Fraction | _Line:
        if (each.bidder, each.lot) == moving:
            return _Line(start, slope, watch)
        return measure(changed, each)

    changed = with_price(problem, bid, bid.price + sign * change)
    award = reversion_largest_margin(changed, measured)
    ceiling = problem.lot_by_id[bid.lot].max_price
    if ceiling is not None:
        # The first change at which the bid is above the ceiling, or no longer above it.
        watch.note(ceiling - bid.price + 1 if sign > 0 else bid.price - ceiling)
    budget = problem.limits.budget
    if budget is not None and award.get(bid.lot) == bid.bidder:
        room = budget - sum(net_prices(changed, award).values())
        watch.note(change + room + 1 if sign > 0 else change - room)
    return Watched({} if broken_limits(changed, award) else award, watch.turns_at)
