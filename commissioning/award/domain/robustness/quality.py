"""What the quality points of bids are made of: marks, weights, the scale, and the minimums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Final

from commissioning.award.domain.problem import Problem
from commissioning.kernel.errors import BadInputs

_MILLI: Final = 1000
_HUNDRED: Final = 100


@dataclass(frozen=True)
class Leaf:
    """What is marked: a question of a criterion, or the criterion itself.

    `weight` is in points out of 100 over all leaves, exact; a bid with a mark below `minimum_mark`
    is out.
    """

    id: str
    criterion: str
    weight: Fraction
    minimum_mark: int = 0


@dataclass(frozen=True)
class MarkedBid:
    """The agreed marks of one bid, by leaf; also of a bid that is out and in no award problem."""

    bidder: str
    lot: str
    marks: Mapping[str, int]


@dataclass(frozen=True)
class Quality:
    """Everything from which the quality points of all bids follow.

    Quality points are the sum over leaves of weight x agreed mark / highest mark, in exact
    rationals, stated once to a thousandth of a point (half to even). A bid is out with a mark
    under a minimum, with less than `minimum_points_milli` (thousandths of a point), or with no
    point at all. Raises BadInputs where weights do not sum to 100, something stands twice, or a
    mark is missing or off the scale.
    """

    leaves: tuple[Leaf, ...]
    bids: tuple[MarkedBid, ...]
    max_mark: int
    minimum_points_milli: int = 0

    def __post_init__(self) -> None:
        problems = [*self._faults_of_model(), *self._faults_of_bids()]
        if problems:
            raise BadInputs(problems)

    def _faults_of_model(self) -> list[tuple[str, str]]:
        faults = []
        if self.max_mark < 1:
            faults.append(("max_mark", "The highest mark must be at least 1."))
        if len({leaf.id for leaf in self.leaves}) < len(self.leaves):
            faults.append(("leaves", "Each leaf must stand once."))
        if any(leaf.weight < 0 for leaf in self.leaves):
            faults.append(("leaves", "No weight may be below 0."))
        if sum(leaf.weight for leaf in self.leaves) != _HUNDRED:
            faults.append(("leaves", "The weights of all leaves must sum to exactly 100."))
        return faults

    def _faults_of_bids(self) -> list[tuple[str, str]]:
        faults = []
        if len({(bid.bidder, bid.lot) for bid in self.bids}) < len(self.bids):
            faults.append(("bids", "A bidder has at most one bid for a lot."))
        known = {leaf.id for leaf in self.leaves}
        for bid in self.bids:
            place = f"bids[{bid.bidder}, {bid.lot}]"
            if set(bid.marks) != known:
                faults.append((place, "Give an agreed mark for each leaf, and for no other."))
            elif any(
                type(mark) is not int or not 0 <= mark <= self.max_mark
                for mark in bid.marks.values()
            ):
                faults.append((place, f"Each mark must be from 0 to {self.max_mark}."))
        return faults

    @cached_property
    def weights(self) -> Mapping[str, Fraction]:
        """The weight of each leaf, in points out of 100."""
        return {leaf.id: leaf.weight for leaf in self.leaves}

    @cached_property
    def weight_of(self) -> Mapping[str, Fraction]:
        """The weight of each criterion: the sum of its leaves', in the order of leaves."""
        weights: dict[str, Fraction] = {}
        for leaf in self.leaves:
            weights[leaf.criterion] = weights.get(leaf.criterion, Fraction(0)) + leaf.weight
        return weights

    def with_weight(self, criterion: str, weight: Fraction) -> Mapping[str, Fraction]:
        """The weights of all leaves where one criterion has `weight`, and the sum is 100 still.

        The leaves of the criterion keep their proportions, and so do all the other leaves.
        """
        now = self.weight_of[criterion]
        inside, outside = weight / now, (_HUNDRED - weight) / (_HUNDRED - now)
        return {
            leaf.id: leaf.weight * (inside if leaf.criterion == criterion else outside)
            for leaf in self.leaves
        }

    def points_milli(
        self, marks: Mapping[str, int], weights: Mapping[str, Fraction] | None = None
    ) -> int | None:
        """The quality points of a bid in thousandths; None where it is out.

        `weights` stand in for those published.
        """
        by_leaf = self.weights if weights is None else weights
        if any(marks[leaf.id] < leaf.minimum_mark for leaf in self.leaves):
            return None
        total = sum((by_leaf[leaf] * mark for leaf, mark in marks.items()), Fraction(0))
        milli = round(total * _MILLI / self.max_mark)  # a Fraction is rounded half to even
        return milli if milli > 0 and milli >= self.minimum_points_milli else None

    def check_against(self, problem: Problem) -> None:
        """The marks must give exactly the quality that the award problem states for each bid.

        Raises BadInputs, with each bid of the problem whose marks are missing or say otherwise.
        """
        marked = {(bid.bidder, bid.lot): bid for bid in self.bids}
        faults = []
        for bid in problem.bids:
            found = marked.get((bid.bidder, bid.lot))
            points = None if found is None else self.points_milli(found.marks)
            if points != bid.quality:
                said = "no points" if points is None else f"{points} thousandths of a point"
                place = f"bids[{bid.bidder}, {bid.lot}]"
                sentence = f"The marks give {said}, and the award problem states {bid.quality}."
                faults.append((place, sentence))
        if faults:
            raise BadInputs(faults)
