"""A sheet: one criterion on one lot, over every bid that was opened for the lot."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from commissioning.competition import queries as competition_queries
from commissioning.competition.domain.interests import Bar
from commissioning.competition.models import Competition, Criterion, Interest, Leaf, Lot
from commissioning.evaluation.models import Assignment, Consensus, Mark
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor, Role
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Facts
from commissioning.submission.models import Bid, BidEnvelope

Item = tuple[Bid, Leaf]
Key = tuple[str, str]
"""The references of a bid and of a leaf."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is marked together: the answers of every bid for a lot to one criterion's leaves.

    `bids` are the opened ones, in the order of their (random) references, so that the order says
    nothing. `assignments` are those that stand; `bids` is empty before the quality opening.
    """

    competition: Competition
    lot: Lot
    criterion: Criterion
    leaves: tuple[Leaf, ...]
    bids: tuple[Bid, ...]
    assignments: tuple[Assignment, ...]

    @property
    def reference(self) -> str:
        """The lot's and the criterion's references, as the trail names the sheet."""
        return f"{self.lot.reference}/{self.criterion.reference}"

    @property
    def evaluators(self) -> tuple[Assignment, ...]:
        """The evaluators who are assigned, in the order of their references."""
        return tuple(a for a in self.assignments if a.role == Role.EVALUATOR)

    @property
    def moderators(self) -> tuple[Assignment, ...]:
        """Who may record the consensus."""
        return tuple(a for a in self.assignments if a.role == Role.MODERATOR)

    @property
    def all_submitted(self) -> bool:
        """Whether every evaluator of the sheet has submitted; never true where nobody is one."""
        evaluators = self.evaluators
        return bool(evaluators) and all(a.submitted_at is not None for a in evaluators)

    @property
    def items(self) -> list[Item]:
        """Every answer to be marked: bid by bid, leaf by leaf."""
        return [(bid, leaf) for bid in self.bids for leaf in self.leaves]

    @property
    def by_key(self) -> dict[Key, Item]:
        """The answers by the references of bid and leaf."""
        return {(bid.reference, leaf.reference): (bid, leaf) for bid, leaf in self.items}

    def item(self, bid: str, leaf: str) -> Item:
        """One answer of the sheet; NotFound where it is none of this sheet."""
        found = self.by_key.get((bid, leaf))
        if found is None:
            raise NotFound
        return found

    def assignment_of(self, person: str, role: Role | None = None) -> Assignment | None:
        """What a person was given here, in this role where one is named."""
        for assignment in self.assignments:
            if assignment.person == person and role in {None, assignment.role}:
                return assignment
        return None


def sheet(
    competition: str | Competition, lot: str, criterion: str, *, for_writing: bool = False
) -> Sheet:
    """The sheet of a lot and a criterion, by their references; NotFound where either is absent.

    For writing, the competition is locked until the transaction ends, so that a mark cannot slip
    in behind a lock or a submission.
    """
    if isinstance(competition, str):
        competition = (
            competition_queries.competition_for_change(competition)
            if for_writing
            else competition_queries.competition_by_reference(competition)
        )
    lot_row = db.session.scalar(
        select(Lot).where(Lot.competition_id == competition.id, Lot.reference == lot)
    )
    criterion_row = db.session.scalar(
        select(Criterion)
        .where(Criterion.competition_id == competition.id, Criterion.reference == criterion)
        .options(selectinload(Criterion.leaves))
    )
    if lot_row is None or criterion_row is None:
        raise NotFound
    assignments = db.session.scalars(
        select(Assignment)
        .where(
            Assignment.lot_id == lot_row.id,
            Assignment.criterion_id == criterion_row.id,
            Assignment.ended_at.is_(None),
        )
        .order_by(Assignment.person)
        .execution_options(populate_existing=for_writing)
    )
    return Sheet(
        competition=competition,
        lot=lot_row,
        criterion=criterion_row,
        leaves=tuple(criterion_row.leaves),
        bids=tuple(db.session.scalars(_opened_bids().where(Bid.lot_id == lot_row.id))),
        assignments=tuple(assignments),
    )


def sheet_of_answer(competition: str, bid: str, leaf: str, *, for_writing: bool = False) -> Sheet:
    """The sheet on which an opened bid's answer is marked; NotFound where there is none such."""
    found = db.session.execute(
        select(Lot.reference, Criterion.reference)
        .join(Competition, Competition.id == Lot.competition_id)
        .join(Bid, Bid.lot_id == Lot.id)
        .join(Criterion, Criterion.competition_id == Competition.id)
        .join(Leaf, Leaf.criterion_id == Criterion.id)
        .where(
            Competition.reference == competition,
            Bid.reference == bid,
            Leaf.reference == leaf,
        )
    ).first()
    if found is None:
        raise NotFound
    return sheet(competition, found[0], found[1], for_writing=for_writing)


def opened_bids(*competitions: Competition) -> list[Bid]:
    """Every bid that counts once the quality envelopes are open, lot by lot.

    Of one competition, or of several.
    """
    return list(
        db.session.scalars(
            _opened_bids()
            .join(Bid.lot)
            .where(Bid.competition_id.in_([row.id for row in competitions]))
            .options(contains_eager(Bid.lot))
            .order_by(None)
            .order_by(Bid.competition_id, Lot.position, Bid.reference)
        )
    )


def _opened_bids() -> Select[tuple[Bid]]:
    is_open = exists().where(
        BidEnvelope.bid_id == Bid.id,
        BidEnvelope.envelope == "quality",
        BidEnvelope.opened.is_not(None),
    )
    return (
        select(Bid)
        .where(Bid.status == "submitted", is_open)
        .options(joinedload(Bid.organisation))
        .order_by(Bid.reference)
    )


def interests_of(person: str, *competitions: Competition) -> list[Interest]:
    """What a person has declared in a competition, or in several, oldest first."""
    return list(
        db.session.scalars(
            select(Interest)
            .where(
                Interest.competition_id.in_([row.id for row in competitions]),
                Interest.person == person,
            )
            .order_by(Interest.id)
        )
    )


def has_conflict(competition: Competition, person: str, organisations: Collection[str]) -> bool:
    """Whether an interest in the competition, or in one of these bidders, keeps a person out."""
    bars = competition_queries.bars_in(competition, people=[person])[competition.id]
    return any(bar.organisation is None or bar.organisation in organisations for bar in bars)


def conflicts_on(
    competition: Competition, lots: Sequence[Lot], people: Collection[str]
) -> dict[str, list[Lot]]:
    """On which of these lots a declared interest of each of these people bears."""
    found: dict[str, list[Lot]] = {}
    for (_competition, person), touched in conflicts_in([competition], lots, people).items():
        found[person] = touched
    return found


def conflicts_in(
    competitions: Sequence[Competition], lots: Sequence[Lot], people: Collection[str]
) -> dict[tuple[int, str], list[Lot]]:
    """On which of these lots what each of these people declared bears: by competition and person.

    An interest in a bidder bears on the lots for which its bid was opened; before the opening it
    bears on none, since nobody may know who bid.
    """
    declared: dict[tuple[int, str], list[Bar]] = {}
    for key, bars in competition_queries.bars_in(*competitions, people=people).items():
        for bar in bars:
            declared.setdefault((key, bar.person), []).append(bar)
    if not declared:
        return {}
    bidders: dict[int, set[str]] = {}
    for bid in opened_bids(*competitions):
        bidders.setdefault(bid.lot_id, set()).add(bid.organisation.reference)
    return {
        (competition, person): touched
        for (competition, person), bars in declared.items()
        if (
            touched := [
                lot
                for lot in lots
                if lot.competition_id == competition
                and any(bar.bears_on(lot.reference, bidders.get(lot.id, ())) for bar in bars)
            ]
        )
    }


def facts_on(sheet: Sheet, actor: Actor, now: datetime, *, role: Role | None = None) -> Facts:
    """What the conditions of the policy ask of a sheet, as the actor stands to it.

    An interest in one bidder is a conflict on every answer of the sheet: its bids compete, and a
    mark for one weighs on all.
    """
    bidders = frozenset(bid.organisation.reference for bid in sheet.bids)
    return competition_queries.facts(
        sheet.competition,
        now,
        is_assigned=sheet.assignment_of(actor.reference, role) is not None,
        bidders=bidders,
        all_submitted=sheet.all_submitted,
        lot=sheet.lot.reference,
    )


def marks_of(sheet: Sheet, person: str) -> dict[Key, Mark]:
    """One evaluator's own marks on a sheet, drafts included."""
    return {key: marks[person] for key, marks in _marks(sheet, [person]).items()}


def submitted_marks(sheet: Sheet) -> dict[Key, dict[str, Mark]]:
    """The marks of the evaluators who are assigned and have submitted, by item and evaluator.

    The caller has asked `EVALUATION_READ_MARKS`, whose condition is that all have submitted.
    """
    return _marks(sheet, [a.person for a in sheet.evaluators if a.submitted_at is not None])


def _marks(sheet: Sheet, people: Sequence[str]) -> dict[Key, dict[str, Mark]]:
    bids = {bid.id: bid.reference for bid in sheet.bids}
    leaves = {leaf.id: leaf.reference for leaf in sheet.leaves}
    found: dict[Key, dict[str, Mark]] = {}
    for mark in db.session.scalars(
        select(Mark)
        .where(Mark.bid_id.in_(bids), Mark.leaf_id.in_(leaves), Mark.evaluator.in_(people))
        .order_by(Mark.evaluator)
    ):
        found.setdefault((bids[mark.bid_id], leaves[mark.leaf_id]), {})[mark.evaluator] = mark
    return found


def lots_with_marks(lots: Collection[Lot], criterion: Criterion) -> set[int]:
    """The ids of those lots on which somebody has saved a mark for the criterion."""
    return set(
        db.session.scalars(
            select(Bid.lot_id)
            .join(Mark, Mark.bid_id == Bid.id)
            .join(Leaf, Leaf.id == Mark.leaf_id)
            .where(Bid.lot_id.in_([lot.id for lot in lots]), Leaf.criterion_id == criterion.id)
            .distinct()
        )
    )


def assignments_of_criterion(criterion: Criterion, lots: Collection[Lot]) -> list[Assignment]:
    """Who was ever given a criterion on some lots."""
    return list(
        db.session.scalars(
            select(Assignment)
            .where(
                Assignment.criterion_id == criterion.id,
                Assignment.lot_id.in_([lot.id for lot in lots]),
            )
            .order_by(Assignment.id)
            .execution_options(populate_existing=True)
        )
    )


def standing_consensus(lots: Collection[Lot], criterion: Criterion) -> list[Consensus]:
    """The consensus that stands for a criterion on some lots."""
    return list(
        db.session.scalars(
            select(Consensus)
            .join(Bid, Bid.id == Consensus.bid_id)
            .join(Leaf, Leaf.id == Consensus.leaf_id)
            .where(
                Bid.lot_id.in_([lot.id for lot in lots]),
                Leaf.criterion_id == criterion.id,
                Consensus.superseded_at.is_(None),
            )
        )
    )


def consensus_on(sheet: Sheet) -> dict[Key, Consensus]:
    """The consensus that stands for each answer of a sheet, with who agreed and who dissented."""
    return {
        key: versions[-1]
        for key, versions in consensus_versions(sheet).items()
        if versions[-1].superseded_at is None
    }


def consensus_versions(sheet: Sheet) -> dict[Key, list[Consensus]]:
    """Every version of the consensus for each answer of a sheet, oldest first."""
    bids = {bid.id: bid.reference for bid in sheet.bids}
    leaves = {leaf.id: leaf.reference for leaf in sheet.leaves}
    found: dict[Key, list[Consensus]] = {}
    for row in db.session.scalars(
        select(Consensus)
        .where(Consensus.bid_id.in_(bids), Consensus.leaf_id.in_(leaves))
        .options(selectinload(Consensus.agreements))
        .order_by(Consensus.version)
    ):
        found.setdefault((bids[row.bid_id], leaves[row.leaf_id]), []).append(row)
    return found
