"""What every question to one award problem is asked with: made once, used again and again."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property

from commissioning.award.domain.optimiser.costs import Costs, costs_of
from commissioning.award.domain.optimiser.program import AwardProgram
from commissioning.award.domain.optimiser.search import WORK_ALLOWED, ExactSearch
from commissioning.award.domain.optimiser.solvers import Proposer
from commissioning.award.domain.problem import Problem


class Instruments:
    """The program of a problem, its exact search, its solver, and the costs that both go by.

    `work_allowed` bounds each exact proof (in columns and terms looked at); past it, the solver's
    word is taken.
    """

    def __init__(
        self,
        problem: Problem,
        *,
        solver: str = "highs",
        threads: int = 1,
        work_allowed: int = WORK_ALLOWED,
    ) -> None:
        self.problem = problem
        self.program = AwardProgram(problem)
        self._solver = solver
        self._threads = threads
        self._work_allowed = work_allowed
        self._costs: Costs | None = None
        # Optimal awards of earlier questions: where the next one starts from, never what it trusts.
        self.seen: dict[tuple[int, ...], Fraction] = {}

    @cached_property
    def search(self) -> ExactSearch:
        """The exact search, with its live relaxation: made once, asked often."""
        return ExactSearch(self.program, self._work_allowed)

    @cached_property
    def proposer(self) -> Proposer:
        """The solver that was asked for, with the PuLP model."""
        return Proposer(self.program, self._solver, self._threads)

    def costs_for(self, ratio: Fraction | None) -> Costs:
        """The costs for a ratio to beat (None but for the ratio of sums), set on both."""
        if self._costs is None or self._costs.ratio != ratio:
            self._costs = costs_of(self.program, ratio)
            self.search.set_costs(self._costs)
            self.proposer.set_costs(self._costs)
        return self._costs
