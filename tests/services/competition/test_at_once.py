from __future__ import annotations

import threading

import pytest

from commissioning.competition import services
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import (
    DomainError,
)
from tests.factories import competition as tenders
from tests.services.competition.acts import propose_pqq

both_databases = pytest.mark.both_databases


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
