from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from commissioning.competition import queries, services
from commissioning.infrastructure.database import db
from commissioning.infrastructure.outbox import OutboxMessage
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import BadInput, BadInputs, DomainError
from commissioning.permissions import Permission
from tests.factories import competition as tenders
from tests.factories.identity import OrganisationFactory, PersonFactory

STAGES = pytest.mark.parametrize(
    ("build", "event"), [(tenders.pqq_open, "pqq_deadline"), (tenders.itn_open, "itn_deadline")]
)


def propose(tender, deadline, actor=None, *, reason="Bidders asked for time", later=None):
    return services.propose_extension(
        actor or tender.as_lead,
        tender.reference,
        deadline=deadline,
        later=later,
        reason=reason,
        clock=tender.clock,
    ).reference


def approve(tender, decision, actor=None):
    return services.approve_extension(actor or tender.as_approver, decision, clock=tender.clock)


@STAGES
def test_deadline_is_extended_by_two_people(session, clock, recorded, build, event):
    tender = build(clock)
    before = tender.deadline(event)
    decision = propose(tender, before + timedelta(days=7))
    assert tender.deadline(event) == before
    with recorded() as events:
        approve(tender, decision)

    assert tender.deadline(event) == before + timedelta(days=7)
    assert [(e.event, e.actor) for e in events] == [
        ("deadline_extended", tender.approver.reference)
    ]
    assert events[0].changes["proposed_by"] == tender.lead.reference
    assert events[0].changes["reason"] == "Bidders asked for time"
    versions = [e.version for e in queries.timetable_history(tender.row) if e.event == event]
    assert versions == [1, 2]
    assert queries.facts(tender.row, clock.now()).deadline == before + timedelta(days=7)


def test_everyone_is_told_of_an_extension_in_one_event(session, clock):
    tender = tenders.itn_open(clock)
    PersonFactory(organisation=OrganisationFactory())
    decision = propose(tender, tender.deadline("itn_deadline") + timedelta(days=7))
    last = db.session.scalars(select(OutboxMessage.id).order_by(OutboxMessage.id.desc())).first()
    approve(tender, decision)

    told = db.session.scalars(select(OutboxMessage).where(OutboxMessage.id > last)).all()
    people = [tender.lead, tender.approver, *tender.key_holders, *tender.bidders]
    assert sorted(m.recipient for m in told) == sorted(person.email for person in people)
    assert {m.queued_at for m in told} == {clock.now()}
    assert len({(m.subject, m.body) for m in told}) == 1


@STAGES
@pytest.mark.parametrize("shift", [timedelta(0), timedelta(minutes=-1), timedelta(days=-3)])
def test_deadline_moves_only_forward(session, clock, refused, build, event, shift):
    tender = build(clock)

    with refused(BadInput, field="deadline", match="only forward"):
        propose(tender, tender.deadline(event) + shift)


@STAGES
def test_deadline_is_extended_before_it_passes_and_never_after(
    session, clock, forbidden, build, event
):
    tender = build(clock)
    deadline = tender.deadline(event)
    clock.move_to(deadline - timedelta(microseconds=1))
    decision = propose(tender, deadline + timedelta(days=1))
    clock.move_to(deadline)

    with forbidden(Permission.COMPETITION_PROPOSE_EXTENSION):
        propose(tender, deadline + timedelta(days=2))
    with forbidden(Permission.COMPETITION_APPROVE_EXTENSION):
        approve(tender, decision)


def test_extension_lapses_when_the_stage_closes_and_is_open_again_for_the_next(
    session, clock, records
):
    tender = tenders.pqq_open(clock)
    stale = propose(tender, tender.deadline("pqq_deadline") + timedelta(days=1))
    clock.move_to(tender.deadline("pqq_deadline"))
    services.pass_deadlines(clock=clock)

    lapsed = queries.decision_by_reference(stale)
    assert (lapsed.status, lapsed.decided_by) == ("sent_back", "system")
    assert "Lapsed" in lapsed.decision_reason
    (said,) = [
        row for row in records(f"competition:{tender.reference}") if row.event == "decision_lapsed"
    ]
    assert (said.actor, said.subject) == ("system", stale)
    assert said.changes == {
        "event": "deadline_extended",
        "proposed_by": lapsed.proposed_by,
        "to": "pqq_closed",
    }
    assert queries.open_decisions(tender.row) == []


def test_one_person_does_not_extend_alone(session, clock, forbidden):
    tender = tenders.pqq_open(clock)
    both = tender.member(Role.PROCUREMENT_LEAD, Role.APPROVER)
    later = tender.deadline("pqq_deadline") + timedelta(days=1)
    decision = propose(tender, later, actor=both)

    with forbidden(Permission.COMPETITION_APPROVE_EXTENSION):
        approve(tender, decision, actor=both)
    with forbidden(Permission.COMPETITION_APPROVE_EXTENSION):
        approve(tender, decision, actor=tender.as_lead)
    with forbidden(Permission.COMPETITION_PROPOSE_EXTENSION):
        propose(tender, later, actor=tender.as_approver)


@pytest.mark.parametrize("build", [tenders.sound_draft, tenders.pqq_closed, tenders.itn_closed])
def test_there_is_nothing_to_extend_at_a_stage_that_is_not_open(session, clock, forbidden, build):
    tender = build(clock)

    with forbidden(Permission.COMPETITION_PROPOSE_EXTENSION):
        propose(tender, clock.now() + timedelta(days=300))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 4001}, "reason"),
        ({"deadline": "soon"}, "deadline"),
        ({"deadline": "2027-03-28 01:30"}, "deadline"),
        ({"later": {"moonrise": "2027-01-01 12:00"}}, "moonrise"),
        ({"later": {"shortlist": None}}, "shortlist"),
        ({"later": {"notice": "2027-01-01 12:00"}}, "notice"),
        ({"later": {"commencement": "2027-01-01 12:00"}}, "commencement"),
    ],
)
def test_what_is_typed_wrongly_is_named_at_its_field(session, clock, refused, changes, field):
    tender = tenders.pqq_open(clock)
    fields = {"deadline": tender.deadline("pqq_deadline") + timedelta(days=1)} | changes

    with refused(field=field):
        propose(tender, fields.pop("deadline"), **fields)


def test_dates_that_it_overtakes_are_moved_with_it(session, clock, refused):
    tender = tenders.itn_open(clock)
    wanted = tender.deadline("award_decision") + timedelta(days=2)
    with refused(BadInputs, field="award_decision", match="must come after"):
        propose(tender, wanted)

    later = {
        "award_decision": wanted + timedelta(days=30),
        "standstill_end": wanted + timedelta(days=50),
        "signature": wanted + timedelta(days=51),
    }
    approve(tender, propose(tender, wanted, later=later))

    assert tender.deadline("itn_deadline") == wanted
    assert {event: tender.deadline(event) for event in later} == later


def test_last_day_for_questions_can_be_moved_with_it_and_nothing_before(session, clock, refused):
    tender = tenders.ready_for_itn(clock)
    questions = clock.now() + timedelta(days=50)
    services.set_timetable(
        tender.as_lead, tender.reference, {"itn_clarification_deadline": questions}, clock=clock
    )
    decision = services.propose_itn_issue(tender.as_lead, tender.reference, clock=clock)
    services.approve_itn_issue(tender.as_approver, decision.reference, clock=clock)
    wanted = tender.deadline("itn_deadline") + timedelta(days=7)
    for event, moment, match in (
        ("itn_issue", wanted, "comes before the deadline"),
        ("itn_clarification_deadline", questions, "only forward"),
        ("itn_clarification_deadline", wanted, "must be before the deadline"),
    ):
        with refused(DomainError, field=event, match=match):
            propose(tender, wanted, later={event: moment})

    later = {"itn_clarification_deadline": questions + timedelta(days=7)}
    approve(tender, propose(tender, wanted, later=later))

    assert tender.deadline("itn_clarification_deadline") == questions + timedelta(days=7)
    assert tender.deadline("itn_deadline") == wanted


def test_extension_of_2013_is_told_in_wall_time(session):
    from commissioning.kernel.clock import SetClock

    clock = SetClock(datetime(2013, 9, 19, 8, 0, tzinfo=UTC))
    tender = tenders.sound_draft(clock)
    services.set_timetable(
        tender.as_lead, tender.reference, {"pqq_deadline": "2013-10-31 12:00"}, clock=clock
    )
    decision = services.propose_pqq_issue(tender.as_lead, tender.reference, clock=clock)
    services.approve_pqq_issue(tender.as_approver, decision.reference, clock=clock)

    approve(tender, propose(tender, "2013-11-14 12:00"))

    assert queries.deadline_of(tender.row, "pqq_deadline").wall_text == "2013-11-14 12:00"
    assert tender.deadline("pqq_deadline") == datetime(2013, 11, 14, 12, 0, tzinfo=UTC)
