"""Cover cuts: limits that follow from a limit on value, and that a relaxation does not see.

Bids whose lots together are worth more than a bidder may win cannot all win: of such a cover, at
least one loses. Halves of lots keep the limit on value and break this. Each cut follows from one
row alone, in integers, so it holds for every question to the program.
"""

from __future__ import annotations

from collections.abc import Sequence

from commissioning.award.domain.optimiser.program import Row

_WORTH_IT = 1e-2
"""By how much a cut must be violated to be added."""
_CERTAIN = 1 - 1e-6


def cover_cut(row: Row, values: Sequence[float]) -> Row | None:
    """A cut that follows from a plain sum of bids and that the relaxed values break; or None.

    The bids that the relaxation lets win are taken as won at first; of those that it splits, a
    minimal cover of the room that is left is sought greedily. Then every other bid, and at last
    those taken as won, get the coefficient that keeps the cut true (lifting, one after another).
    """
    weight = dict(zip(row.columns, row.coefficients, strict=True))
    won = [column for column in row.columns if values[column] >= _CERTAIN]
    split = [column for column in row.columns if 0 < values[column] < _CERTAIN]
    split.sort(key=lambda column: (1 - values[column]) / weight[column])
    room = row.bound - sum(weight[column] for column in won)
    cover = _cover(split, weight, room, values) if room >= 0 else None
    if cover is None:
        return None
    lifting = _Lifting(room, [weight[column] for column in cover])
    terms = dict.fromkeys(cover, 1)
    others = sorted(split, key=values.__getitem__, reverse=True)
    for column in (each for each in others if each not in terms):
        terms[column] = lifting.up(weight[column])
    for column in won:
        terms[column] = lifting.down(weight[column])
    over = sum(values[column] * lifted for column, lifted in terms.items()) - lifting.most
    if over <= _WORTH_IT:
        return None
    for column in sorted(row.columns, key=weight.__getitem__, reverse=True):
        if column not in terms:
            terms[column] = lifting.up(weight[column])
    terms = {column: lifted for column, lifted in terms.items() if lifted}
    return Row(f"cover_of_{row.name}", tuple(terms), tuple(terms.values()), lifting.most)


def _cover(
    split: Sequence[int], weight: dict[int, int], room: int, values: Sequence[float]
) -> list[int] | None:
    """Some of these bids that do not fit into the room together, though any fewer of them do."""
    cover, excess = [], -room
    for column in split:
        cover.append(column)
        excess += weight[column]
        if excess > 0:
            break
    if excess <= 0:
        return None
    for column in sorted(cover, key=values.__getitem__):
        if weight[column] < excess:
            cover.remove(column)
            excess -= weight[column]
    return cover


class _Lifting:
    """A cut on the way: what its left side can come to, and what weight that takes at least."""

    def __init__(self, room: int, cover: Sequence[int]) -> None:
        self._room = room
        self.most = len(cover) - 1
        # The least weight of a left side of 0, 1, 2, ...; None where there is none so large.
        self._least = [0]
        for weight in sorted(cover):
            self._least.append(self._least[-1] + weight)

    def up(self, weight: int) -> int:
        """The coefficient of a bid that was left out: what is lost of the rest when it wins."""
        lifted = self.most - self._reach(self._room - weight)
        self._count(lifted, weight)
        return lifted

    def down(self, weight: int) -> int:
        """The coefficient of a bid taken as won: what the rest can gain when it loses."""
        lifted = self._reach(self._room + weight) - self.most
        self._room += weight
        self.most += lifted
        self._count(lifted, weight)
        return lifted

    def _reach(self, room: int) -> int:
        """The most that the left side can come to within a room; -1 where nothing fits."""
        return max((side for side, least in enumerate(self._least) if least <= room), default=-1)

    def _count(self, lifted: int, weight: int) -> None:
        """Let a bid of that coefficient and weight take part in the left side."""
        if not lifted:
            return
        before = self._least
        longest = len(before) + lifted
        self._least = []
        for side in range(longest):
            ways = [before[side]] if side < len(before) else []
            if side >= lifted and side - lifted < len(before):
                ways.append(before[side - lifted] + weight)
            elif side < lifted:
                ways.append(weight)
            self._least.append(min(ways))
