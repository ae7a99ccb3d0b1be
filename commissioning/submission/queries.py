"""What may be asked of submissions: the bidder's own at any time, everybody's after the opening.

Each query that gives more than one bidder's things looks at the competition's stage itself, beside
the permission that its caller asks for: before the closing of the PQQ, or the opening of the
quality envelopes, it gives nothing, whoever asks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from commissioning.competition import queries as competitions
from commissioning.competition.models import Competition, Lot
from commissioning.identity.models import Organisation
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.errors import NotFound
from commissioning.kernel.stage import Stage
from commissioning.permissions import Facts, Permission, require
from commissioning.submission.domain import pricing
from commissioning.submission.domain.completeness import Question
from commissioning.submission.domain.envelopes import (
    PriceDocument,
    QualityDocument,
    price_from,
    quality_from,
)
from commissioning.submission.domain.lifecycle import BidStatus, ResponseStatus
from commissioning.submission.domain.sealing import FIRST_ROUND, Envelope, Place, SealBroken
from commissioning.submission.models import (
    Bid,
    BidEnvelope,
    BidFile,
    OpeningAttendance,
    OpeningKey,
    Receipt,
    SelectionResponse,
)

_OPENED_FROM = {
    Envelope.QUALITY: Stage.QUALITY_EVALUATION,
    Envelope.PRICE: Stage.PRICE_EVALUATION,
}


def has_reached(competition: Competition, stage: Stage) -> bool:
    """Whether the competition came as far as this stage, also where it was terminated since."""
    return Stage(competition.reached_stage or competition.stage).is_at_or_after(stage)


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


# The bidder's own -----------------------------------------------------------------------------


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


def own_bids(organisation: Organisation, competition: Competition) -> Sequence[Bid]:
    """The bidder's own bids in a competition, by lot; nothing of what is in them."""
    return db.session.scalars(
        select(Bid)
        .join(Bid.lot)
        .where(Bid.competition_id == competition.id, Bid.organisation_id == organisation.id)
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


# What is asked --------------------------------------------------------------------------------


def bid_questions(competition: Competition) -> tuple[Question, ...]:
    """The questions that a bid answers: every leaf of the evaluation model, in its order."""
    return tuple(
        Question(
            leaf.reference,
            leaf.question,
            leaf.word_limit,
            group=criterion.name,
            takes_files=leaf.allows_file,
        )
        for criterion in competition.criteria
        for leaf in criterion.leaves
    )


def pqq_questions(competition: Competition) -> tuple[Question, ...]:
    """The questions of the PQQ, in their order; the group is the part."""
    return tuple(
        Question(
            question.reference,
            question.question,
            question.word_limit,
            group=question.part,
            is_yes_no=question.answer == "yes_no",
        )
        for question in competition.questions
    )


def evaluated_price(competition: Competition, price: PriceDocument) -> int:
    """The evaluated price of a schedule by the competition's model, in pence."""
    model = competitions.evaluation_model(competition)
    return pricing.evaluated_price_pence(
        price.fees_pence, price.adjustments_pence, model.price.discount_rate
    )


# Keys and ceremonies --------------------------------------------------------------------------


def opening_keys(competition: Competition) -> dict[Envelope, OpeningKey]:
    """The opening keys of the round by envelope; empty before they are prepared."""
    rows = db.session.scalars(
        select(OpeningKey).where(
            OpeningKey.competition_id == competition.id, OpeningKey.round == FIRST_ROUND
        )
    )
    return {Envelope(row.envelope): row for row in rows}


def attendances(
    competition: Competition, envelope: Envelope, purpose: str
) -> Sequence[OpeningAttendance]:
    """Who has joined a rehearsal or an opening, in the order of joining."""
    return db.session.scalars(
        select(OpeningAttendance)
        .where(
            OpeningAttendance.competition_id == competition.id,
            OpeningAttendance.round == FIRST_ROUND,
            OpeningAttendance.envelope == envelope.value,
            OpeningAttendance.purpose == purpose,
        )
        .order_by(OpeningAttendance.id)
    ).all()


@dataclass(frozen=True, slots=True)
class Ceremony:
    """A rehearsal or an opening as it stands: who holds keys, who has joined, how many it takes.

    `joined` are the references of present key holders, in the order of joining; whoever has lost
    the role since does not count.
    """

    envelope: Envelope
    holders: tuple[str, ...]
    joined: tuple[str, ...]
    threshold: int
    is_done: bool

    @property
    def is_met(self) -> bool:
        """Whether as many have joined as it takes."""
        return len(self.joined) >= self.threshold


def ceremony(competition: Competition, envelope: Envelope, purpose: str) -> Ceremony:
    """How far a rehearsal or an opening has come; it says nothing about bids."""
    holders = tuple(competitions.key_holders(competition))
    _, threshold = competitions.key_holders_needed(competition)
    is_done = (
        competition.rehearsed_at is not None
        if purpose == "rehearsal"
        else has_reached(competition, _OPENED_FROM[envelope])
    )
    return Ceremony(
        envelope,
        holders,
        tuple(
            row.holder
            for row in attendances(competition, envelope, purpose)
            if row.holder in holders
        ),
        threshold,
        is_done,
    )


# After the closing of the PQQ -----------------------------------------------------------------


def submitted_responses(competition: Competition) -> Sequence[SelectionResponse]:
    """The PQQ responses that were submitted, by bidder; none before the PQQ has closed."""
    if not has_reached(competition, Stage.PQQ_CLOSED):
        return []
    return db.session.scalars(
        select(SelectionResponse)
        .join(SelectionResponse.organisation)
        .where(
            SelectionResponse.competition_id == competition.id,
            SelectionResponse.status == ResponseStatus.SUBMITTED.value,
        )
        .options(joinedload(SelectionResponse.organisation))
        .order_by(Organisation.name, SelectionResponse.id)
    ).all()


def submitted_response(competition: Competition, reference: str) -> SelectionResponse:
    """One submitted PQQ response; NotFound before the PQQ has closed, or where there is none."""
    for response in submitted_responses(competition):
        if response.reference == reference:
            return response
    raise NotFound


def response_snapshot(response: SelectionResponse) -> dict[str, Any]:
    """What was submitted, which the bidder's later changes do not touch.

    {"reference", "competition", "bidder", "answers": {question: text}, "lots": [reference],
    "proved_funding_pence", "funding_source"}. NotFound for a response that is not submitted.
    """
    if response.status != ResponseStatus.SUBMITTED.value or response.snapshot is None:
        raise NotFound
    snapshot: dict[str, Any] = json.loads(response.snapshot)
    return snapshot


# After the opening ----------------------------------------------------------------------------


def place_of(bid: Bid) -> Place:
    """Where a bid's envelopes belong."""
    return Place(
        bid.competition.reference,
        bid.round,
        bid.lot.reference,
        bid.organisation.reference,
        bid.reference,
    )


def submitted_bids(competition: Competition, envelope: Envelope) -> Sequence[Bid]:
    """Every bid that stands as submitted, with its envelopes; none before this envelope's opening.

    Those that could not be read are among them.
    """
    if not has_reached(competition, _OPENED_FROM[envelope]):
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


def envelope_of(bid: Bid, envelope: Envelope) -> BidEnvelope:
    """One of the two envelopes of a bid."""
    return next(row for row in bid.envelopes if row.envelope == envelope.value)


def _opened(bid: Bid, envelope: Envelope) -> Mapping[str, Any]:
    if not has_reached(bid.competition, _OPENED_FROM[envelope]):
        raise NotFound
    opened = envelope_of(bid, envelope).opened
    if opened is None:
        raise NotFound
    document = json.loads(opened)
    if not isinstance(document, dict):
        raise SealBroken("there is no document inside")
    return document
