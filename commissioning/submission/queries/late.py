"""Late bids: the bidder's own at any time, everybody's from the closing of the ITN on."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload

from commissioning.competition.models import Competition
from commissioning.identity.models import Organisation
from commissioning.infrastructure.database import db
from commissioning.kernel.errors import NotFound
from commissioning.kernel.stage import Stage
from commissioning.submission.domain.lifecycle import LateBidStatus
from commissioning.submission.domain.receipts import receipt_sha256
from commissioning.submission.domain.sealing import Envelope
from commissioning.submission.models import Bid, LateBid
from commissioning.submission.queries.own import receipt_body
from commissioning.submission.queries.reached import OPENED_FROM, has_reached


def late_bid_of(bid: Bid) -> LateBid | None:
    """What was sent late for a bid, if anything was."""
    return db.session.scalar(
        select(LateBid).where(LateBid.bid_id == bid.id).options(joinedload(LateBid.decision))
    )


def own_late_bids(organisation: Organisation, competition: Competition) -> dict[int, LateBid]:
    """A bidder's own late bids in a competition, by the key of their bid in the database."""
    rows = db.session.scalars(_late_bids(competition).where(Bid.organisation_id == organisation.id))
    return {row.bid_id: row for row in rows}


def late_bids(competition: Competition) -> Sequence[LateBid]:
    """Every late bid in the order in which they came; none before the ITN has closed."""
    if not has_reached(competition, Stage.ITN_CLOSED):
        return []
    return db.session.scalars(_late_bids(competition)).all()


def late_bid_by_reference(competition: Competition, reference: str) -> LateBid:
    """One late bid; NotFound before the ITN has closed, or where there is none."""
    for row in late_bids(competition):
        if row.reference == reference:
            return row
    raise NotFound


def has_undecided_late_bid(competition: Competition) -> bool:
    """Whether a late bid waits, which keeps the quality envelopes closed; not how many do."""
    return bool(with_undecided_late_bids(competition))


def with_undecided_late_bids(*competitions: Competition) -> set[int]:
    """The keys of those competitions in which a late bid waits."""
    return set(
        db.session.scalars(
            select(Bid.competition_id)
            .join(LateBid, LateBid.bid_id == Bid.id)
            .where(
                Bid.competition_id.in_([row.id for row in competitions]),
                LateBid.status == LateBidStatus.WAITING.value,
            )
            .distinct()
        )
    )


def late_receipts(competition: Competition) -> list[str]:
    """The SHA-256 of the receipt of each late bid that was accepted, sorted.

    They are not under the root of the closing. None before the quality opening.
    """
    if not has_reached(competition, OPENED_FROM[Envelope.QUALITY]):
        return []
    return sorted(
        receipt_sha256(receipt_body(row.receipt))
        for row in late_bids(competition)
        if row.status == LateBidStatus.ACCEPTED.value
    )


def _late_bids(competition: Competition) -> Select[tuple[LateBid]]:
    return (
        select(LateBid)
        .join(LateBid.bid)
        .where(Bid.competition_id == competition.id)
        .options(
            contains_eager(LateBid.bid).joinedload(Bid.organisation),
            contains_eager(LateBid.bid).joinedload(Bid.lot),
            joinedload(LateBid.receipt),
            joinedload(LateBid.decision),
        )
        .order_by(LateBid.id)
    )
