from __future__ import annotations

import hashlib
import json
import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from commissioning.competition import queries, services
from commissioning.competition.domain.frozen_model import ModelChanged
from commissioning.infrastructure.database import db
from commissioning.infrastructure.outbox import OutboxMessage
from commissioning.kernel.actor import ANONYMOUS, Role
from commissioning.kernel.canonical import canonical_json
from commissioning.kernel.errors import (
    BadInputs,
    Conflict,
    DomainError,
    IllegalTransition,
    NotFound,
)
from commissioning.kernel.stage import Stage
from commissioning.permissions import Permission
from tests.factories import competition as tenders
from tests.factories.identity import OrganisationFactory, PersonFactory, actor_of

both_databases = pytest.mark.both_databases


def propose_pqq(tender, actor=None):
    return services.propose_pqq_issue(
        actor or tender.as_lead, tender.reference, clock=tender.clock
    ).reference


def approve_pqq(tender, decision, actor=None):
    return services.approve_pqq_issue(actor or tender.as_approver, decision, clock=tender.clock)


def propose_itn(tender, actor=None):
    return services.propose_itn_issue(
        actor or tender.as_lead, tender.reference, clock=tender.clock
    ).reference


def approve_itn(tender, decision, actor=None, **more):
    return services.approve_itn_issue(
        actor or tender.as_approver, decision, clock=tender.clock, **more
    )


def mailed():
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def digest_of(text):
    """As a stranger computes it: the text without the field that states the digest."""
    stated = json.loads(text)
    claimed = stated.pop("sha256")
    plain = json.dumps(stated, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return claimed, hashlib.sha256(plain.encode()).hexdigest()


# The PQQ ---------------------------------------------------------------------------------------


@both_databases
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


@both_databases
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


@both_databases
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


@both_databases
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


def at_once(app, acts):
    """Run acts in threads that begin together; how many succeeded."""
    barrier, outcomes = threading.Barrier(len(acts)), []

    def run(act):
        with app.app_context():
            barrier.wait()
            try:
                act()
                db.session.commit()
                outcomes.append(True)
            except DomainError:
                db.session.rollback()
                outcomes.append(False)

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == len(acts)
    return sum(outcomes)


@both_databases
def test_two_approvers_at_once_issue_once(app, unit_of_work, clock):
    with unit_of_work():
        tender = tenders.sound_draft(clock)
        decision = propose_pqq(tender)
        approvers = [tender.as_approver, tender.member(Role.APPROVER)]

    issued = at_once(
        app,
        [
            lambda actor=actor: services.approve_pqq_issue(actor, decision, clock=clock)
            for actor in approvers
        ],
    )

    assert issued == 1


@both_databases
def test_two_approvers_at_once_send_back_once(app, unit_of_work, clock):
    with unit_of_work():
        tender = tenders.sound_draft(clock)
        decision = propose_pqq(tender)
        approvers = [tender.as_approver, *(tender.member(Role.APPROVER) for _ in range(3))]

    sent_back = at_once(
        app,
        [
            lambda actor=actor: services.send_back(actor, decision, reason="No", clock=clock)
            for actor in approvers
        ],
    )

    assert sent_back == 1


@both_databases
def test_two_leads_at_once_propose_once(app, unit_of_work, clock):
    with unit_of_work():
        tender = tenders.sound_draft(clock)
        reference = tender.reference
        leads = [tender.as_lead, tender.member(Role.PROCUREMENT_LEAD)]

    proposed = at_once(
        app,
        [
            lambda actor=actor: services.propose_pqq_issue(actor, reference, clock=clock)
            for actor in leads
        ],
    )

    assert proposed == 1


# The ITN ---------------------------------------------------------------------------------------


@both_databases
def test_itn_is_issued_by_two_people_and_freezes_the_model(session, clock, recorded):
    tender = tenders.ready_for_itn(clock)
    decision = propose_itn(tender)
    with recorded() as events:
        competition = approve_itn(tender, decision)

    assert competition.stage == "itn_open"
    claimed, computed = digest_of(competition.model)
    assert claimed == computed == competition.model_sha256
    assert competition.model.encode() == canonical_json(json.loads(competition.model))
    assert queries.frozen_model(competition)["tie_seed"] == competition.tie_seed
    assert len(competition.tie_seed) == 32
    assert [event.event for event in events] == ["itn_issued"]
    assert events[0].changes["model_sha256"] == competition.model_sha256


def test_seed_of_the_ties_is_drawn_at_issue_and_differs(session, clock):
    first, second = tenders.itn_open(clock), tenders.itn_open(clock)

    assert first.row.tie_seed != second.row.tie_seed


def test_replay_can_hand_in_the_seed(session, clock):
    tender = tenders.ready_for_itn(clock)

    approve_itn(tender, propose_itn(tender), draw_seed=lambda: "from the seed file")

    assert tender.row.tie_seed == "from the seed file"


def test_frozen_model_is_what_is_compared_with_whatever_the_rows_say(session, clock):
    tender = tenders.itn_open(clock)
    published = queries.evaluation_model(tender.row)
    tender.row.lots[0].annual_value_pence = 1
    tender.row.criteria[0].weight = Decimal(99)
    session.flush()

    assert queries.evaluation_model(tender.row) == published
    assert published.lots[0].annual_value_pence == 10_000_000_00


@pytest.mark.parametrize("column", ["model", "model_sha256"])
def test_frozen_model_that_was_tampered_with_is_noticed(session, clock, column):
    tender = tenders.itn_open(clock)
    row = tender.row
    if column == "model":
        row.model = row.model.replace('"max_mark":4', '"max_mark":5')
    else:
        row.model_sha256 = "0" * 64

    for read in (queries.evaluation_model, queries.frozen_model):
        with pytest.raises(ModelChanged):
            read(row)


def test_notice_that_the_rows_left_is_noticed_before_the_itn(session, clock, refused):
    tender = tenders.ready_for_itn(clock)
    tender.row.lots[0].annual_value_pence += 1
    session.flush()

    with refused(BadInputs, field="notice", match="published notice"):
        propose_itn(tender)


def test_itn_waits_for_the_keys_and_their_rehearsal(session, clock, refused):
    tender = tenders.shortlisted(clock)
    with refused(BadInputs, field="key_holder", match="3 people .* 0 are named"):
        propose_itn(tender)
    ready = tenders.ready_for_itn(clock)
    ready.row.rehearsed_at = None
    with refused(BadInputs, field="rehearsal"):
        propose_itn(ready)
    ready.row.opening_keys_sha256 = None
    with refused(BadInputs, field="opening_keys"):
        propose_itn(ready)


def test_full_procedure_needs_five_key_holders(session, clock):
    tender = tenders.ready_for_itn(clock, profile="full")

    assert len(queries.key_holders(tender.row)) == 5
    assert queries.key_holders_needed(tender.row) == (5, 3)
    assert approve_itn(tender, propose_itn(tender)).stage == "itn_open"


def test_keys_that_fell_away_after_the_proposal_stop_the_issue(session, clock, refused):
    tender = tenders.ready_for_itn(clock)
    decision = propose_itn(tender)
    tender.row.opening_keys_sha256 = None
    session.flush()

    with refused(IllegalTransition, match="keys are not held"):
        approve_itn(tender, decision)


def test_question_changed_after_the_proposal_stops_the_issue(session, clock, refused):
    tender = tenders.ready_for_itn(clock)
    decision = propose_itn(tender)
    services.save_criterion(
        tender.as_lead,
        tender.reference,
        criterion="C10",
        reference="C10",
        name="Mobilisation, transition and governance",
        weight=Decimal(5),
        minimum_mark=1,
        leaves=[services.LeafInput("C10", "Quite another question?", Decimal(5))],
        clock=clock,
    )

    with refused(Conflict, match="changed since"):
        approve_itn(tender, decision)


@both_databases
def test_one_person_does_not_issue_the_itn_alone(session, clock, forbidden):
    tender = tenders.ready_for_itn(clock)
    both = tender.member(Role.PROCUREMENT_LEAD, Role.APPROVER)
    decision = propose_itn(tender, actor=both)

    with forbidden(Permission.COMPETITION_APPROVE_ISSUE_ITN):
        approve_itn(tender, decision, actor=both)
    with forbidden(Permission.COMPETITION_APPROVE_ISSUE_ITN):
        approve_itn(tender, decision, actor=actor_of(tender.key_holders[0]))


def test_itn_is_told_to_the_admitted_and_to_nobody_else(session, clock):
    tender = tenders.ready_for_itn(clock)
    stranger = PersonFactory(organisation=OrganisationFactory())
    decision = propose_itn(tender)
    before = len(mailed())
    approve_itn(tender, decision)

    told = {message.recipient for message in mailed()[before:]}
    assert {person.email for person in tender.bidders} <= told
    assert stranger.email not in told
    assert tender.lead.email in told


def test_rows_of_a_stage_need_their_freeze(session, clock):
    from sqlalchemy.exc import IntegrityError

    tender = tenders.sound_draft(clock)
    tender.row.stage = Stage.PQQ_OPEN.value
    with pytest.raises(IntegrityError, match="notice_is_frozen"):
        session.flush()
    session.rollback()
