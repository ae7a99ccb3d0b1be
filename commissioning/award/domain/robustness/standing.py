"""The award that is asked about: who wins by the published rule, and how close other bids come."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property

from commissioning.award.domain.objective import is_better, objective_value
from commissioning.award.domain.optimiser import Certificate, Deadline, Engine, Inquiry, Optimum
from commissioning.award.domain.optimiser.deadline import OutOfTime
from commissioning.award.domain.optimiser.rules import answer_by, forced_by
from commissioning.award.domain.problem import Bid, Objective, Problem
from commissioning.kernel.errors import BadInput


class Standing:
    """One award problem with its award by the rule that it names, ready for what-ifs.

    `award` is lot to bidder; a lot that a reversion leaves to nobody is not in it. Raises BadInput
    where the rule gives no award, since then no change can move a lot. `solver` changes how
    answers are reached, never the answers.
    """

    def __init__(self, problem: Problem, *, solver: str = "highs") -> None:
        self.problem = problem
        self.solved = 0
        self._inquiry = Inquiry(solver, Deadline())
        self._with: dict[tuple[str, str], Optimum] = {}
        self._without: dict[tuple[str, str], Optimum] = {}
        self.award: Mapping[str, str] = self.solve_again(problem)
        if not self.award:
            raise BadInput("problem", "The rule gives no award here; first see why there is none.")

    @property
    def is_exact(self) -> bool:
        """Whether every answer so far rests on exact arithmetic alone."""
        return self._inquiry.certificate is Certificate.EXACT

    @cached_property
    def value(self) -> Fraction:
        """What the award is worth by the problem's objective."""
        return objective_value(self.problem, self.award)

    @cached_property
    def forced(self) -> Mapping[str, str]:
        """The lots that the award rule decides before anything is optimised."""
        return forced_by(self.problem.award_rule, self.problem)

    @cached_property
    def _engine(self) -> Engine:
        return self._inquiry.engine(self.problem)

    def badness(self, value: Fraction) -> Fraction:
        """A value of the objective, turned so that less is better."""
        return -value if self.problem.objective is Objective.MAX_TOTAL_QUALITY else value

    def solve_again(self, problem: Problem) -> Mapping[str, str]:
        """Who wins each lot of a changed problem, by the rule that it names; empty without award.

        Proven, like any award. A reversion that ends with too few winners or over the budget gives
        no award. Raises OutOfTime where even the solver cannot settle it.
        """
        self.solved += 1
        found = answer_by(problem.award_rule, self._inquiry.engine(problem), self._inquiry)
        if not found.is_proven:
            raise OutOfTime
        return {} if found.broken else found.award

    def best_with(self, bid: Bid) -> Optimum:
        """The best award, by an optimum rule, in which a bid wins; the objective if forced."""
        key = bid.bidder, bid.lot
        if key not in self._with:
            self._with[key] = self._best_of(bid, is_in=True)
        return self._with[key]

    def best_without(self, bid: Bid) -> Optimum:
        """The best award, by an optimum rule, in which a bid does not win."""
        key = bid.bidder, bid.lot
        if key not in self._without:
            self._without[key] = self._best_of(bid, is_in=False)
        return self._without[key]

    def _best_of(self, bid: Bid, *, is_in: bool) -> Optimum:
        self.solved += 1
        is_open = bytearray(
            self.forced.get(each.lot, each.bidder) == each.bidder
            and (each.lot != bid.lot or (each.bidder == bid.bidder) is is_in)
            for each in self._engine.program.bids
        )
        found = self._engine.best_of(is_open)
        self._inquiry.note(found.certificate)
        return found

    def beats(self, problem: Problem, award: Mapping[str, str]) -> bool:
        """Whether an award would stand before this one in a changed problem, ties settled.

        Only the objective and the tie rule are looked at, not the limits; both award every lot.
        """
        mine, other = objective_value(problem, self.award), objective_value(problem, award)
        if mine != other:
            return is_better(problem, other, mine)
        place = problem.position
        order = [lot.id for lot in problem.lots]
        return [place[award[lot]] for lot in order] < [place[self.award[lot]] for lot in order]
