"""The nodes of the exact search: which bids are open, what that settles, and how it is halved."""

from __future__ import annotations

from collections.abc import Sequence

from commissioning.award.domain.optimiser.program import AwardProgram

_WHOLE = 1e-6


def settled(program: AwardProgram, node: bytearray) -> tuple[int, ...] | None:
    """The award of a node in which every lot has one open bid left."""
    chosen = []
    for columns in program.columns_on:
        on = [column for column in columns if node[column]]
        if len(on) != 1:
            return None
        chosen.append(on[0])
    return tuple(chosen)


def whole(
    program: AwardProgram, values: Sequence[float], node: bytearray
) -> tuple[int, ...] | None:
    """The award that relaxed values propose, where they split no lot."""
    chosen = []
    for columns in program.columns_on:
        winner = max(columns, key=values.__getitem__)
        if values[winner] < 1 - _WHOLE or not node[winner]:
            return None
        chosen.append(winner)
    return tuple(chosen)


def branches(program: AwardProgram, node: bytearray, values: Sequence[float]) -> list[bytearray]:
    """Two halves of a node: one bid wins its lot (looked at first), or it does not."""
    column = _column_to_branch_on(program, node, values)
    without = bytearray(node)
    without[column] = 0
    with_it = bytearray(node)
    for other in program.columns_on[program.lot_of[column]]:
        with_it[other] = 0
    with_it[column] = 1
    return [without, with_it]


def _column_to_branch_on(program: AwardProgram, node: bytearray, values: Sequence[float]) -> int:
    """The leading bid of the lot that the relaxed values split most evenly."""
    best, least = -1, 2.0
    for columns in program.columns_on:
        on = [column for column in columns if node[column]]
        if len(on) < 2:
            continue
        leader = max(on, key=values.__getitem__) if values else on[0]
        share = values[leader] if values else 1.0
        if share < least:
            best, least = leader, share
    return best
