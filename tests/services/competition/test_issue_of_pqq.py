from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from commissioning.competition import queries, services
from commissioning.kernel.actor import ANONYMOUS, Role
from commissioning.kernel.canonical import canonical_json
from commissioning.kernel.errors import (
    BadInputs,
    Conflict,
    DomainError,
    IllegalTransition,
    NotFound,
)
from commissioning.permissions import Permission
from tests.factories import competition as tenders
from tests.factories.identity import OrganisationFactory, PersonFactory
from tests.services.competition.acts import (
    approve_itn,
    approve_pqq,
    digest_of,
    mailed,
    propose_itn,
    propose_pqq,
)


def test_pqq_is_issued_by_two_people(session, clock, recorded):
    tender = tenders.sound_draft(clock)
    with recorded() as proposing:
        decision = propose_pqq(tender)
    clock.advance(timedelta(hours=3, seconds=20))
    with recorded() as approving:
        competition = approve_pqq(tender, decision)

    assert competition.stage == "pqq_open"
    assert competition.stage_since == clock.now()
    assert [(e.event, e.actor) for e in proposing] == [("decision_proposed", tender.lead.reference)]
    assert [(e.event, e.actor) for e in approving] == [("pqq_issued", tender.approver.reference)]
    assert approving[0].changes["proposed_by"] == tender.lead.reference
    assert approving[0].changes["notice_sha256"] == competition.notice_sha256
    closed = queries.decision_by_reference(decision)
    assert (closed.status, closed.decided_by) == ("approved", tender.approver.reference)


def test_notice_is_frozen_in_canonical_json_with_its_hash(session, clock):
    tender = tenders.pqq_open(clock, lots=3)
    row = tender.row

    claimed, computed = digest_of(row.notice)
    assert claimed == computed == row.notice_sha256
    assert row.notice.encode() == canonical_json(json.loads(row.notice))
    notice = queries.frozen_notice(row)
    assert [lot["annual_value_pence"] for lot in notice["lots"]] == [10_000_000_00] * 3
    assert [criterion["weight"] for criterion in notice["criteria"]] == (
        ["15", "15", "10", "15", "8", "10", "10", "7", "5", "5"]
    )
    assert notice["award_rule"] == "optimum"


def test_notice_is_dated_when_it_goes_out(session, clock):
    tender = tenders.sound_draft(clock)
    planned = tender.deadline("notice")
    decision = propose_pqq(tender)
    clock.advance(timedelta(minutes=7, seconds=30))
    issued_at = clock.now().replace(second=0)
    approve_pqq(tender, decision)

    assert tender.deadline("notice") == issued_at != planned
    versions = [e.version for e in queries.timetable_history(tender.row) if e.event == "notice"]
    assert versions == [1, 2]


def plan_notice(tender, at):
    services.set_timetable(tender.as_lead, tender.reference, {"notice": at}, clock=tender.clock)


def test_pqq_waits_for_the_day_that_is_planned_for_the_notice(session, clock, refused):
    tender = tenders.sound_draft(clock)
    plan_notice(tender, "2026-03-05 14:00")

    with refused(
        BadInputs, field="notice", match=r"planned for Thursday 5 March 2026.*change the date"
    ):
        propose_pqq(tender)
    assert [
        task.title for task in queries.set_up_tasks(tender.row, clock.now()) if task.problems
    ] == []

    clock.move_to(datetime(2026, 3, 5, 0, 0, tzinfo=UTC))
    approve_pqq(tender, propose_pqq(tender))
    assert tender.row.stage == "pqq_open"


def test_notice_put_off_after_the_proposal_stops_the_approval(session, clock, refused):
    tender = tenders.sound_draft(clock)
    decision = propose_pqq(tender)
    plan_notice(tender, "2026-03-05 14:00")

    with refused(DomainError):
        approve_pqq(tender, decision)


def test_pqq_is_not_issued_before_the_procurement_starts(session, clock, refused):
    tender = tenders.sound_draft(clock)
    tender.row.commenced_on = date(2026, 3, 3)

    with refused(BadInputs, field="commenced_on", match="starts on Tuesday 3 March 2026"):
        propose_pqq(tender)


def test_everyone_is_told_that_the_pqq_is_published_and_nothing_else(session, clock):
    tender = tenders.sound_draft(clock)
    bidders = [PersonFactory(organisation=OrganisationFactory()) for _ in range(3)]
    suspended = PersonFactory(organisation=OrganisationFactory(status="suspended"))
    before = len(mailed())

    decision = propose_pqq(tender)
    assert [message.recipient for message in mailed()[before:]] == [tender.approver.email]
    before = len(mailed())
    approve_pqq(tender, decision)

    told = mailed()[before:]
    expected = {tender.lead.email, tender.approver.email, *(person.email for person in bidders)}
    assert sorted(message.recipient for message in told) == sorted(expected)
    assert suspended.email not in expected
    assert len({(message.subject, message.body) for message in told}) == 1
    assert "Sign in" in told[0].body


def test_one_person_does_not_act_twice(session, clock, forbidden):
    tender = tenders.sound_draft(clock)
    both = tender.member(Role.PROCUREMENT_LEAD, Role.APPROVER)
    decision = propose_pqq(tender, actor=both)

    with forbidden(Permission.COMPETITION_APPROVE_ISSUE_PQQ):
        approve_pqq(tender, decision, actor=both)
    with forbidden(Permission.COMPETITION_APPROVE_ISSUE_PQQ):
        services.send_back(both, decision, reason="Changed my mind", clock=clock)


def test_wrong_person_neither_proposes_nor_approves(session, clock, forbidden):
    tender = tenders.sound_draft(clock)
    stranger = tenders.bare_draft(clock)
    others = [
        tender.member(Role.COMMERCIAL_OFFICER, Role.KEY_HOLDER, Role.EVALUATOR),
        stranger.as_lead,
        stranger.as_approver,
        ANONYMOUS,
    ]
    for actor in (*others, tender.as_approver):
        with forbidden(Permission.COMPETITION_PROPOSE_ISSUE_PQQ):
            propose_pqq(tender, actor=actor)
    decision = propose_pqq(tender)
    for actor in (*others, tender.as_lead):
        with forbidden(Permission.COMPETITION_APPROVE_ISSUE_PQQ):
            approve_pqq(tender, decision, actor=actor)


def test_moves_out_of_order_are_refused(session, clock, forbidden):
    tender = tenders.sound_draft(clock)
    with forbidden(Permission.COMPETITION_PROPOSE_ISSUE_ITN):
        propose_itn(tender)
    decision = propose_pqq(tender)
    approve_pqq(tender, decision)
    with forbidden(Permission.COMPETITION_PROPOSE_ISSUE_PQQ):
        propose_pqq(tender)
    clock.advance(timedelta(minutes=1))  # before, it would be a button that was pressed twice
    with forbidden(Permission.COMPETITION_APPROVE_ISSUE_PQQ):
        approve_pqq(tender, decision)
    with forbidden(Permission.COMPETITION_APPROVE_ISSUE_PQQ):
        services.send_back(tender.as_approver, decision, reason="Too late", clock=clock)


def test_one_proposal_is_open_at_a_time(session, clock, refused):
    tender = tenders.sound_draft(clock)
    propose_pqq(tender)

    with refused(Conflict, match="proposed already"):
        propose_pqq(tender)


def test_approval_is_of_the_act_that_was_proposed(session, clock, refused):
    tender = tenders.sound_draft(clock)
    decision = propose_pqq(tender)

    with refused(NotFound):
        approve_itn(tender, decision)
    with refused(NotFound):
        services.approve_termination(tender.as_approver, decision, clock=clock)
    with refused(NotFound):
        approve_pqq(tender, "DEC-NOWHERE")


def change_lot(tender):
    tenders.add_lot(tender, "L1", lot="L1", annual_value_pence=1_000_000_00)


def change_question(tender):
    services.save_question(
        tender.as_lead,
        tender.reference,
        question="Q1",
        reference="Q1",
        part="The bidding organisation",
        kind="not_scored",
        text="Another question?",
        clock=tender.clock,
    )


def change_timetable(tender):
    services.set_timetable(
        tender.as_lead,
        tender.reference,
        {"pqq_deadline": tender.clock.now() + timedelta(days=45)},
        clock=tender.clock,
    )


def change_document(tender):
    services.add_document(
        tender.as_lead,
        tender.reference,
        title="Principles",
        part="pqq",
        file_name="a.pdf",
        media_type="application/pdf",
        pieces=[b"new"],
        clock=tender.clock,
    )


@pytest.mark.parametrize("change", [change_lot, change_question, change_timetable, change_document])
def test_approval_is_of_the_very_content_that_was_proposed(session, clock, refused, change):
    tender = tenders.sound_draft(clock)
    decision = propose_pqq(tender)
    change(tender)

    with refused(Conflict, match="changed since"):
        approve_pqq(tender, decision)

    services.send_back(tender.as_approver, decision, reason="See again", clock=clock)
    approve_pqq(tender, propose_pqq(tender))
    assert tender.row.stage == "pqq_open"


def test_document_of_the_other_part_changes_nothing_in_the_proposal(session, clock):
    tender = tenders.sound_draft(clock)
    decision = propose_pqq(tender)
    services.add_document(
        tender.as_lead,
        tender.reference,
        title="For later",
        part="itn",
        file_name="a.pdf",
        media_type="application/pdf",
        pieces=[b"new"],
        clock=clock,
    )

    assert approve_pqq(tender, decision).stage == "pqq_open"


def test_weights_of_99_5_are_refused_at_their_place(session, clock, refused):
    tender = tenders.sound_draft(clock)
    services.save_criterion(
        tender.as_lead,
        tender.reference,
        criterion="C10",
        reference="C10",
        name="Mobilisation",
        weight=Decimal("4.5"),
        minimum_mark=1,
        leaves=[services.LeafInput("C10", "How?", Decimal("4.5"))],
        clock=clock,
    )

    with refused(BadInputs, field="criteria", match=r"sum to 99\.5, not to 100"):
        propose_pqq(tender)


def remove(tender, kind):
    for row in list(getattr(tender.row, kind)):
        getattr(services, f"remove_{'question' if kind == 'questions' else 'lot'}")(
            tender.as_lead, tender.reference, row.reference, clock=tender.clock
        )


@pytest.mark.parametrize(
    ("spoil", "field"),
    [
        (lambda t: remove(t, "lots"), "lots"),
        (lambda t: remove(t, "questions"), ""),
        (
            lambda t: services.set_timetable(
                t.as_lead, t.reference, {"pqq_deadline": None}, clock=t.clock
            ),
            "pqq_deadline",
        ),
        (
            lambda t: services.end_role(
                t.as_lead, t.reference, t.approver.reference, Role.APPROVER, clock=t.clock
            ),
            "approver",
        ),
        (lambda t: t.clock.move_to(t.deadline("pqq_deadline")), "pqq_deadline"),
    ],
)
def test_incomplete_set_up_is_not_proposed(session, clock, refused, spoil, field):
    tender = tenders.sound_draft(clock)
    spoil(tender)

    with refused(BadInputs, field=field):
        propose_pqq(tender)


def test_what_became_unsound_is_not_approved(session, clock, refused):
    tender = tenders.sound_draft(clock)
    decision = propose_pqq(tender)
    clock.move_to(tender.deadline("pqq_deadline"))

    with refused(IllegalTransition, match="timetable cannot hold"):
        approve_pqq(tender, decision)


def test_proposal_is_sent_back_with_a_reason_and_made_again(session, clock, recorded, refused):
    tender = tenders.sound_draft(clock)
    decision = propose_pqq(tender)
    with refused(DomainError, field="reason"):
        services.send_back(tender.as_approver, decision, reason=" ", clock=clock)
    before = len(mailed())
    with recorded() as events:
        services.send_back(tender.as_approver, decision, reason="Lot 2 is too small", clock=clock)

    assert [event.event for event in events] == ["decision_sent_back"]
    assert events[0].changes["reason"] == "Lot 2 is too small"
    assert [message.recipient for message in mailed()[before:]] == [tender.lead.email]
    assert tender.row.stage == "draft"
    with refused(Conflict, match="decided already"):
        approve_pqq(tender, decision)
    with refused(Conflict, match="decided already"):
        services.send_back(tender.as_approver, decision, reason="Again", clock=clock)
    approve_pqq(tender, propose_pqq(tender))
