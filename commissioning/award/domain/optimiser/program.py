"""The award problem as an integer program, stated in PuLP and kept beside it in exact integers.

The PuLP model is what a solver sees: rows scaled to a size that solvers like. The exact rows are
what is true: integers, divided by their common factor. Every limit is stated once, by
`AwardProgram.at_most`, which writes both.

Columns: one for each bid that could win its lot taken alone (1: it wins), one for each package
that could be met (1: it is), and, where a least number of winners is asked for, one for each
bidder (1: it wins something). Names in the model are index numbers: ids may hold anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from math import gcd

import pulp

from commissioning.award.domain.limits import (
    LOT_COUNTS,
    Rule,
    allowances,
    counted,
    those_that_fit_alone,
)
from commissioning.award.domain.problem import Bid, Bidder, Group, Objective, Package, Problem

_COMFORTABLE_BITS = 20  # coefficients up to a million: far above a solver's tolerance of 1e-6


@dataclass(frozen=True)
class Row:
    """A limit in exact integers: the sum of coefficient times column is at most `bound`."""

    name: str
    columns: tuple[int, ...]
    coefficients: tuple[int, ...]
    bound: int

    @cached_property
    def shift(self) -> int:
        """The power of two by which the row is divided for a solver."""
        largest = max(map(abs, self.coefficients))
        return max(0, largest.bit_length() - _COMFORTABLE_BITS)

    def for_solver(self) -> tuple[list[int], int]:
        """Coefficients and bound as a solver sees them: divided by 2^shift and rounded down.

        Rounding down loses no award: whole numbers on the left that came to at most the bound
        still do. It may let a few too many through, as a solver's own tolerance does; those are
        found when the award is checked in integers, and cut off. Handing over scaled floats
        instead, HiGHS 1.15.1 has been seen to overwrite memory in its dual simplex on rows that
        differ in the thirteenth digit only.
        """
        shift = self.shift
        return [coefficient >> shift for coefficient in self.coefficients], self.bound >> shift


class AwardProgram:
    """The integer program of one award problem: columns, exact rows, and the PuLP model."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.bids: tuple[Bid, ...] = tuple(
            those_that_fit_alone(
                problem, chain.from_iterable(_that_may_win(problem, lot.id) for lot in problem.lots)
            )
        )
        place = {lot.id: index for index, lot in enumerate(problem.lots)}
        self.lot_of: tuple[int, ...] = tuple(place[bid.lot] for bid in self.bids)
        on: list[list[int]] = [[] for _ in problem.lots]
        of: dict[str, list[int]] = {}
        for column, bid in enumerate(self.bids):
            on[self.lot_of[column]].append(column)
            of.setdefault(bid.bidder, []).append(column)
        self.columns_on: tuple[tuple[int, ...], ...] = tuple(map(tuple, on))
        self.columns_of: Mapping[str, tuple[int, ...]] = {
            bidder: tuple(columns) for bidder, columns in of.items()
        }
        self.packages: tuple[Package, ...] = tuple(filter(self._matters, problem.packages))
        self.rows: list[Row] = []
        self.column_count = len(self.bids) + len(self.packages)
        if not self.lots_nobody_may_win:
            self._state()

    @cached_property
    def column_of(self) -> Mapping[tuple[str, str], int]:
        """The column of a bid, by its bidder and its lot."""
        return {(bid.bidder, bid.lot): column for column, bid in enumerate(self.bids)}

    @property
    def lots_nobody_may_win(self) -> tuple[str, ...]:
        """The lots on which no bid is left, even taken alone: then there is no award."""
        return tuple(
            lot.id for lot, on in zip(self.problem.lots, self.columns_on, strict=True) if not on
        )

    @property
    def package_columns(self) -> range:
        """The columns of the packages, in the order of `packages`."""
        return range(len(self.bids), len(self.bids) + len(self.packages))

    def award_of(self, chosen: Sequence[int]) -> dict[str, str]:
        """The award, lot to bidder, of one chosen column for each lot."""
        return {self.bids[column].lot: self.bids[column].bidder for column in chosen}

    def positions_of(self, chosen: Sequence[int]) -> tuple[int, ...]:
        """The bidder position of each lot's winner: what the tie rule compares."""
        return tuple(self.problem.position[self.bids[column].bidder] for column in chosen)

    def at_most(self, name: str, terms: Mapping[int, int], bound: int) -> None:
        """State a limit, sum of terms <= bound, unless it cannot bind."""
        if 0 in terms.values():
            terms = {column: coefficient for column, coefficient in terms.items() if coefficient}
        if self.most(terms) <= bound:
            return
        # Columns are whole numbers, so a common factor goes out and the bound rounds down.
        factor = gcd(*terms.values())
        coefficients = tuple(terms.values())
        if factor > 1:
            coefficients = tuple(coefficient // factor for coefficient in coefficients)
        self.rows.append(Row(name, tuple(terms), coefficients, bound // factor))

    def most(self, terms: Mapping[int, int]) -> int:
        """The most that a sum of these terms can come to, each lot being won once."""
        if max(terms, default=0) < len(self.bids) and set(terms.values()) <= {1}:
            return len({self.lot_of[column] for column in terms})
        most: dict[int, int] = {}
        for column, coefficient in terms.items():
            # Packages and winners count each for itself: they get places after those of the lots.
            place = self.lot_of[column] if column < len(self.bids) else len(self.bids) + column
            most[place] = max(most.get(place, 0), coefficient)
        return sum(most.values())

    @property
    def model(self) -> pulp.LpProblem:
        """The program as PuLP states it."""
        return self._in_pulp[0]

    @property
    def variables(self) -> list[pulp.LpVariable]:
        """The variables of the PuLP model, one a column."""
        return self._in_pulp[1]

    @cached_property
    def _in_pulp(self) -> tuple[pulp.LpProblem, list[pulp.LpVariable]]:
        """The model and its variables: stated once, and only when a solver is asked."""
        model = pulp.LpProblem("award", pulp.LpMinimize)

        # A bid wins its lot, or not. A package is met, or not; a bidder wins something, or not:
        # both follow from the bids (see `_state`), so they need not be declared integer.
        variables = [
            model.add_variable(f"bid_{column:07}", 0, 1, pulp.LpInteger)
            for column in range(len(self.bids))
        ]
        variables.extend(
            model.add_variable(f"package_or_winner_{column:07}", 0, 1)
            for column in range(len(self.bids), self.column_count)
        )

        # Every lot goes to exactly one bidder.
        for lot, columns in enumerate(self.columns_on):
            winners = pulp.LpAffineExpression(dict.fromkeys(_at(columns, variables), 1))
            name = f"one_winner_of_lot_{lot}"
            model.addConstraint(pulp.LpConstraint(winners, pulp.LpConstraintEQ, name, 1))

        # Every limit, as `_state` wrote it down.
        for row in self.rows:
            model.addConstraint(_constraint(row, variables))
        return model, variables

    def constraint(self, row: Row) -> pulp.LpConstraint:
        """A row as PuLP states it: the integers that a solver sees."""
        return _constraint(row, self.variables)

    def _matters(self, package: Package) -> bool:
        """Whether a package can be met, and changes a price that is looked at."""
        problem = self.problem
        if problem.objective is Objective.MAX_TOTAL_QUALITY and problem.limits.budget is None:
            return False
        can_be_met = all((package.bidder, lot) in self.column_of for lot in package.discounts)
        return can_be_met and any(package.discounts.values())

    def _state(self) -> None:
        """State the limits, one block for each family; that every lot has one winner is given."""
        limits = self.problem.limits

        # Lots, value and price that a bidder may win.
        for index, bidder in enumerate(self.problem.bidders):
            columns = self.columns_of.get(bidder.id, ())
            self._state_allowances(bidder, f"bidder_{index}", columns)

        # Lots and value that the members of a group may win together.
        for index, group in enumerate(self.problem.groups):
            columns = tuple(chain(*(self.columns_of.get(each, ()) for each in group.members)))
            self._state_allowances(group, f"group_{index}", columns)

        # Incompatible lots: of any that exclude each other pairwise, a bidder wins at most one.
        for index, bidder in enumerate(self.problem.bidders):
            columns = self.columns_of.get(bidder.id, ())
            for number, clique in enumerate(self._cliques(columns)):
                self.at_most(
                    f"incompatible_{number}_of_bidder_{index}", dict.fromkeys(clique, 1), 1
                )

        # Packages: met only when every lot of it is won. Nothing need force a package to be met,
        # because being met is never a disadvantage: a solver sets it as high as it may.
        for index, package in enumerate(self.packages):
            met = self.package_columns[index]
            for each in package.discounts:
                won = self.column_of[package.bidder, each]
                self.at_most(f"package_{index}_needs_bid_{won}", {met: 1, won: -1}, 0)

        # A least number of distinct winners.
        if limits.min_distinct_winners is not None and limits.min_distinct_winners > 1:
            self._state_winners(limits.min_distinct_winners)

        # The budget, on net prices.
        if limits.budget is not None:
            self.at_most("budget", self._net_price_terms(), limits.budget)

    def _state_allowances(self, holder: Bidder | Group, name: str, columns: Sequence[int]) -> None:
        """One row a unit (lots, value, price): of several limits in one unit the least counts."""
        least: dict[str, tuple[Rule, int]] = {}
        for rule, allowed in allowances(self.problem, holder):
            unit = "lots" if rule in LOT_COUNTS else "value"
            unit = "price" if rule is Rule.BIDDER_MAX_PRICE else unit
            if unit not in least or allowed < least[unit][1]:
                least[unit] = (rule, allowed)
        for unit, (rule, allowed) in least.items():
            if rule in LOT_COUNTS:
                terms = dict.fromkeys(columns, 1)
            else:
                terms = {col: counted(self.problem, rule, self.bids[col]) for col in columns}
            self.at_most(f"{unit}_of_{name}", terms, allowed)

    def _cliques(self, columns: Sequence[int]) -> list[list[int]]:
        """Sets of a bidder's bids that cover its incompatible pairs, each as large as it grows."""
        lots = {self.bids[column].lot: column for column in columns}
        enemies: dict[int, set[int]] = {}
        uncovered: dict[frozenset[int], None] = {}
        for one, other in self.problem.limits.incompatible_lots:
            if one in lots and other in lots:
                enemies.setdefault(lots[one], set()).add(lots[other])
                enemies.setdefault(lots[other], set()).add(lots[one])
                uncovered[frozenset((lots[one], lots[other]))] = None
        cliques = []
        while uncovered:
            clique = sorted(next(iter(uncovered)))
            for column in columns:
                if column not in clique and enemies.get(column, set()).issuperset(clique):
                    clique.append(column)
            cliques.append(clique)
            for pair in [pair for pair in uncovered if pair.issubset(clique)]:
                del uncovered[pair]
        return cliques

    def _state_winners(self, least: int) -> None:
        first = self.column_count
        for index, columns in enumerate(self.columns_of.values()):
            self.column_count += 1
            terms = {first + index: 1, **dict.fromkeys(columns, -1)}
            self.at_most(f"winner_{index}_wins_something", terms, 0)
        winners = dict.fromkeys(range(first, self.column_count), -1)
        self.at_most("distinct_winners", winners, -least)

    def _net_price_terms(self) -> dict[int, int]:
        terms = {column: bid.price for column, bid in enumerate(self.bids)}
        for column, package in zip(self.package_columns, self.packages, strict=True):
            terms[column] = -sum(package.discounts.values())
        return terms


def _that_may_win(problem: Problem, lot: str) -> Sequence[Bid]:
    """The bids on a lot; of a fixed one, that of its winner alone."""
    on = problem.bids_on[lot]
    fixed = problem.fixed.get(lot)
    return on if fixed is None else [bid for bid in on if bid.bidder == fixed]


def _at(columns: Iterable[int], variables: Sequence[pulp.LpVariable]) -> Iterator[pulp.LpVariable]:
    return map(variables.__getitem__, columns)


def _constraint(row: Row, variables: Sequence[pulp.LpVariable]) -> pulp.LpConstraint:
    coefficients, bound = row.for_solver()
    terms = zip(_at(row.columns, variables), coefficients, strict=True)
    expression = pulp.LpAffineExpression(dict(terms))
    return pulp.LpConstraint(expression, pulp.LpConstraintLE, row.name, bound)
