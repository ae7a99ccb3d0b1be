"""Drafts of a bid: who reads them, and what cannot be drafted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from commissioning.audit import queries as trail
from commissioning.audit.domain.events import sealed_stream
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import (
    BadInputs,
    KeyLocked,
)
from commissioning.submission import services
from commissioning.submission.models import Bid
from tests.factories.submission import (
    colleague,
    contest,
    drafted_bid,
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


def test_a_draft_is_read_back_by_its_own_people(session):
    made = contest()
    (bidder,) = made.bidders
    drafted_bid(made, bidder, text="Our plan.")

    own = services.read_own_bid(bidder.actor, *place(made, bidder))

    assert own.answers == {"Q1": "Our plan.", "Q2": "Our plan."}
    assert own.price.fees_pence == tuple(made.fees())
    assert own.price.note == "Our plan."
    assert own.submitted is None
    assert events_of(made, bidder) == ["bid_draft_saved", "bid_draft_saved"]


def test_an_answer_that_is_not_named_stays(session):
    made = contest()
    (bidder,) = made.bidders
    for answers in ({"Q1": "One.", "Q2": "Two."}, {"Q2": "Three."}):
        services.save_quality_draft(bidder.actor, *place(made, bidder), answers, clock=made.clock)

    own = services.read_own_bid(bidder.actor, *place(made, bidder))
    assert own.answers == {"Q1": "One.", "Q2": "Three."}


def test_a_bid_can_be_begun_before_its_first_word(session):
    made = contest()
    (bidder,) = made.bidders
    bid = services.start_bid(bidder.actor, *place(made, bidder), clock=made.clock)

    assert drafted_bid(made, bidder).reference == bid.reference


def test_there_is_one_bid_a_lot(session):
    made = contest()
    (bidder,) = made.bidders
    first, again = drafted_bid(made, bidder), drafted_bid(made, bidder)
    other_lot = drafted_bid(made, bidder, "L2")

    assert first.reference == again.reference
    assert first.reference != other_lot.reference
    assert session.scalars(select(Bid)).all() == [first, other_lot]


def test_nothing_is_drafted_over_the_limit_of_words(session):
    made = contest(word_limit=3)
    (bidder,) = made.bidders

    with pytest.raises(BadInputs) as refusal:
        services.save_quality_draft(
            bidder.actor,
            *place(made, bidder),
            {"Q1": "far too many words"},
            clock=made.clock,
        )

    assert refusal.value.problems[0][0] == "Q1"
    assert session.scalars(select(Bid)).all() == []


@pytest.mark.parametrize(
    ("fees", "adjustments", "field", "word"),
    [
        ([0, *[10**9] * 6], 0, "fee_1", "above"),
        ([10**9, -5, *[10**9] * 5], 0, "fee_2", "above"),
        ([None, *[10**9] * 6], 0, "fee_1", "Enter"),
        ([10**6, *[10**9] * 6], 0, "fee_1", "thousands"),
        ([10**9, 10**11, *[10**9] * 5], 0, "fee_2", "pence"),
        ([10**9] * 6, 0, "fee_1", "7 are needed"),
        ([10**9] * 7, -(10**10), "adjustments_pence", "above"),
    ],
)
def test_a_price_that_cannot_be_meant_is_refused_beside_its_field(
    session, fees, adjustments, field, word
):
    made = contest()
    (bidder,) = made.bidders

    with pytest.raises(BadInputs) as refusal:
        services.save_price_draft(
            bidder.actor,
            *place(made, bidder),
            fees_pence=fees,
            adjustments_pence=adjustments,
            clock=made.clock,
        )

    assert [name for name, _ in refusal.value.problems] == [field]
    assert word in refusal.value.problems[0][1]
    assert session.scalars(select(Bid)).all() == []


def test_a_note_that_is_too_long_is_refused(session):
    made = contest()
    (bidder,) = made.bidders

    with pytest.raises(BadInputs) as refusal:
        services.save_price_draft(
            bidder.actor,
            *place(made, bidder),
            fees_pence=made.fees(),
            note="word " * 501,
            clock=made.clock,
        )
    assert refusal.value.problems[0][0] == "note"


def test_a_colleague_without_the_key_cannot_read_or_change_a_draft(session):
    made = contest()
    (bidder,) = made.bidders
    drafted_bid(made, bidder)
    outside = colleague(bidder, Role.BID_WRITER, admitted=False)

    with pytest.raises(KeyLocked):
        services.read_own_bid(outside, *place(made, bidder))
    with pytest.raises(KeyLocked):
        services.save_quality_draft(
            outside, *place(made, bidder), {"Q1": "Mine."}, clock=made.clock
        )


def test_a_colleague_with_the_key_goes_on_where_another_stopped(session):
    made = contest()
    (bidder,) = made.bidders
    drafted_bid(made, bidder)
    writer = colleague(bidder, Role.BID_WRITER)
    services.save_quality_draft(
        writer, *place(made, bidder), {"Q2": "From a colleague."}, clock=made.clock
    )

    own = services.read_own_bid(bidder.actor, *place(made, bidder))
    assert own.answers == {"Q1": "We will.", "Q2": "From a colleague."}
