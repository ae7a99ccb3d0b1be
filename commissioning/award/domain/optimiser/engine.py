"""The optimum of an award problem, with some lots forced or not."""

from __future__ import annotations

from collections.abc import Mapping

from commissioning.award.domain.optimiser.deadline import Deadline
from commissioning.award.domain.optimiser.instruments import Instruments
from commissioning.award.domain.optimiser.pursuit import Certificate, Optimum, Pursuit


class Engine(Instruments):
    """One award problem, ready for questions: its optimum as it is, or with some lots forced."""

    def optimum(
        self, forced: Mapping[str, str] | None = None, *, deadline: Deadline | None = None
    ) -> Optimum:
        """The best award, the canonical one among equals, in which the forced lots go as told.

        `forced` is lot to bidder. A deadline that comes first leaves what was found and proven by
        then.
        """
        return self.best_of(self._open(forced or {}), deadline=deadline)

    def best_of(self, is_open: bytearray, *, deadline: Deadline | None = None) -> Optimum:
        """The same among awards of open bids alone: 1 in `is_open` for each bid that may win."""
        if not self._has_one_on_each(is_open):
            return Optimum({}, None, None, True, True, None, Certificate.EXACT)
        return Pursuit(self, is_open, deadline or Deadline()).run()

    def any_award(
        self, *, deadline: Deadline | None = None
    ) -> tuple[Mapping[str, str] | None, Certificate]:
        """Some award within all limits, or None, and what stands behind it.

        None is a proof that there is none. Raises OutOfTime where the deadline comes first.
        """
        is_open = self._open({})
        if not self._has_one_on_each(is_open):
            return None, Certificate.EXACT
        return Pursuit(self, is_open, deadline or Deadline()).any_award()

    def _open(self, forced: Mapping[str, str]) -> bytearray:
        """The bids that may win with the forced lots."""
        if not forced:
            return bytearray(b"\1" * len(self.program.bids))
        return bytearray(forced.get(bid.lot, bid.bidder) == bid.bidder for bid in self.program.bids)

    def _has_one_on_each(self, is_open: bytearray) -> bool:
        """Whether every lot has an open bid; where one has none, there is no award."""
        return all(any(is_open[each] for each in on) for on in self.program.columns_on)
