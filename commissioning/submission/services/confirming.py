"""A bid after a change of the invitation: confirmed by its signatory, or lapsed at the closing."""

from __future__ import annotations

from datetime import datetime

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, sealed_stream
from commissioning.competition import queries as competitions
from commissioning.competition.models import Competition
from commissioning.competition.services.mail import tell
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import SYSTEM, Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import Conflict, NotFound
from commissioning.kernel.lifecycle import advance
from commissioning.permissions import Permission, require
from commissioning.submission import queries
from commissioning.submission.domain.lifecycle import BID_TABLE
from commissioning.submission.domain.receipts import receipt_sha256
from commissioning.submission.models import BidConfirmation
from commissioning.submission.services.bids import instant_of_receipt
from commissioning.submission.services.drafts import own_bid_at
from commissioning.submission.services.standing import for_bid, require_in_time


def confirm_bid(
    actor: Actor,
    competition: str,
    lot: str,
    organisation: str,
    *,
    receipt: str,
    version: int,
    received_at: datetime | None = None,
    clock: Clock,
) -> BidConfirmation:
    """The signatory says that the submitted bid stands under the changed invitation.

    `receipt` and `version` are those that the signatory saw: a bid that was replaced since, or an
    invitation that has changed again, is not confirmed. It is an entry of the bidder's own stream;
    the bid keeps its receipt. Confirming again gives the same confirmation, also after the
    deadline. Raises TooLate, NotFound, Forbidden, Conflict.
    """
    now = clock.now()
    received = instant_of_receipt(received_at, now)
    standing = for_bid(competition, lot, organisation, received, lock=True)
    bid = own_bid_at(actor, standing)
    if bid is None:
        raise NotFound
    given = queries.receipt_of(bid, receipt)
    before = queries.confirmation_of(given, version)
    if before is not None:
        require(actor, Permission.SUBMISSION_READ_OWN_BID, standing.facts)
        return before
    require_in_time(actor, Permission.SUBMISSION_SUBMIT_BID, standing)
    found = queries.under_versions(standing.competition, [bid])
    if not found or found[0].receipt.reference != receipt or found[0].current != version:
        raise Conflict(
            "The bid was replaced or withdrawn, or the invitation has changed again since you "
            "looked. Go back to your bid and look again."
        )
    made = BidConfirmation(
        receipt=given, version=version, confirmed_by=actor.reference, confirmed_at=received
    )
    db.session.add(made)
    db.session.flush()
    audit.record(
        actor,
        Event.BID_CONFIRMED,
        Subject("bid", bid.reference),
        {
            "receipt": given.reference,
            "receipt_sha256": receipt_sha256(queries.receipt_body(given)),
            "version": version,
        },
        at=now,
        stream=sealed_stream(standing.competition.reference, standing.organisation.reference),
    )
    return made


def lapse_unconfirmed(competition: Competition, *, at: datetime) -> None:
    """A bid lapses at the closing where a change altered the form and it was not confirmed.

    A step of the closing, before its root is made: what has lapsed is not under the root, and no
    opening opens it. Its bidder finds the lots by name once signed in. Every admitted bidder is
    told to look, in the same words: whom alone the mail went to would tell who had bid.
    """
    if not any(one.alters_form for one in competitions.issued_versions(competition)):
        return
    bids = db.session.scalars(queries.sealed_bids(competition)).all()
    lapsed = [row for row in queries.under_versions(competition, bids) if not row.counts]
    for row in lapsed:
        row.bid.status = advance(BID_TABLE, row.bid.status, "bid_lapsed").target.value
    db.session.flush()
    addresses = competitions.bidder_addresses(competition)
    tell(addresses, competition, "has closed: look where your bids stand, if you made any", at=at)
    for row in lapsed:
        audit.record(
            SYSTEM,
            Event.BID_LAPSED,
            Subject("bid", row.bid.reference),
            {"receipt": row.receipt.reference, "covered": row.covered, "version": row.current},
            at=at,
            stream=sealed_stream(competition.reference, row.bid.organisation.reference),
        )
