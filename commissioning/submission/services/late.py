"""Late bids: sealed and kept in quarantine until two people accept them, or refuse them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from commissioning.audit import services as audit
from commissioning.audit.domain.events import (
    Event,
    Subject,
    competition_stream,
    sealed_stream,
)
from commissioning.competition import queries as competitions
from commissioning.competition import services as competing
from commissioning.competition.domain.lifecycle import LATE_BID
from commissioning.competition.models import Competition, Decision
from commissioning.competition.services.mail import tell
from commissioning.identity import queries as identities
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import BIDDER_ROLES, Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, Conflict, MoveRefused
from commissioning.kernel.lifecycle import advance
from commissioning.kernel.references import new_reference
from commissioning.permissions import Permission, require
from commissioning.submission import queries
from commissioning.submission.domain.lateness import Verdict
from commissioning.submission.domain.lifecycle import (
    BID_TABLE,
    LATE_BID_TABLE,
    BidStatus,
    LateBidStatus,
)
from commissioning.submission.domain.receipts import Digests, receipt_sha256
from commissioning.submission.domain.sealing import Envelope
from commissioning.submission.models import Bid, LateBid, Receipt
from commissioning.submission.services import port
from commissioning.submission.services.bids import (
    check_key,
    drafts_to_send,
    instant_of_receipt,
    keep_receipt,
    public_keys,
    same_again,
    statement_of,
)
from commissioning.submission.services.closing import close_round
from commissioning.submission.services.drafts import own_bid_at
from commissioning.submission.services.port import SealedEnvelope
from commissioning.submission.services.standing import for_bid

LONGEST_REASON = 2000
_EVENT = {Verdict.ACCEPT: Event.LATE_BID_ACCEPTED, Verdict.REFUSE: Event.LATE_BID_REFUSED}


def send_late_bid(
    actor: Actor,
    competition: str,
    lot: str,
    organisation: str,
    *,
    reason: str,
    idempotency_key: str,
    confirmed_incomplete: bool = False,
    checked: Digests | None = None,
    received_at: datetime | None = None,
    clock: Clock,
) -> Receipt:
    """From the deadline until the quality opening the signatory may send the drafts as a late bid.

    It is sealed like any other and kept in quarantine; the receipt says that it is late and under
    decision. `reason` is why, for the authority to read. One late bid a lot, and only where no bid
    of this bidder in time counts for it. The same `idempotency_key` with the same content and
    reason gives the same receipt again; with others it is refused. Raises BadInput at `reason`,
    IllegalTransition for what is missing and not confirmed, Conflict, KeyLocked, and Forbidden in
    time or after the quality opening.
    """
    now = clock.now()
    received = instant_of_receipt(received_at, now)
    standing = for_bid(competition, lot, organisation, received, lock=True)
    bid = own_bid_at(actor, standing)
    given = None if bid is None else queries.receipt_by_key(bid, idempotency_key)
    if bid is not None and given is not None:
        again = same_again(actor, bid, given, checked)
        late = queries.late_bid_of(bid)
        if late is not None and late.receipt_id == given.id and late.reason != reason.strip():
            raise Conflict(
                "This late bid was sent once already with another reason, and that one stands: "
                f"its receipt is {given.reference}."
            )
        return again

    require(actor, Permission.SUBMISSION_SEND_LATE_BID, standing.facts)
    check_key(idempotency_key)
    reason = _checked_reason(reason)
    if bid is None:
        raise Conflict("Nothing was drafted before the deadline, so nothing can be sent late.")
    _require_none_before(bid)
    # A late bid is as complete as one in time; its own status does not move before the decision.
    drafts = drafts_to_send(actor, bid, confirmed_incomplete=confirmed_incomplete, checked=checked)
    sealed = port.seal(bid, drafts.quality, drafts.price, public_keys(standing))
    stated = statement_of(bid, standing, drafts.digests, received_at=received, is_late=True)
    event = audit.record(
        actor,
        Event.LATE_BID_RECEIVED,
        Subject("bid", bid.reference),
        stated,
        at=now,
        stream=sealed_stream(standing.competition.reference, standing.organisation.reference),
    )
    receipt = keep_receipt(
        bid, stated, event, idempotency_key=idempotency_key, received_at=received
    )
    db.session.add(_quarantined(bid, receipt, sealed, reason))
    db.session.flush()
    return receipt


def propose_late_bid(
    actor: Actor, competition: str, late_bid: str, verdict: Verdict, *, reason: str, clock: Clock
) -> Decision:
    """The lead proposes to accept a late bid or to refuse it, for a reason that the bidder reads.

    From the closing of the ITN until the quality opening; one proposal is open at a time. Raises
    NotFound, Forbidden, Conflict for one that is decided, and BadInput at `reason`.
    """
    contest = competitions.competition_for_change(competition)
    require(actor, Permission.SUBMISSION_PROPOSE_LATE_BID, competitions.facts(contest, clock.now()))
    late = queries.late_bid_by_reference(contest, late_bid)
    if late.status != LateBidStatus.WAITING.value:
        raise MoveRefused("This late bid is decided already.")
    if not reason.strip():
        raise BadInput("reason", "Enter the reason: the bidder, the auditor and a court read it.")
    decision = competing.open_decision(
        actor,
        contest,
        LATE_BID,
        payload={
            "late_bid": late.reference,
            "verdict": verdict.value,
            "receipt_sha256": receipt_sha256(queries.receipt_body(late.receipt)),
        },
        reason=reason,
        clock=clock,
    )
    late.decision = decision
    db.session.flush()
    return decision


def approve_late_bid(actor: Actor, decision: str, *, reason: str = "", clock: Clock) -> LateBid:
    """A second person decides that a late bid is accepted, or refused, as it was proposed.

    An accepted one is put in its place, where the opening finds it; the root of the closing, under
    which it is not, is fixed first. A refused one stays sealed for ever. The bidder is told to
    sign in. Raises NotFound, Forbidden, and Conflict where it is decided already.
    """
    now = clock.now()
    proposal = competing.take_up_decision(actor, decision, LATE_BID, clock=clock)
    competition = proposal.competition
    late = queries.late_bid_by_reference(competition, proposal.payload["late_bid"])
    verdict = Verdict(proposal.payload["verdict"])
    sha256 = receipt_sha256(queries.receipt_body(late.receipt))
    if sha256 != proposal.payload["receipt_sha256"]:
        raise Conflict("The receipt was changed since this was proposed. Call the auditor.")
    event = _EVENT[verdict]
    status = advance(LATE_BID_TABLE, late.status, event.value).target
    competing.close_decision(actor, proposal, approved=True, reason=reason, clock=clock)
    late.status = status.value
    if verdict is Verdict.ACCEPT:
        close_round(competition, at=now)
        _put_in_place(late)
    db.session.flush()
    _tell_bidder(competition, late, at=now)
    audit.record(
        actor,
        event,
        Subject("late_bid", late.reference),
        {
            "decision": proposal.reference,
            "proposed_by": proposal.proposed_by,
            "reason": proposal.reason,
            "receipt_sha256": sha256,
            "word": queries.word_of_acceptance(competition, sha256),
        },
        at=now,
        stream=competition_stream(competition.reference),
    )
    return late


def _checked_reason(reason: str) -> str:
    text = reason.strip()
    if not text:
        raise BadInput("reason", "Enter why the bid is late: the authority decides by it.")
    if len(text) > LONGEST_REASON:
        raise BadInput("reason", f"Give the reason in {LONGEST_REASON:,} characters or fewer.")
    return text


def _require_none_before(bid: Bid) -> None:
    if bid.status == BidStatus.SUBMITTED.value:
        raise Conflict("A bid of yours stands for this lot. A late bid cannot take its place.")
    late = queries.late_bid_of(bid)
    if late is not None and late.status == LateBidStatus.WAITING.value:
        raise Conflict("A late bid of yours waits for this lot already. Its receipt stands.")
    if late is not None:
        raise Conflict("A late bid of yours is decided for this lot already. Read the outcome.")


def _quarantined(
    bid: Bid, receipt: Receipt, sealed: Mapping[Envelope, SealedEnvelope], reason: str
) -> LateBid:
    quality, price = sealed[Envelope.QUALITY], sealed[Envelope.PRICE]
    return LateBid(
        reference=new_reference("LTE"),
        bid=bid,
        receipt=receipt,
        status=LateBidStatus.WAITING.value,
        reason=reason,
        received_at=receipt.received_at,
        sealed_quality=quality.sealed,
        sealed_price=price.sealed,
        own_quality=quality.own_copy,
        own_price=price.own_copy,
        quality_sha256=quality.sha256,
        price_sha256=price.sha256,
    )


def _put_in_place(late: LateBid) -> None:
    bid = late.bid
    bid.status = advance(BID_TABLE, bid.status, Event.LATE_BID_ACCEPTED.value).target.value
    bid.submitted_at = late.received_at
    port.put_in_place(
        bid,
        {
            Envelope.QUALITY: SealedEnvelope(
                late.sealed_quality, late.own_quality, late.quality_sha256
            ),
            Envelope.PRICE: SealedEnvelope(late.sealed_price, late.own_price, late.price_sha256),
        },
    )


def _tell_bidder(competition: Competition, late: LateBid, *, at: datetime) -> None:
    addresses = identities.emails_of([late.bid.organisation.reference], BIDDER_ROLES)
    tell(addresses, competition, "has a decision for your organisation to read", at=at)
