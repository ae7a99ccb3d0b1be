"""Whoever writes to the database, with no secret and no key holder, adds no bid and takes none."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from commissioning.audit import queries as trail
from commissioning.audit.domain.chain import Link, breaks, instant_text, link_hash
from commissioning.audit.domain.events import competition_stream, sealed_stream
from commissioning.audit.models import AuditEvent, AuditStream
from commissioning.infrastructure import signing
from commissioning.infrastructure.database import db
from commissioning.kernel.canonical import canonical_json
from commissioning.kernel.stage import Stage
from commissioning.submission import queries, services
from commissioning.submission.domain import receipts
from commissioning.submission.domain.envelopes import PriceDocument, QualityDocument
from commissioning.submission.domain.receipts import Digests
from commissioning.submission.domain.sealing import Envelope, seal_document
from commissioning.submission.models import OpeningKey, Receipt
from commissioning.submission.services.closing import close_round
from tests.factories.submission import ITN_DEADLINE, contest, drafted_bid, opened, submitted_bid
from tests.support.openings import events_of


def append(stream, at, actor, event, subject, changes):
    """An event that fits the chain, written with SQL alone."""
    head = db.session.scalar(select(AuditStream).where(AuditStream.name == stream))
    fields = {
        "stream": stream,
        "position": head.length + 1,
        "actor": actor,
        "event": event,
        "subject_type": subject[0],
        "subject": subject[1],
        "changes": changes,
        "previous_hash": head.head,
    }
    digest = link_hash(at=instant_text(at), **fields)
    db.session.add(AuditEvent(at=at, hash=digest, **fields))
    head.length, head.head = head.length + 1, digest
    db.session.flush()
    return Link(at=instant_text(at), hash=digest, **fields)


def forge(made, bidder, bid, *, sign, public_key):
    """Envelopes sealed to the public keys, a receipt, and its acceptance as a late bid."""
    place = queries.place_of(bid)
    quality = QualityDocument(place, "00" * 16, {"Q1": "FORGED", "Q2": "FORGED"})
    price = PriceDocument(place, "11" * 16, tuple(made.fees()))
    for envelope, document in ((Envelope.QUALITY, quality), (Envelope.PRICE, price)):
        key = db.session.scalar(select(OpeningKey).where(OpeningKey.envelope == envelope.value))
        row = queries.envelope_of(bid, envelope)
        purpose = place.purpose("bid", envelope)
        row.sealed = seal_document(key.public_key, document.to_dict(), purpose=purpose)
        row.sha256 = document.sha256
    bid.status, bid.submitted_at = "submitted", ITN_DEADLINE
    stated = receipts.statement(
        receipt="RCT-FORGED0000",
        place=place,
        digests=Digests(quality.sha256, price.sha256),
        received_at=ITN_DEADLINE,
        deadline=ITN_DEADLINE,
        model_sha256=None,
        opening_keys_sha256=made.row.opening_keys_sha256,
        replaces=None,
        is_late=True,
    )
    at, stream = made.clock.now(), sealed_stream(made.reference, bidder.reference)
    subject = ("bid", bid.reference)
    link = append(stream, at, bidder.actor.reference, "late_bid_received", subject, stated)
    body = receipts.body(stated, link, public_key=public_key, sign=sign)
    db.session.add(
        Receipt(
            reference="RCT-FORGED0000",
            bid=bid,
            idempotency_key="x",
            body=canonical_json(body).decode(),
            received_at=ITN_DEADLINE,
        )
    )
    accepted = {"receipt_sha256": receipts.receipt_sha256(body)}
    for changes in (accepted, {**accepted, "word": "00" * 32}):
        subject = ("late_bid", "LTE-FORGED")
        stream = competition_stream(made.reference)
        append(stream, at, "PER-ANY", "late_bid_accepted", subject, changes)
    db.session.flush()


@pytest.mark.parametrize("leaves_are_broken", [False, True])
@pytest.mark.parametrize("has_our_signature", [False, True])
def test_bid_that_nobody_sent_does_not_open(session, leaves_are_broken, has_our_signature):
    """A signature alone does not do it either, but where the leaves themselves are broken."""
    made = contest(bidders=2)
    honest, forger = made.bidders
    submitted_bid(made, honest)
    bid = drafted_bid(made, forger)
    made.clock.move_to(ITN_DEADLINE)
    made.move_to(Stage.ITN_CLOSED)
    closed = close_round(made.row, at=made.clock.now())
    own = Ed25519PrivateKey.generate()
    pair = (own.sign, own.public_key().public_bytes_raw())
    if has_our_signature:
        pair = (signing.sign, signing.public_key())
    forge(made, forger, bid, sign=pair[0], public_key=pair[1])
    if leaves_are_broken:
        closed.leaves = [*closed.leaves[1:], closed.leaves[0]]
    session.flush()
    assert not list(breaks(trail.links(), heads=trail.heads())), "the chain shows nothing"

    opened(made)

    theirs = [one.organisation.reference for one in queries.opened_bids(made.row)]
    expected = {honest.reference}
    if leaves_are_broken and has_our_signature:
        expected.add(forger.reference)
    assert set(theirs) == expected
    told = events_of(made, "bid_found_unreadable")
    assert [event.subject for event in told] == ([] if len(expected) == 2 else [bid.reference])


def test_withdrawal_that_nobody_made_has_no_receipt(session):
    made = contest()
    (bidder,) = made.bidders
    bid = submitted_bid(made, bidder)
    stated = receipts.withdrawal_statement(
        receipt="WDR-NEVER",
        place=queries.place_of(bid),
        withdraws=queries.last_receipt(bid).reference,
        received_at=made.clock.now(),
        deadline=ITN_DEADLINE,
    )
    stream, subject = sealed_stream(made.reference, bidder.reference), ("bid", bid.reference)
    append(stream, made.clock.now(), bidder.actor.reference, "bid_withdrawn", subject, stated)
    assert queries.withdrawals_of(bid) == []


def test_receipt_of_a_withdrawal_is_signed_once(session, app):
    made = contest()
    (bidder,) = made.bidders
    bid = submitted_bid(made, bidder)
    place = (made.reference, made.lot, bidder.reference)
    services.withdraw_bid(bidder.actor, *place, clock=made.clock)
    key = signing.public_key().hex()
    (told,) = queries.withdrawals_of(bid)
    assert receipts.problems(told, public_key=key) == []
    signing.configure("another secret of this installation, of 32 signs")
    try:
        assert queries.withdrawals_of(bid) == [told]
    finally:
        signing.configure(app.config["COMMISSIONING"].secret_key)
