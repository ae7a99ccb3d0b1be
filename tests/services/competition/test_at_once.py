"""What two people of a team do at the same moment happens once."""

from __future__ import annotations

from commissioning.competition import services
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import DomainError
from tests.factories import competition as tenders
from tests.services.competition.acts import propose_pqq


def succeeded(outcomes):
    """How many of several acts succeeded; the others were refused."""
    refused = [one for one in outcomes if isinstance(one, Exception)]
    assert all(isinstance(one, DomainError) for one in refused)
    return len(outcomes) - len(refused)


def test_two_approvers_at_once_issue_once(at_once, unit_of_work, clock):
    with unit_of_work():
        tender = tenders.sound_draft(clock)
        decision = propose_pqq(tender)
        approvers = [tender.as_approver, tender.member(Role.APPROVER)]

    issued = succeeded(
        at_once(
            *[
                lambda actor=actor: services.approve_pqq_issue(actor, decision, clock=clock)
                for actor in approvers
            ]
        )
    )

    assert issued == 1


def test_two_approvers_at_once_send_back_once(at_once, unit_of_work, clock):
    with unit_of_work():
        tender = tenders.sound_draft(clock)
        decision = propose_pqq(tender)
        approvers = [tender.as_approver, *(tender.member(Role.APPROVER) for _ in range(3))]

    sent_back = succeeded(
        at_once(
            *[
                lambda actor=actor: services.send_back(actor, decision, reason="No", clock=clock)
                for actor in approvers
            ]
        )
    )

    assert sent_back == 1


def test_two_leads_at_once_propose_once(at_once, unit_of_work, clock):
    with unit_of_work():
        tender = tenders.sound_draft(clock)
        reference = tender.reference
        leads = [tender.as_lead, tender.member(Role.PROCUREMENT_LEAD)]

    proposed = succeeded(
        at_once(
            *[
                lambda actor=actor: services.propose_pqq_issue(actor, reference, clock=clock)
                for actor in leads
            ]
        )
    )

    assert proposed == 1
