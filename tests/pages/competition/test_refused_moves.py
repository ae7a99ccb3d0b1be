"""A half of an act of two people that is refused is kept on the trail, and nothing else changes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from commissioning.audit.models import AuditEvent
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Grant, Role
from tests.pages.competition.conftest import moment_fields
from tests.support.pages import client_of

PROPOSED_ALREADY = "This is proposed already. Ask the second person to decide on it."
DECIDED_ALREADY = "This is decided already. Go back to the competition’s page."
ANY_FORM = "evaluation/interests/declare"
"""A page on which everybody of the team finds a form, and so its token."""
TRAIL = ("audit_event", "audit_stream")


@pytest.fixture
def refused(app, rows):
    """Do what must be refused: gives the records of it, and sees that no other row has changed."""

    def kept(denials_only):
        with app.app_context():
            return [
                (row.actor, row.subject, row.changes["where"], row.changes["reason"])
                for row in db.session.scalars(
                    select(AuditEvent).where(AuditEvent.event == "denied").order_by(AuditEvent.id)
                )
            ][denials_only:]

    def do(act, *, status=422):
        before, already = rows(), len(kept(0))
        answer = act()
        assert answer.status_code == status, answer.status_code
        after = rows()
        for table in before:
            assert table in TRAIL or after[table] == before[table], table
        return kept(already)

    return do


def proposal(site, rest="issue-pqq", data=None, **more):
    answer = site.post(rest, data, **more)
    assert answer.status_code == 303
    return answer.location.removeprefix(site.path() + "/")


@pytest.fixture
def draft(site):
    return site()


def test_a_second_proposal_is_refused_on_the_record(draft, member, refused, clock):
    other = member(draft, Role.PROCUREMENT_LEAD)
    proposal(draft)

    (kept,) = refused(
        lambda: draft.post("issue-pqq", {"reason": "Mine."}, client=other, page=ANY_FORM)
    )

    assert kept[1:] == ("refused", f"POST {draft.path('issue-pqq')}", PROPOSED_ALREADY)
    # So is one of the same person, once it cannot be a button that was pressed twice.
    clock.advance(timedelta(minutes=1))
    (kept,) = refused(lambda: draft.post("issue-pqq", page=ANY_FORM))
    assert kept[0] == draft.lead_actor.reference


def test_a_button_that_is_pressed_twice_is_no_refused_move(draft, refused):
    path = proposal(draft)
    assert refused(lambda: draft.post("issue-pqq", page=ANY_FORM)) == []

    approve = {"decision": "approve"}
    assert draft.post(path, approve, client=draft.approver).status_code == 303
    assert refused(lambda: draft.post(path, approve, client=draft.approver, page=ANY_FORM)) == []


def test_what_is_decided_is_not_decided_again(draft, member, refused, clock):
    second = member(draft, Role.APPROVER)
    path = proposal(draft)
    back = {"decision": "send_back", "reason": "One date is odd."}
    draft.post(path, back, client=draft.approver)

    for client in (second, draft.approver):
        clock.advance(timedelta(minutes=1))
        for sent in ({"decision": "approve"}, back):
            (kept,) = refused(lambda c=client, s=sent: draft.post(path, s, client=c, page=ANY_FORM))
            assert kept[1:] == ("refused", f"POST {draft.path(path)}", DECIDED_ALREADY)


def test_whoever_proposed_is_refused_on_the_record(draft, refused):
    path = proposal(draft)

    for sent in ({"decision": "approve"}, {"decision": "send_back", "reason": "No."}):
        (kept,) = refused(lambda s=sent: draft.post(path, s, page=ANY_FORM), status=404)
        assert kept == (
            draft.lead_actor.reference,
            "competition:pqq:approve",
            f"POST {draft.path(path)}",
            "role not held",
        )


def test_whoever_proposed_is_refused_even_as_an_approver(draft, refused, app):
    """The two roles exclude each other on a competition; the policy does not rely on that."""
    actor = draft.lead_actor
    grant = Grant(Role.APPROVER, actor.organisation, draft.reference)
    both = client_of(app, actor.with_grants([*actor.grants, grant]))
    path = proposal(draft)

    (kept,) = refused(
        lambda: draft.post(path, {"decision": "approve"}, client=both, page=ANY_FORM), status=404
    )

    assert kept[3] == "fails: not the person who proposed"


def test_a_move_out_of_order_is_refused_on_the_record(draft, refused):
    (kept,) = refused(lambda: draft.post("issue-itn", page=ANY_FORM), status=404)

    assert kept[1] == "competition:itn:propose"
    assert kept[3].startswith("fails: ")


def test_what_changed_after_the_proposal_is_refused_on_the_record(draft, refused):
    path = proposal(draft)
    draft.post(
        "add-lot",
        {"reference": "L9", "name": "Nine", "annual_value_pence": "9000000", "term_years": "7"},
    )

    (kept,) = refused(lambda: draft.post(path, {"decision": "approve"}, client=draft.approver))

    assert kept[3].startswith("What was proposed has changed since.")


@pytest.mark.parametrize("rest", ["extend", "terminate"])
def test_no_act_of_two_people_is_proposed_twice(site, member, refused, rest):
    issued = site("pqq_open")
    other = member(issued, Role.PROCUREMENT_LEAD)
    sent = {"reason": "More time is needed.", "step": "confirm"}
    if rest == "extend":
        sent |= moment_fields("deadline", "2026-05-04 12:00")
        sent |= moment_fields("shortlist", "2026-05-20 12:00")
        sent |= moment_fields("itn_issue", "2026-05-21 12:00")
    else:
        sent |= {"typed_reference": issued.reference}
    proposal(issued, rest, sent)

    (kept,) = refused(lambda: issued.post(rest, sent, client=other, page=ANY_FORM))

    assert kept[1:] == ("refused", f"POST {issued.path(rest)}", PROPOSED_ALREADY)
