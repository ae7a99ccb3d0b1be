"""The single marks that decide: one step up or down on one question of one bid."""

from __future__ import annotations

from collections.abc import Mapping

from commissioning.award.domain.robustness.changes import with_points
from commissioning.award.domain.robustness.findings import (
    EnteringMark,
    Heard,
    MarkChange,
    MarkFindings,
    MovedLot,
    Search,
    go_on,
    heard_through,
    moved_lots,
)
from commissioning.award.domain.robustness.pruning import points_change_nothing
from commissioning.award.domain.robustness.quality import Leaf, MarkedBid, Quality
from commissioning.award.domain.robustness.standing import Standing


def marks_that_decide(
    standing: Standing, quality: Quality, *, heard: Heard = go_on
) -> MarkFindings:
    """Every single agreed mark that, one step higher or lower on the scale, changes any winner.

    Each is settled by solving the award again with the quality points that follow, or by a proof
    that no winner can change (`pruning`). A mark under a published minimum puts the bid out; a lot
    whose last bid goes out is left out of the award. `heard` is told how many steps of how many
    are done. Raises BadInputs where the marks do not give the quality that the problem states.
    """
    quality.check_against(standing.problem)
    steps = _steps(quality)
    before = standing.solved
    moves = _Moves(standing)
    changing: list[MarkChange] = []
    entering: list[EnteringMark] = []
    tried = 0
    for bid, leaf, to_mark in heard_through(steps, heard):
        tried += 1
        mark = bid.marks[leaf.id]
        points = quality.points_milli({**bid.marks, leaf.id: to_mark})
        if (bid.bidder, bid.lot) not in standing.problem.bid_for:
            # A bid may be out for other reasons than its marks: those no mark can mend.
            if points is not None and quality.points_milli(bid.marks) is None:
                entering.append(EnteringMark(bid.bidder, bid.lot, leaf.id, mark, to_mark))
            continue
        moved = moves.with_points(bid, points)
        if moved:
            changing.append(
                MarkChange(bid.bidder, bid.lot, leaf.id, mark, to_mark, points is None, moved)
            )
    return MarkFindings(
        tuple(changing),
        tuple(entering),
        Search(tried, len(steps), standing.solved - before, standing.is_exact),
    )


def _steps(quality: Quality) -> list[tuple[MarkedBid, Leaf, int]]:
    """Every bid, question and mark to be tried: bids and leaves in their order, up before down."""
    return [
        (bid, leaf, to_mark)
        for bid in quality.bids
        for leaf in quality.leaves
        for to_mark in (bid.marks[leaf.id] + 1, bid.marks[leaf.id] - 1)
        if 0 <= to_mark <= quality.max_mark
    ]


class _Moves:
    """What moves when one bid has other points: many marks make the same points."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing
        self._known: dict[tuple[str, str, int | None], tuple[MovedLot, ...]] = {}

    def with_points(self, bid: MarkedBid, points: int | None) -> tuple[MovedLot, ...]:
        """The lots that go elsewhere when a bid has those points (None: it is out)."""
        key = bid.bidder, bid.lot, points
        if key not in self._known:
            self._known[key] = self._worked_out({(bid.bidder, bid.lot): points})
        return self._known[key]

    def _worked_out(self, points: Mapping[tuple[str, str], int | None]) -> tuple[MovedLot, ...]:
        standing = self._standing
        changed = with_points(standing.problem, points)
        if points_change_nothing(standing, changed):
            return ()
        after = standing.solve_again(changed) if changed.lots else {}
        return moved_lots(standing.problem, standing.award, after)
