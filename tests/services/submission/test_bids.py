"""Submitting, replacing and withdrawing a bid."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from commissioning.audit import queries as trail
from commissioning.audit.domain.chain import breaks
from commissioning.audit.domain.events import sealed_stream
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import (
    BadInput,
    Conflict,
    IllegalTransition,
    NotFound,
)
from commissioning.kernel.stage import Stage
from commissioning.submission import queries, services
from commissioning.submission.domain import receipts
from commissioning.submission.models import Receipt
from tests.factories.submission import (
    ITN_DEADLINE,
    colleague,
    contest,
    drafted_bid,
    submitted_bid,
)

A_MICROSECOND = timedelta(microseconds=1)


def place(made, bidder, lot=None):
    return made.reference, lot or made.lot, bidder.reference


def submit(made, bidder, key="key", **rest):
    return services.submit_bid(
        bidder.actor, *place(made, bidder), idempotency_key=key, clock=made.clock, **rest
    )


def events_of(made, bidder):
    stream = sealed_stream(made.reference, bidder.reference)
    return [link.event for link in trail.links(stream)]


def test_a_submission_gives_a_receipt_that_can_be_checked(session):
    made = contest()
    (bidder,) = made.bidders
    drafted_bid(made, bidder)

    receipt = submit(made, bidder)
    body = queries.receipt_body(receipt)
    quality, price = services.read_submitted_bid(bidder.actor, *place(made, bidder))

    assert receipts.problems(body) == []
    assert body["sha256"] == {"quality": quality.sha256, "price": price.sha256}
    assert body["received_at"] == "2014-06-29T11:00:00.000000Z"
    assert body["deadline"] == "2014-06-30T11:00:00.000000Z"
    assert body["receipt"] == receipt.reference
    stream = sealed_stream(made.reference, bidder.reference)
    assert trail.heads(stream)[stream] == (body["event"]["position"], body["event"]["hash"])
    assert breaks(trail.links(stream), heads=trail.heads(stream)) == []


def test_a_bid_with_answers_missing_is_submitted_only_when_that_is_confirmed(session):
    made = contest()
    (bidder,) = made.bidders
    drafted_bid(made, bidder)
    services.save_quality_draft(bidder.actor, *place(made, bidder), {"Q2": ""}, clock=made.clock)

    own = services.read_own_bid(bidder.actor, *place(made, bidder))
    assert [gap.place for gap in services.completeness(own)] == ["Q2"]
    with pytest.raises(IllegalTransition, match="confirm"):
        submit(made, bidder)
    assert submit(made, bidder, confirmed_incomplete=True).bid.status == "submitted"


def test_a_bid_without_a_price_is_not_submitted_whatever_is_confirmed(session):
    made = contest()
    (bidder,) = made.bidders
    services.save_quality_draft(
        bidder.actor, *place(made, bidder), made.answers(), clock=made.clock
    )

    with pytest.raises(IllegalTransition, match="price schedule"):
        submit(made, bidder, confirmed_incomplete=True)


def test_a_price_above_the_ceiling_has_to_be_confirmed(session):
    made = contest()
    (bidder,) = made.bidders
    made.row.lots[0].ceiling_price_pence = 100
    drafted_bid(made, bidder)

    with pytest.raises(IllegalTransition):
        submit(made, bidder)
    assert submit(made, bidder, confirmed_incomplete=True)


def test_there_is_nothing_to_submit_before_a_draft(session):
    made = contest()
    (bidder,) = made.bidders

    with pytest.raises(Conflict, match="no draft"):
        submit(made, bidder)


def test_the_same_key_gives_the_same_receipt_and_no_second_record(session):
    made = contest()
    (bidder,) = made.bidders
    drafted_bid(made, bidder)
    first = submit(made, bidder)
    events = events_of(made, bidder)

    assert submit(made, bidder).reference == first.reference
    made.clock.move_to(ITN_DEADLINE + timedelta(hours=1))
    made.move_to(Stage.ITN_CLOSED)
    assert submit(made, bidder).reference == first.reference
    assert events_of(made, bidder) == events
    assert len(session.scalars(select(Receipt)).all()) == 1


def test_the_same_key_with_other_content_is_refused(session):
    made = contest()
    (bidder,) = made.bidders
    drafted_bid(made, bidder)
    submit(made, bidder)
    drafted_bid(made, bidder, text="Changed.")

    with pytest.raises(Conflict, match="other content"):
        submit(made, bidder)
    assert submit(made, bidder, key="another").bid.status == "submitted"


@pytest.mark.parametrize("key", ["", "x" * 65])
def test_a_key_of_the_wrong_length_is_refused(session, key):
    made = contest()
    (bidder,) = made.bidders
    drafted_bid(made, bidder)

    with pytest.raises(BadInput):
        submit(made, bidder, key=key)


def test_only_what_was_checked_is_submitted(session):
    made = contest()
    (bidder,) = made.bidders
    drafted_bid(made, bidder)
    seen = services.read_own_bid(bidder.actor, *place(made, bidder)).drafted
    services.save_quality_draft(
        colleague(bidder, Role.BID_WRITER),
        *place(made, bidder),
        {"Q1": "Changed behind your back."},
        clock=made.clock,
    )

    with pytest.raises(Conflict, match="changed since you checked"):
        submit(made, bidder, checked=seen)


def test_a_replacement_counts_and_its_receipt_names_the_one_before(session):
    made = contest()
    (bidder,) = made.bidders
    drafted_bid(made, bidder)
    first = submit(made, bidder, key="first")
    drafted_bid(made, bidder, text="Better.")
    second = submit(made, bidder, key="second")

    quality, _ = services.read_submitted_bid(bidder.actor, *place(made, bidder))
    assert quality.answers["Q1"] == "Better."
    assert queries.receipt_body(second)["replaces"] == first.reference
    assert list(queries.receipts_of(second.bid)) == [second, first]


def test_what_was_submitted_stays_while_the_draft_changes(session):
    made = contest()
    (bidder,) = made.bidders
    submitted_bid(made, bidder)
    assert not services.read_own_bid(bidder.actor, *place(made, bidder)).has_changed_since
    drafted_bid(made, bidder, text="Changed.")

    own = services.read_own_bid(bidder.actor, *place(made, bidder))
    quality, _ = services.read_submitted_bid(bidder.actor, *place(made, bidder))
    assert own.has_changed_since
    assert quality.answers["Q1"] == "We will."


def test_a_withdrawn_bid_leaves_nothing_to_open_and_can_be_submitted_again(session):
    made = contest()
    (bidder,) = made.bidders
    bid = submitted_bid(made, bidder)
    services.withdraw_bid(bidder.actor, *place(made, bidder), clock=made.clock)

    assert bid.status == "withdrawn"
    assert bid.submitted_at is None
    assert all(envelope.sealed is None for envelope in bid.envelopes)
    with pytest.raises(NotFound):
        services.read_submitted_bid(bidder.actor, *place(made, bidder))
    with pytest.raises(IllegalTransition):
        services.withdraw_bid(bidder.actor, *place(made, bidder), clock=made.clock)
    receipt = submit(made, bidder, key="again")
    assert bid.status == "submitted"
    assert queries.receipt_body(receipt)["replaces"] is None


def test_a_bid_cannot_be_submitted_to_a_competition_without_keys(session):
    made = contest(with_keys=False)
    (bidder,) = made.bidders
    drafted_bid(made, bidder)

    with pytest.raises(Conflict, match="opening keys"):
        submit(made, bidder)


def test_every_act_of_a_bidder_is_recorded_in_its_own_stream_and_holds_no_content(session):
    made = contest()
    (bidder,) = made.bidders
    submitted_bid(made, bidder, text="CANARY")
    services.withdraw_bid(bidder.actor, *place(made, bidder), clock=made.clock)

    assert events_of(made, bidder) == [
        "bid_draft_saved",
        "bid_draft_saved",
        "bid_submitted",
        "bid_withdrawn",
    ]
    everywhere = list(trail.links())
    assert {link.stream for link in everywhere} == {sealed_stream(made.reference, bidder.reference)}
    assert "CANARY" not in str([link.to_dict() for link in everywhere])
