"""Solving the PuLP model: HiGHS by default, CBC on request. The one thin adapter to both.

What a solver says is a proposal. Values are read only where it says that it has a solution, they
become an award only where every lot has one whole winner, and the award is checked in integers: a
limit that the solver's tolerance let pass is cut off exactly, and the model solved again.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction
from functools import cache
from importlib.metadata import version
from math import floor, isfinite
from typing import Any

import highspy
import pulp
from pulp.apis.coin_api import pulp_cbc_path

from commissioning.award.domain.limits import broken_limits
from commissioning.award.domain.optimiser.costs import Costs
from commissioning.award.domain.optimiser.deadline import Deadline
from commissioning.award.domain.optimiser.program import AwardProgram, Row

SOLVERS = ("highs", "cbc")
OPTIONS: Mapping[str, int | str] = {
    "pulp": version("pulp"),
    "threads": 1,
    "seed": 1,
    "gap_rel": "0",
    "gap_abs": "0",
}
_COMFORTABLE_BITS = 20
_WHOLE = 1e-4
_TOLERANCE = 1e-6
_SOLVER_SHARE = 0.9
_CUTS_ALLOWED = 20


class Word(Enum):
    """What a solver says of the model."""

    OPTIMAL = auto()
    FEASIBLE = auto()
    INFEASIBLE = auto()
    NOTHING = auto()


@dataclass(frozen=True)
class Proposal:
    """A solver's word, its award (a column for each lot; valid, checked in integers), its bound.

    `bound` is the least cost of any award according to the solver, lowered by what its tolerances
    may hide; None where it gives none.
    """

    word: Word
    chosen: tuple[int, ...] | None = None
    bound: int | None = None


class _OneHandOver(pulp.HiGHS):  # type: ignore[misc] # PuLP ships no types
    """PuLP's HiGHS, but the whole model goes over in one call instead of row by row."""

    def buildSolverModel(self, lp: pulp.LpProblem) -> None:  # noqa: N802 - PuLP's name
        variables = lp.variables()
        for index, variable in enumerate(variables):
            variable.index = index
        model = highspy.HighsLp()
        model.num_col_ = len(variables)
        model.col_cost_ = [float(lp.objective.get(each, 0.0)) for each in variables]
        model.col_lower_ = [float(each.lowBound) for each in variables]
        model.col_upper_ = [float(each.upBound) for each in variables]
        model.integrality_ = [
            highspy.HighsVarType.kInteger
            if each.cat == pulp.LpInteger
            else highspy.HighsVarType.kContinuous
            for each in variables
        ]
        starts: list[int] = [0]
        columns: list[int] = []
        coefficients: list[float] = []
        lower: list[float] = []
        upper: list[float] = []
        for index, constraint in enumerate(lp.constraints()):
            constraint.index = index
            columns.extend(variable.index for variable in constraint)
            coefficients.extend(constraint.values())
            starts.append(len(columns))
            least, most = constraint.getLb(), constraint.getUb()
            lower.append(-highspy.kHighsInf if least is None else least)
            upper.append(highspy.kHighsInf if most is None else most)
        model.num_row_ = len(lower)
        model.row_lower_ = lower
        model.row_upper_ = upper
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = starts
        model.a_matrix_.index_ = columns
        model.a_matrix_.value_ = coefficients
        lp.solverModel.passModel(model)


class Proposer:
    """A solver with the PuLP model of a program: proposes the cheapest award of open bids."""

    def __init__(self, program: AwardProgram, solver: str, threads: int = 1) -> None:
        self._program = program
        self._solver = solver
        self._threads = threads
        self._scale = 1
        self._wanted: Costs | None = None

    def set_costs(self, costs: Costs) -> None:
        """Take the costs by which the proposals to come are meant."""
        self._wanted = costs

    def _state(self, costs: Costs) -> None:
        """Make the costs the objective of the model, scaled by a power of two."""
        largest = max(map(abs, costs.columns), default=0)
        self._scale = 1 << max(0, largest.bit_length() - _COMFORTABLE_BITS)
        terms = zip(self._program.variables, costs.columns, strict=True)
        expression = {variable: cost / self._scale for variable, cost in terms}
        self._program.model.setObjective(pulp.LpAffineExpression(expression))

    def propose(
        self, is_open: bytearray, deadline: Deadline, excluded: Sequence[int] | None = None
    ) -> Proposal:
        """The cheapest award of open bids, other than `excluded`. Raises OutOfTime."""
        program = self._program
        if self._wanted is not None:
            self._state(self._wanted)
            self._wanted = None
        for variable, upper in zip(program.variables, is_open, strict=False):
            variable.upBound = upper
        model = program.model.copy()
        if excluded is not None:
            model.addConstraint(program.constraint(_not_all(excluded, "another_award")))
        for attempt in range(_CUTS_ALLOWED):
            proposal = self._ask(model, deadline)
            broken = None if proposal.chosen is None else self._broken_together(proposal.chosen)
            if broken is None:
                return proposal
            model.addConstraint(program.constraint(_not_all(broken, f"cut_{attempt}")))
        return Proposal(Word.NOTHING)

    def _ask(self, model: pulp.LpProblem, deadline: Deadline) -> Proposal:
        remaining = deadline.check()
        # Some time is kept to look into what the solver may not finish.
        # HiGHS has one pool of threads for all its models, and refuses to run with another number.
        if self._threads > 1:
            highspy.Highs.resetGlobalScheduler(True)
        model.solve(self._backend(None if remaining is None else remaining * _SOLVER_SHARE))
        if self._threads > 1:
            highspy.Highs.resetGlobalScheduler(True)
        bound = None
        if self._solver == "highs":
            bound = self._lowered(model.solverModel.getInfo().mip_dual_bound)
        if model.status == pulp.LpStatusInfeasible:
            return Proposal(Word.INFEASIBLE)
        # A time limit with an incumbent has status "optimal" too: only both words together count.
        if model.status != pulp.LpStatusOptimal:
            return Proposal(Word.NOTHING, bound=bound)
        chosen = self._chosen()
        if chosen is None:
            return Proposal(Word.NOTHING, bound=bound)
        proven = model.sol_status == pulp.LpSolutionOptimal
        return Proposal(Word.OPTIMAL if proven else Word.FEASIBLE, chosen, bound)

    def _lowered(self, stated: float) -> int | None:
        if not isfinite(stated):
            return None
        return floor(Fraction(stated - _TOLERANCE * max(1.0, abs(stated))) * self._scale)

    def _backend(self, seconds: float | None) -> Any:
        if self._solver == "highs":
            return _OneHandOver(
                msg=False,
                gapRel=0.0,
                gapAbs=0.0,
                threads=self._threads,
                timeLimit=seconds,
                random_seed=1,
            )
        return pulp.COIN_CMD(
            path=pulp_cbc_path,
            msg=False,
            gapRel=0,
            gapAbs=0,
            threads=self._threads,
            timeLimit=seconds,
            options=["randomSeed 1", "randomCbcSeed 1"],
        )

    def _chosen(self) -> tuple[int, ...] | None:
        """The column that wins each lot; None where a lot is split, as in no real award."""
        variables = self._program.variables
        chosen = []
        for columns in self._program.columns_on:
            winner = max(columns, key=lambda column: variables[column].varValue or 0.0)
            if abs((variables[winner].varValue or 0.0) - 1) > _WHOLE:
                return None
            chosen.append(winner)
        return tuple(chosen)

    def _broken_together(self, chosen: tuple[int, ...]) -> tuple[int, ...] | None:
        """Winning bids that no award can hold together, where the proposal breaks a limit.

        As few of them as will do, so that the cut takes as much away as it can.
        """
        won = set(chosen)
        for row in self._program.rows:
            if min(row.coefficients) > 0 and max(row.columns) < len(self._program.bids):
                in_row = zip(row.columns, row.coefficients, strict=True)
                held = {column: coefficient for column, coefficient in in_row if column in won}
                excess = sum(held.values()) - row.bound
                if excess > 0:
                    for column in sorted(held, key=held.__getitem__):
                        if held[column] < excess:
                            excess -= held.pop(column)
                    return tuple(held)
        award = self._program.award_of(chosen)
        return chosen if broken_limits(self._program.problem, award) else None


def _not_all(columns: Sequence[int], name: str) -> Row:
    return Row(name, tuple(columns), (1,) * len(columns), len(columns) - 1)


@cache
def version_of(solver: str) -> str:
    """The version of a solver, as it is recorded with an answer."""
    if solver == "highs":
        return version("highspy")
    said = subprocess.run(  # noqa: S603 - the binary that PuLP brings
        [pulp_cbc_path, "-quit"], stdin=subprocess.DEVNULL, capture_output=True, check=False
    ).stdout.decode("ascii", "replace")
    found = re.search(r"Version: (\S+)", said)
    return found.group(1) if found else "unknown"
