from __future__ import annotations

import pytest
from sqlalchemy import select

from commissioning.competition import queries, services
from commissioning.infrastructure.database import db
from commissioning.infrastructure.outbox import OutboxMessage
from commissioning.kernel.actor import ANONYMOUS, Role
from commissioning.kernel.errors import DomainError, Forbidden, IllegalTransition
from commissioning.permissions import Permission
from tests.factories import competition as tenders
from tests.factories.identity import OrganisationFactory, PersonFactory

EVERY_STAGE = pytest.mark.parametrize(
    "build",
    [
        tenders.sound_draft,
        tenders.pqq_open,
        tenders.pqq_closed,
        tenders.shortlisted,
        tenders.itn_open,
        tenders.itn_closed,
    ],
)


def propose(tender, actor=None, reason="The budget is withdrawn"):
    return services.propose_termination(
        actor or tender.as_lead, tender.reference, reason=reason, clock=tender.clock
    ).reference


def approve(tender, decision, actor=None):
    return services.approve_termination(actor or tender.as_approver, decision, clock=tender.clock)


@EVERY_STAGE
def test_competition_can_be_ended_from_every_stage(session, clock, recorded, build):
    tender = build(clock)
    before = tender.row.stage
    decision = propose(tender)
    with recorded() as events:
        approve(tender, decision)

    row = tender.row
    assert (row.stage, row.reached_stage) == ("terminated", before)
    assert {lot.status for lot in row.lots} == {"terminated"}
    assert [event.event for event in events] == ["lot_terminated", "lot_terminated", "terminated"]
    assert events[-1].changes["reason"] == "The budget is withdrawn"
    assert queries.termination_of(row).reason == "The budget is withdrawn"


def test_one_person_does_not_end_it_alone(session, clock, forbidden):
    tender = tenders.pqq_open(clock)
    both = tender.member(Role.PROCUREMENT_LEAD, Role.APPROVER)
    decision = propose(tender, actor=both)

    with forbidden(Permission.COMPETITION_APPROVE_TERMINATION):
        approve(tender, decision, actor=both)
    with forbidden(Permission.COMPETITION_APPROVE_TERMINATION):
        approve(tender, decision, actor=tender.as_lead)
    with forbidden(Permission.COMPETITION_PROPOSE_TERMINATION):
        propose(tender, actor=tender.as_approver)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 4001])
def test_termination_needs_a_reason(session, clock, refused, reason):
    tender = tenders.pqq_open(clock)

    with refused(DomainError, field="reason"):
        propose(tender, reason=reason)


def test_every_bidder_gets_a_notice(session, clock):
    tender = tenders.itn_open(clock)
    decision = propose(tender)
    last = db.session.scalars(select(OutboxMessage.id).order_by(OutboxMessage.id.desc())).first()
    approve(tender, decision)

    told = db.session.scalars(select(OutboxMessage).where(OutboxMessage.id > last)).all()
    assert {person.email for person in tender.bidders} <= {m.recipient for m in told}
    assert all("terminated" in m.subject for m in told)
    assert all("budget" not in m.body for m in told)


def test_draft_that_ends_is_told_to_its_team_alone(session, clock):
    tender = tenders.sound_draft(clock)
    bidder = PersonFactory(organisation=OrganisationFactory())
    approve(tender, propose(tender))

    told = set(db.session.scalars(select(OutboxMessage.recipient)))
    assert tender.lead.email in told
    assert bidder.email not in told


def test_nothing_follows_termination(session, clock, forbidden, refused):
    tender = tenders.pqq_open(clock)
    approve(tender, propose(tender))

    with refused(IllegalTransition):
        propose(tender)
    with forbidden(Permission.COMPETITION_PROPOSE_EXTENSION):
        services.propose_extension(
            tender.as_lead,
            tender.reference,
            deadline="2027-01-01 12:00",
            reason="?",
            clock=clock,
        )
    clock.move_to(tender.deadline("pqq_deadline"))
    assert services.pass_deadlines(clock=clock) == []


def test_termination_overtakes_every_other_proposal(session, clock):
    tender = tenders.sound_draft(clock)
    issue = services.propose_pqq_issue(tender.as_lead, tender.reference, clock=clock)
    approve(tender, propose(tender))

    assert issue.status == "sent_back"
    with pytest.raises(Forbidden):
        services.approve_pqq_issue(tender.as_approver, issue.reference, clock=clock)


def test_proposed_termination_outlives_a_stage(session, clock):
    tender = tenders.pqq_open(clock)
    decision = propose(tender)
    clock.move_to(tender.deadline("pqq_deadline"))
    services.pass_deadlines(clock=clock)

    assert approve(tender, decision).reached_stage == "pqq_closed"


def test_published_competition_stays_public_when_it_ends_and_a_draft_never_is(session, clock):
    published, draft = tenders.pqq_open(clock), tenders.sound_draft(clock)
    for tender in (published, draft):
        approve(tender, propose(tender))

    assert queries.published_competition(ANONYMOUS, published.reference, now=clock.now())
    with pytest.raises(Forbidden):
        queries.published_competition(ANONYMOUS, draft.reference, now=clock.now())
    references = [row.reference for row in queries.published_competitions()]
    assert references == [published.reference]
