"""What the dashboard tells bidders, the lead and key holders to do next."""

from __future__ import annotations

from commissioning.kernel.actor import Role
from commissioning.kernel.stage import Stage
from commissioning.submission import queries, services
from tests.factories.submission import (
    ITN_DEADLINE,
    PQQ_DEADLINE,
    contest,
    submitted_bid,
    submitted_response,
)


def titles(actor, made):
    return [item.title for item in queries.waiting_for(actor, made.clock.now())]


def test_a_bidder_is_told_of_an_open_pqq_until_it_has_submitted(session):
    made = contest(stage=Stage.PQQ_OPEN)
    (bidder,) = made.bidders
    assert titles(bidder.actor, made) == ["Answer the PQQ"]

    services.save_response(
        bidder.actor, made.reference, bidder.reference, answers={"A1": "x"}, clock=made.clock
    )
    (item,) = queries.waiting_for(bidder.actor, made.clock.now())
    assert item.title == "Finish and submit your PQQ response"
    assert (item.due_at, item.values) == (PQQ_DEADLINE, {"reference": made.reference})
    submitted_response(made, bidder)
    assert titles(bidder.actor, made) == []


def test_a_bidder_is_told_how_many_of_its_lots_have_no_bid(session):
    made = contest(lots=2)
    (bidder,) = made.bidders

    def detail():
        return [item.detail for item in queries.waiting_for(bidder.actor, made.clock.now())]

    assert detail() == ["2 of your 2 lots have no submitted bid."]
    submitted_bid(made, bidder, "L1")
    assert detail() == ["1 of your 2 lots has no submitted bid."]
    submitted_bid(made, bidder, "L2")
    assert detail() == []


def test_nothing_waits_after_the_deadline(session):
    made = contest()
    (bidder,) = made.bidders
    made.clock.move_to(ITN_DEADLINE)

    assert titles(bidder.actor, made) == []


def test_the_lead_prepares_keys_and_then_the_holders_rehearse(session):
    made = contest(stage=Stage.SHORTLISTED)
    lead, holder = made.person(Role.PROCUREMENT_LEAD), made.person(Role.KEY_HOLDER)
    assert (titles(lead, made), titles(holder, made)) == (["Prepare the opening keys"], [])

    services.prepare_opening_keys(lead, made.reference, clock=made.clock)
    assert titles(lead, made) == []
    assert titles(holder, made) == ["Join the rehearsal of the opening"]
    services.join_rehearsal(holder, made.reference, clock=made.clock)
    assert titles(holder, made) == []


def test_a_holder_is_asked_to_each_opening_until_they_have_joined(session):
    made = contest(stage=Stage.ITN_CLOSED)
    holder = made.person(Role.KEY_HOLDER)
    assert titles(holder, made) == []
    made.clock.move_to(ITN_DEADLINE)
    assert titles(holder, made) == ["Join the opening of the quality envelopes"]
    services.join_opening(holder, made.reference, "quality", clock=made.clock)
    assert titles(holder, made) == []
    made.move_to(Stage.QUALITY_LOCKED)
    (item,) = queries.waiting_for(holder, made.clock.now())
    assert item.title == "Join the opening of the price envelopes"
    assert item.values == {"reference": made.reference}
    assert titles(made.person(Role.EVALUATOR), made) == []
