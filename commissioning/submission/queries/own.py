"""What a bidder may ask about its own response and bids, at any time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from commissioning.competition.models import Competition, Lot
from commissioning.identity.models import Organisation
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.errors import NotFound
from commissioning.kernel.stage import Stage
from commissioning.permissions import Facts, Permission, require
from commissioning.submission.domain.lifecycle import BidStatus
from commissioning.submission.domain.sealing import FIRST_ROUND, Envelope, Place
from commissioning.submission.models import (
    Bid,
    BidEnvelope,
    BidFile,
    FileUnderWay,
    LateBid,
    Receipt,
    SelectionResponse,
    WithdrawalReceipt,
)


def own_facts(competition: Competition, organisation: str) -> Facts:
    """What the permission table needs for a bidder's reading of its own things, at any time."""
    reached = competition.reached_stage
    return Facts(
        competition=competition.reference,
        organisation=organisation,
        stage=Stage(competition.stage),
        reached=Stage(reached) if reached else None,
    )


def require_own(actor: Actor, permission: Permission, competition: Competition, own: str) -> None:
    """A bidder's people read their own things, in a competition whose notice is published.

    Raises Forbidden for anybody else, and where nobody may know of the competition yet.
    """
    facts = own_facts(competition, own)
    require(actor, Permission.COMPETITION_READ_PUBLISHED, facts)
    require(actor, permission, facts)


def own_response(competition: Competition, organisation: Organisation) -> SelectionResponse | None:
    """The bidder's own PQQ response, if it has begun one."""
    return db.session.scalar(
        select(SelectionResponse).where(
            SelectionResponse.competition_id == competition.id,
            SelectionResponse.organisation_id == organisation.id,
        )
    )


def own_bid(lot: Lot, organisation: Organisation) -> Bid | None:
    """The bidder's own bid for a lot, with its envelopes, if it has begun one."""
    return db.session.scalar(
        select(Bid)
        .where(
            Bid.lot_id == lot.id,
            Bid.organisation_id == organisation.id,
            Bid.round == FIRST_ROUND,
        )
        .options(selectinload(Bid.envelopes))
    )


@dataclass(frozen=True, slots=True)
class BidToSend:
    """A bidder's own bid for a lot, with all that decides what submitting it does.

    `given` is the receipt that a submission with this key was given, `last` that of what was
    submitted last; `late` is what was sent late.
    """

    bid: Bid
    given: Receipt | None
    last: Receipt | None
    late: LateBid | None
    has_removed_files: bool


_given, _last = aliased(Receipt), aliased(Receipt)
_TO_SEND = (
    select(
        Bid,
        _given,
        _last,
        LateBid,
        exists().where(BidFile.bid_id == Bid.id, BidFile.removed_at.is_not(None)),
    )
    .outerjoin(_given, (_given.bid_id == Bid.id) & (_given.idempotency_key == bindparam("key")))
    .outerjoin(
        _last,
        _last.id
        == select(func.max(Receipt.id))
        .where(Receipt.bid_id == Bid.id)
        .correlate(Bid)
        .scalar_subquery(),
    )
    .outerjoin(LateBid, LateBid.bid_id == Bid.id)
    .where(
        Bid.lot_id == bindparam("lot"),
        Bid.organisation_id == bindparam("organisation"),
        Bid.round == FIRST_ROUND,
    )
    .options(joinedload(Bid.envelopes))
)


def bid_to_send(lot: Lot, organisation: Organisation, idempotency_key: str) -> BidToSend | None:
    """The same bid for whoever submits it, in one statement; None before the first draft."""
    values = {"lot": lot.id, "organisation": organisation.id, "key": idempotency_key}
    row = db.session.execute(_TO_SEND, values).unique().one_or_none()
    return None if row is None else BidToSend(*row)


def own_bids(organisation: Organisation, *competitions: Competition) -> Sequence[Bid]:
    """The bidder's own bids in a competition, or in several, by lot; nothing of what is in them."""
    return db.session.scalars(
        select(Bid)
        .join(Bid.lot)
        .where(
            Bid.competition_id.in_([row.id for row in competitions]),
            Bid.organisation_id == organisation.id,
        )
        .options(joinedload(Bid.lot))
        .order_by(Lot.position)
    ).all()


def receipts_of(bid: Bid) -> Sequence[Receipt]:
    """The receipts of a bid, newest first."""
    return db.session.scalars(
        select(Receipt).where(Receipt.bid_id == bid.id).order_by(Receipt.id.desc())
    ).all()


def last_receipt(bid: Bid) -> Receipt | None:
    """The receipt of what was submitted last."""
    return db.session.scalar(
        select(Receipt).where(Receipt.bid_id == bid.id).order_by(Receipt.id.desc()).limit(1)
    )


def counting_receipt(bid: Bid) -> Receipt | None:
    """The receipt of what counts now; None where nothing is submitted, or it was withdrawn."""
    return last_receipt(bid) if bid.status == BidStatus.SUBMITTED.value else None


def receipt_by_key(bid: Bid, idempotency_key: str) -> Receipt | None:
    """The receipt that a submission with this key was given."""
    return db.session.scalar(
        select(Receipt).where(Receipt.bid_id == bid.id, Receipt.idempotency_key == idempotency_key)
    )


def receipt_of(bid: Bid, reference: str) -> Receipt:
    """One receipt of a bid; NotFound where the bid has none of this reference."""
    found = db.session.scalar(
        select(Receipt).where(Receipt.bid_id == bid.id, Receipt.reference == reference)
    )
    if found is None:
        raise NotFound
    return found


def receipt_body(receipt: Receipt) -> dict[str, Any]:
    """What a receipt says."""
    body: dict[str, Any] = json.loads(receipt.body)
    return body


def withdrawals_of(bid: Bid) -> list[dict[str, Any]]:
    """The signed receipts of a bid's withdrawals, newest first."""
    rows = db.session.scalars(
        select(WithdrawalReceipt)
        .where(WithdrawalReceipt.bid_id == bid.id)
        .order_by(WithdrawalReceipt.id.desc())
    )
    return [json.loads(row.body) for row in rows]


def withdrawal_of(bid: Bid, reference: str) -> dict[str, Any]:
    """One receipt of a withdrawal; NotFound where the bid has none of this reference."""
    for body in withdrawals_of(bid):
        if body["receipt"] == reference:
            return body
    raise NotFound


def last_receipts(bids: Sequence[Bid]) -> dict[int, Receipt]:
    """The newest receipt of each bid, by the bid's key in the database."""
    rows = db.session.scalars(
        select(Receipt).where(Receipt.bid_id.in_([bid.id for bid in bids])).order_by(Receipt.id)
    )
    return {row.bid_id: row for row in rows}


def file_of(bid: Bid, reference: str) -> BidFile:
    """One sealed file of a bid; NotFound where the bid has none of this reference."""
    found = db.session.scalar(
        select(BidFile).where(BidFile.bid_id == bid.id, BidFile.reference == reference)
    )
    if found is None:
        raise NotFound
    return found


def removed_files(bid: Bid) -> Sequence[BidFile]:
    """The files of a bid that are in its draft no more."""
    return db.session.scalars(
        select(BidFile).where(BidFile.bid_id == bid.id, BidFile.removed_at.is_not(None))
    ).all()


def own_file(competition: Competition, organisation: Organisation, reference: str) -> BidFile:
    """One sealed file of any of a bidder's bids in a competition; NotFound where none has it."""
    found = db.session.scalar(
        select(BidFile)
        .join(BidFile.bid)
        .where(
            BidFile.reference == reference,
            Bid.competition_id == competition.id,
            Bid.organisation_id == organisation.id,
        )
    )
    if found is None:
        raise NotFound
    return found


def files_under_way(bid: Bid) -> Sequence[FileUnderWay]:
    """The files of a bid that arrive in pieces and are not in yet, the oldest first."""
    return db.session.scalars(
        select(FileUnderWay)
        .where(FileUnderWay.bid_id == bid.id, FileUnderWay.became.is_(None))
        .options(selectinload(FileUnderWay.pieces))
        .order_by(FileUnderWay.id)
    ).all()


def file_under_way(bid: Bid, reference: str) -> FileUnderWay:
    """One of them, or one that is in, held until the act is done; NotFound where there is none."""
    found = db.session.scalar(
        select(FileUnderWay)
        .where(FileUnderWay.bid_id == bid.id, FileUnderWay.reference == reference)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def place_of(bid: Bid) -> Place:
    """Where a bid's envelopes belong."""
    return Place(
        bid.competition.reference,
        bid.round,
        bid.lot.reference,
        bid.organisation.reference,
        bid.reference,
    )


def envelope_of(bid: Bid, envelope: Envelope) -> BidEnvelope:
    """One of the two envelopes of a bid."""
    return next(row for row in bid.envelopes if row.envelope == envelope.value)
