"""The canonical award among equally good ones: the tie rule that was published.

Of all optimal awards, the canonical one is that whose list of bidder positions, read in the order
of the lots, is lexicographically smallest. It depends on the problem alone: not on the order of
bids, nor on a solver, its version, its seed or its threads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence


def canonical_award(
    award: Sequence[int],
    candidates: Sequence[Sequence[int]],
    witness: Callable[[Mapping[int, int]], Sequence[int] | None],
) -> tuple[int, ...]:
    """Lot by lot, each goes to the earliest bidder with whom an optimal award is still possible.

    `award` is any optimal award, as the bidder position of each lot; `candidates` holds, for each
    lot, the positions that may win it in some optimal award (more is allowed, fewer is not).
    `witness` takes lots that are settled, as place to position, and returns an optimal award that
    agrees with them, or None where there is none.
    """
    current = tuple(award)
    settled: dict[int, int] = {}
    for place, positions in enumerate(candidates):
        for position in sorted(positions):
            if position >= current[place]:
                break
            better = witness({**settled, place: position})
            if better is not None:
                current = tuple(better)
                break
        settled[place] = current[place]
    return current
