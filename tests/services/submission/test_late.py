"""Late bids: sealed in quarantine, decided by two people, opened with the others or never."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from commissioning.audit import queries as trail
from commissioning.audit.domain.chain import breaks
from commissioning.audit.domain.events import competition_stream, sealed_stream
from commissioning.competition import queries as competitions
from commissioning.competition import services as competing
from commissioning.competition.models import TimetableEntry
from commissioning.infrastructure import documents
from commissioning.infrastructure.database import db
from commissioning.infrastructure.outbox import OutboxMessage
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import BadInput, Conflict, Forbidden, IllegalTransition, NotFound
from commissioning.kernel.stage import Stage
from commissioning.submission import queries, services
from commissioning.submission.domain import receipts
from commissioning.submission.domain.lateness import Verdict
from commissioning.submission.domain.receipts import receipt_sha256
from commissioning.submission.domain.sealing import Envelope
from commissioning.submission.models import BidFile, LateBid
from tests.factories.submission import (
    ITN_DEADLINE,
    add_bidder,
    colleague,
    contest,
    drafted_bid,
    submitted_bid,
)

SECRET = "CANARY-LATE"
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def made(session):
    """A bid in time of one bidder, and a draft of another when the deadline has passed."""
    made = contest(bidders=2)
    in_time, late = made.bidders
    submitted_bid(made, in_time)
    drafted_bid(made, late, text=SECRET)
    made.late = late
    made.clock.move_to(ITN_DEADLINE + AN_HOUR)
    return made


def send(made, bidder=None, key="key", reason="Our line was down.", actor=None, **rest):
    bidder = bidder or made.late
    return services.send_late_bid(
        actor or bidder.actor,
        made.reference,
        made.lot,
        bidder.reference,
        reason=reason,
        idempotency_key=key,
        clock=made.clock,
        **rest,
    )


def close(made):
    assert services.pass_deadlines(clock=made.clock) == [made.reference]


def late_row(made):
    return db.session.scalars(select(LateBid)).one()


def propose(made, verdict=Verdict.ACCEPT, reason="The exchange failed.", actor=None):
    return services.propose_late_bid(
        actor or made.person(Role.PROCUREMENT_LEAD),
        made.reference,
        late_row(made).reference,
        verdict,
        reason=reason,
        clock=made.clock,
    )


def decide(made, verdict=Verdict.ACCEPT):
    decision = propose(made, verdict)
    return services.approve_late_bid(
        made.person(Role.APPROVER), decision.reference, clock=made.clock
    )


def join(made, number):
    holder = made.person(Role.KEY_HOLDER, number)
    return services.join_opening(holder, made.reference, "quality", clock=made.clock)


def events(made, stream=None):
    return [link.event for link in trail.links(stream or competition_stream(made.reference))]


def own_bid(made):
    return queries.own_bid(made.row.lots[0], made.late.organisation)


def test_a_late_bid_is_accepted_by_two_and_opened_with_the_others(made):
    receipt = send(made)
    close(made)
    late = decide(made)
    assert late.status == "accepted"
    for number in range(3):
        ceremony = join(made, number)
    assert ceremony.is_done

    opened = queries.opened_bids(made.row)
    assert len(opened) == 2
    texts = {queries.quality_document(bid).answers["Q1"] for bid in opened}
    assert texts == {"We will.", SECRET}
    body = queries.receipt_body(receipt)
    (told,) = [
        link
        for link in trail.links(competition_stream(made.reference))
        if link.event == "late_bid_accepted"
    ]
    assert told.changes["receipt_sha256"] == receipt_sha256(body)
    assert breaks(trail.links(), heads=trail.heads()) == []
    quality, _price = services.read_submitted_bid(
        made.late.actor, made.reference, made.lot, made.late.reference
    )
    assert quality.answers["Q1"] == SECRET


def test_a_refused_late_bid_is_never_opened(made):
    send(made)
    close(made)
    assert decide(made, Verdict.REFUSE).status == "refused"
    for number in range(3):
        join(made, number)
    made.move_to(Stage.QUALITY_LOCKED)
    for number in range(3):
        holder = made.person(Role.KEY_HOLDER, number)
        services.join_opening(holder, made.reference, "price", clock=made.clock)
    bid = own_bid(made)
    assert [queries.envelope_of(bid, one).opened for one in Envelope] == [None, None]
    assert [queries.envelope_of(bid, one).sealed for one in Envelope] == [None, None]
    assert bid.status == "draft"
    assert len(queries.opened_bids(made.row)) == 1
    assert late_row(made).sealed_quality
    assert queries.late_receipts(made.row) == []


def test_the_receipt_says_that_it_is_late_and_verifies(made):
    receipt = send(made)
    body = queries.receipt_body(receipt)
    assert body["late"] == receipts.LATE
    assert receipts.problems(body) == []
    assert receipts.problems({k: v for k, v in body.items() if k != "late"})
    assert receipt.received_at == ITN_DEADLINE + AN_HOUR
    assert events(made, sealed_stream(made.reference, made.late.reference))[-1] == (
        "late_bid_received"
    )
    assert queries.counting_receipt(own_bid(made)) is None


def test_a_receipt_in_time_does_not_have_the_word(made):
    (first, _) = made.bidders
    bid = queries.own_bid(made.row.lots[0], first.organisation)
    assert "late" not in queries.receipt_body(queries.last_receipt(bid))


def test_nothing_of_it_stands_in_clear(made):
    send(made)
    row = late_row(made)
    for held in (row.sealed_quality, row.sealed_price, row.own_quality, row.own_price):
        assert SECRET.encode() not in held
    assert SECRET not in str([link.changes for link in trail.links()])


def test_the_same_key_gives_the_same_receipt_and_other_content_is_refused(made):
    receipt = send(made)
    assert send(made) is receipt
    assert send(made, reason=f" {late_row(made).reason} ") is receipt
    with pytest.raises(Conflict, match="with another reason"):
        send(made, reason="Another word.")
    with pytest.raises(Conflict, match="other content"):
        send(made, checked=receipts.Digests("a" * 64, "b" * 64))
    with pytest.raises(Conflict, match="waits for this lot already"):
        send(made, key="another")
    close(made)
    decide(made)
    assert send(made) is receipt


def test_a_bid_in_time_stands(made):
    first, _ = made.bidders
    with pytest.raises(Conflict, match="stands for this lot"):
        send(made, bidder=first)


def test_a_bid_that_was_withdrawn_in_time_may_come_late(session):
    made = contest()
    (bidder,) = made.bidders
    submitted_bid(made, bidder)
    place = (made.reference, made.lot, bidder.reference)
    services.withdraw_bid(bidder.actor, *place, clock=made.clock)
    made.late = bidder
    made.clock.move_to(ITN_DEADLINE)
    send(made)
    close(made)
    assert decide(made).status == "accepted"
    assert own_bid(made).status == "submitted"


def test_what_was_decided_is_not_sent_again(made):
    send(made)
    close(made)
    decide(made, Verdict.REFUSE)
    with pytest.raises(Conflict, match="decided for this lot already"):
        send(made, key="another")


def test_it_is_taken_from_the_deadline_until_the_opening_and_from_a_signatory_alone(made):
    with pytest.raises(Forbidden):
        send(made, received_at=ITN_DEADLINE - timedelta(microseconds=1))
    with pytest.raises(Forbidden):
        send(made, actor=colleague(made.late, Role.BID_MANAGER, Role.BID_WRITER))
    with pytest.raises(Forbidden):
        send(made, actor=made.bidders[0].actor)
    made.late.organisation.status = "suspended"
    with pytest.raises(Forbidden):
        send(made)
    made.late.organisation.status = "active"
    close(made)
    for number in range(3):
        join(made, number)
    with pytest.raises(Forbidden):
        send(made)


def test_a_bid_as_incomplete_as_one_in_time_may_not_be_is_refused(session):
    made = contest()
    (bidder,) = made.bidders
    services.start_bid(bidder.actor, made.reference, made.lot, bidder.reference, clock=made.clock)
    made.clock.move_to(ITN_DEADLINE)
    with pytest.raises(Conflict, match="Nothing was drafted"):
        send(made, bidder=add_bidder(made))
    with pytest.raises(IllegalTransition):
        send(made, bidder=bidder, confirmed_incomplete=True)
    for reason in ("", " \n", "x" * 2001):
        with pytest.raises(BadInput) as wrong:
            send(made, bidder=bidder, reason=reason)
        assert wrong.value.field == "reason"


def test_nothing_is_opened_while_it_is_undecided(made):
    close(made)
    join(made, 0)
    join(made, 1)
    send(made)
    for number in (1, 2):
        with pytest.raises(Conflict, match="A late bid is not decided yet"):
            join(made, number)
    assert made.row.stage == Stage.ITN_CLOSED.value
    decide(made)
    assert join(made, 2).is_done


def test_the_lead_sees_none_before_the_itn_has_closed(made):
    send(made)
    assert queries.late_bids(made.row) == []
    with pytest.raises(Forbidden):
        propose(made)
    close(made)
    assert len(queries.late_bids(made.row)) == 1


def test_one_proposes_and_another_decides(made):
    send(made)
    close(made)
    for role in (Role.APPROVER, Role.AUDITOR, Role.KEY_HOLDER, Role.EVALUATOR):
        with pytest.raises(Forbidden):
            propose(made, actor=made.person(role))
    with pytest.raises(BadInput):
        propose(made, reason=" ")
    decision = propose(made)
    with pytest.raises(Conflict, match="proposed already"):
        propose(made)
    for role in (Role.PROCUREMENT_LEAD, Role.AUDITOR):
        with pytest.raises(Forbidden):
            services.approve_late_bid(made.person(role), decision.reference, clock=made.clock)
    competing.send_back(
        made.person(Role.APPROVER), decision.reference, reason="Why?", clock=made.clock
    )
    assert late_row(made).status == "waiting"
    with pytest.raises(Conflict, match="A late bid is not decided yet"):
        join(made, 0)
    decide(made, Verdict.REFUSE)
    with pytest.raises(Conflict, match="decided already"):
        propose(made)
    assert join(made, 0).joined


def test_a_late_bid_of_another_competition_is_not_found(made):
    send(made)
    close(made)
    other = contest(stage=Stage.ITN_CLOSED)
    with pytest.raises(NotFound):
        services.propose_late_bid(
            other.person(Role.PROCUREMENT_LEAD),
            other.reference,
            late_row(made).reference,
            Verdict.ACCEPT,
            reason="Ours.",
            clock=made.clock,
        )


def test_it_is_not_under_the_root_and_the_closing_names_its_receipt(session):
    """Also where nothing had closed the round before it was accepted."""
    made = contest(bidders=2)
    in_time, made.late = made.bidders
    submitted_bid(made, in_time)
    drafted_bid(made, made.late)
    made.clock.move_to(ITN_DEADLINE)
    made.move_to(Stage.ITN_CLOSED)
    receipt = send(made)
    decide(made)
    assert queries.late_receipts(made.row) == []
    for number in range(3):
        join(made, number)
    assert queries.number_received(queries.round_closing(made.row)) == 1
    assert queries.proof_of(made.row, receipt) is None
    assert queries.late_receipts(made.row) == [receipt_sha256(queries.receipt_body(receipt))]


def test_the_bidder_is_told_to_sign_in_and_no_more(made):
    send(made)
    close(made)
    decide(made, Verdict.REFUSE)
    mine = [
        message
        for message in db.session.scalars(select(OutboxMessage))
        if message.recipient == made.late.person.email
    ]
    assert "Sign in to read more" in mine[-1].body
    for word in ("late", "refuse", "exchange", "line was down"):
        assert word not in (mine[-1].subject + mine[-1].body).lower()


def test_the_dashboard_leads_the_lead_then_the_approver_and_then_the_holders(made):
    def titles(role, asked=queries):
        person = made.person(role)
        return [item.title for item in asked.waiting_for(person, made.clock.now())]

    send(made)
    close(made)
    assert "Propose what happens to a late bid" in titles(Role.PROCUREMENT_LEAD)
    assert "Join the opening of the quality envelopes" not in titles(Role.KEY_HOLDER)
    assert "Decide on a late bid" not in titles(Role.APPROVER, competitions)
    decision = propose(made)
    assert "Propose what happens to a late bid" not in titles(Role.PROCUREMENT_LEAD)
    assert "Decide on a late bid" in titles(Role.APPROVER, competitions)
    services.approve_late_bid(made.person(Role.APPROVER), decision.reference, clock=made.clock)
    assert "Join the opening of the quality envelopes" in titles(Role.KEY_HOLDER)


def test_the_root_stays_as_it_was_published(made):
    send(made)
    close(made)
    root = queries.round_closing(made.row).root
    decide(made)
    assert queries.round_closing(made.row).root == root
    assert events(made).count("round_closed") == 1


def test_a_file_that_a_late_bid_names_is_never_thrown_away(session):
    made = contest()
    (bidder,) = made.bidders
    place = (made.reference, made.lot, bidder.reference)
    drafted_bid(made, bidder)
    entry = services.add_file(
        bidder.actor,
        *place,
        leaf="Q1",
        file_name="plan.pdf",
        media_type="application/pdf",
        pieces=[b"%PDF-1.4 plan"],
        clock=made.clock,
    )
    made.clock.move_to(ITN_DEADLINE + timedelta(seconds=5))
    services.send_late_bid(
        bidder.actor, *place, reason="The line.", idempotency_key="late", clock=made.clock
    )
    extended = session.scalar(select(TimetableEntry).where(TimetableEntry.event == "itn_deadline"))
    extended.instant = ITN_DEADLINE + timedelta(hours=2)
    session.flush()

    services.remove_file(bidder.actor, *place, entry.reference, clock=made.clock)

    (kept,) = session.scalars(select(BidFile))
    assert kept.reference == entry.reference
    assert documents.store().exists(kept.store_key)
