"""What-ifs about award problems, each answered with proof, all within one deadline."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from commissioning.award.domain.optimiser.deadline import Deadline, OutOfTime
from commissioning.award.domain.optimiser.engine import Engine
from commissioning.award.domain.optimiser.pursuit import Certificate, Optimum
from commissioning.award.domain.problem import Problem


class Inquiry:
    """Whoever asks many what-ifs: knows the solver and the time left, and what the proofs rest on.

    `certificate` is exact as long as every proof so far was; one that took the solver's word makes
    it the solver's. `told`, if any, is told how many what-ifs are answered, of how many.
    """

    def __init__(
        self,
        solver: str,
        deadline: Deadline,
        told: Callable[[int, int], None] | None = None,
        *,
        threads: int = 1,
    ) -> None:
        self._told = told
        self._threads = threads
        self.solver = solver
        self.deadline = deadline
        self.certificate = Certificate.EXACT

    def engine(self, problem: Problem) -> Engine:
        """An engine for one problem, to be kept where several questions are asked of it."""
        return Engine(problem, solver=self.solver, threads=self._threads)

    def optimum(self, engine: Engine, forced: Mapping[str, str] | None = None) -> Optimum:
        """The canonical optimum, or none, either of them proven. Raises OutOfTime."""
        self.deadline.check()
        found = engine.optimum(forced, deadline=self.deadline)
        if not (found.is_proven and found.is_canonical):
            raise OutOfTime
        self.note(found.certificate)
        return found

    def any_award(self, problem: Problem) -> Mapping[str, str] | None:
        """Some award, or None; that there is none is proven. Raises OutOfTime."""
        self.deadline.check()
        award, certificate = self.engine(problem).any_award(deadline=self.deadline)
        self.note(certificate)
        return award

    def is_feasible(self, problem: Problem) -> bool:
        """Whether any award exists; both words are proven. Raises OutOfTime."""
        return self.any_award(problem) is not None

    def tell(self, done: int, total: int) -> None:
        """Say how far the work is, to whoever wants to know."""
        if self._told is not None:
            self._told(done, total)

    def note(self, certificate: Certificate) -> None:
        """Take down what one more answer rests on."""
        if certificate is not Certificate.EXACT:
            self.certificate = certificate
