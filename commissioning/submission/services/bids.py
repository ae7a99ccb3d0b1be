"""Submitting, replacing and withdrawing a bid, and what is told to whoever comes too late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commissioning.audit import services as audit
from commissioning.audit.domain.chain import Link
from commissioning.audit.domain.events import Event, Subject, sealed_stream
from commissioning.audit.models import AuditEvent
from commissioning.competition.models import Lot
from commissioning.infrastructure import signing
from commissioning.infrastructure.database import db
from commissioning.infrastructure.vault import KeyNotOurs
from commissioning.kernel.actor import Actor
from commissioning.kernel.canonical import canonical_json
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, Conflict, NotFound
from commissioning.kernel.lifecycle import advance
from commissioning.kernel.references import new_reference
from commissioning.permissions import Permission, require
from commissioning.submission import queries
from commissioning.submission.domain import receipts
from commissioning.submission.domain.completeness import Gap, bid_gaps
from commissioning.submission.domain.envelopes import PriceDocument, QualityDocument
from commissioning.submission.domain.lifecycle import BID_TABLE, LateBidStatus
from commissioning.submission.domain.receipts import Digests
from commissioning.submission.domain.sealing import Envelope
from commissioning.submission.models import Bid, LateBid, Receipt, WithdrawalReceipt
from commissioning.submission.services import port
from commissioning.submission.services.drafts import (
    OwnBid,
    discard_removed,
    own_bid_at,
    own_bid_to_send,
)
from commissioning.submission.services.standing import (
    Standing,
    TooLate,
    for_bid,
    is_too_late,
    late_sentence,
    require_in_time,
)

LONGEST_KEY = 64


def completeness(own: OwnBid) -> tuple[Gap, ...]:
    """What a bidder's own bid lacks for its lot: missing answers, and a missing price schedule."""
    return gaps_in(own.lot, own.quality, own.price)


def gaps_in(
    lot: Lot, quality: QualityDocument | None, price: PriceDocument | None
) -> tuple[Gap, ...]:
    """What two documents lack for a lot."""
    return bid_gaps(
        {} if quality is None else quality.answers,
        queries.asked_of_bid(lot.competition),
        price_pence=None if price is None else queries.evaluated_price(lot.competition, price),
        ceiling_pence=lot.ceiling_price_pence,
    )


def submit_bid(
    actor: Actor,
    competition: str,
    lot: str,
    organisation: str,
    *,
    idempotency_key: str,
    confirmed_incomplete: bool = False,
    checked: Digests | None = None,
    received_at: datetime | None = None,
    clock: Clock,
) -> Receipt:
    """The signatory submits the drafts as the bid for a lot, or replaces the one submitted before.

    What is received before the instant of the deadline is in time; `received_at` is when the
    request had arrived, by default now. `checked` are the digests that the signatory saw: drafts
    that a colleague has changed since are not submitted. The same `idempotency_key` with the same
    content gives the same receipt again, also after the deadline; with other content it is refused.
    Raises TooLate, IllegalTransition for what is missing and not confirmed, Conflict, KeyLocked.
    """
    now = clock.now()
    received = instant_of_receipt(received_at, now)
    standing = for_bid(competition, lot, organisation, received, lock=True)
    found = own_bid_to_send(actor, standing, idempotency_key)
    if found is not None and found.given is not None:
        return same_again(actor, found.bid, found.given, checked)

    require_in_time(actor, Permission.SUBMISSION_SUBMIT_BID, standing)
    check_key(idempotency_key)
    if found is None:
        raise Conflict("There is no draft to submit. Write the answers and the prices first.")
    bid = found.bid
    drafts = drafts_to_send(actor, bid, confirmed_incomplete=confirmed_incomplete, checked=checked)
    port.put_in_place(bid, port.seal(bid, drafts.quality, drafts.price, public_keys(standing)))
    if found.has_removed_files:
        discard_removed(bid, drafts.quality, at=now)
    replaced = found.last if bid.submitted_at is not None else None
    replaced = _take_back_late(found.late) or replaced
    bid.status = drafts.status
    bid.submitted_at = received
    stated = statement_of(
        bid,
        standing,
        drafts.digests,
        received_at=received,
        replaces=None if replaced is None else replaced.reference,
    )
    event = audit.record(
        actor,
        Event.BID_SUBMITTED,
        Subject("bid", bid.reference),
        stated,
        at=now,
        stream=sealed_stream(standing.competition.reference, standing.organisation.reference),
    )
    return keep_receipt(bid, stated, event, idempotency_key=idempotency_key, received_at=received)


def withdraw_bid(
    actor: Actor,
    competition: str,
    lot: str,
    organisation: str,
    *,
    received_at: datetime | None = None,
    clock: Clock,
) -> Bid:
    """The signatory takes a submitted bid back before the deadline; the drafts stay.

    Its receipt is signed and kept in the same transaction (`queries.withdrawals_of`).
    Raises TooLate, NotFound, IllegalTransition where nothing is submitted.
    """
    now = clock.now()
    received = instant_of_receipt(received_at, now)
    standing = for_bid(competition, lot, organisation, received, lock=True)
    require_in_time(actor, Permission.SUBMISSION_SUBMIT_BID, standing)
    bid = own_bid_at(actor, standing)
    if bid is None:
        raise NotFound
    bid.status = advance(BID_TABLE, bid.status, "bid_withdrawn").target.value
    bid.submitted_at = None
    for envelope in bid.envelopes:
        envelope.sealed = None
        envelope.own_copy = None
        envelope.sha256 = None
    discard_removed(bid, None, at=now)
    last = queries.last_receipt(bid)
    db.session.flush()
    stated = receipts.withdrawal_statement(
        receipt=new_reference("WDR"),
        place=queries.place_of(bid),
        withdraws=None if last is None else last.reference,
        received_at=received,
        deadline=standing.deadline or now,
    )
    event = audit.record(
        actor,
        Event.BID_WITHDRAWN,
        Subject("bid", bid.reference),
        stated,
        at=now,
        stream=sealed_stream(standing.competition.reference, standing.organisation.reference),
    )
    db.session.add(
        WithdrawalReceipt(
            reference=stated["receipt"],
            bid=bid,
            body=_signed(stated, event),
            received_at=received,
        )
    )
    db.session.flush()
    return bid


def refusal_if_late(
    actor: Actor,
    competition: str,
    lot: str,
    organisation: str,
    *,
    received_at: datetime,
    idempotency_key: str | None = None,
    refused: TooLate | None = None,
    clock: Clock,
) -> str | None:
    """What arrives at the deadline or later is refused in a sentence, and the attempt is recorded.

    None for what is in time, for whoever could not have done it in time either, and for a
    submission that was acknowledged already, by its key. `refused` is what `submit_bid` raised in
    this transaction: it has looked for the key, and holds what it has read.
    """
    now = clock.now()
    received = instant_of_receipt(received_at, now)
    standing = refused.standing if refused is not None else None
    if standing is None:
        standing = for_bid(competition, lot, organisation, received, lock=True)
        bid = own_bid_at(actor, standing)
        if bid is not None and idempotency_key and queries.receipt_by_key(bid, idempotency_key):
            return None
    require(actor, Permission.SUBMISSION_READ_OWN_BID, standing.facts)
    if not is_too_late(actor, Permission.SUBMISSION_SUBMIT_BID, standing):
        return None
    audit.record(
        actor,
        Event.SUBMISSION_REFUSED_AS_LATE,
        Subject("lot", f"{standing.competition.reference}/{lot}"),
        {"received_at": receipts.instant_text(received)},
        at=now,
        stream=sealed_stream(standing.competition.reference, standing.organisation.reference),
    )
    return late_sentence(standing)


# For late bids as well ---------------------------------------------------------------------------


def instant_of_receipt(received_at: datetime | None, now: datetime) -> datetime:
    """When a request had arrived, by default now; never later, though a clock may step back."""
    return now if received_at is None else min(received_at, now)


def check_key(idempotency_key: str) -> None:
    """The key that a page gives a submission is short, and there; BadInput otherwise."""
    if not 0 < len(idempotency_key) <= LONGEST_KEY:
        raise BadInput("idempotency_key", f"A key has between 1 and {LONGEST_KEY} characters.")


def same_again(actor: Actor, bid: Bid, given: Receipt, checked: Digests | None) -> Receipt:
    """The receipt that this key was given, if the content is the same; Conflict otherwise."""
    content = checked
    if content is None:
        key = port.unlock(actor, bid.organisation)
        quality, price = port.read_quality(key, bid), port.read_price(key, bid)
        content = Digests(quality.sha256, price.sha256) if quality and price else None
    if content != receipts.digests_of(queries.receipt_body(given)):
        raise Conflict(
            "This submission was sent once already with other content. Check your answers again, "
            "then submit."
        )
    return given


@dataclass(frozen=True, slots=True)
class Drafts:
    """Both drafts of a bid as they may be sent, and the status that sending them gives the bid."""

    quality: QualityDocument
    price: PriceDocument
    status: str

    @property
    def digests(self) -> Digests:
        """The digest of each document, as the receipt names it."""
        return Digests(self.quality.sha256, self.price.sha256)


def drafts_to_send(
    actor: Actor, bid: Bid, *, confirmed_incomplete: bool, checked: Digests | None
) -> Drafts:
    """What is sent is priced, complete or confirmed as incomplete, and what the signatory saw.

    Raises IllegalTransition for what is missing and not confirmed, Conflict for drafts that have
    changed since they were checked, KeyLocked.
    """
    key = port.unlock(actor, bid.organisation)
    quality, price = port.read_quality(key, bid), port.read_price(key, bid)
    gaps = gaps_in(bid.lot, quality, price)
    move = advance(
        BID_TABLE,
        bid.status,
        "bid_submitted",
        {
            "is_priced": not any(gap.blocks for gap in gaps),
            "gaps_are_confirmed": confirmed_incomplete or not gaps,
        },
    )
    if quality is None or price is None:
        raise Conflict("No answer is drafted, so there is nothing to send.")
    drafts = Drafts(quality, price, move.target.value)
    if checked is not None and checked != drafts.digests:
        raise Conflict(
            "The draft has changed since you checked it. Check your answers again, then submit."
        )
    return drafts


def statement_of(
    bid: Bid,
    standing: Standing,
    digests: Digests,
    *,
    received_at: datetime,
    replaces: str | None = None,
    is_late: bool = False,
) -> dict[str, Any]:
    """What the receipt of a bid states, under the rules that the competition published."""
    return receipts.statement(
        receipt=new_reference("RCT"),
        place=queries.place_of(bid),
        digests=digests,
        received_at=received_at,
        deadline=standing.deadline or received_at,
        model_sha256=standing.competition.model_sha256,
        opening_keys_sha256=standing.competition.opening_keys_sha256,
        replaces=replaces,
        is_late=is_late,
    )


def public_keys(standing: Standing) -> dict[Envelope, bytes]:
    """The competition's key of each envelope; Conflict where there is none, or they are others.

    Each is vouched for by the installation, and both give the digest that the ITN published.
    """
    found = queries.public_opening_keys(standing.competition)
    if len(found) != len(Envelope):
        raise Conflict("This competition has no opening keys. Tell the authority at once.")
    if queries.digest_of_public_keys(found) != standing.competition.opening_keys_sha256:
        raise KeyNotOurs
    return found


def _take_back_late(late: LateBid | None) -> Receipt | None:
    """What waits as a late bid gives way to one in time; gives its receipt.

    That can be where the deadline has moved since, because the service had failed.
    """
    if late is None or late.status != LateBidStatus.WAITING.value:
        return None
    receipt = late.receipt
    db.session.delete(late)
    return receipt


def keep_receipt(
    bid: Bid,
    stated: dict[str, Any],
    event: AuditEvent,
    *,
    idempotency_key: str,
    received_at: datetime,
) -> Receipt:
    """The signed receipt of what was sent, with its event of the trail."""
    receipt = Receipt(
        reference=stated["receipt"],
        bid=bid,
        idempotency_key=idempotency_key,
        body=_signed(stated, event),
        received_at=received_at,
    )
    db.session.add(receipt)
    db.session.flush()
    return receipt


def _signed(stated: dict[str, Any], event: AuditEvent) -> str:
    """The whole receipt as it is kept, in canonical JSON."""
    whole = receipts.body(stated, _link(event), public_key=signing.public_key(), sign=signing.sign)
    return canonical_json(whole).decode()


def _link(event: AuditEvent) -> Link:
    return Link(
        stream=event.stream,
        position=event.position,
        at=receipts.instant_text(event.at),
        actor=event.actor,
        event=event.event,
        subject_type=event.subject_type,
        subject=event.subject,
        changes=event.changes,
        previous_hash=event.previous_hash,
        hash=event.hash,
    )
