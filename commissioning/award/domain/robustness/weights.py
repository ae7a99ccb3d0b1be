"""The weights that decide: one criterion weighs more or less, and the others make room for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from commissioning.award.domain.robustness.changes import with_points
from commissioning.award.domain.robustness.findings import (
    EnteringBid,
    Heard,
    Search,
    WeightChange,
    WeightFindings,
    go_on,
    heard_through,
    moved_lots,
)
from commissioning.award.domain.robustness.pruning import points_change_nothing
from commissioning.award.domain.robustness.quality import Quality
from commissioning.award.domain.robustness.standing import Standing
from commissioning.kernel.errors import BadInput


@dataclass(frozen=True)
class _Step:
    """One weight to be tried for a criterion; `is_up` says on which side of the published one."""

    criterion: str
    is_up: bool
    weight: Fraction


def weights_that_decide(
    standing: Standing,
    quality: Quality,
    *,
    furthest: Fraction | int,
    step: Fraction | int = 1,
    heard: Heard = go_on,
) -> WeightFindings:
    """For each criterion, the smallest change of its weight, up and down, that changes any winner.

    The weight moves by `step` points at a time, up to `furthest`, both in points out of 100 and
    above 0; it stays above 0 and below 100. The other criteria keep their proportions, so that all
    weights sum to exactly 100. Points are stated anew to a thousandth, and a bid that comes under
    the minimum points is out. Steps are tried from the smallest on, since winners may come and go
    with a weight. `heard` is told how many steps of how many are done; steps behind a change that
    was found count as done. Raises BadInput for a step or a range that is not above 0, BadInputs
    where the marks do not give the quality that the problem states.
    """
    if step <= 0:
        raise BadInput("step", "The step of a weight must be above 0.")
    if furthest < step:
        raise BadInput("furthest", "The range of a weight must be at least one step.")
    quality.check_against(standing.problem)
    steps = _steps(quality, Fraction(furthest), Fraction(step))
    before = standing.solved
    found: dict[tuple[str, bool], WeightChange | None] = {}
    reached: dict[tuple[str, bool], Fraction] = {}
    tried = 0
    for each in heard_through(steps, heard):
        tried += 1
        side = each.criterion, each.is_up
        if found.get(side) is None:
            found[side] = _change(standing, quality, each)
            reached[side] = each.weight
    return WeightFindings(
        tuple(change for change in found.values() if change is not None),
        tuple((side[0], reached[side]) for side, change in found.items() if change is None),
        Search(tried, len(steps), standing.solved - before, standing.is_exact),
    )


def _steps(quality: Quality, furthest: Fraction, step: Fraction) -> list[_Step]:
    """All weights to be tried: criteria in their order, up before down, the nearest first."""
    steps = []
    for criterion, weight in quality.weight_of.items():
        if not 0 < weight < 100:
            continue  # it weighs nothing, or there is nothing to make room
        for is_up in (True, False):
            for number in range(1, int(furthest / step) + 1):
                to_weight = weight + number * step * (1 if is_up else -1)
                if 0 < to_weight < 100:
                    steps.append(_Step(criterion, is_up, to_weight))
    return steps


def _change(standing: Standing, quality: Quality, step: _Step) -> WeightChange | None:
    """What a weight changes, if anything."""
    problem = standing.problem
    weights = quality.with_weight(step.criterion, step.weight)
    points = {
        (bid.bidder, bid.lot): quality.points_milli(bid.marks, weights) for bid in quality.bids
    }
    inside: Mapping[tuple[str, str], int | None] = {
        pair: each for pair, each in points.items() if pair in problem.bid_for
    }
    changed = with_points(problem, inside)
    if points_change_nothing(standing, changed):
        return None
    after = standing.solve_again(changed) if changed.lots else {}
    moved = moved_lots(problem, standing.award, after)
    if not moved:
        return None
    entering = tuple(
        EnteringBid(bid.bidder, bid.lot)
        for bid in quality.bids
        if (bid.bidder, bid.lot) not in problem.bid_for
        and points[bid.bidder, bid.lot] is not None
        and quality.points_milli(bid.marks) is None
    )
    return WeightChange(
        step.criterion, quality.weight_of[step.criterion], step.weight, moved, entering
    )
