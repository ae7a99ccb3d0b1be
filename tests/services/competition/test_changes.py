"""A change after the ITN: two people, one event for all, at least seven days."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from commissioning.competition import queries, services
from commissioning.competition.models import InvitationChange
from commissioning.infrastructure import discards, documents
from commissioning.infrastructure.database import db
from commissioning.infrastructure.outbox import OutboxMessage
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import BadInput, BadInputs, Conflict, NotFound
from commissioning.permissions import Permission
from tests.factories import competition as tenders

DAY = timedelta(days=1)


@pytest.fixture
def tender(session, clock):
    """An issued ITN with one document, three days before its deadline."""
    tender = tenders.ready_for_itn(clock)
    services.add_document(
        tender.as_lead,
        tender.reference,
        title="Specification",
        part="itn",
        file_name="spec.pdf",
        media_type="application/pdf",
        pieces=[b"one"],
        clock=clock,
    )
    decision = services.propose_itn_issue(tender.as_lead, tender.reference, clock=clock)
    services.approve_itn_issue(tender.as_approver, decision.reference, clock=clock)
    clock.move_to(tender.deadline("itn_deadline") - 3 * DAY)
    return tender


def document_of(tender):
    return queries.documents_of(tender.row)[0]


def draft(tender, actor=None, *, days=8, **changes):
    held = queries.documents_of(tender.row)
    fields = {
        "document": held[0].reference if held else None,
        "title": "Volumes",
        "file_name": "spec-2.pdf",
        "media_type": "application/pdf",
        "pieces": [b"two"],
        "summary": "The volumes of area 2 are corrected.",
        "alters_form": False,
        "deadline": None if days is None else tender.clock.now() + days * DAY,
    }
    return services.draft_change(
        actor or tender.as_lead, tender.reference, **(fields | changes), clock=tender.clock
    )


def propose(tender, change, actor=None):
    return services.propose_change(
        actor or tender.as_lead, tender.reference, change.reference, clock=tender.clock
    ).reference


def approve(tender, decision, actor=None):
    return services.approve_change(actor or tender.as_approver, decision, clock=tender.clock)


def test_a_change_is_one_event_for_everybody(tender, recorded):
    before, model = tender.deadline("itn_deadline"), tender.row.model_sha256
    decision = propose(tender, draft(tender))
    assert tender.deadline("itn_deadline") == before
    assert [v.version for v in document_of(tender).versions] == [1]
    last = db.session.scalars(select(OutboxMessage.id).order_by(OutboxMessage.id.desc())).first()
    with recorded() as events:
        change = approve(tender, decision)

    assert [(e.event, e.actor) for e in events] == [("itn_changed", tender.approver.reference)]
    assert events[0].changes["proposed_by"] == tender.lead.reference
    assert change.version == queries.invitation_version(tender.row) == 2
    assert tender.deadline("itn_deadline") == tender.clock.now() + 8 * DAY
    versions = document_of(tender).versions
    assert [(v.version, v.file_name) for v in versions] == [(1, "spec.pdf"), (2, "spec-2.pdf")]
    assert b"".join(documents.store().read(versions[1].store_key)) == b"two"
    told = db.session.scalars(select(OutboxMessage).where(OutboxMessage.id > last)).all()
    assert sorted(m.recipient for m in told) == sorted(queries.everyone_concerned(tender.row))
    assert len({(m.subject, m.body, m.queued_at) for m in told}) == 1
    assert tender.row.model_sha256 == model


def test_a_change_of_the_form_says_so_in_the_mail(tender):
    approve(tender, propose(tender, draft(tender, alters_form=True)))
    newest = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()

    assert "does not count" in newest.body


def test_a_new_document_can_come_with_a_change(tender):
    approve(tender, propose(tender, draft(tender, document=None, title="Volumes")))

    assert [(d.title, len(d.versions)) for d in queries.documents_of(tender.row)] == [
        ("Specification", 1),
        ("Volumes", 1),
    ]


def test_at_least_seven_days_remain(tender, refused):
    with refused(BadInput, field="deadline", match="at least 7 days"):
        draft(tender, days=None)
    with refused(BadInput, field="deadline", match="at least 7 days"):
        draft(tender, deadline=tender.clock.now() + 7 * DAY - timedelta(minutes=1))
    draft(tender, days=7)


def test_a_deadline_that_is_far_away_stays(session, clock):
    tender = tenders.itn_open(clock)
    before = tender.deadline("itn_deadline")
    change = draft(tender, days=None, document=None, title="Volumes")
    approve(tender, propose(tender, change))

    assert tender.deadline("itn_deadline") == before


def test_the_seven_days_are_counted_from_the_approval(tender, refused):
    decision = propose(tender, draft(tender, days=7))
    tender.clock.advance(timedelta(minutes=1))
    with refused(BadInput, field="deadline", match="at least 7 days"):
        approve(tender, decision)
    services.send_back(tender.as_approver, decision, reason="Too late.", clock=tender.clock)
    again = draft(tender, days=9)

    approve(tender, propose(tender, again))


def test_what_was_sent_back_can_be_proposed_again(tender):
    change = draft(tender)
    services.send_back(
        tender.as_approver, propose(tender, change), reason="Why?", clock=tender.clock
    )
    assert queries.drafted_change(tender.row).reference == change.reference
    approve(tender, propose(tender, change))

    assert queries.drafted_change(tender.row) is None


def test_it_takes_two_people_and_time_until_the_deadline(tender, forbidden):
    both = tender.member(Role.PROCUREMENT_LEAD, Role.APPROVER)
    decision = propose(tender, draft(tender, both), both)
    with forbidden(Permission.COMPETITION_APPROVE_CHANGE):
        approve(tender, decision, both)
    with forbidden(Permission.COMPETITION_APPROVE_CHANGE):
        approve(tender, decision, tender.as_lead)
    with forbidden(Permission.COMPETITION_PROPOSE_CHANGE):
        draft(tender, tender.as_approver)
    tender.clock.move_to(tender.deadline("itn_deadline"))
    with forbidden(Permission.COMPETITION_APPROVE_CHANGE):
        approve(tender, decision)
    with forbidden(Permission.COMPETITION_PROPOSE_CHANGE):
        draft(tender)


@pytest.mark.parametrize("build", [tenders.shortlisted, tenders.itn_closed])
def test_there_is_nothing_to_change_before_the_itn_or_after_its_closing(
    session, clock, forbidden, build
):
    tender = build(clock)
    with forbidden(Permission.COMPETITION_PROPOSE_CHANGE):
        draft(tender, document=None, title="Volumes")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"summary": " "}, "summary"),
        ({"summary": "x" * 4001}, "summary"),
        ({"pieces": []}, "file"),
        ({"file_name": " "}, "file"),
        ({"document": None, "title": " "}, "title"),
        ({"deadline": "soon"}, "deadline"),
    ],
)
def test_what_is_typed_wrongly_is_named_at_its_field(tender, refused, changes, field):
    with refused(field=field):
        draft(tender, **changes)


def test_dates_that_it_overtakes_move_with_it(tender, refused):
    wanted = tender.deadline("award_decision") + DAY
    with refused(BadInputs, field="award_decision"):
        draft(tender, deadline=wanted)
    later = {
        "award_decision": wanted + 30 * DAY,
        "standstill_end": wanted + 50 * DAY,
        "signature": wanted + 51 * DAY,
    }
    approve(tender, propose(tender, draft(tender, deadline=wanted, later=later)))

    assert {event: tender.deadline(event) for event in later} == later


def test_a_draft_gives_way_to_the_next_and_its_file_is_deleted(tender):
    first = draft(tender)
    second = draft(tender)
    services.drop_change(tender.as_lead, tender.reference, second.reference, clock=tender.clock)
    db.session.commit()
    discards.delete_discarded()

    rows = db.session.scalars(select(InvitationChange)).all()
    assert {row.status for row in rows} == {"dropped"}
    assert not any(documents.store().exists(row.store_key) for row in (first, second))
    with pytest.raises(Conflict):
        propose(tender, first)


def test_one_change_is_proposed_at_a_time(tender):
    propose(tender, draft(tender))
    with pytest.raises(Conflict):
        propose(tender, draft(tender))


def test_a_document_of_another_competition_is_none_of_this(tender, clock):
    with pytest.raises(NotFound):
        draft(tender, document="DOC-OTHER")
