"""Keys, their rehearsal, and the openings: by enough holders, in order, one bid's fault its own."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import select

from commissioning.audit import queries as trail
from commissioning.audit.domain.chain import breaks
from commissioning.audit.domain.events import sealed_stream
from commissioning.competition.models import Interest
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import Forbidden, NotFound
from commissioning.kernel.stage import Stage
from commissioning.submission import queries, services
from commissioning.submission.domain.sealing import Envelope, SealBroken, seal_document
from commissioning.submission.models import OpeningAttendance
from commissioning.submission.services import port
from tests.factories.identity import PersonFactory, actor_of
from tests.factories.submission import (
    ITN_DEADLINE,
    add_bidder,
    contest,
    drafted_bid,
    opened,
    submitted_bid,
)
from tests.support.openings import PROFILES, closed, events_of, handed_over, join, put_together


@pytest.mark.parametrize(("profile", "holders", "threshold"), PROFILES)
def test_quality_opens_when_the_threshold_of_holders_has_joined(
    session, profile, holders, threshold
):
    made = closed(profile=profile)
    for number, holder in enumerate(made.holders(threshold), start=1):
        assert queries.opened_bids(made.row) == []
        ceremony = join(made, holder)
        assert len(ceremony.joined) == number
        assert ceremony.is_done == (number == threshold)

    assert made.row.stage == Stage.QUALITY_EVALUATION.value
    (bid,) = queries.opened_bids(made.row)
    assert queries.quality_document(bid).answers == {"Q1": "We will.", "Q2": "We will."}
    with pytest.raises(NotFound):
        queries.price_document(bid)
    assert events_of(made, "quality_envelopes_opened")[0].changes["bids"] == 1


def test_the_same_holder_twice_counts_once(session):
    made = closed()
    one, other, _ = made.holders(3)
    for holder in (one, one, other, one, other):
        ceremony = join(made, holder)

    assert len(ceremony.joined) == 2
    assert made.row.stage == Stage.ITN_CLOSED.value
    assert len(session.scalars(select(OpeningAttendance)).all()) == 2
    assert len(events_of(made, "opening_joined")) == 2


def declares_an_interest(made, holder, bidder=None):
    db.session.add(
        Interest(
            competition_id=made.row.id,
            person=holder.reference,
            organisation=None if bidder is None else bidder.reference,
            statement="I own a part of it.",
            declared_at=made.clock.now(),
        )
    )
    db.session.flush()


@pytest.mark.parametrize("of_a_bidder", [True, False])
def test_a_holder_with_a_declared_interest_opens_nothing(session, of_a_bidder):
    made = closed()
    one, other, third, fourth, fifth = made.holders(5)
    join(made, other)
    declares_an_interest(made, one, made.bidders[0] if of_a_bidder else None)
    with pytest.raises(Forbidden):
        join(made, one)

    # Nor does one count who had joined before declaring it.
    declares_an_interest(made, other, made.bidders[0] if of_a_bidder else None)
    assert len(join(made, third).joined) == 1
    assert len(join(made, fourth).joined) == 2
    assert made.row.stage == Stage.ITN_CLOSED.value
    assert join(made, fifth).is_done


def test_a_holder_who_has_lost_the_role_does_not_count(session):
    made = closed()
    one, other, third = made.holders(3)
    join(made, one)
    join(made, other)
    made.people[Role.KEY_HOLDER.value][0].is_active = False
    session.flush()

    assert len(join(made, third).joined) == 2
    assert made.row.stage == Stage.ITN_CLOSED.value


@pytest.mark.parametrize("stage", [Stage.ITN_OPEN, Stage.QUALITY_EVALUATION, Stage.TERMINATED])
def test_quality_opens_only_after_the_deadline_event_and_once(session, stage):
    made = closed()
    made.row.reached_stage = Stage.ITN_CLOSED.value
    made.move_to(stage)

    with pytest.raises(Forbidden):
        join(made, made.person(Role.KEY_HOLDER))


def test_quality_does_not_open_while_the_deadline_lies_ahead_whatever_the_stage(session):
    made = contest(stage=Stage.ITN_CLOSED)
    holder = made.person(Role.KEY_HOLDER)
    made.clock.move_to(ITN_DEADLINE - timedelta(microseconds=1))

    with pytest.raises(Forbidden) as refusal:
        join(made, holder)
    assert refusal.value.reason == "fails: after the deadline"
    made.clock.move_to(ITN_DEADLINE)
    assert join(made, holder).joined == (holder.reference,)


@pytest.mark.parametrize(
    "stage", [Stage.ITN_CLOSED, Stage.QUALITY_EVALUATION, Stage.PRICE_EVALUATION]
)
def test_price_does_not_open_before_the_quality_lock_or_twice(session, stage):
    made = closed()
    made.move_to(stage)

    for holder in made.holders(3):
        with pytest.raises(Forbidden):
            join(made, holder, "price")
    (bid,) = session.scalars(queries.sealed_bids(made.row)).all()
    assert queries.envelope_of(bid, Envelope.PRICE).opened is None


def test_only_key_holders_of_this_competition_open(session):
    made, other = closed(), closed()
    outsiders = [
        made.person(Role.PROCUREMENT_LEAD),
        made.person(Role.APPROVER),
        made.bidders[0].actor,
        other.person(Role.KEY_HOLDER),
        actor_of(PersonFactory(organisation=made.authority, roles=[Role.KEY_HOLDER])),
    ]

    for outsider in outsiders:
        with pytest.raises(Forbidden):
            join(made, outsider)


def test_price_opens_after_quality_with_the_other_key(session):
    made = closed()
    opened(made)
    opened(made, "price")

    (bid,) = queries.opened_bids(made.row)
    assert made.row.stage == Stage.PRICE_EVALUATION.value
    assert queries.price_document(bid).fees_pence == tuple(made.fees())


def test_neither_key_opens_the_other_envelope(session):
    made = closed()
    (bid,) = session.scalars(queries.sealed_bids(made.row)).all()
    private = {
        envelope: put_together(*handed_over(made, envelope, made.holders(3))).private_key
        for envelope in Envelope
    }
    for key, envelope in itertools.product(Envelope, Envelope):
        sha256 = queries.envelope_of(bid, envelope).sha256
        if key is envelope:
            assert port.open_sealed(private[key], bid, envelope, sha256=sha256)
        else:
            with pytest.raises(SealBroken):
                port.open_sealed(private[key], bid, envelope, sha256=sha256)


def test_a_withdrawn_bid_and_a_draft_are_not_opened(session):
    made = contest(bidders=3)
    submitted, withdrawn, drafting = made.bidders
    submitted_bid(made, submitted)
    submitted_bid(made, withdrawn)
    drafted_bid(made, drafting)
    services.withdraw_bid(
        withdrawn.actor, made.reference, made.lot, withdrawn.reference, clock=made.clock
    )
    opened(made)

    assert [bid.organisation for bid in queries.opened_bids(made.row)] == [submitted.organisation]
    assert events_of(made, "quality_envelopes_opened")[0].changes["bids"] == 1


def test_lots_get_their_status_from_what_was_opened(session):
    made = contest(lots=3, bidders=2)
    one, other = made.bidders
    for bidder, lot in ((one, "L1"), (one, "L2"), (other, "L2")):
        submitted_bid(made, bidder, lot)
    opened(made)

    assert [lot.status for lot in made.row.lots] == ["single_bid", "evaluated", "unbid"]
    assert [bid.lot.reference for bid in queries.opened_bids(made.row)] == ["L1", "L2", "L2"]
    assert len(queries.opened_bids(made.row, "L2")) == 2


def test_the_heads_of_the_bidders_streams_enter_the_competitions_chain(session):
    made = contest(bidders=2)
    for bidder in made.bidders:
        submitted_bid(made, bidder)
    heads = trail.heads()
    opened(made)

    disclosed = {
        link.subject: (link.changes["length"], link.changes["head"])
        for link in events_of(made, "sealed_stream_disclosed")
    }
    assert disclosed == {
        name: heads[name]
        for name in (sealed_stream(made.reference, b.reference) for b in made.bidders)
    }
    assert breaks(trail.links(), heads=trail.heads()) == []


def test_nothing_of_another_competition_is_opened_or_disclosed(session):
    made, other = closed(), closed()
    opened(made)

    assert queries.opened_bids(other.row) == []
    assert events_of(other, "sealed_stream_disclosed") == []
    assert len(events_of(made, "sealed_stream_disclosed")) == 1


# What cannot be read


def spoil(what, bid, other):
    quality = queries.envelope_of(bid, Envelope.QUALITY)
    receipt = queries.last_receipt(bid)
    match what:
        case "ciphertext":
            quality.sealed = quality.sealed[:-1] + bytes([quality.sealed[-1] ^ 1])
        case "cut short":
            quality.sealed = quality.sealed[:100]
        case "gone":
            quality.sealed = None
        case "of another bid":
            quality.sealed = queries.envelope_of(other, Envelope.QUALITY).sealed
        case "of the other envelope":
            quality.sealed = queries.envelope_of(bid, Envelope.PRICE).sealed
        case "receipt changed":
            receipt.body = receipt.body.replace("received_at", "accepted_at")
        case "receipt not JSON":
            receipt.body = "{"
        case "receipt of another":
            receipt.body = queries.last_receipt(other).body


@pytest.mark.parametrize(
    "what",
    [
        "ciphertext",
        "cut short",
        "gone",
        "of another bid",
        "of the other envelope",
        "receipt changed",
        "receipt not JSON",
        "receipt of another",
    ],
)
def test_a_bid_that_cannot_be_read_is_named_and_keeps_no_other_from_opening(session, what):
    made = contest(bidders=3)
    bids = [submitted_bid(made, bidder) for bidder in made.bidders]
    spoil(what, bids[1], bids[2])
    opened(made)

    assert {bid.reference for bid in queries.opened_bids(made.row)} == {
        bids[0].reference,
        bids[2].reference,
    }
    assert queries.unreadable_bids(made.row, Envelope.QUALITY) == [bids[1]]
    (event,) = events_of(made, "bid_found_unreadable")
    assert event.subject == bids[1].reference
    (moved,) = events_of(made, "quality_envelopes_opened")
    assert moved.changes["unreadable"] == [bids[1].reference]
    with pytest.raises(NotFound):
        queries.quality_document(bids[1])


def test_an_envelope_put_in_by_somebody_else_is_not_taken_for_the_bid(session):
    """Anybody can seal to a public key; only what the receipt names counts."""
    made = contest()
    (bidder,) = made.bidders
    bid = submitted_bid(made, bidder)
    forged = contest()
    rival = add_bidder(forged)
    forged_bid = submitted_bid(forged, rival, text="Forged.")
    purpose = queries.place_of(bid).purpose("bid", Envelope.QUALITY)
    document, _ = services.read_submitted_bid(
        rival.actor, forged.reference, forged.lot, rival.reference
    )
    content = document.to_dict() | {
        "competition": made.reference,
        "bidder": bidder.reference,
        "bid": bid.reference,
    }
    key = queries.opening_keys(made.row)[Envelope.QUALITY].public_key
    queries.envelope_of(bid, Envelope.QUALITY).sealed = seal_document(key, content, purpose=purpose)
    opened(made)

    assert queries.unreadable_bids(made.row, Envelope.QUALITY) == [bid]
    assert forged_bid.status == "submitted"


def test_a_price_that_cannot_be_read_is_named_at_its_own_opening(session):
    made = contest(bidders=2)
    good, bad = (submitted_bid(made, bidder) for bidder in made.bidders)
    envelope = queries.envelope_of(bad, Envelope.PRICE)
    envelope.sealed = envelope.sealed[:-1] + bytes([envelope.sealed[-1] ^ 1])
    opened(made)
    opened(made, "price")

    assert len(queries.opened_bids(made.row)) == 2
    assert queries.unreadable_bids(made.row, Envelope.QUALITY) == []
    assert queries.unreadable_bids(made.row, Envelope.PRICE) == [bad]
    assert queries.price_document(good)
    with pytest.raises(NotFound):
        queries.price_document(bad)
