"""A competition without a lead who can act, and the people whom a running one cannot lose."""

from __future__ import annotations

import pytest

from commissioning.competition import queries, services
from commissioning.evaluation.services import declare_interest
from commissioning.identity import services as identity
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import BadInput, Conflict, Forbidden
from commissioning.kernel.stage import Stage
from tests.factories import competition as tenders
from tests.factories.identity import AdministratorFactory, AuthorityFactory, PersonFactory, actor_of

LEAD, HOLDER = Role.PROCUREMENT_LEAD, Role.KEY_HOLDER


@pytest.fixture
def clocks(clock):
    return {"clock": clock, "real_clock": clock}


def declare(tender, person, organisation=None):
    declare_interest(
        actor_of(person),
        tender.reference,
        organisation=organisation,
        statement="A share.",
        clock=tender.clock,
    )


def titles(person, clock):
    return [item.title for item in queries.waiting_for(actor_of(person), clock.now())]


def remove(tender, person, clocks):
    identity.remove_person(
        actor_of(AdministratorFactory()), tender.authority.reference, person.reference, **clocks
    )


def test_a_lead_with_an_interest_acts_no_more_and_another_lead_names_a_new_one(session, clock):
    tender = tenders.sound_draft(clock)
    other = PersonFactory(organisation=tender.authority, roles=[LEAD])
    stranger = PersonFactory(organisation=AuthorityFactory(), roles=[LEAD])
    fresh = PersonFactory(organisation=tender.authority, roles=[])
    give = (tender.reference, fresh.reference, LEAD)
    with pytest.raises(Forbidden):
        services.give_role(actor_of(other), *give, clock=clock)
    declare(tender, tender.lead)

    assert queries.leads_able_to_act(tender.row) == []
    with pytest.raises(Forbidden):
        services.propose_pqq_issue(tender.as_lead, tender.reference, clock=clock)
    with pytest.raises(Forbidden):
        services.give_role(tender.as_lead, *give, clock=clock)
    with pytest.raises(Forbidden):
        services.give_role(actor_of(stranger), *give, clock=clock)
    assert titles(other, clock) == ["Name a new lead"]
    assert titles(tender.lead, clock) == titles(stranger, clock) == []
    assert titles(AdministratorFactory(), clock) == [], "somebody of the authority can"
    services.give_role(actor_of(other), *give, clock=clock)
    services.propose_pqq_issue(actor_of(fresh), tender.reference, clock=clock)
    assert titles(other, clock) == []
    with pytest.raises(Forbidden):
        services.give_role(actor_of(other), tender.reference, other.reference, LEAD, clock=clock)
    with pytest.raises(BadInput, match="needs a lead who can act"):
        services.end_role(actor_of(fresh), *give, clock=clock)
    services.end_role(actor_of(fresh), tender.reference, tender.lead.reference, LEAD, clock=clock)
    with pytest.raises(BadInput, match="could not act"):
        services.give_role(
            actor_of(fresh), tender.reference, tender.lead.reference, LEAD, clock=clock
        )


def test_where_the_authority_has_no_lead_left_the_administrator_is_asked(session, clock):
    tender = tenders.bare_draft(clock)
    declare(tender, tender.lead)

    assert titles(AdministratorFactory(), clock) == ["Bring in a procurement lead"]


def test_an_interest_in_one_bidder_bears_where_that_bidder_takes_part(session, clock):
    tender = tenders.shortlisted(clock)
    elsewhere = PersonFactory()
    declare(tender, tender.lead, elsewhere.organisation.reference)
    assert queries.leads_able_to_act(tender.row) == [tender.lead.reference]
    declare(tender, tender.lead, tender.bidders[0].organisation.reference)
    assert queries.leads_able_to_act(tender.row) == []


def test_an_approver_with_an_interest_decides_nothing(session, clock):
    tender = tenders.sound_draft(clock)
    decision = services.propose_pqq_issue(tender.as_lead, tender.reference, clock=clock)
    declare(tender, tender.approver)

    with pytest.raises(Forbidden):
        services.approve_pqq_issue(tender.as_approver, decision.reference, clock=clock)
    assert "Decide whether the PQQ is issued" not in titles(tender.approver, clock)


def test_the_only_lead_of_a_running_competition_is_not_removed(session, clock, clocks):
    tender = tenders.bare_draft(clock)
    with pytest.raises(Conflict, match=f"only procurement lead of {tender.reference}"):
        remove(tender, tender.lead, clocks)
    assert tender.lead.removed_at is None
    other = PersonFactory(organisation=tender.authority, roles=[])
    services.give_role(tender.as_lead, tender.reference, other.reference, LEAD, clock=clock)
    other.is_active = False
    with pytest.raises(Conflict):
        remove(tender, tender.lead, clocks)
    other.is_active = True
    remove(tender, tender.lead, clocks)

    assert queries.leads_able_to_act(tender.row) == [other.reference]


def test_the_last_lead_who_can_sign_in_keeps_the_role(session, clock):
    tender = tenders.bare_draft(clock)
    other = PersonFactory(organisation=tender.authority, roles=[])
    services.give_role(tender.as_lead, tender.reference, other.reference, LEAD, clock=clock)
    other.is_active = False
    session.flush()
    with pytest.raises(BadInput, match="needs a lead who can act"):
        services.end_role(
            tender.as_lead, tender.reference, tender.lead.reference, LEAD, clock=clock
        )


def test_a_key_holder_is_replaced_first_and_by_the_others_while_bids_are_sealed(
    session, clock, clocks
):
    tender = tenders.ready_for_itn(clock)
    holder = tender.key_holders[0]
    with pytest.raises(Conflict, match="names somebody else"):
        remove(tender, holder, clocks)
    decision = services.propose_itn_issue(tender.as_lead, tender.reference, clock=clock)
    services.approve_itn_issue(tender.as_approver, decision.reference, clock=clock)
    with pytest.raises(Conflict, match="who takes over the share"):
        remove(tender, holder, clocks)
    with pytest.raises(Conflict):
        identity.end_competition_role(
            tender.as_lead, holder.reference, tender.reference, HOLDER, clock=clock
        )
    competition = tender.row
    competition.stage = Stage.PRICE_EVALUATION.value
    services.stages.tell_who_is_needed(competition)
    remove(tender, holder, clocks)

    assert holder.removed_at is not None


def test_a_terminated_competition_needs_nobody(session, clock, clocks):
    tender = tenders.bare_draft(clock)
    decision = services.propose_termination(
        tender.as_lead, tender.reference, reason="No money.", clock=clock
    )
    services.approve_termination(tender.as_approver, decision.reference, clock=clock)
    remove(tender, tender.lead, clocks)

    assert tender.lead.removed_at is not None
