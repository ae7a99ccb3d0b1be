"""What was computed: quality points, evaluated prices, price per quality point and rank."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from commissioning.competition import queries as competition_queries
from commissioning.competition.models import Competition, Leaf, Lot
from commissioning.evaluation.domain.results import PriceWorking, price_working
from commissioning.evaluation.models import BidResult, Consensus, ConsensusAgreement, Mark
from commissioning.infrastructure.database import db
from commissioning.kernel.canonical import sha256_hex
from commissioning.submission import queries as submission_queries
from commissioning.submission.domain.sealing import Envelope
from commissioning.submission.models import Bid


def results(competition: Competition, lot: str | None = None) -> list[BidResult]:
    """What follows from the locked marks, and from the opened prices once these are complete.

    Lot by lot, in the order of the bids' references; `lot` is the reference of one lot. Each row
    has its bid with lot and organisation. Empty before the quality lock.
    """
    statement = (
        select(BidResult)
        .join(BidResult.bid)
        .join(Bid.lot)
        .where(Bid.competition_id == competition.id)
        .options(
            contains_eager(BidResult.bid).contains_eager(Bid.lot),
            contains_eager(BidResult.bid).joinedload(Bid.organisation),
        )
        .order_by(Lot.position, Bid.reference)
    )
    if lot is not None:
        statement = statement.where(Lot.reference == lot)
    return list(db.session.scalars(statement))


def ranking(competition: Competition, lot: str | None = None) -> list[BidResult]:
    """The results in the order of rank, lot by lot; excluded bids stand last."""
    return sorted(
        results(competition, lot),
        key=lambda row: (
            row.bid.lot.position,
            row.rank is None,
            row.rank or 0,
            row.bid.reference,
        ),
    )


def agreed_marks(competition: Competition) -> dict[int, dict[str, int]]:
    """The agreed mark of each leaf of each bid whose consensus is closed, by the bid's id."""
    found: dict[int, dict[str, int]] = {}
    for bid, leaf, mark in db.session.execute(
        select(Consensus.bid_id, Leaf.reference, Consensus.mark)
        .join(Bid, Bid.id == Consensus.bid_id)
        .join(Leaf, Leaf.id == Consensus.leaf_id)
        .where(
            Bid.competition_id == competition.id,
            Consensus.superseded_at.is_(None),
            Consensus.closed_at.is_not(None),
        )
    ):
        found.setdefault(bid, {})[leaf] = mark
    return found


def agreed_reasons(bid: Bid) -> dict[str, tuple[int, str]]:
    """The agreed mark of each leaf of one bid, with its reason, where the consensus is closed."""
    return {
        leaf: (mark, reason)
        for leaf, mark, reason in db.session.execute(
            select(Leaf.reference, Consensus.mark, Consensus.reason)
            .join(Leaf, Leaf.id == Consensus.leaf_id)
            .where(
                Consensus.bid_id == bid.id,
                Consensus.superseded_at.is_(None),
                Consensus.closed_at.is_not(None),
            )
        ).tuples()
    }


def agreed_marks_sha256(competition: Competition) -> str:
    """The SHA-256 of every agreed mark that stands, of every bid: what a quality lock locks.

    Over canonical JSON: a list, in the order of bid and leaf, of the references of both, the mark
    and the digest of its reason, each as the trail states it when it is recorded.
    """
    rows = db.session.execute(
        select(
            Bid.reference.label("bid"),
            Leaf.reference.label("leaf"),
            Consensus.mark,
            Consensus.reason,
        )
        .join(Bid, Bid.id == Consensus.bid_id)
        .join(Leaf, Leaf.id == Consensus.leaf_id)
        .where(Bid.competition_id == competition.id, Consensus.superseded_at.is_(None))
    )
    stated = [
        {
            "bid": row.bid,
            "leaf": row.leaf,
            "mark": row.mark,
            "reason_sha256": sha256_hex(row.reason),
        }
        for row in rows
    ]
    return sha256_hex(sorted(stated, key=lambda each: (each["bid"], each["leaf"])))


def price_workings(competition: Competition) -> dict[str, PriceWorking]:
    """How the evaluated price of each bid comes about, by the bid's reference.

    From the opened schedules and the published model. Empty before the price opening; a bid whose
    price envelope could not be read is not among them.
    """
    model = competition_queries.evaluation_model(competition)
    unreadable = {bid.id for bid in submission_queries.unreadable_bids(competition, Envelope.PRICE)}
    workings = {}
    for bid in submission_queries.submitted_bids(competition, Envelope.PRICE):
        if bid.id not in unreadable:
            document = submission_queries.price_document(bid)
            workings[bid.reference] = price_working(
                document.fees_pence, document.adjustments_pence, model.price
            )
    return workings


@dataclass(frozen=True, slots=True)
class MarkRecord:
    """How many marks and what consensus one leaf of one bid has; for the check before the lock.

    `evaluators` are those who have submitted a mark. `answered` are those who agreed or dissented.
    `hashes` are the model hashes that the marks and the consensus carry.
    """

    evaluators: frozenset[str]
    consensus_closed: bool | None
    answered: frozenset[str]
    hashes: frozenset[str]


def mark_records(*competitions: Competition) -> dict[tuple[int, int], MarkRecord]:
    """What stands on record for each leaf of each bid, by the ids of bid and leaf.

    A fixed number of queries, for one competition or for several. `consensus_closed` is None where
    no consensus stands.
    """
    keys = [row.id for row in competitions]
    # Plain columns: three thousand marks as mapped rows would take a second to build.
    marks: dict[tuple[int, int], set[str]] = {}
    hashes: dict[tuple[int, int], set[str]] = {}
    for bid, leaf, evaluator, sha256 in db.session.execute(
        select(Mark.bid_id, Mark.leaf_id, Mark.evaluator, Mark.model_sha256)
        .join(Bid, Bid.id == Mark.bid_id)
        .where(Bid.competition_id.in_(keys), Mark.submitted_at.is_not(None))
    ):
        marks.setdefault((bid, leaf), set()).add(evaluator)
        hashes.setdefault((bid, leaf), set()).add(sha256)
    closed: dict[tuple[int, int], bool] = {}
    for bid, leaf, closed_at, sha256 in db.session.execute(
        select(Consensus.bid_id, Consensus.leaf_id, Consensus.closed_at, Consensus.model_sha256)
        .join(Bid, Bid.id == Consensus.bid_id)
        .where(Bid.competition_id.in_(keys), Consensus.superseded_at.is_(None))
    ):
        closed[bid, leaf] = closed_at is not None
        hashes.setdefault((bid, leaf), set()).add(sha256)
    answered: dict[tuple[int, int], set[str]] = {}
    for bid, leaf, evaluator in db.session.execute(
        select(Consensus.bid_id, Consensus.leaf_id, ConsensusAgreement.evaluator)
        .join(ConsensusAgreement, ConsensusAgreement.consensus_id == Consensus.id)
        .join(Bid, Bid.id == Consensus.bid_id)
        .where(Bid.competition_id.in_(keys), Consensus.superseded_at.is_(None))
    ):
        answered.setdefault((bid, leaf), set()).add(evaluator)
    return {
        key: MarkRecord(
            evaluators=frozenset(marks.get(key, ())),
            consensus_closed=closed.get(key),
            answered=frozenset(answered.get(key, ())),
            hashes=frozenset(hashes.get(key, ())),
        )
        for key in {*marks, *closed}
    }
