"""The invitation changed after a bid was submitted: it is confirmed, replaced, stands or lapses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from commissioning.audit import queries as trail
from commissioning.audit.domain.events import competition_stream, sealed_stream
from commissioning.competition import queries as competitions
from commissioning.infrastructure.database import db
from commissioning.infrastructure.outbox import OutboxMessage
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import Conflict, Forbidden, NotFound
from commissioning.kernel.stage import Stage
from commissioning.submission import queries, services
from commissioning.submission.models import BidConfirmation
from tests.factories.submission import (
    add_bidder,
    colleague,
    contest,
    drafted_bid,
    submitted_bid,
)
from tests.support.changes import NEW_DEADLINE, change_invitation

DAY = timedelta(days=1)


@pytest.fixture
def made(session):
    """Two bidders with a submitted bid each for the first lot; the second wrote for both lots."""
    made = contest(bidders=2)
    for bidder in made.bidders:
        submitted_bid(made, bidder)
    submitted_bid(made, made.bidders[1], "L2")
    made.clock.advance(timedelta(minutes=1))
    return made


def bid_of(made, number, lot=0):
    return queries.own_bid(made.row.lots[lot], made.bidders[number].organisation)


def under(made, number, lot=0):
    return queries.under_versions(made.row, [bid_of(made, number, lot)])


def confirm(made, number=0, lot=0, actor=None, **changes):
    bidder = made.bidders[number]
    fields = {
        "receipt": queries.last_receipt(bid_of(made, number, lot)).reference,
        "version": competitions.invitation_version(made.row),
    }
    return services.confirm_bid(
        actor or bidder.actor,
        made.reference,
        made.row.lots[lot].reference,
        bidder.reference,
        **(fields | changes),
        clock=made.clock,
    )


def close(made):
    made.clock.move_to(NEW_DEADLINE)
    assert services.pass_deadlines(clock=made.clock) == [made.reference]


def own_events(made, number):
    stream = sealed_stream(made.reference, made.bidders[number].reference)
    return [link.event for link in trail.links(stream)]


def test_without_a_change_there_is_nothing_to_confirm(made):
    assert under(made, 0) == []
    with pytest.raises(Conflict):
        confirm(made, version=1)


def test_a_bid_that_is_not_confirmed_lapses_and_is_opened_by_nobody(made):
    change_invitation(made)
    confirm(made, 1, 1)
    last = db.session.scalars(select(OutboxMessage.id).order_by(OutboxMessage.id.desc())).first()
    close(made)

    assert [bid_of(made, 0).status, bid_of(made, 1).status] == ["lapsed", "lapsed"]
    assert bid_of(made, 1, 1).status == "submitted"
    kept = queries.last_receipt(bid_of(made, 1, 1))
    assert queries.proof_of(made.row, kept) is not None
    assert queries.proof_of(made.row, queries.last_receipt(bid_of(made, 0))) is None
    assert own_events(made, 0)[-1] == "bid_lapsed"
    told = db.session.scalars(select(OutboxMessage).where(OutboxMessage.id > last)).all()
    mine = {bidder.person.email for bidder in made.bidders}
    assert {m.recipient for m in told if "your bids" in m.body} == mine
    for holder in made.holders(3):
        services.join_opening(holder, made.reference, "quality", clock=made.clock)
    assert [bid.reference for bid in queries.opened_bids(made.row)] == [
        bid_of(made, 1, 1).reference
    ]
    stream = trail.links(competition_stream(made.reference))
    assert "round_differs" not in [link.event for link in stream]
    assert queries.number_received(queries.round_closing(made.row)) == 1


@pytest.mark.parametrize("confirmed", [True, False])
def test_the_outbox_does_not_tell_who_had_bid(made, confirmed):
    idle = add_bidder(made)
    change_invitation(made)
    if confirmed:
        for number, lot in ((0, 0), (1, 0), (1, 1)):
            confirm(made, number, lot)
    last = db.session.scalars(select(OutboxMessage.id).order_by(OutboxMessage.id.desc())).first()
    close(made)

    told = db.session.scalars(select(OutboxMessage).where(OutboxMessage.id > last)).all()
    bidders = [bidder.person.email for bidder in (*made.bidders[:2], idle)]
    for_bidders = [message for message in told if message.recipient in bidders]
    assert sorted(message.recipient for message in for_bidders) == sorted(bidders)
    assert len({(message.subject, message.body) for message in for_bidders}) == 1


def test_a_confirmed_bid_keeps_its_receipt_and_stays_under_the_root(made):
    receipt = queries.last_receipt(bid_of(made, 0)).reference
    change_invitation(made)
    confirm(made)
    assert queries.last_receipt(bid_of(made, 0)).reference == receipt
    close(made)

    assert bid_of(made, 0).status == "submitted"
    assert queries.proof_of(made.row, queries.last_receipt(bid_of(made, 0))) is not None
    assert own_events(made, 0)[-1] == "bid_confirmed"


def test_a_bid_stands_unconfirmed_where_the_form_is_the_same(made):
    change_invitation(made, alters_form=False)
    (found,) = under(made, 0)
    assert (found.is_confirmed, found.counts) == (False, True)
    close(made)

    assert bid_of(made, 0).status == "submitted"
    assert queries.proof_of(made.row, queries.last_receipt(bid_of(made, 0))) is not None


def test_a_bid_that_replaces_it_needs_no_confirmation(made):
    change_invitation(made)
    submitted_bid(made, made.bidders[0], text="With the new line.")
    (found,) = under(made, 0)
    assert (found.is_confirmed, found.counts) == (True, True)
    close(made)

    assert bid_of(made, 0).status == "submitted"


def test_what_was_received_at_the_instant_of_the_change_is_under_it(session):
    made = contest(bidders=2)
    first, second = made.bidders
    made.clock.advance(timedelta(minutes=1))
    submitted_bid(made, first)
    at = made.clock.now()
    drafted_bid(made, second)
    change_invitation(made)
    services.submit_bid(
        second.actor,
        made.reference,
        made.lot,
        second.reference,
        idempotency_key="before",
        received_at=at - timedelta(microseconds=1),
        clock=made.clock,
    )

    assert under(made, 0)[0].is_confirmed
    assert not under(made, 1)[0].is_confirmed


def test_a_second_change_is_confirmed_again_where_it_alters_the_form(made):
    change_invitation(made)
    confirm(made)
    change_invitation(made, alters_form=False, deadline=None)
    (found,) = under(made, 0)
    assert (found.is_confirmed, found.counts) == (False, True)
    change_invitation(made, deadline=None)
    (found,) = under(made, 0)
    assert (found.is_confirmed, found.counts) == (False, False)
    confirm(made)

    assert under(made, 0)[0].is_confirmed


def test_confirming_twice_is_one_entry_also_after_the_deadline(made):
    change_invitation(made)
    receipt = queries.last_receipt(bid_of(made, 0)).reference
    first = confirm(made)
    assert confirm(made).id == first.id
    close(made)

    assert confirm(made, receipt=receipt, version=2).id == first.id
    assert own_events(made, 0).count("bid_confirmed") == 1
    assert len(db.session.scalars(select(BidConfirmation)).all()) == 1


def test_only_what_the_signatory_saw_is_confirmed(made):
    change_invitation(made)
    before = queries.last_receipt(bid_of(made, 0)).reference
    with pytest.raises(Conflict):
        confirm(made, version=3)
    submitted_bid(made, made.bidders[0], text="Another.")
    with pytest.raises(Conflict):
        confirm(made, receipt=before)
    with pytest.raises(NotFound):
        confirm(made, receipt=queries.last_receipt(bid_of(made, 1)).reference)
    with pytest.raises(NotFound):
        confirm(made, 1, receipt="RCT-NONE")


def test_only_a_signatory_confirms_and_only_in_time(made):
    change_invitation(made)
    writer = colleague(made.bidders[0], Role.BID_WRITER, Role.BID_MANAGER)
    with pytest.raises(Forbidden):
        confirm(made, actor=writer)
    with pytest.raises(Forbidden):
        confirm(made, actor=made.bidders[1].actor)
    made.clock.move_to(NEW_DEADLINE)
    with pytest.raises(services.TooLate):
        confirm(made)


def test_nobody_else_learns_who_has_confirmed(made):
    change_invitation(made)
    before = len(list(trail.links(competition_stream(made.reference))))
    mailed = len(db.session.scalars(select(OutboxMessage)).all())
    confirm(made)

    assert len(list(trail.links(competition_stream(made.reference)))) == before
    assert len(db.session.scalars(select(OutboxMessage)).all()) == mailed


def test_what_has_lapsed_can_be_sent_as_a_late_bid(made):
    change_invitation(made)
    close(made)
    bidder = made.bidders[0]
    receipt = services.send_late_bid(
        bidder.actor,
        made.reference,
        made.lot,
        bidder.reference,
        reason="We did not see the change.",
        idempotency_key="late",
        clock=made.clock,
    )

    assert "late" in queries.receipt_body(receipt)
    assert made.row.stage == Stage.ITN_CLOSED.value


def test_the_dashboard_names_the_lots(made):
    change_invitation(made)
    items = queries.waiting_for(made.bidders[1].actor, made.clock.now())
    (item,) = [one for one in items if one.title.startswith("The invitation changed")]

    assert item.due_at == NEW_DEADLINE
    assert "Area 1, Area 2" in item.detail
    assert "does not count" in item.detail
