"""What lies in the envelopes of all bidders, from their opening on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from commissioning.competition.models import Competition, Lot
from commissioning.infrastructure.database import db
from commissioning.kernel.errors import NotFound
from commissioning.submission.domain.envelopes import (
    PriceDocument,
    QualityDocument,
    price_from,
    quality_from,
)
from commissioning.submission.domain.lifecycle import BidStatus
from commissioning.submission.domain.sealing import FIRST_ROUND, Envelope, SealBroken
from commissioning.submission.models import Bid
from commissioning.submission.queries.own import envelope_of, place_of
from commissioning.submission.queries.reached import OPENED_FROM, has_reached


def submitted_bids(competition: Competition, envelope: Envelope) -> Sequence[Bid]:
    """Every bid that stands as submitted, with its envelopes; none before this envelope's opening.

    Those that could not be read are among them.
    """
    if not has_reached(competition, OPENED_FROM[envelope]):
        return []
    return db.session.scalars(sealed_bids(competition)).all()


def sealed_bids(competition: Competition) -> Select[tuple[Bid]]:
    """A statement for the bids that an opening opens, by lot and reference; it asks nothing yet."""
    return (
        select(Bid)
        .join(Bid.lot)
        .where(
            Bid.competition_id == competition.id,
            Bid.round == FIRST_ROUND,
            Bid.status == BidStatus.SUBMITTED.value,
        )
        .options(
            joinedload(Bid.competition),
            contains_eager(Bid.lot),
            joinedload(Bid.organisation),
            selectinload(Bid.envelopes),
        )
        .order_by(Lot.position, Bid.reference)
    )


def opened_bids(competition: Competition, lot: str | None = None) -> list[Bid]:
    """The bids whose quality envelope is open and readable, by lot and reference.

    Empty before the quality opening. `lot` is a lot's reference.
    """
    return [
        bid
        for bid in submitted_bids(competition, Envelope.QUALITY)
        if envelope_of(bid, Envelope.QUALITY).opened is not None
        and (lot is None or bid.lot.reference == lot)
    ]


def unreadable_bids(competition: Competition, envelope: Envelope) -> list[Bid]:
    """The bids whose envelope was to be opened and could not be read."""
    return [
        bid
        for bid in submitted_bids(competition, envelope)
        if envelope_of(bid, envelope).opened is None
    ]


def opened_bid(competition: Competition, reference: str) -> Bid:
    """One opened bid; NotFound before the quality opening, or where there is none."""
    for bid in opened_bids(competition):
        if bid.reference == reference:
            return bid
    raise NotFound


def quality_document(bid: Bid) -> QualityDocument:
    """The answers and files of an opened bid; NotFound while its quality envelope is closed."""
    return quality_from(_opened(bid, Envelope.QUALITY), place_of(bid))


def price_document(bid: Bid) -> PriceDocument:
    """The price schedule of an opened bid; NotFound while its price envelope is closed."""
    return price_from(_opened(bid, Envelope.PRICE), place_of(bid))


def _opened(bid: Bid, envelope: Envelope) -> Mapping[str, Any]:
    if not has_reached(bid.competition, OPENED_FROM[envelope]):
        raise NotFound
    opened = envelope_of(bid, envelope).opened
    if opened is None:
        raise NotFound
    document = json.loads(opened)
    if not isinstance(document, dict):
        raise SealBroken("there is no document inside")
    return document
