"""Ties among thousands of lots, where only numbers of lots are limited: exchanges in a network.

One exact bound that equals the cost of an award says which bids any optimal award is made of, and
which limits all of them use up. Where the limits are nested numbers of lots (a bidder's within its
group's), these awards are the flows of a network: each lot is a unit that goes by one of its bids
into the smallest limit that counts it, and on into the limits around that. One award becomes
another by exchanges: a lot changes hands, whoever gains it passes another lot on, and so round.
What can be exchanged is found by walking the network, in integers, without any solver.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from commissioning.award.domain.optimiser.deadline import Deadline
from commissioning.award.domain.optimiser.program import AwardProgram, Row

_AROUND_ALL = 0
_BY_LIMITS = -1


@dataclass(frozen=True)
class Face:
    """All optimal awards: those of open bids, within the limits, that use up what is in `full`.

    `is_open` has 1 for each bid that an optimal award may hold; `limits` are exact rows, and `full`
    those places among them that no optimal award leaves room in.
    """

    is_open: bytearray
    limits: Sequence[Row]
    full: frozenset[int]


@dataclass
class _Limit:
    """A limit as a node: the lots it counts now, the least and the most; the limit around it."""

    count: int
    least: int
    most: int
    around: int
    inside: list[int]


class Exchanges:
    """The optimal awards of a face, seen from one of them, which is exchanged for smaller ones."""

    def __init__(
        self, program: AwardProgram, limits: list[_Limit], leaf: list[int], chosen: Sequence[int]
    ) -> None:
        self._lot_of = program.lot_of
        self._limits = limits
        self._leaf = leaf  # of each bid: the smallest limit that counts it
        self._award = list(chosen)
        self._open_on: list[list[int]] = []
        # The lots that each smallest limit counts, less those that are settled.
        self._held: list[set[int]] = [set() for _ in limits]
        # Limits in different parts exchange nothing, in no optimal award that is left.
        self._part = [0] * len(limits)
        self._parts = 1

    @classmethod
    def among(cls, program: AwardProgram, face: Face, chosen: Sequence[int]) -> Exchanges | None:
        """The exchanges of an optimal award; None where limits are no nested numbers of lots."""
        if program.column_count > len(program.bids):
            return None
        nested = _nested(program, face, chosen)
        if nested is None:
            return None
        exchanges = cls(program, *nested, chosen)
        exchanges._open(program, face.is_open)
        return exchanges

    def _open(self, program: AwardProgram, is_open: bytearray) -> None:
        position = program.problem.position
        for lot, columns in enumerate(program.columns_on):
            on = [column for column in columns if is_open[column]]
            on.sort(key=lambda column: position[program.bids[column].bidder])
            self._open_on.append(on)
            self._held[self._leaf[self._award[lot]]].add(lot)

    def has_other(self, deadline: Deadline) -> bool:
        """Whether there is any optimal award beside this one. Raises OutOfTime."""
        for lot, on in enumerate(self._open_on):
            deadline.check()
            now = self._award[lot]
            for column in on:
                if column != now and self._way(self._leaf[column], self._leaf[now]) is not None:
                    return True
        return False

    def canonical(self, deadline: Deadline) -> tuple[int, ...]:
        """The lexicographically smallest optimal award, as a column for each lot.

        Lot by lot, each goes to the earliest bidder with whom an optimal award is still possible;
        the lots before it stay where they are. Raises OutOfTime.
        """
        for lot, on in enumerate(self._open_on):
            deadline.check()
            for column in on:
                if column == self._award[lot] or self._exchange(lot, column):
                    break
            self._held[self._leaf[self._award[lot]]].discard(lot)
        return tuple(self._award)

    def _exchange(self, lot: int, column: int) -> bool:
        """Give the lot to that bid, and pass on what must be; False where no award allows it."""
        start, end = self._leaf[column], self._leaf[self._award[lot]]
        way = self._way(start, end)
        if way is None:
            return False
        at = end
        while at != start:
            before, moved = way[at]
            if moved != _BY_LIMITS:
                self._pass_on(moved, before, at)
            elif self._limits[before].around == at:
                self._limits[before].count += 1
            else:
                self._limits[at].count -= 1
            at = before
        self._pass_on(column, end, start)
        return True

    def _pass_on(self, column: int, giver: int, taker: int) -> None:
        lot = self._lot_of[column]
        self._award[lot] = column
        self._held[giver].remove(lot)
        self._held[taker].add(lot)

    def _way(self, start: int, end: int) -> dict[int, tuple[int, int]] | None:
        """How `start` can pass on one lot more, until `end` has one lot less; None where it cannot.

        For each limit on the way, the limit before it, and the bid that the lot goes by (or that
        one more is counted around a limit, or one less inside it).

        Where it cannot, no exchange leads out of what was reached, so none leads in either (it
        would have to come out again): these limits become a part of their own. Since each failure
        makes one part more, there are no more failures than limits.
        """
        part, leaf, limits = self._part, self._leaf, self._limits
        here = part[start]
        if part[end] != here:
            return None
        came: dict[int, tuple[int, int]] = {start: (start, _BY_LIMITS)}
        queue = [start]
        for at in queue:
            if end in came:
                return came
            limit = limits[at]
            near = [each for each in limit.inside if limits[each].count > limits[each].least]
            if at != _AROUND_ALL and limit.count < limit.most:
                near.append(limit.around)
            for each in near:
                if each not in came and part[each] == here:
                    came[each] = (at, _BY_LIMITS)
                    queue.append(each)
            for lot in self._held[at]:
                for column in self._open_on[lot]:
                    each = leaf[column]
                    if each not in came and part[each] == here:
                        came[each] = (at, column)
                        queue.append(each)
        for each in came:
            part[each] = self._parts
        self._parts += 1
        return None


def _nested(
    program: AwardProgram, face: Face, chosen: Sequence[int]
) -> tuple[list[_Limit], list[int]] | None:
    """The limits as nodes, the first around all others, and the smallest that counts each bid.

    None where two limits overlap and neither is inside the other, or count something else.
    """
    won = set(chosen)
    counted: list[tuple[list[int], int, bool]] = []
    for place, row in enumerate(face.limits):
        in_row = zip(row.columns, row.coefficients, strict=True)
        terms = {column: number for column, number in in_row if face.is_open[column]}
        is_full = place in face.full
        if not is_full and program.most(terms) <= row.bound:
            continue  # it cannot bind
        if set(terms.values()) != {1}:
            return None
        counted.append((list(terms), row.bound, is_full))
    counted.sort(key=lambda each: len(each[0]), reverse=True)
    limits = [_Limit(len(program.columns_on), 0, len(program.columns_on), _AROUND_ALL, [])]
    leaf = [_AROUND_ALL] * len(program.bids)
    for columns, bound, is_full in counted:
        around = {leaf[column] for column in columns}
        if len(around) > 1:
            return None
        index, (outer,) = len(limits), around
        limits[outer].inside.append(index)
        limits.append(_Limit(len(won.intersection(columns)), bound * is_full, bound, outer, []))
        for column in columns:
            leaf[column] = index
    return limits, leaf
