"""The sheets of one person: what they mark or moderate, and what each waits for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from commissioning.competition import queries as competition_queries
from commissioning.competition.models import Competition, Criterion, Leaf, Lot
from commissioning.evaluation.models import Assignment, Consensus, ConsensusAgreement, Mark
from commissioning.evaluation.queries.people import Team, assignments_in, teams
from commissioning.evaluation.queries.sheets import opened_bids
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Role
from commissioning.submission.models import Bid

_Place = tuple[int, int]
"""The ids of a lot and of a criterion."""


@dataclass(frozen=True, slots=True)
class OwnSheet:
    """A sheet as one person has it before them.

    `answers` are to be marked, `marked` are those for which the person saved a mark. `agreed` are
    those with a consensus that stands, `closed` those whose consensus is closed, and `spoken` those
    not closed on which the person has agreed or dissented.
    """

    assignment: Assignment
    team: Team
    answers: int
    marked: int
    agreed: int
    closed: int
    spoken: int
    has_conflict: bool

    @property
    def lot(self) -> Lot:
        """The lot of the sheet."""
        return self.assignment.lot

    @property
    def criterion(self) -> Criterion:
        """The criterion of the sheet."""
        return self.assignment.criterion

    @property
    def is_evaluator(self) -> bool:
        """Whether the person marks it; else they moderate it."""
        return self.assignment.role == Role.EVALUATOR

    @property
    def all_submitted(self) -> bool:
        """Whether every evaluator of the sheet has submitted."""
        return bool(self.team.evaluators) and self.team.submitted == len(self.team.evaluators)

    @property
    def step(self) -> str:
        """What the sheet waits for: mark, others, record, agree, closing, done or conflict."""
        if self.has_conflict:
            return "conflict"
        if self.is_evaluator and self.assignment.submitted_at is None:
            return "mark"
        if not self.all_submitted:
            return "others"
        if self.closed == self.answers:
            return "done"
        if not self.is_evaluator:
            return "record" if self.agreed < self.answers else "closing"
        if self.agreed < self.answers:
            return "others"
        return "agree" if self.closed + self.spoken < self.answers else "closing"


def own_sheets(person: str, *competitions: Competition) -> list[OwnSheet]:
    """Every sheet of a person that has bids, criterion by criterion, in a fixed number of queries.

    In one competition, or in several. Empty before the quality opening, whatever is assigned.
    """
    bids: dict[int, int] = {}
    bidders: dict[int, set[str]] = {}
    for bid in opened_bids(*competitions):
        bids[bid.lot_id] = bids.get(bid.lot_id, 0) + 1
        bidders.setdefault(bid.lot_id, set()).add(bid.organisation.reference)
    assignments = [
        row for row in assignments_in(*competitions, person=person) if row.lot_id in bids
    ]
    if not assignments:
        return []
    bars = competition_queries.bars_in(*competitions, people=[person])
    leaves = _leaves(competitions)
    everyone = teams(*competitions)
    marked = _counted(competitions, Mark, Mark.evaluator == person)
    standing = _counted(competitions, Consensus, Consensus.superseded_at.is_(None))
    closed = _counted(
        competitions,
        Consensus,
        Consensus.superseded_at.is_(None),
        Consensus.closed_at.is_not(None),
    )
    spoken = _counted(
        competitions,
        Consensus,
        Consensus.superseded_at.is_(None),
        Consensus.closed_at.is_(None),
        Consensus.agreements.any(ConsensusAgreement.evaluator == person),
    )
    sheets = []
    for row in assignments:
        place = row.lot_id, row.criterion_id
        sheets.append(
            OwnSheet(
                assignment=row,
                team=everyone[place],
                answers=bids[row.lot_id] * leaves[row.criterion_id],
                marked=marked.get(place, 0),
                agreed=standing.get(place, 0),
                closed=closed.get(place, 0),
                spoken=spoken.get(place, 0),
                has_conflict=any(
                    bar.bears_on(row.lot.reference, bidders[row.lot_id])
                    for bar in bars[row.competition_id]
                ),
            )
        )
    return sheets


def _leaves(competitions: Sequence[Competition]) -> dict[int, int]:
    rows = db.session.execute(
        select(Leaf.criterion_id, func.count())
        .join(Criterion, Criterion.id == Leaf.criterion_id)
        .where(Criterion.competition_id.in_([row.id for row in competitions]))
        .group_by(Leaf.criterion_id)
    )
    return {criterion: number for criterion, number in rows}  # noqa: C416 - rows are no pairs


def _counted(
    competitions: Sequence[Competition],
    marked: type[Mark | Consensus],
    *conditions: ColumnElement[bool],
) -> dict[_Place, int]:
    """How many marks, or consensus records, there are by lot and criterion."""
    rows = db.session.execute(
        select(Bid.lot_id, Leaf.criterion_id, func.count())
        .select_from(marked)
        .join(Bid, Bid.id == marked.bid_id)
        .join(Leaf, Leaf.id == marked.leaf_id)
        .where(Bid.competition_id.in_([row.id for row in competitions]), *conditions)
        .group_by(Bid.lot_id, Leaf.criterion_id)
    )
    return {(lot, criterion): number for lot, criterion, number in rows}
