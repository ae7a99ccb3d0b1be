"""What the questions about an award's firmness find, and how a long search is heard and stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from commissioning.award.domain.problem import Problem

Heard = Callable[[int, int], bool]
"""Told how many items of how many are done; False stops the search after what is done."""

_Item = TypeVar("_Item")


def go_on(_done: int, _total: int) -> bool:
    """Nobody listens, and nobody stops the search."""
    return True


def heard_through(items: Sequence[_Item], heard: Heard) -> Iterator[_Item]:
    """The items one by one, until `heard` says no; it is told before each item and at the end."""
    for done, item in enumerate(items):
        if not heard(done, len(items)):
            return
        yield item
    heard(len(items), len(items))


@dataclass(frozen=True)
class MovedLot:
    """A lot that would go elsewhere: who wins it now and who would; None is nobody."""

    lot: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Search:
    """How a search went.

    `tried` changes were looked at, of `total`; for `solved` problems an award was worked out
    again, and of the other changes it is proven that they change no winner. `is_exact` says that
    exact arithmetic stands behind every answer, and nowhere the solver's word.
    """

    tried: int
    total: int
    solved: int
    is_exact: bool

    @property
    def is_complete(self) -> bool:
        """Whether nothing was left out because the search was stopped."""
        return self.tried == self.total


@dataclass(frozen=True)
class EnteringBid:
    """A bid that is out now, and that a change would let in.

    What it would win cannot be said: the price of a bid that is out is never opened.
    """

    bidder: str
    lot: str


@dataclass(frozen=True)
class MarkChange:
    """One agreed mark, one step from where it is, that changes who wins.

    `puts_out` says that the bid would be under a published minimum and out. `moved` are the lots
    that would go elsewhere, in the order of lots.
    """

    bidder: str
    lot: str
    leaf: str
    mark: int
    to_mark: int
    puts_out: bool
    moved: tuple[MovedLot, ...]


@dataclass(frozen=True)
class EnteringMark:
    """One agreed mark, one step higher, that would let a bid in that is out now."""

    bidder: str
    lot: str
    leaf: str
    mark: int
    to_mark: int


@dataclass(frozen=True)
class MarkFindings:
    """Every single mark, one step up or down, that changes who wins; and those that let bids in."""

    changing: tuple[MarkChange, ...]
    entering: tuple[EnteringMark, ...]
    search: Search


@dataclass(frozen=True)
class Withdrawal:
    """A bidder without a lot whose withdrawal changes who wins."""

    bidder: str
    moved: tuple[MovedLot, ...]


@dataclass(frozen=True)
class WithdrawalFindings:
    """Every withdrawal of a bidder without a lot that changes who wins."""

    changing: tuple[Withdrawal, ...]
    search: Search


@dataclass(frozen=True)
class WeightChange:
    """The smallest step by which a criterion's weight, up or down, changes who wins.

    Weights are points out of 100, exact; the other criteria keep their proportions. `entering` are
    bids that are out now and would be in at that step: what they would win is not counted.
    """

    criterion: str
    weight: Fraction
    to_weight: Fraction
    moved: tuple[MovedLot, ...]
    entering: tuple[EnteringBid, ...] = ()


@dataclass(frozen=True)
class WeightFindings:
    """For each criterion and direction the smallest change of weight that changes who wins.

    `steady` are the others: (criterion, the furthest weight that was tried), at which and at every
    step before which the winners stay.
    """

    changing: tuple[WeightChange, ...]
    steady: tuple[tuple[str, Fraction], ...]
    search: Search


@dataclass(frozen=True)
class PriceChange:
    """The smallest whole-pence change of one bid's price that changes who wins.

    A bid that won rises, one that lost falls; prices in pence. One penny less of a change leaves
    every lot where it is.
    """

    bidder: str
    lot: str
    is_winner: bool
    price: int
    to_price: int
    moved: tuple[MovedLot, ...]

    @property
    def change(self) -> int:
        """By how much the price would differ, in pence: above 0 for a rise, below for a cut."""
        return self.to_price - self.price


@dataclass(frozen=True)
class PriceFindings:
    """For each bid the smallest change of price that changes who wins.

    `steady` are bids, as (bidder, lot), of which no price in the range that was looked at changes
    anything. `unsettled` are bids of which the smallest is not known: the rule or the limits make
    the winners come and go with the price, so that no search proves where they change first.
    """

    changing: tuple[PriceChange, ...]
    steady: tuple[tuple[str, str], ...]
    unsettled: tuple[tuple[str, str], ...]
    search: Search

    def smallest_on(self, lot: str) -> PriceChange | None:
        """The smallest change of a price on a lot; of equals the first in the order of bids."""
        on = [each for each in self.changing if each.lot == lot]
        return min(on, key=lambda each: abs(each.change), default=None)


def moved_lots(
    problem: Problem, before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[MovedLot, ...]:
    """The lots of a problem that two awards give to different bidders, in the order of lots."""
    return tuple(
        MovedLot(lot.id, before.get(lot.id), after.get(lot.id))
        for lot in problem.lots
        if before.get(lot.id) != after.get(lot.id)
    )
