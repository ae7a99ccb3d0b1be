"""Opening: at the threshold of key holders every envelope of the round is opened, or named."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from commissioning.audit import queries as trail
from commissioning.audit import services as audit
from commissioning.audit.domain.events import (
    Event,
    Subject,
    competition_stream,
    sealed_stream,
)
from commissioning.competition import queries as competitions
from commissioning.competition import services as competing
from commissioning.competition.domain.lots import LotStatus
from commissioning.competition.models import Competition
from commissioning.infrastructure import signing
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import Conflict, MoveRefused
from commissioning.permissions import Permission, require
from commissioning.submission import queries
from commissioning.submission.domain import receipts
from commissioning.submission.domain.sealing import Envelope, SealBroken
from commissioning.submission.models import Bid, Receipt
from commissioning.submission.queries import Ceremony
from commissioning.submission.services import custody, port
from commissioning.submission.services.closing import count_round
from commissioning.submission.services.keys import OPENING, attend, leave_shares

_PERMISSION = {
    Envelope.QUALITY: Permission.SUBMISSION_OPEN_QUALITY,
    Envelope.PRICE: Permission.SUBMISSION_OPEN_PRICE,
}
_MOVE = {
    Envelope.QUALITY: "quality_envelopes_opened",
    Envelope.PRICE: "price_envelopes_opened",
}

LATE_BID_WAITS = (
    "A late bid is not decided yet, and until then nothing is opened. Ask the lead to propose "
    "whether it is accepted, and an approver to decide; then join."
)

_FOUND = {0: LotStatus.UNBID, 1: LotStatus.SINGLE_BID}


def join_opening(
    actor: Actor, competition: str, envelope: Envelope | str, *, clock: Clock
) -> Ceremony:
    """A key holder joins an opening, in a session of their own; the one who completes it opens.

    Quality opens once the deadline lies in the past by the clock and its event has closed the
    stage, price after the quality lock. At the threshold (three of
    five, in the short form two of three) every submitted bid is opened, lots get their status, and
    the competition moves on. An envelope that does not open is named in the record and keeps no
    other from opening. Where the shares of those present do not give the key, one of them is wrong:
    that is recorded, nothing opens, and another holder can join. Joining twice counts once. Raises
    Forbidden at any other stage, KeyLocked, and Conflict where the holder's share does not open or
    a late bid is not decided.
    """
    now = clock.now()
    which = Envelope(envelope)
    contest = competitions.competition_for_change(competition)
    require(actor, _PERMISSION[which], competitions.facts(contest, now))
    if which is Envelope.QUALITY and queries.has_undecided_late_bid(contest):
        raise MoveRefused(LATE_BID_WAITS)
    key = queries.opening_keys(contest).get(which)
    if key is None:
        raise Conflict("This competition has no opening keys. Call the operator and the auditor.")
    has_joined = attend(actor, contest, key, OPENING, now)
    ceremony = queries.ceremony(contest, which, OPENING)
    if has_joined:
        audit.record(
            actor,
            Event.OPENING_JOINED,
            Subject("competition", contest.reference),
            {
                "envelope": which.value,
                "joined": len(ceremony.joined),
                "threshold": ceremony.threshold,
            },
            at=now,
            stream=competition_stream(contest.reference),
        )
    if not ceremony.is_met:
        leave_shares(actor, contest, OPENING)
        return ceremony
    present = queries.attendances(contest, which, OPENING)
    released = custody.put_together(actor, key, present, joined=ceremony.joined)
    if released is None or released.wrong:
        wrong = {"holders": list(released.wrong)} if released else {"among": list(ceremony.joined)}
        audit.record(
            actor,
            Event.SHARE_FOUND_WRONG,
            Subject("competition", contest.reference),
            {"envelope": which.value, **wrong},
            at=now,
            stream=competition_stream(contest.reference),
        )
    if released is None:
        leave_shares(actor, contest, OPENING)
        return ceremony
    custody.forget(present)
    _open_all(actor, contest, which, released.private_key, ceremony, at=now)
    return queries.ceremony(contest, which, OPENING)


def _open_all(
    actor: Actor,
    competition: Competition,
    envelope: Envelope,
    private_key: bytes,
    ceremony: Ceremony,
    *,
    at: datetime,
) -> None:
    bids = db.session.scalars(queries.sealed_bids(competition)).all()
    received = queries.last_receipts(bids)
    leaves = queries.leaves_as_published(competition)
    counted = None if leaves is None else leaves | queries.accepted_late_leaves(competition)
    readable = [
        bid
        for bid in bids
        if _open_one(
            actor, bid, envelope, private_key, received.get(bid.id), counted=counted, at=at
        )
    ]
    db.session.flush()
    if envelope is Envelope.QUALITY:
        count_round(actor, competition, at=at)
        _disclose_streams(actor, competition, at=at)
        _set_lot_statuses(actor, competition, readable, at=at)
    competing.advance_stage(
        actor,
        competition,
        _MOVE[envelope],
        {"threshold_met": True},
        at=at,
        changes={
            "holders": list(ceremony.joined),
            "bids": len(bids),
            "unreadable": [bid.reference for bid in bids if bid not in readable],
        },
    )


def _open_one(
    actor: Actor,
    bid: Bid,
    envelope: Envelope,
    private_key: bytes,
    receipt: Receipt | None,
    *,
    counted: frozenset[str] | None,
    at: datetime,
) -> bool:
    """Open one envelope, or record that it cannot be read, and why in a word."""
    row = queries.envelope_of(bid, envelope)
    try:
        sha256 = _digest_received(receipt, envelope, counted)
        row.opened = port.open_sealed(private_key, bid, envelope, sha256=sha256)
    except SealBroken as fault:
        row.opened = None
        audit.record(
            actor,
            Event.BID_FOUND_UNREADABLE,
            Subject("bid", bid.reference),
            {"envelope": envelope.value, "lot": bid.lot.reference, "because": str(fault)},
            at=at,
            stream=competition_stream(bid.competition.reference),
        )
        return False
    return True


def _digest_received(
    receipt: Receipt | None, envelope: Envelope, counted: frozenset[str] | None
) -> str:
    """The digest that the newest receipt names; SealBroken for one that was changed or added.

    What counts is what was counted at the closing, or accepted by two people as late: any other
    receipt, whoever signed it, is under no root. `counted` are the leaves of both; None where the
    closing itself was changed, which is recorded and decides nothing.
    """
    if receipt is None:
        raise SealBroken("there is no receipt")
    if counted is not None and queries.leaf_of(receipt) not in counted:
        raise SealBroken("the receipt is not under the root of the closing")
    try:
        body = queries.receipt_body(receipt)
        is_ours = signing.is_own(body["signature"]["public_key"]) and not receipts.problems(body)
        sha256 = receipts.digests_of(body).to_dict()[envelope.value]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SealBroken("the receipt was changed") from error
    if not is_ours:
        raise SealBroken("the receipt was changed")
    return sha256


def _disclose_streams(actor: Actor, competition: Competition, *, at: datetime) -> None:
    """The head of each bidder's own stream enters the competition's chain, which fixes it."""
    prefix = sealed_stream(competition.reference, "")
    heads = {name: head for name, head in trail.heads().items() if name.startswith(prefix)}
    for name, (length, head) in sorted(heads.items()):
        audit.record(
            actor,
            Event.SEALED_STREAM_DISCLOSED,
            Subject("stream", name),
            {"length": length, "head": head},
            at=at,
            stream=competition_stream(competition.reference),
        )


def _set_lot_statuses(
    actor: Actor, competition: Competition, readable: list[Bid], *, at: datetime
) -> None:
    """From the opening on each lot has a status of its own: unbid, single bid or evaluated."""
    bids_by_lot = Counter(bid.lot.reference for bid in readable)
    statuses = {
        lot.reference: _FOUND.get(bids_by_lot[lot.reference], LotStatus.EVALUATED)
        for lot in competition.lots
        if lot.status == LotStatus.OPEN.value
    }
    competing.set_lot_statuses(actor, competition, statuses, at=at)
