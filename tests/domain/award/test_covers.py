"""Cover cuts: every award that keeps the limit keeps the cut, and the relaxed values break it."""

from __future__ import annotations

import random
from itertools import product

from commissioning.award.domain.optimiser.covers import cover_cut
from commissioning.award.domain.optimiser.program import Row


def test_cover_cut_holds_for_every_choice_that_the_limit_allows():
    chance = random.Random(11)
    found = lifted = 0
    for _ in range(1_500):
        count = chance.randint(2, 8)
        weights = tuple(chance.randint(1, chance.choice([4, 30])) for _ in range(count))
        row = Row("value", tuple(range(count)), weights, chance.randint(max(weights), sum(weights)))
        values = [chance.choice([0.0, 1.0, 1.0, chance.random()]) for _ in range(count)]

        cut = cover_cut(row, values)

        if cut is None:
            continue
        found += 1
        lifted += max(cut.coefficients) > 1
        assert left_side(cut, values) > cut.bound
        for choice in product((0, 1), repeat=count):
            if left_side(row, choice) <= row.bound:
                assert left_side(cut, choice) <= cut.bound
    assert found > 100
    assert lifted > 20


def test_cover_cut_takes_halves_away():
    # Three lots of 2 where 3 are allowed: half of each would do, though only one fits.
    row = Row("value", (0, 1, 2), (2, 2, 2), 3)

    cut = cover_cut(row, [0.5, 0.5, 0.5])

    assert (dict(zip(cut.columns, cut.coefficients, strict=True)), cut.bound) == (
        {0: 1, 1: 1, 2: 1},
        1,
    )


def left_side(row, values):
    return sum(
        coefficient * values[column]
        for column, coefficient in zip(row.columns, row.coefficients, strict=True)
    )
