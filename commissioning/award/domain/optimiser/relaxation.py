"""One linear relaxation kept alive in HiGHS, whose bounds change from question to question.

It only ever *proposes*: values to round, multipliers to prove a bound with. What is proved with
them is proved in exact arithmetic, elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

import highspy

from commissioning.award.domain.optimiser.deadline import Deadline
from commissioning.award.domain.optimiser.program import AwardProgram, Row

_COMFORTABLE_BITS = 20
_BASIC = highspy.HighsBasisStatus.kBasic


class Outcome(Enum):
    """How a relaxation ended."""

    SOLVED = auto()
    INFEASIBLE = auto()
    NO_HELP = auto()  # numerical trouble, or no certificate: the search goes on without it


@dataclass(frozen=True)
class Relaxed:
    """A solved relaxation: column values, and a multiplier for each limit (0 or less).

    `multipliers` are floats that stand for themselves times 2^`shift`, one for each row; of an
    infeasible relaxation they are the ray that shows it, up to a factor.
    """

    outcome: Outcome
    values: Sequence[float] = ()
    multipliers: Sequence[tuple[float, int]] = ()
    cost: float = 0.0


class Relaxation:
    """The linear program of an award program: lots, exact rows scaled, columns between 0 and 1."""

    def __init__(self, program: AwardProgram) -> None:
        self._lots = len(program.columns_on)
        self._rows = list(program.rows)
        self._open = bytearray(b"\x01" * len(program.bids))
        self._cost_shift = 0
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call] # its stub says nothing
        for option, value in (
            ("output_flag", False),
            ("threads", 1),
            ("random_seed", 0),
            ("presolve", "off"),  # the basis of the last question is the start of the next
            ("solver", "simplex"),
        ):
            self._highs.setOptionValue(option, value)
        self._highs.passModel(_linear_program(program))

    def set_costs(self, costs: Sequence[int]) -> None:
        """Take the integer costs of all columns, scaled by a power of two."""
        largest = max(map(abs, costs), default=0)
        self._cost_shift = max(0, largest.bit_length() - _COMFORTABLE_BITS)
        scale = 1 << self._cost_shift
        scaled = [cost / scale for cost in costs]
        self._highs.changeColsCost(len(costs), list(range(len(costs))), scaled)

    @property
    def cost_scale(self) -> int:
        """What a relaxed cost must be multiplied by to be in the units of the costs."""
        return 1 << self._cost_shift

    def add_row(self, row: Row) -> None:
        """Add one limit for the questions to come."""
        self._rows.append(row)
        coefficients, bound = row.for_solver()
        columns = list(row.columns)
        self._highs.addRow(
            -highspy.kHighsInf, float(bound), len(columns), columns, list(map(float, coefficients))
        )

    def drop_rows_from(self, place: int) -> None:
        """Take the limits from that place on out again."""
        count = len(self._rows) - place
        if count:
            first = self._lots + place
            self._highs.deleteRows(count, list(range(first, first + count)))
            del self._rows[place:]

    def solve(self, is_open: bytearray, deadline: Deadline) -> Relaxed:
        """Solve with only the open bids (1 in `is_open`) allowed to win. Raises OutOfTime."""
        changed = [
            column
            for column, (new, old) in enumerate(zip(is_open, self._open, strict=True))
            if new != old
        ]
        if changed:
            upper = [float(is_open[column]) for column in changed]
            self._highs.changeColsBounds(len(changed), changed, [0.0] * len(changed), upper)
            self._open = bytearray(is_open)
        remaining = deadline.check()
        # HiGHS counts the time of all its runs together.
        limit = highspy.kHighsInf if remaining is None else self._highs.getRunTime() + remaining
        self._highs.setOptionValue("time_limit", limit)
        self._highs.run()
        status = self._highs.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            solution = self._highs.getSolution()
            return Relaxed(
                Outcome.SOLVED,
                solution.col_value,
                self._scaled(solution.row_dual, self._cost_shift),
                self._highs.getObjectiveValue(),
            )
        if status == highspy.HighsModelStatus.kInfeasible:
            _, has_ray, ray = self._highs.getDualRay()  # type: ignore[attr-defined] # not in its stub
            if has_ray:
                return Relaxed(Outcome.INFEASIBLE, (), self._scaled(list(ray), 0))
        deadline.check()
        return Relaxed(Outcome.NO_HELP)

    def basis(self) -> tuple[list[int], list[int]]:
        """The basic columns, and the tight limits (as places in the rows), of the last solution."""
        basis = self._highs.getBasis()
        basic = [column for column, each in enumerate(basis.col_status) if each == _BASIC]
        tight = [row for row, each in enumerate(basis.row_status[self._lots :]) if each != _BASIC]
        return basic, tight

    def _scaled(self, duals: Sequence[float], shift: int) -> list[tuple[float, int]]:
        limits = duals[self._lots :]
        return [
            (float(dual), shift - row.shift) for dual, row in zip(limits, self._rows, strict=True)
        ]


def _linear_program(program: AwardProgram) -> highspy.HighsLp:
    """The whole model in one hand-over: sparse rows, lots first, then the limits."""
    starts: list[int] = [0]
    columns: list[int] = []
    coefficients: list[float] = []
    lower: list[float] = []
    upper: list[float] = []
    for on_lot in program.columns_on:
        columns.extend(on_lot)
        coefficients.extend([1.0] * len(on_lot))
        starts.append(len(columns))
        lower.append(1.0)
        upper.append(1.0)
    for row in program.rows:
        scaled, bound = row.for_solver()
        columns.extend(row.columns)
        coefficients.extend(map(float, scaled))
        starts.append(len(columns))
        lower.append(-highspy.kHighsInf)
        upper.append(float(bound))
    count = program.column_count
    model = highspy.HighsLp()
    model.num_col_ = count
    model.num_row_ = len(lower)
    model.col_cost_ = [0.0] * count
    model.col_lower_ = [0.0] * count
    model.col_upper_ = [1.0] * count
    model.row_lower_ = lower
    model.row_upper_ = upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = starts
    model.a_matrix_.index_ = columns
    model.a_matrix_.value_ = coefficients
    return model
