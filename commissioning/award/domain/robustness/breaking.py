"""Where the award breaks as one price moves: found from awards that beat it, proved by solving.

Why the first break can be found without trying every penny. Write A for the award that stands, and
let a losing bid j fall, or a winning bid w rise, penny by penny.

A losing bid falls, under an optimum. Awards without j stay as they are, A among them; awards with
j get better, and what limits on prices forbade may become allowed, never the other way round. An
award that passes A, or draws level and comes earlier, does so at every lower price: by then it is
strictly better (or, for quality, where no price counts, still level). So once the winners have
changed they stay changed.

A winning bid rises, under an optimum. Awards without w stay; awards with w get worse, A among
them, and may become forbidden. In a sum all awards with w get worse alike, so that A stays the best
of them until it is forbidden itself: once it is passed or forbidden, it stays so. In the ratio of
sums an award with w and more quality gets worse more slowly and may pass A; it too stays ahead,
unless a limit on prices then forbids it. Only in that case winners may come and go. The problem
without the limits on prices has its one first break then; up to there A stands in both, and where
the winners change there with the limits too, that is the answer. Where they do not, there is none.

Under `protected_optimum` the lots that are decided beforehand depend on prices, but only where j
becomes or w ceases to be first on its lot, or where a ceiling or the bidder's limit on prices
starts or ends to be broken by its first places. Between these prices they stay, and all of the
above holds from the first of them on.

Under `reversion_in_order` the lots have their turn whatever the prices. Until j wins its lot it
changes nothing, and once it is better there than the winner and allowed, it is so at every lower
price. As w rises, everything goes as before up to the lot where w is passed over or its bidder has
too much; at a higher price that comes there or earlier. So once changed, it stays changed.

How it is found. From any price at which the winners change, the award B that wins there says from
which price on it beats A: that takes no solver. At one penny less the problem is solved again; if A
stands there, the break is found and proved, else the award that wins there is the next B.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from commissioning.award.domain.comparison import lot_by_lot
from commissioning.award.domain.limits import broken_limits
from commissioning.award.domain.optimiser.rules import forced_by
from commissioning.award.domain.problem import AwardRule, Bid, Objective, Problem
from commissioning.award.domain.robustness.changes import with_price
from commissioning.award.domain.robustness.standing import Standing


@dataclass(frozen=True)
class Broke:
    """The first change of price, in pence, at which a lot goes elsewhere, and the award there."""

    change: int
    award: Mapping[str, str]


class Cannot(Enum):
    """No change of price in the range moves a lot; or which is the first cannot be settled."""

    CHANGE = "change"
    BE_SETTLED = "be_settled"


class MovingPrice:
    """One bid whose price moves: up where `sign` is 1, down where it is -1."""

    def __init__(self, standing: Standing, bid: Bid, sign: int) -> None:
        self._standing = standing
        self._problem = standing.problem
        self._bid = bid
        self._sign = sign

    def first_change(self, most: int) -> Broke | Cannot:
        """The smallest change from 1 to `most` pence at which any winner changes.

        For the rules but that of the largest margin. Raises OutOfTime.
        """
        if self._problem.award_rule is AwardRule.REVERSION_IN_ORDER:
            return self._by_halves(most)
        turns = sorted({1, *(turn for turn in self._turns(most) if 1 < turn <= most)})
        ends = [*(turn - 1 for turn in turns[1:]), most]
        for first, last in zip(turns, ends, strict=True):
            found = self._first_between(first, last)
            if found is not Cannot.CHANGE:
                return found
        return Cannot.CHANGE

    def _by_halves(self, most: int) -> Broke | Cannot:
        if self._changed_at(most) is None:
            return Cannot.CHANGE
        change = _first(1, most, lambda at: self._changed_at(at) is not None)
        return Broke(change, self._awarded(change))

    def _at(self, change: int) -> Problem:
        return with_price(self._problem, self._bid, self._bid.price + self._sign * change)

    def _awarded(self, change: int) -> Mapping[str, str]:
        return self._standing.solve_again(self._at(change))

    def _changed_at(self, change: int) -> Mapping[str, str] | None:
        """The award at a change of price, None where it is the one that stands."""
        award = self._awarded(change)
        return None if award == self._standing.award else award

    # Optima ----------------------------------------------------------------------------------

    def _turns(self, most: int) -> list[int]:
        """The changes at which other lots may be decided beforehand."""
        if self._problem.award_rule is AwardRule.OPTIMUM:
            return []
        bid, lot = self._bid, self._bid.lot
        first_now = lot_by_lot(self._problem)[lot] == bid.bidder

        def is_first_otherwise(change: int) -> bool:
            return (lot_by_lot(self._at(change))[lot] == bid.bidder) is not first_now

        turns = []
        if is_first_otherwise(most):
            turns.append(_first(1, most, is_first_otherwise))
        allowed = []
        ceiling = self._problem.lot_by_id[lot].max_price
        if ceiling is not None:
            allowed.append(ceiling)
        in_all = self._problem.bidder_by_id[bid.bidder].max_price
        if in_all is not None:
            allowed.append(in_all - self._first_places_elsewhere())
        # Each is kept to up to that price.
        return turns + [
            price - bid.price + 1 if self._sign > 0 else bid.price - price for price in allowed
        ]

    def _first_places_elsewhere(self) -> int:
        """What the bidder's first places on other lots add up to, in pence."""
        problem, bid = self._problem, self._bid
        fixed = {lot: who for lot, who in problem.fixed.items() if (who, lot) in problem.bid_for}
        held = {**lot_by_lot(problem), **fixed}
        return sum(
            problem.bid_for[bid.bidder, lot].price
            for lot, who in held.items()
            if who == bid.bidder and lot != bid.lot
        )

    def _first_between(self, first: int, last: int) -> Broke | Cannot:
        """The first change between two, while the same lots are decided beforehand."""
        is_same_start = (
            forced_by(self._problem.award_rule, self._at(first)) == self._standing.forced
        )
        if not is_same_start:
            award = self._changed_at(first)
            if award is not None:
                return Broke(first, award)
        change = self._near(first, last) if is_same_start else None
        if change is None:
            if is_same_start and self._cannot_change(last):
                return Cannot.CHANGE
            change = last
        other = self._changed_at(change)
        if other is None and change < last:
            change = last
            other = self._changed_at(change)
        if other is None:
            return Cannot.CHANGE if self._stood_up_to(last) else self._first_freed(first, last)
        while True:
            change = self._first_beaten(other, first, change)
            if change == first:
                return Broke(change, self._awarded(change))
            other = self._changed_at(change - 1)
            if other is None:
                if not self._stood_up_to(change - 1):
                    return self._first_freed(first, change - 1)
                return Broke(change, self._awarded(change))
            change -= 1

    def _near(self, first: int, last: int) -> int | None:
        """Where the best award with the bid (that falls), or without it (that rises), beats A."""
        rival = self._rival()
        if not rival or not self._is_beaten_by(rival, last):
            return None
        return self._first_beaten(rival, first, last)

    def _rival(self) -> Mapping[str, str]:
        if self._sign < 0:
            return self._standing.best_with(self._bid).award
        return self._standing.best_without(self._bid).award

    def _cannot_change(self, last: int) -> bool:
        """Whether nothing moves up to `last`, because the only award that could does not beat A.

        In a sum, the best award with j stays the best of those with j as it falls, and A that of
        those with w; limits on prices apart, which might let others in or shut A out. In the ratio
        of sums that does not hold; only where no award has the bid, none ever will.
        """
        if self._meets_limits_on_prices():
            return False
        standing = self._standing
        if self._problem.objective is not Objective.MIN_PORTFOLIO_PPQP:
            found = standing.best_with(self._bid)
            return found.is_proven if self._sign < 0 else standing.best_without(self._bid).is_proven
        if self._sign < 0:
            found = standing.best_with(self._bid)
            return found.is_proven and not found.award
        return False

    def _meets_limits_on_prices(self) -> bool:
        """Whether any limit on prices could be kept or broken by this price alone."""
        problem, bid = self._problem, self._bid
        return (
            problem.limits.budget is not None
            or problem.bidder_by_id[bid.bidder].max_price is not None
            or problem.lot_by_id[bid.lot].max_price is not None
        )

    def _first_beaten(self, other: Mapping[str, str], first: int, change: int) -> int:
        """The first change from which on another award, best at `change`, stands before A."""
        return _first(first, change, lambda at: self._is_beaten_by(other, at))

    def _is_beaten_by(self, other: Mapping[str, str], change: int) -> bool:
        """Whether A is forbidden at a change of price, or another award allowed and before it."""
        at = self._at(change)
        is_forbidden = bool(broken_limits(at, self._standing.award))
        if not other:
            return is_forbidden
        if broken_limits(at, other):
            return False
        return is_forbidden or self._standing.beats(at, other)

    def _stood_up_to(self, change: int) -> bool:
        """Whether A, which stands at a change of price, is proven to stand at all smaller ones."""
        return self._sign < 0 or not self._may_come_and_go() or self._stands_freed(change)

    def _may_come_and_go(self) -> bool:
        """Whether a rise may let another award pass A, and then forbid it: the ratio of sums."""
        return self._problem.objective is Objective.MIN_PORTFOLIO_PPQP and (
            self._problem.limits.budget is not None
            or self._problem.bidder_by_id[self._bid.bidder].max_price is not None
        )

    def _first_freed(self, first: int, change: int) -> Broke | Cannot:
        """The first change of the problem without limits on prices, if it is one with them too.

        Before it A stands without these limits, and so it does with them. At it, what passes A may
        be forbidden: then nothing is settled.
        """
        at = _first(first, change, lambda at: not self._stands_freed(at))
        award = self._changed_at(at)
        return Cannot.BE_SETTLED if award is None else Broke(at, award)

    def _stands_freed(self, change: int) -> bool:
        """Whether A stands at a change of price without the budget and the bidder's own limit."""
        at = self._at(change)
        who = self._bid.bidder
        freed = at.changed(
            limits=replace(at.limits, budget=None),
            bidders=tuple(
                replace(each, max_price=None) if each.id == who else each for each in at.bidders
            ),
            award_rule=AwardRule.OPTIMUM,
            fixed={**at.fixed, **forced_by(at.award_rule, at)},
        )
        return self._standing.solve_again(freed) == self._standing.award


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The first whole number from `low` on at which something holds, that holds at `high`.

    It holds at every number from the first one on.
    """
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low
