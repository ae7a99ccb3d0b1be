"""Exact lower bounds on the cost of any award, from multipliers that need not be exact.

For any multipliers of the limits that are 0 or less, every award that keeps the limits costs at
least: the sum over lots of the cheapest bid, after each bid is charged its part in the limits,
plus multiplier x bound of each limit, plus what packages and winners can take off. A solver's
floats only suggest good multipliers; the bound itself is computed in integers, so that it holds
whatever the floats were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import frexp, lcm

from commissioning.award.domain.optimiser.program import AwardProgram, Row

_MANTISSA_BITS = 53
FLOAT_SCALE = 1 << 64
MOST_UNKNOWNS = 300


@dataclass(frozen=True)
class Multipliers:
    """A multiplier for each row (0 or less), as integers over one common `scale`."""

    rows: tuple[int, ...]
    scale: int


@dataclass(frozen=True)
class Bound:
    """No award costs less than `total` / `scale`; with a bid forced, not less than its own bound.

    `charged` is the cost of each column after charges, and `cheapest` the least of each lot, both
    times `scale`.
    """

    total: int
    scale: int
    charged: list[int]
    cheapest: list[int]

    def exceeds(self, most: int) -> bool:
        """Whether every award costs more than `most`."""
        return self.total > most * self.scale

    def with_bid(self, column: int, lot: int) -> int:
        """The bound, times `scale`, on awards in which that bid wins its lot."""
        return self.total - self.cheapest[lot] + self.charged[column]


def from_floats(suggested: Sequence[tuple[float, int]]) -> Multipliers:
    """Multipliers from a solver's floats, each times a power of two; wrong signs become 0."""
    return Multipliers(
        tuple(_integer(number, shift) if number < 0 else 0 for number, shift in suggested),
        FLOAT_SCALE,
    )


def _integer(number: float, shift: int) -> int:
    """The integer next below number x 2^shift x FLOAT_SCALE."""
    mantissa, exponent = frexp(number)
    whole = int(mantissa * (1 << _MANTISSA_BITS))
    move = exponent - _MANTISSA_BITS + shift + 64
    return whole << move if move >= 0 else whole >> -move


def bound(
    program: AwardProgram,
    rows: Sequence[Row],
    costs: Sequence[int],
    multipliers: Multipliers,
    is_open: bytearray,
) -> Bound:
    """The bound that the multipliers prove for awards made of open bids."""
    scale = multipliers.scale
    charged = [cost * scale for cost in costs]
    total = 0
    for row, multiplier in zip(rows, multipliers.rows, strict=True):
        if multiplier:
            total += multiplier * row.bound
            for column, coefficient in zip(row.columns, row.coefficients, strict=True):
                charged[column] -= multiplier * coefficient
    cheapest = []
    for columns in program.columns_on:
        least = min(charged[column] for column in columns if is_open[column])
        cheapest.append(least)
        total += least
    total += sum(charge for charge in charged[len(program.bids) :] if charge < 0)
    return Bound(total, scale, charged, cheapest)


def exact_multipliers(
    program: AwardProgram,
    rows: Sequence[Row],
    costs: Sequence[int],
    basic: Sequence[int],
    tight: Sequence[int],
) -> Multipliers | None:
    """The multipliers of a solver's final basis, solved for exactly; None where that is no use.

    Floats are out by a little, and a little decides between equal awards. Each basic column is
    charged exactly what its lot pays (a package or a winner: exactly its cost), and of a lot with
    one basic column nothing follows for the limits: what remains is a small system of equations.
    """
    equations = _equations(program, rows, costs, basic, set(tight))
    if len(equations) > MOST_UNKNOWNS:
        return None
    solved = _solve(equations)
    scale = lcm(*(value.denominator for value in solved.values()), 1)
    exact = [0] * len(rows)
    for place, value in solved.items():
        if value < 0:
            exact[place] = value.numerator * (scale // value.denominator)
    return Multipliers(tuple(exact), scale)


_Equation = tuple[dict[int, Fraction], Fraction]


def _equations(
    program: AwardProgram,
    rows: Sequence[Row],
    costs: Sequence[int],
    basic: Sequence[int],
    tight: set[int],
) -> list[_Equation]:
    wanted = set(basic)
    parts: dict[int, dict[int, Fraction]] = {column: {} for column in basic}
    for place in tight:
        row = rows[place]
        for column, coefficient in zip(row.columns, row.coefficients, strict=True):
            if column in wanted:
                parts[column][place] = Fraction(coefficient)
    equations: list[_Equation] = []
    first_on: dict[int, int] = {}
    for column in basic:
        if column >= len(program.bids):
            equations.append((parts[column], Fraction(costs[column])))
            continue
        first = first_on.setdefault(program.lot_of[column], column)
        if first != column:
            terms = dict(parts[column])
            for place, part in parts[first].items():
                terms[place] = terms.get(place, Fraction(0)) - part
            known = Fraction(costs[column] - costs[first])
            equations.append(({place: each for place, each in terms.items() if each}, known))
    return equations


def _solve(equations: list[_Equation]) -> dict[int, Fraction]:
    """Gauss, sparse, shortest equation first; what is left undetermined is 0."""
    pending = [equation for equation in equations if equation[0]]
    order: list[tuple[int, dict[int, Fraction], Fraction]] = []
    while pending:
        pending.sort(key=lambda equation: len(equation[0]), reverse=True)
        terms, known = pending.pop()
        if not terms:
            continue
        pivot = min(terms)
        by = terms.pop(pivot)
        terms = {place: each / by for place, each in terms.items()}
        known = known / by
        order.append((pivot, terms, known))
        for index, (others, other_known) in enumerate(pending):
            if pivot in others:
                factor = others.pop(pivot)
                for place, each in terms.items():
                    left = others.get(place, Fraction(0)) - factor * each
                    if left:
                        others[place] = left
                    else:
                        others.pop(place, None)
                pending[index] = (others, other_known - factor * known)
    solved: dict[int, Fraction] = {}
    for pivot, terms, known in reversed(order):
        known_part = sum(
            (each * solved.get(place, Fraction(0)) for place, each in terms.items()), Fraction(0)
        )
        solved[pivot] = known - known_part
    return solved
