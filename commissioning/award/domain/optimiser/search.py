"""The exact search: is there an award that costs no more than this? An award, or a proof of none.

Branch and bound over the bids that are still open. At each node the live relaxation proposes; a
node is closed only by an exact bound, by limits that the settled lots already break, or by having
been looked at in full. "None" is therefore a proof, whatever the floats did.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from commissioning.award.domain.optimiser.bounds import (
    Bound,
    Multipliers,
    bound,
    exact_multipliers,
    from_floats,
)
from commissioning.award.domain.optimiser.costs import Costs
from commissioning.award.domain.optimiser.deadline import Deadline
from commissioning.award.domain.optimiser.exchanges import Face
from commissioning.award.domain.optimiser.program import AwardProgram, Row
from commissioning.award.domain.optimiser.relaxation import Outcome, Relaxation, Relaxed

# About ten seconds of work on a small machine; past it, the solver's own word is asked for.
WORK_ALLOWED = 8_000_000
_WHOLE = 1e-6
_NEAR = 1e-6


class OutOfWork(Exception):
    """The question is too hard for an exact proof of reasonable length."""


@dataclass(frozen=True)
class Question:
    """What is asked: an award of open bids, costing at most `most`, that `accepts` takes.

    `most` is None when any award will do; `excluded` is one that does not count, as its columns.
    """

    is_open: bytearray
    most: int | None
    accepts: Callable[[Sequence[int]], bool]
    excluded: Sequence[int] | None = None


class ExactSearch:
    """Branch and bound with one live relaxation and exact bounds."""

    def __init__(self, program: AwardProgram, work_allowed: int = WORK_ALLOWED) -> None:
        self._program = program
        self._relaxation = Relaxation(program)
        self._rows: list[Row] = list(program.rows)
        # For each bid, the limits that are plain sums of bids and count it, each with how much.
        self._touching: list[list[tuple[int, int]]] = [[] for _ in program.bids]
        for place, row in enumerate(self._rows):
            self._note(place, row)
        self._costs: tuple[int, ...] = (0,) * program.column_count
        self.root_bound: Bound | None = None
        self._work_allowed = work_allowed

    def set_costs(self, costs: Costs) -> None:
        """Take the costs by which the questions to come are meant."""
        self._costs = costs.columns
        self._relaxation.set_costs(costs.columns)

    def find(self, question: Question, deadline: Deadline) -> tuple[int, ...] | None:
        """An award that answers the question, as a column for each lot; None is proof of none.

        Raises OutOfTime, and OutOfWork when the proof would be too long.
        """
        if question.excluded is None:
            return self._search(question, deadline)
        # Not all of these together: one limit more, exact like the others.
        columns = tuple(question.excluded)
        row = Row("another_award", columns, (1,) * len(columns), len(columns) - 1)
        self._rows.append(row)
        self._note(len(self._rows) - 1, row)
        self._relaxation.add_row(row)
        try:
            return self._search(question, deadline)
        finally:
            self._relaxation.drop_row()
            self._rows.pop()
            for column in columns:
                self._touching[column].pop()

    def bound_at_root(self, is_open: bytearray, deadline: Deadline) -> Bound | None:
        """What the relaxation alone proves that every award of open bids costs at least."""
        left = bytearray(is_open)
        if not self._propagate(left):
            return None
        relaxed = self._relaxation.solve(left, deadline)
        return self._bound(relaxed, left) if relaxed.outcome is Outcome.SOLVED else None

    def whole_at_root(self, is_open: bytearray, deadline: Deadline) -> tuple[int, ...] | None:
        """The award that the relaxation alone proposes; None where it splits a lot, or has none.

        Where only the number of lots is limited it splits none: then nothing else need be asked.
        """
        left = bytearray(is_open)
        if not self._propagate(left):
            return None
        relaxed = self._relaxation.solve(left, deadline)
        return self._whole(relaxed.values, left) if relaxed.outcome is Outcome.SOLVED else None

    def reduced(self, is_open: bytearray, most: int, deadline: Deadline) -> bytearray:
        """The open bids less those that one bound proves to be in no award costing at most that."""
        left = bytearray(is_open)
        if not self._propagate(left):
            return left
        relaxed = self._relaxation.solve(left, deadline)
        if relaxed.outcome is Outcome.SOLVED:
            self._close_dear(left, self._bound(relaxed, left), most)
            exact = self._exact_bound(left)
            if exact is not None:
                self._close_dear(left, exact, most)
        return left

    def face(self, is_open: bytearray, most: int, deadline: Deadline) -> Face | None:
        """All awards of open bids that cost `most`, where one bound proves that none costs less.

        A bid that costs more than its lot pays, or a limit that costs something and is not used up,
        would make an award dearer than the bound. None where no bound is as high as that.
        """
        left = bytearray(is_open)
        if not self._propagate(left):
            return None
        relaxed = self._relaxation.solve(left, deadline)
        if relaxed.outcome is not Outcome.SOLVED or not self._is_near(most, relaxed):
            return None
        for proven in (from_floats(relaxed.multipliers), self._exact_multipliers()):
            if proven is None:
                continue
            found = bound(self._program, self._rows, self._costs, proven, left)
            if found.total == most * found.scale:
                self._close_dear(left, found, most)
                return Face(
                    left, frozenset(place for place, each in enumerate(proven.rows) if each)
                )
        return None

    def _search(self, question: Question, deadline: Deadline) -> tuple[int, ...] | None:
        self.root_bound = None
        work_left = self._work_allowed
        work_a_node = 400 + len(self._program.bids) + sum(len(row.columns) for row in self._rows)
        pending = [bytearray(question.is_open)]
        while pending:
            deadline.check()
            work_left -= work_a_node
            if work_left < 0:
                # The questions that follow are of the same kind: less is tried before giving up.
                self._work_allowed //= 2
                raise OutOfWork
            node = pending.pop()
            if not self._propagate(node):
                continue
            chosen = self._settled(node)
            if chosen is not None:
                if self._takes(question, chosen):
                    return chosen
                continue
            relaxed = self._relaxation.solve(node, deadline)
            if self._is_closed(question, node, relaxed):
                continue
            if relaxed.outcome is Outcome.SOLVED:
                chosen = self._whole(relaxed.values, node)
                if chosen is not None and self._takes(question, chosen):
                    return chosen
                if self._is_closed_exactly(question, node, relaxed):
                    continue
            pending.extend(self._branches(node, relaxed))
        return None

    def _takes(self, question: Question, chosen: tuple[int, ...]) -> bool:
        excluded = question.excluded
        return (excluded is None or chosen != tuple(excluded)) and question.accepts(chosen)

    def _is_closed(self, question: Question, node: bytearray, relaxed: Relaxed) -> bool:
        """Whether the relaxation's multipliers prove that the node holds no answer.

        Otherwise bids that they prove to be in no answer are closed in the node.
        """
        if relaxed.outcome is Outcome.NO_HELP:
            return False
        if relaxed.outcome is Outcome.INFEASIBLE:
            free = (0,) * len(self._costs)
            for sign in (1, -1):
                ray = from_floats([(sign * number, shift) for number, shift in relaxed.multipliers])
                if bound(self._program, self._rows, free, ray, node).total > 0:
                    return True
            return False
        found = self._bound(relaxed, node)
        if self.root_bound is None:
            self.root_bound = found
        if question.most is None:
            return False
        return found.exceeds(question.most) or not self._close_dear(node, found, question.most)

    def _is_closed_exactly(self, question: Question, node: bytearray, relaxed: Relaxed) -> bool:
        """The same with the exact multipliers of the final basis, where the floats came close."""
        if question.most is None:
            return False
        if not self._is_near(question.most, relaxed):
            return False
        exact = self._exact_bound(node)
        if exact is None:
            return False
        return exact.exceeds(question.most) or not self._close_dear(node, exact, question.most)

    def _bound(self, relaxed: Relaxed, node: bytearray) -> Bound:
        multipliers = from_floats(relaxed.multipliers)
        return bound(self._program, self._rows, self._costs, multipliers, node)

    def _is_near(self, most: int, relaxed: Relaxed) -> bool:
        """Whether a relaxed cost is at least that, but for what floats may be out by."""
        scaled = most / self._relaxation.cost_scale
        return relaxed.cost >= scaled - _NEAR * max(abs(scaled), 1.0)

    def _exact_bound(self, node: bytearray) -> Bound | None:
        multipliers = self._exact_multipliers()
        if multipliers is None:
            return None
        return bound(self._program, self._rows, self._costs, multipliers, node)

    def _exact_multipliers(self) -> Multipliers | None:
        basic, tight = self._relaxation.basis()
        return exact_multipliers(self._program, self._rows, self._costs, basic, tight)

    def _close_dear(self, node: bytearray, found: Bound, most: int) -> bool:
        """Close the bids with which every award costs too much; False where a lot has none left."""
        limit = most * found.scale
        for lot, columns in enumerate(self._program.columns_on):
            left = False
            for column in columns:
                if node[column]:
                    if found.with_bid(column, lot) > limit:
                        node[column] = 0
                    else:
                        left = True
            if not left:
                return False
        return True

    def _note(self, place: int, row: Row) -> None:
        """Remember which bids a limit counts, if it is a plain sum of bids."""
        bids = len(self._program.bids)
        if min(row.coefficients) > 0 and max(row.columns) < bids:
            for column, coefficient in zip(row.columns, row.coefficients, strict=True):
                self._touching[column].append((place, coefficient))

    def _propagate(self, node: bytearray) -> bool:
        """Close bids that the settled lots leave no room for; False where a lot has none left."""
        program = self._program
        open_on = [[column for column in on if node[column]] for on in program.columns_on]
        if not all(open_on):
            return False
        queue = [columns[0] for columns in open_on if len(columns) == 1]
        settled = set(queue)
        room: dict[int, int] = {}
        while queue:
            touched = set()
            for column in queue:
                for place, coefficient in self._touching[column]:
                    room[place] = room.get(place, self._rows[place].bound) - coefficient
                    touched.add(place)
            queue = []
            for place in touched:
                row, left = self._rows[place], room[place]
                if left < 0:
                    return False
                for column, coefficient in zip(row.columns, row.coefficients, strict=True):
                    if coefficient > left and node[column] and column not in settled:
                        node[column] = 0
                        on = open_on[program.lot_of[column]]
                        on.remove(column)
                        if not on:
                            return False
                        if len(on) == 1:
                            settled.add(on[0])
                            queue.append(on[0])
        return True

    def _settled(self, node: bytearray) -> tuple[int, ...] | None:
        """The award of a node in which every lot has one open bid left."""
        chosen = []
        for columns in self._program.columns_on:
            on = [column for column in columns if node[column]]
            if len(on) != 1:
                return None
            chosen.append(on[0])
        return tuple(chosen)

    def _whole(self, values: Sequence[float], node: bytearray) -> tuple[int, ...] | None:
        """The award that a relaxation proposes, where it splits no lot."""
        chosen = []
        for columns in self._program.columns_on:
            winner = max(columns, key=values.__getitem__)
            if values[winner] < 1 - _WHOLE or not node[winner]:
                return None
            chosen.append(winner)
        return tuple(chosen)

    def _branches(self, node: bytearray, relaxed: Relaxed) -> list[bytearray]:
        """Two halves of a node: one bid wins its lot (looked at first), or it does not."""
        column = self._column_to_branch_on(node, relaxed)
        without = bytearray(node)
        without[column] = 0
        with_it = bytearray(node)
        for other in self._program.columns_on[self._program.lot_of[column]]:
            with_it[other] = 0
        with_it[column] = 1
        return [without, with_it]

    def _column_to_branch_on(self, node: bytearray, relaxed: Relaxed) -> int:
        """The leading bid of the lot that the relaxation splits most evenly."""
        values = relaxed.values
        best, least = -1, 2.0
        for columns in self._program.columns_on:
            on = [column for column in columns if node[column]]
            if len(on) < 2:
                continue
            leader = max(on, key=values.__getitem__) if values else on[0]
            share = values[leader] if values else 1.0
            if share < least:
                best, least = leader, share
        return best
