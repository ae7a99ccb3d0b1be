"""Lives without a detour, kept at each stage, for tests that begin in the middle."""

from __future__ import annotations

import functools

from tests.services.wholelife.going_on import go_on
from tests.services.wholelife.life import Kept, Life

FEW_BIDS, MANY_BIDS = 0, 1
LATE = ("L3", "south")
"""Whose bid is drafted and comes late in the second of the two lives."""


@functools.cache
def straight_lives() -> tuple[dict[str, Kept], dict[str, Kept]]:
    """Two lives, of few bids and of many, as they stood at each stage.

    Made once in a run: what is kept of one database can be put into another.
    """
    return kept_life(FEW_BIDS), kept_life(MANY_BIDS)


def kept_life(seed: int) -> dict[str, Kept]:
    """The moments of one life, by stage, from an empty database on."""
    life = Life.begin()
    if seed == MANY_BIDS:
        life.twin.dawdlers.add(LATE)
    moments = {life.twin.stage: life.keep()}
    while go_on(life, seed):
        moments[life.twin.stage] = life.keep()
    life.check_at_the_end()
    return moments


def life_at(stage: str, seed: int = FEW_BIDS) -> Life:
    """A life that has just come to a stage."""
    return Life.resume(straight_lives()[seed][stage])
