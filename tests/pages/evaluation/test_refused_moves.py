"""What is sent to a decision that is made already is refused, and kept as a refused move."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import select

from commissioning.audit.models import AuditEvent
from commissioning.evaluation import services
from commissioning.infrastructure.database import db
from commissioning.kernel.stage import Stage

DECLARE = "evaluation/interests/declare"


def kept(site):
    return site.ask(
        lambda _competition: [
            (row.subject, row.changes["where"], row.changes["reason"])
            for row in db.session.scalars(select(AuditEvent).where(AuditEvent.event == "denied"))
        ]
    )


def test_a_lock_that_was_sent_back_is_not_approved(site, clock):
    site.make(prepare=lambda world: world.mark_everything(clock))
    site.act(services.propose_quality_lock, "lead", site.reference)
    page = "evaluation/quality-lock/decide"
    sent = {"decision": "send_back", "reason": "Not yet."}
    assert site.post("approver", page, sent).status_code == 303
    assert site.post("approver", page, sent, page=DECLARE).status_code == 422  # pressed twice
    assert kept(site) == []

    clock.advance(timedelta(minutes=1))
    answer = site.post("approver", page, {"decision": "approve"}, page=DECLARE)

    assert answer.status_code == 422
    sentence = "This is decided already. Go back to the competition’s page."
    assert kept(site) == [("refused", f"POST {site.path(page)}", sentence)]
    assert site.ask(lambda competition: competition.stage) == Stage.QUALITY_EVALUATION


def test_a_lock_is_not_proposed_twice(site, clock):
    site.make(prepare=lambda world: world.mark_everything(clock))
    page = "evaluation/quality-lock/propose"
    assert site.post("lead", page, {"reason": ""}).status_code == 303

    answer = site.post("lead", page, {"reason": "Now."}, page=DECLARE)

    assert answer.status_code == 422
    assert [where for _subject, where, _reason in kept(site)] == [f"POST {site.path(page)}"]


def test_a_proposal_that_was_never_read_is_not_approved(site, clock):
    site.make(prepare=lambda world: world.mark_everything(clock))
    page = "evaluation/quality-lock/decide"

    def about():
        found = site.get("approver", page).get_data(as_text=True)
        return re.search(r'name="about"[^>]*? value="([^"]+)"', found)[1]

    site.act(services.propose_quality_lock, "lead", site.reference)
    read = about()
    site.post("approver", page, {"decision": "send_back", "reason": "Not yet."})
    site.act(services.propose_quality_lock, "lead", site.reference)
    clock.advance(timedelta(minutes=1))
    answer = site.post("approver", page, {"decision": "approve", "about": read})

    assert answer.status_code == 422
    assert "This is decided already." in answer.get_data(as_text=True)
    assert f'value="{about()}"' in answer.get_data(as_text=True)
    assert site.ask(lambda competition: competition.stage) == Stage.QUALITY_EVALUATION
    assert site.post("approver", page, {"decision": "approve", "about": about()}).status_code == 303
