"""The exact search: is there an award that costs no more than this? An award, or a proof of none.

Branch and bound over the bids that are still open. At each node the live relaxation proposes; a
node is closed only by an exact bound, by limits that the settled lots already break, or by having
been looked at in full. "None" is therefore a proof, whatever the floats did.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush

from commissioning.award.domain.optimiser.bounds import (
    Bound,
    Multipliers,
    bound,
    exact_multipliers,
    from_floats,
)
from commissioning.award.domain.optimiser.costs import Costs
from commissioning.award.domain.optimiser.covers import cover_cut
from commissioning.award.domain.optimiser.deadline import Deadline
from commissioning.award.domain.optimiser.exchanges import Face
from commissioning.award.domain.optimiser.nodes import branches, settled, whole
from commissioning.award.domain.optimiser.program import AwardProgram, Row
from commissioning.award.domain.optimiser.relaxation import Outcome, Relaxation, Relaxed

# About ten seconds of work on a small machine; past it, the solver's own word is asked for.
WORK_ALLOWED = 8_000_000
_NEAR = 1e-6
_ROUNDS_AT_ROOT = 20
_ROUNDS_AT_NODES = 4
_DIVES = 3
_CUTS_ALLOWED = 10
"""For each limit on value, so many cuts at once."""
_GAIN = 1e-5


class OutOfWork(Exception):
    """The question is too hard for an exact proof of reasonable length."""


@dataclass(frozen=True)
class Question:
    """What is asked: an award of open bids, costing at most `most`, that `accepts` takes.

    `most` is None when any award will do.
    """

    is_open: bytearray
    most: int | None
    accepts: Callable[[Sequence[int]], bool]


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
        # Limits on value: those from which cuts follow.
        self._weighing = [
            row
            for row in program.rows
            if min(row.coefficients) > 0
            and max(row.coefficients) > 1
            and max(row.columns) < len(program.bids)
        ]
        self._most_rows = len(program.rows) + _CUTS_ALLOWED * len(self._weighing)
        self._costs: tuple[int, ...] = (0,) * program.column_count
        self.root_bound: Bound | None = None
        self._work_allowed = work_allowed

    def set_costs(self, costs: Costs) -> None:
        """Take the costs by which the questions to come are meant."""
        self._costs = costs.columns
        self._relaxation.set_costs(costs.columns)

    @property
    def is_small(self) -> bool:
        """Whether the work allowed suffices to decide all lots one after another, some times."""
        return self._work_a_node * len(self._program.columns_on) * _DIVES <= self._work_allowed

    def find(self, question: Question, deadline: Deadline) -> tuple[int, ...] | None:
        """An award that answers the question, as a column for each lot; None is proof of none.

        Raises OutOfTime, and OutOfWork when the proof would be too long.
        """
        found: list[tuple[int, ...]] = []
        self.walk(question, found.append, deadline)
        return found[0] if found else None

    def walk(
        self,
        question: Question,
        told: Callable[[tuple[int, ...]], int | None],
        deadline: Deadline,
    ) -> None:
        """Go through the awards that answer the question, as a column for each lot.

        `told` hears of each one found, and says what others may cost at most from then on, or None
        to stop. Where it was not stopped, nothing is left out: what was not told does not exist.
        Raises OutOfTime, and OutOfWork when it would be too long.
        """
        self._strengthen(question.is_open, deadline)
        standing = len(self._rows)
        try:
            self._search(question, told, deadline)
        finally:
            self._drop_from(standing)

    def _strengthen(self, is_open: bytearray, deadline: Deadline) -> None:
        """Add cuts that the relaxation of open bids breaks, until it breaks none or gains little.

        They hold for every question, so they stay.
        """
        left = bytearray(is_open)
        if not self._weighing or not self._propagate(left):
            return
        reached = None
        for _ in range(_ROUNDS_AT_ROOT):
            relaxed = self._relaxation.solve(left, deadline)
            gained = reached is None or relaxed.cost - reached >= _GAIN * abs(reached)
            if not gained or not self._cut(relaxed):
                return
            reached = relaxed.cost

    def _cut(self, relaxed: Relaxed) -> bool:
        """Add the cuts that a solved relaxation breaks; whether there are any."""
        if relaxed.outcome is not Outcome.SOLVED or len(self._rows) > self._most_rows:
            return False
        found = [cut for row in self._weighing if (cut := cover_cut(row, relaxed.values))]
        for cut in found:
            self._add(cut)
        return bool(found)

    def _add(self, row: Row) -> None:
        self._rows.append(row)
        self._note(len(self._rows) - 1, row)
        self._relaxation.add_row(row)

    def _drop_from(self, place: int) -> None:
        """Take the rows from that place on out again."""
        for row in self._rows[place:]:
            for column in row.columns:
                self._touching[column].pop()
        self._relaxation.drop_rows_from(place)
        del self._rows[place:]

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
        return (
            whole(self._program, relaxed.values, left)
            if relaxed.outcome is Outcome.SOLVED
            else None
        )

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
                # A cut says nothing new of an award, but what it costs must be used up too.
                stated = len(self._program.rows)
                places = [place for place, each in enumerate(proven.rows) if place < stated or each]
                full = frozenset(new for new, place in enumerate(places) if proven.rows[place])
                return Face(left, [self._rows[place] for place in places], full)
        return None

    def _search(
        self,
        question: Question,
        told: Callable[[tuple[int, ...]], int | None],
        deadline: Deadline,
    ) -> None:
        self.root_bound = None
        work_left, work_a_node = self._work_allowed, self._work_a_node
        # Down from a node to its first half, and when that is closed to the most promising other.
        pending = [(0.0, 0, bytearray(question.is_open))]
        below: bytearray | None = None
        while pending or below is not None:
            deadline.check()
            work_left -= work_a_node
            if work_left < 0:
                # The questions that follow are of the same kind: less is tried before giving up.
                self._work_allowed //= 2
                raise OutOfWork
            node = heappop(pending)[-1] if below is None else below
            below = None
            relaxed = self._relaxed(question, node, deadline) if self._propagate(node) else None
            if relaxed is None:
                continue
            is_solved = relaxed.outcome is Outcome.SOLVED
            only = settled(self._program, node)
            chosen = whole(self._program, relaxed.values, node) if is_solved else None
            chosen = chosen if only is None else only
            if chosen is not None and question.accepts(chosen):
                most = told(chosen)
                if most is None:
                    return
                question = replace(question, most=most)
            if only is not None or (is_solved and self._is_closed_exactly(question, node, relaxed)):
                continue
            if settled(self._program, node) is not None:
                below = node
                continue
            other, below = branches(self._program, node, relaxed.values)
            heappush(pending, (relaxed.cost, work_left, other))

    @property
    def _work_a_node(self) -> int:
        return 400 + len(self._program.bids) + sum(len(row.columns) for row in self._rows)

    def _relaxed(self, question: Question, node: bytearray, deadline: Deadline) -> Relaxed | None:
        """The relaxation of a node, after some cuts; None where that proves it empty."""
        rounds = 0
        while True:
            relaxed = self._relaxation.solve(node, deadline)
            if self._is_closed(question, node, relaxed):
                return None
            rounds += 1
            if rounds == _ROUNDS_AT_NODES or not self._cut(relaxed):
                return relaxed

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
