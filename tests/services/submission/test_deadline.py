"""Who may bid, and until when: the instant of the deadline is late."""

from __future__ import annotations

from datetime import timedelta

import pytest

from commissioning.audit import queries as trail
from commissioning.audit.domain.events import sealed_stream
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import (
    Forbidden,
)
from commissioning.kernel.stage import Stage
from commissioning.submission import queries, services
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


def withdraw(made, bidder, **rest):
    return services.withdraw_bid(bidder.actor, *place(made, bidder), clock=made.clock, **rest)


def events_of(made, bidder):
    stream = sealed_stream(made.reference, bidder.reference)
    return [link.event for link in trail.links(stream)]


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


def test_a_bid_received_a_microsecond_before_the_deadline_is_in_time(session):
    made = contest()
    (bidder,) = made.bidders
    drafted_bid(made, bidder)
    made.clock.move_to(ITN_DEADLINE - A_MICROSECOND)

    receipt = submit(made, bidder)

    assert receipt.received_at == ITN_DEADLINE - A_MICROSECOND
    assert receipt.bid.status == "submitted"


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


def test_nothing_is_received_in_the_future_though_a_clock_steps_back(session):
    made = contest()
    (bidder,) = made.bidders
    drafted_bid(made, bidder)

    receipt = submit(made, bidder, received_at=made.clock.now() + A_MICROSECOND)

    assert receipt.received_at == made.clock.now()


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


@pytest.mark.parametrize("act", ["submit", "withdraw"])
def test_what_was_received_in_time_and_met_a_closed_stage_is_told_so_and_recorded(session, act):
    made = contest()
    (bidder,) = made.bidders
    received = ITN_DEADLINE - timedelta(milliseconds=1)
    submitted_bid(made, bidder) if act == "withdraw" else drafted_bid(made, bidder)
    made.clock.move_to(ITN_DEADLINE + timedelta(seconds=61))
    services.pass_deadlines(clock=made.clock)

    do = submit if act == "submit" else withdraw
    with pytest.raises(services.TooLate, match=r"11:59:59\.999 .* before the deadline, but the"):
        do(made, bidder, received_at=received)

    if act == "submit":
        sentence = services.refusal_if_late(
            bidder.actor, *place(made, bidder), received_at=received, clock=made.clock
        )
        assert "name this instant, which is on the record" in sentence
        assert events_of(made, bidder)[-1] == "submission_refused_as_late"
        receipt = services.send_late_bid(
            bidder.actor,
            *place(made, bidder),
            reason=sentence,
            idempotency_key="late",
            clock=made.clock,
        )
        assert "late" in queries.receipt_body(receipt)


def test_a_withdrawal_counts_from_the_instant_of_its_receipt(session):
    made = contest()
    (bidder,) = made.bidders
    submitted_bid(made, bidder)
    made.clock.move_to(ITN_DEADLINE + timedelta(seconds=20))

    received = ITN_DEADLINE - A_MICROSECOND
    bid = withdraw(made, bidder, received_at=received)

    assert bid.status == "withdrawn"
    (told,) = queries.withdrawals_of(bid)
    assert told["received_at"].startswith("2014-06-30T10:59:59.999999")
