"""Drafts of bids: sealed to the bidder's own key from the first word on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, sealed_stream
from commissioning.competition import queries as competitions
from commissioning.competition.models import Lot
from commissioning.identity import queries as identities
from commissioning.infrastructure import discards
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInputs, NotFound
from commissioning.kernel.references import new_reference
from commissioning.permissions import Permission
from commissioning.submission import queries
from commissioning.submission.domain import completeness, pricing
from commissioning.submission.domain.envelopes import PriceDocument, QualityDocument
from commissioning.submission.domain.lifecycle import BidStatus
from commissioning.submission.domain.receipts import Digests, digests_of
from commissioning.submission.domain.sealing import FIRST_ROUND, Envelope
from commissioning.submission.models import Bid, BidEnvelope, LateBid, Receipt
from commissioning.submission.services import port
from commissioning.submission.services.standing import Standing, for_bid, require_in_time

NOTE_WORDS = 500
"""Words that the note to a price schedule may have."""


@dataclass(frozen=True, slots=True)
class OwnBid:
    """A bidder's own bid as its people see it: the drafts as they are, and what was submitted.

    `bid` is None before the first draft. `submitted` names the digests of what counts now, and is
    None when nothing does. Receipts come newest first. `late` is what was sent late, if anything.
    """

    lot: Lot
    bid: Bid | None = None
    quality: QualityDocument | None = None
    price: PriceDocument | None = None
    submitted: Digests | None = None
    receipts: Sequence[Receipt] = ()
    late: LateBid | None = None

    @property
    def drafted(self) -> Digests | None:
        """The digests of the drafts; None while one of the two is missing."""
        if self.quality is None or self.price is None:
            return None
        return Digests(self.quality.sha256, self.price.sha256)

    @property
    def has_changed_since(self) -> bool:
        """Whether the drafts differ from what was submitted and counts now."""
        return self.submitted is not None and self.submitted != self.drafted

    @property
    def answers(self) -> Mapping[str, str]:
        """The drafted answers by question."""
        return self.quality.answers if self.quality is not None else {}


def start_bid(actor: Actor, competition: str, lot: str, organisation: str, *, clock: Clock) -> Bid:
    """A bidder shortlisted for a lot begins its one bid for it; a bid begun before is given back.

    Raises TooLate, and Forbidden for a lot to which the bidder is not admitted.
    """
    now = clock.now()
    standing = for_bid(competition, lot, organisation, now, lock=True)
    require_in_time(actor, Permission.SUBMISSION_WRITE_BID, standing)
    bid = begun_bid(standing)
    db.session.flush()
    record_draft(actor, bid, {}, at=now)
    return bid


def save_quality_draft(
    actor: Actor,
    competition: str,
    lot: str,
    organisation: str,
    answers: Mapping[str, str],
    *,
    clock: Clock,
) -> Bid:
    """A bidder shortlisted for a lot drafts its answers until the deadline; nobody else sees them.

    `answers` is {question: text}; questions that are not named keep their answer. Raises BadInputs
    with the question as the field for an answer over its limit of words; TooLate, KeyLocked.
    """
    now = clock.now()
    standing = for_bid(competition, lot, organisation, now, lock=True)
    require_in_time(actor, Permission.SUBMISSION_WRITE_BID, standing)
    completeness.check_answers(answers, queries.bid_questions(standing.competition))

    bid = begun_bid(standing)
    document = quality_to_change(actor, bid).answering(answers, salt=port.new_salt())
    port.put_quality(bid, document)
    db.session.flush()
    record_draft(actor, bid, {"envelope": "quality", "sha256": document.sha256}, at=now)
    return bid


def save_price_draft(
    actor: Actor,
    competition: str,
    lot: str,
    organisation: str,
    *,
    fees_pence: Sequence[int],
    adjustments_pence: int = 0,
    note: str = "",
    clock: Clock,
) -> Bid:
    """A bidder shortlisted for a lot drafts its price schedule until the deadline, in whole pence.

    One fee for each year of the schedule. Raises BadInputs with the field that is wrong, such as
    `fee_3`, for a fee that is missing, zero, negative or not in pence; TooLate.
    """
    now = clock.now()
    standing = for_bid(competition, lot, organisation, now, lock=True)
    require_in_time(actor, Permission.SUBMISSION_WRITE_BID, standing)
    check_schedule(standing, fees_pence, adjustments_pence, note)

    bid = begun_bid(standing)
    document = PriceDocument(
        queries.place_of(bid), port.new_salt(), tuple(fees_pence), adjustments_pence, note.strip()
    )
    port.put_price(bid, document)
    db.session.flush()
    record_draft(actor, bid, {"envelope": "price", "sha256": document.sha256}, at=now)
    return bid


def read_own_bid(actor: Actor, competition: str, lot: str, organisation: str) -> OwnBid:
    """A bidder's own people read its bid at any time, when their session opens its key.

    Raises NotFound for anybody else, KeyLocked where the session does not open the key.
    """
    chosen, bid = own_bid_row(actor, competition, lot, organisation)
    if bid is None:
        return OwnBid(chosen)
    key = port.unlock(actor, bid.organisation)
    receipts = queries.receipts_of(bid)
    stands = bid.status == BidStatus.SUBMITTED.value and bool(receipts)
    return OwnBid(
        chosen,
        bid,
        port.read_quality(key, bid),
        port.read_price(key, bid),
        digests_of(queries.receipt_body(receipts[0])) if stands else None,
        receipts,
        queries.late_bid_of(bid),
    )


def read_submitted_bid(
    actor: Actor, competition: str, lot: str, organisation: str
) -> tuple[QualityDocument, PriceDocument]:
    """A bidder's own people read what they submitted last, as it was sealed.

    Raises NotFound where nothing was ever submitted, and for anybody else; KeyLocked.
    """
    _, bid = own_bid_row(actor, competition, lot, organisation)
    documents = None
    if bid is not None:
        documents = port.read_submitted(port.unlock(actor, bid.organisation), bid)
    if documents is None:
        raise NotFound
    return documents


# For the other services of bids ---------------------------------------------------------------


def own_bid_row(
    actor: Actor, competition: str, lot: str, organisation: str
) -> tuple[Lot, Bid | None]:
    """The lot, and the bidder's own bid for it, for its own people; NotFound for anybody else."""
    contest = competitions.competition_by_reference(competition)
    bidder = identities.organisation_by_reference(organisation)
    queries.require_own(actor, Permission.SUBMISSION_READ_OWN_BID, contest, bidder.reference)
    chosen = competitions.lot_by_reference(contest, lot)
    return chosen, queries.own_bid(chosen, bidder)


def own_bid_at(actor: Actor, standing: Standing) -> Bid | None:
    """The bidder's own bid where it stands, for its own people; Forbidden for anybody else."""
    _require_own(actor, standing)
    return queries.own_bid(_lot_of(standing), standing.organisation)


def own_bid_to_send(
    actor: Actor, standing: Standing, idempotency_key: str
) -> queries.BidToSend | None:
    """The same bid for whoever submits it, with the receipt that its key was given, if any was."""
    _require_own(actor, standing)
    return queries.bid_to_send(_lot_of(standing), standing.organisation, idempotency_key)


def begun_bid(standing: Standing) -> Bid:
    """The bid of a bidder for a lot, begun now if there is none: one bid a lot."""
    lot = _lot_of(standing)
    bid = queries.own_bid(lot, standing.organisation)
    if bid is None:
        bid = Bid(
            reference=new_reference("BID"),
            competition=standing.competition,
            lot=lot,
            organisation=standing.organisation,
            round=FIRST_ROUND,
            status=BidStatus.DRAFT.value,
            envelopes=[BidEnvelope(envelope=envelope.value) for envelope in Envelope],
        )
        db.session.add(bid)
    return bid


def quality_to_change(actor: Actor, bid: Bid) -> QualityDocument:
    """The quality draft to be changed, or an empty one where there is none yet; KeyLocked."""
    if queries.envelope_of(bid, Envelope.QUALITY).draft is None:
        return QualityDocument(queries.place_of(bid), port.new_salt(), {})
    document = port.read_quality(port.unlock(actor, bid.organisation), bid)
    if document is None:
        raise ValueError("There is a draft, and it was not read.")
    return document


def _require_own(actor: Actor, standing: Standing) -> None:
    queries.require_own(
        actor,
        Permission.SUBMISSION_READ_OWN_BID,
        standing.competition,
        standing.organisation.reference,
    )


def _lot_of(standing: Standing) -> Lot:
    if standing.lot is None:
        raise ValueError("A bid is for a lot.")
    return standing.lot


def discard_removed(bid: Bid, submitted: QualityDocument | None, *, at: datetime) -> None:
    """What was removed from the draft goes for good, unless what counts as submitted names it.

    Nobody can read such a file any more: its key stood in the envelope alone. `submitted` is None
    where nothing counts. While there is a late bid everything stays: it may name the file.
    """
    removed = queries.removed_files(bid)
    if not removed or queries.late_bid_of(bid) is not None:
        return
    for row in removed:
        if submitted is None or submitted.file(row.reference) is None:
            discards.discard(row.store_key, at=at)
            db.session.delete(row)


def check_schedule(
    standing: Standing, fees_pence: Sequence[int], adjustments_pence: int, note: str
) -> None:
    """A price schedule has a fee above 0 for every year, in the unit of the lot's value.

    Raises BadInputs with each field that is wrong: `fee_1` and on, `adjustments_pence`, `note`.
    """
    if standing.lot is None:
        raise ValueError("A price schedule is for a lot.")
    model = competitions.evaluation_model(standing.competition)
    found = pricing.schedule_problems(
        fees_pence,
        adjustments_pence,
        years=model.price.years,
        discount_rate=model.price.discount_rate,
        annual_value_pence=standing.lot.annual_value_pence,
    )
    problems = [(_field(problem.where), problem.sentence) for problem in found]
    if completeness.word_count(note) > NOTE_WORDS:
        problems.append(("note", f"The note must have {NOTE_WORDS} words or fewer."))
    if problems:
        raise BadInputs(problems)


def _field(where: str) -> str:
    """The field of the price form at which a problem of the schedule is shown."""
    part, _, year = where.partition(".")
    if part == "adjustments":
        return "adjustments_pence"
    return f"fee_{year}" if year else "fee_1"


def record_draft(actor: Actor, bid: Bid, changes: Mapping[str, str], *, at: datetime) -> None:
    """A draft was saved; the record stands in the bidder's own stream and holds a digest."""
    audit.record(
        actor,
        Event.BID_DRAFT_SAVED,
        Subject("bid", bid.reference),
        dict(changes),
        at=at,
        stream=sealed_stream(bid.competition.reference, bid.organisation.reference),
    )
