"""Drafting, submitting, replacing and withdrawing a bid."""

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
    BadInputs,
    Conflict,
    Forbidden,
    IllegalTransition,
    KeyLocked,
    NotFound,
)
from commissioning.kernel.stage import Stage
from commissioning.submission import queries, services
from commissioning.submission.domain import receipts
from commissioning.submission.models import Bid, Receipt
from tests.factories.submission import (
    ITN_DEADLINE,
    add_bidder,
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


# Drafts


@pytest.mark.both_databases
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


# Who may, and when


def test_only_a_bidder_admitted_to_the_lot_writes(session):
    made = contest()
    outsider = add_bidder(made, lots=["L2"])

    with pytest.raises(Forbidden):
        drafted_bid(made, outsider, "L1")
    assert drafted_bid(made, outsider, "L2").lot.reference == "L2"


def test_a_suspended_bidder_writes_nothing(session):
    made = contest()
    (bidder,) = made.bidders
    bidder.organisation.status = "suspended"

    with pytest.raises(Forbidden):
        drafted_bid(made, bidder)


def test_nobody_writes_for_another_organisation(session):
    made = contest(bidders=2)
    one, other = made.bidders

    with pytest.raises(Forbidden):
        services.save_quality_draft(one.actor, *place(made, other), {"Q1": "x"}, clock=made.clock)


def test_only_the_signatory_submits_and_withdraws(session):
    made = contest()
    (bidder,) = made.bidders
    drafted_bid(made, bidder)
    writer = colleague(bidder, Role.BID_WRITER, Role.BID_MANAGER)

    with pytest.raises(Forbidden):
        services.submit_bid(writer, *place(made, bidder), idempotency_key="k", clock=made.clock)
    submit(made, bidder)
    with pytest.raises(Forbidden):
        services.withdraw_bid(writer, *place(made, bidder), clock=made.clock)


@pytest.mark.parametrize("stage", [Stage.SHORTLISTED, Stage.TERMINATED])
def test_nothing_is_written_when_the_itn_is_not_open(session, stage):
    made = contest()
    (bidder,) = made.bidders
    made.row.reached_stage = Stage.ITN_OPEN.value
    made.move_to(stage)

    with pytest.raises(Forbidden):
        drafted_bid(made, bidder)


@pytest.mark.both_databases
def test_a_bid_received_a_microsecond_before_the_deadline_is_in_time(session):
    made = contest()
    (bidder,) = made.bidders
    drafted_bid(made, bidder)
    made.clock.move_to(ITN_DEADLINE - A_MICROSECOND)

    receipt = submit(made, bidder)

    assert receipt.received_at == ITN_DEADLINE - A_MICROSECOND
    assert receipt.bid.status == "submitted"


@pytest.mark.both_databases
@pytest.mark.parametrize("late_by", [timedelta(0), A_MICROSECOND, timedelta(days=3)])
def test_a_bid_received_at_the_deadline_is_refused_with_both_instants(session, late_by):
    made = contest()
    (bidder,) = made.bidders
    drafted_bid(made, bidder)
    made.clock.move_to(ITN_DEADLINE + late_by)

    with pytest.raises(services.TooLate) as refusal:
        submit(made, bidder)

    assert "The deadline was 12:00:00.000 on Monday 30 June 2014" in refusal.value.sentence
    assert "received at 12:00:00.000" in refusal.value.sentence
    assert queries.own_bid(made.row.lots[0], bidder.organisation).status == "draft"


def test_a_bid_received_in_time_counts_though_it_is_handled_after_the_deadline(session):
    made = contest()
    (bidder,) = made.bidders
    drafted_bid(made, bidder)
    made.clock.move_to(ITN_DEADLINE + timedelta(seconds=2))

    receipt = submit(made, bidder, received_at=ITN_DEADLINE - A_MICROSECOND)

    assert receipt.received_at == ITN_DEADLINE - A_MICROSECOND


def test_nothing_is_received_in_the_future(session):
    made = contest()
    (bidder,) = made.bidders
    drafted_bid(made, bidder)

    with pytest.raises(ValueError, match="future"):
        submit(made, bidder, received_at=made.clock.now() + A_MICROSECOND)


def test_drafts_and_withdrawals_are_late_like_submissions(session):
    made = contest()
    (bidder,) = made.bidders
    submitted_bid(made, bidder)
    made.clock.move_to(ITN_DEADLINE)

    with pytest.raises(services.TooLate):
        drafted_bid(made, bidder)
    with pytest.raises(services.TooLate):
        services.withdraw_bid(bidder.actor, *place(made, bidder), clock=made.clock)
    made.move_to(Stage.ITN_CLOSED)
    with pytest.raises(services.TooLate):
        services.withdraw_bid(bidder.actor, *place(made, bidder), clock=made.clock)


def test_a_late_attempt_is_recorded_in_the_bidders_own_stream(session):
    made = contest()
    (bidder,) = made.bidders
    drafted_bid(made, bidder)
    before = events_of(made, bidder)

    def attempt():
        return services.refusal_if_late(
            bidder.actor,
            *place(made, bidder),
            received_at=made.clock.now(),
            clock=made.clock,
        )

    made.clock.move_to(ITN_DEADLINE - A_MICROSECOND)
    assert attempt() is None
    assert events_of(made, bidder) == before
    made.clock.move_to(ITN_DEADLINE)
    assert attempt().startswith("The deadline was 12:00:00.000")
    assert events_of(made, bidder) == [*before, "submission_refused_as_late"]


def test_a_stranger_is_not_told_that_it_is_late(session):
    made = contest(bidders=2)
    one, other = made.bidders
    made.clock.move_to(ITN_DEADLINE)

    with pytest.raises(Forbidden):
        services.refusal_if_late(
            one.actor, *place(made, other), received_at=made.clock.now(), clock=made.clock
        )
    with pytest.raises(Forbidden):
        services.withdraw_bid(one.actor, *place(made, other), clock=made.clock)


# Submitting


@pytest.mark.both_databases
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


@pytest.mark.both_databases
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


@pytest.mark.both_databases
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


@pytest.mark.both_databases
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
