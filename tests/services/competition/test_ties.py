"""The ties that count: kept at the deadline for bids, and corrected by two people only."""

from __future__ import annotations

import pytest

from commissioning.competition import queries, services
from commissioning.competition.domain.ties import Act, Correction
from commissioning.identity import services as identity
from commissioning.identity.domain.ties import TieKind
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import BadInput, Conflict, Forbidden
from commissioning.permissions import Permission, may
from tests.factories import competition as tenders
from tests.factories.identity import PersonFactory, actor_of


def declare(first, second, clock):
    pair = first.organisation.reference, second.organisation.reference
    identity.record_ownership(actor_of(first), *pair, clock=clock)
    return pair


def confirm(second, pair, clock):
    identity.confirm_tie(actor_of(second), TieKind.OWNERSHIP, *pair, clock=clock)


def close(tender):
    tender.clock.move_to(tender.deadline("itn_deadline"))
    services.pass_deadlines(clock=tender.clock)


def put(first, second, act=Act.PUT, kind=TieKind.OWNERSHIP):
    return Correction(act, kind, first.organisation.reference, second.organisation.reference)


def propose(tender, correction, actor=None, reason="Their accounts say so."):
    return services.propose_tie(
        actor or tender.as_lead, tender.reference, correction, reason=reason, clock=tender.clock
    )


def decide(tender, correction):
    decision = propose(tender, correction)
    services.approve_tie(tender.as_approver, decision.reference, clock=tender.clock)


def test_ties_are_kept_as_they_stand_at_the_deadline(session, clock, recorded):
    tender = tenders.itn_open(clock)
    first, second = tender.bidders[:2]
    parent, apart = PersonFactory(), PersonFactory()
    kept = declare(parent, first, clock)
    confirm(first, kept, clock)
    waiting = declare(parent, second, clock)
    confirm(apart, declare(parent, apart, clock), clock)
    assert queries.latest_tie_record(tender.row) is None
    with recorded() as events:
        close(tender)
    confirm(second, waiting, clock)

    found = queries.ties_of_record(tender.row)
    assert found.ownerships == (kept,), "neither what was confirmed late nor what is not theirs"
    assert [(one.first, one.second, one.status) for one in found.unconfirmed] == [
        (*waiting, "waiting")
    ]
    record = queries.latest_tie_record(tender.row)
    assert [event.event for event in events] == ["ties_frozen", "itn_deadline_passed"]
    assert events[0].changes == {"ties": 1, "version": 1, "sha256": record.sha256}


def test_a_tie_is_put_and_struck_by_two_people_with_a_reason(session, clock, recorded):
    tender = tenders.itn_closed(clock)
    first, second = tender.bidders[:2]
    with pytest.raises(BadInput) as refused:
        propose(tender, put(first, second), reason=" ")
    assert refused.value.field == "reason"
    decision = propose(tender, put(first, second))
    with pytest.raises(Forbidden):
        services.approve_tie(tender.as_lead, decision.reference, clock=clock)
    assert queries.ties_of_record(tender.row).ownerships == ()
    with recorded() as events:
        services.approve_tie(tender.as_approver, decision.reference, clock=clock)

    pair = first.organisation.reference, second.organisation.reference
    assert queries.ties_of_record(tender.row).ownerships == (pair,)
    (event,) = events
    assert event.event == "ties_corrected"
    assert event.changes["reason"] == "Their accounts say so."
    assert event.changes["proposed_by"] == tender.lead.reference
    decide(tender, put(first, second, Act.STRIKE))
    assert queries.ties_of_record(tender.row).ownerships == ()
    assert [record.version for record in queries.tie_records(tender.row)] == [1, 2, 3]


def test_a_tie_that_the_other_end_refused_can_be_put_in(session, clock):
    tender = tenders.itn_open(clock)
    first, second = tender.bidders[:2]
    pair = declare(first, second, clock)
    identity.refuse_tie(actor_of(second), TieKind.OWNERSHIP, *pair, clock=clock)
    close(tender)
    assert queries.ties_of_record(tender.row).ownerships == ()
    decide(tender, put(first, second))

    assert queries.ties_of_record(tender.row).ownerships == (pair,)


def test_what_is_no_correction_is_refused(session, clock):
    tender = tenders.itn_closed(clock)
    first, second = tender.bidders[:2]
    stranger, other = PersonFactory(), PersonFactory()
    decide(tender, put(first, second))
    for correction in (
        put(first, second),
        put(second, first),
        put(first, first),
        put(stranger, other),
        put(second, first, Act.STRIKE),
        put(first, second, Act.STRIKE, TieKind.MEMBERSHIP),
        Correction(Act.PUT, TieKind.OWNERSHIP, "ORG-NONE", first.organisation.reference),
    ):
        with pytest.raises(BadInput) as refused:
            propose(tender, correction)
        assert refused.value.field == "other"
    propose(tender, put(stranger, second))
    with pytest.raises(Conflict):
        propose(tender, put(other, second))


def test_ties_are_corrected_by_the_lead_and_from_the_deadline_on(session, clock):
    tender = tenders.itn_open(clock)
    first, second = tender.bidders[:2]
    with pytest.raises(Forbidden):
        propose(tender, put(first, second))
    with pytest.raises(Conflict):
        queries.ties_of_record(tender.row)
    close(tender)
    for role in set(Role) - {Role.PROCUREMENT_LEAD}:
        with pytest.raises(Forbidden):
            propose(tender, put(first, second), actor=tender.member(role))
    readers = {
        role
        for role in Role
        if may(
            tender.member(role),
            Permission.COMPETITION_READ_TIES,
            queries.facts(tender.row, clock.now()),
        )
    }
    assert readers == {
        Role.PROCUREMENT_LEAD,
        Role.COMMERCIAL_OFFICER,
        Role.APPROVER,
        Role.AUDITOR,
    }
