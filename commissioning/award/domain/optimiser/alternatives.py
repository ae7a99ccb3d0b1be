"""The next best awards: every other optimal one, or all that come close to the best.

The set of all awards is taken apart along the best award found in it: the awards that differ first
on the first lot, those that differ first on the second, and so on. The best of each part is found
and proven like any optimum, and the best of these is the next award. Nothing is missed, and
nothing comes twice or out of order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from heapq import heappop, heappush

from commissioning.award.domain.optimiser.deadline import Deadline, OutOfTime
from commissioning.award.domain.optimiser.engine import Engine
from commissioning.award.domain.optimiser.pursuit import Certificate
from commissioning.award.domain.problem import Objective, Problem
from commissioning.award.domain.problem.statement import PPM

DEFAULT_CAP = 50


@dataclass(frozen=True)
class Alternative:
    """One award, lot to bidder, with its exact objective."""

    award: Mapping[str, str]
    objective: Fraction


@dataclass(frozen=True)
class Alternatives:
    """The best awards in order: by objective, then by the tie rule; the canonical one first.

    `is_complete` says that there is no further award of the kind asked for: then their number is
    the exact count. Otherwise the cap or the time ended the list, and it is a lower bound.
    """

    awards: tuple[Alternative, ...]
    is_complete: bool
    certificate: Certificate

    @property
    def count(self) -> int:
        """How many awards were found."""
        return len(self.awards)


def optimal_awards(
    problem: Problem,
    *,
    cap: int = DEFAULT_CAP,
    solver: str = "highs",
    time_limit_s: float | None = None,
) -> Alternatives:
    """Every award that is as good as the canonical one, up to `cap` of them, the canonical first.

    All within all limits, by the rule `optimum`. Raises ValueError for a cap below 1.
    """
    return awards_within(problem, 0, cap=cap, solver=solver, time_limit_s=time_limit_s)


def awards_within(
    problem: Problem,
    margin_ppm: int,
    *,
    cap: int = DEFAULT_CAP,
    solver: str = "highs",
    time_limit_s: float | None = None,
) -> Alternatives:
    """The best awards whose objective is within a margin of the optimum, equality allowed.

    `margin_ppm` is in parts per million of the optimum (10 000 is 1 %). At most `cap` awards.
    Raises ValueError for a margin below 0 or a cap below 1.
    """
    if margin_ppm < 0 or cap < 1:
        raise ValueError("The margin must be 0 or more, and the cap 1 or more.")
    deadline = Deadline(time_limit_s)
    parts = _Parts(Engine(problem, solver=solver), margin_ppm, deadline)
    found: list[Alternative] = []
    is_complete = True
    try:
        for alternative in parts.in_order():
            if len(found) == cap:
                is_complete = False
                break
            found.append(alternative)
    except OutOfTime:
        is_complete = False
    return Alternatives(tuple(found), is_complete, parts.certificate)


class _Parts:
    """The awards not yet handed out, in parts, each with the best award in it."""

    def __init__(self, engine: Engine, margin_ppm: int, deadline: Deadline) -> None:
        self.certificate = Certificate.EXACT
        self._engine = engine
        self._deadline = deadline
        self._margin_ppm = margin_ppm
        self._is_quality = engine.problem.objective is Objective.MAX_TOTAL_QUALITY
        self._best: Fraction | None = None
        # Badness, then bidder positions: no two awards are equal in both.
        self._parts: list[tuple[Fraction, tuple[int, ...], bytearray, bool]] = []

    def in_order(self) -> Iterator[Alternative]:
        """All awards within the margin, the best first. Raises OutOfTime."""
        program = self._engine.program
        self._add(bytearray(b"\x01" * len(program.bids)))
        while self._parts:
            badness, positions, is_open, has_equals = heappop(self._parts)
            winners = [self._engine.problem.bidders[position].id for position in positions]
            lots = [lot.id for lot in self._engine.problem.lots]
            value = -badness if self._is_quality else badness
            yield Alternative(dict(zip(lots, winners, strict=True)), value)
            if not self._margin_ppm and not has_equals:
                continue  # what else is in this part is worse than the optimum
            self._take_apart(is_open, positions)

    def _take_apart(self, is_open: bytearray, positions: tuple[int, ...]) -> None:
        """Add the parts of a part without its best award: for each lot, those that differ there."""
        program = self._engine.program
        position_of = self._engine.problem.position
        left = bytearray(is_open)
        for columns, position in zip(program.columns_on, positions, strict=True):
            winner = next(
                column for column in columns if position_of[program.bids[column].bidder] == position
            )
            part = bytearray(left)
            part[winner] = 0
            self._add(part)
            for column in columns:
                left[column] = column == winner

    def _add(self, is_open: bytearray) -> None:
        """Add a part with its best award, if there is one that is good enough."""
        self._deadline.check()
        found = self._engine.best_of(is_open, deadline=self._deadline)
        if not (found.is_proven and found.is_canonical):
            raise OutOfTime
        if found.certificate is not Certificate.EXACT:
            self.certificate = found.certificate
        if found.value is None:
            return
        if self._best is None:
            self._best = found.value
        if PPM * abs(found.value - self._best) > self._margin_ppm * abs(self._best):
            return
        position = self._engine.problem.position
        positions = tuple(position[found.award[lot.id]] for lot in self._engine.problem.lots)
        badness = -found.value if self._is_quality else found.value
        heappush(self._parts, (badness, positions, is_open, found.is_unique is not True))
