from __future__ import annotations

import pytest

from commissioning.competition import queries, services
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import BadInput, NotFound
from commissioning.kernel.stage import Stage
from commissioning.permissions import Permission
from tests.factories import competition as tenders
from tests.factories.identity import PersonFactory, actor_of


@pytest.fixture
def tender(session, clock):
    return tenders.bare_draft(clock)


@pytest.fixture
def person(tender):
    return PersonFactory(organisation=tender.authority, roles=[])


def give(tender, person, role, actor=None):
    services.give_role(
        actor or tender.as_lead, tender.reference, person.reference, role, clock=tender.clock
    )


def end(tender, person, role, actor=None):
    services.end_role(
        actor or tender.as_lead, tender.reference, person.reference, role, clock=tender.clock
    )


def test_role_is_held_on_this_competition_alone(tender, person, clock, recorded):
    other = tenders.bare_draft(clock)
    with recorded() as events:
        give(tender, person, Role.EVALUATOR)

    assert actor_of(person).roles_on(tender.reference) == {Role.EVALUATOR}
    assert actor_of(person).roles_on(other.reference) == frozenset()
    assert [(event.event, event.subject, event.changes) for event in events] == [
        ("competition_role_given", person.reference, {"role": "quality_evaluator"})
    ]


def test_role_that_is_ended_is_held_no_more(tender, person, recorded):
    give(tender, person, Role.EVALUATOR)
    with recorded() as events:
        end(tender, person, Role.EVALUATOR)

    assert actor_of(person).roles_on(tender.reference) == frozenset()
    assert [event.event for event in events] == ["competition_role_ended"]


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        (Role.EVALUATOR, Role.KEY_HOLDER),
        (Role.KEY_HOLDER, Role.EVALUATOR),
        (Role.COMMERCIAL_OFFICER, Role.EVALUATOR),
        (Role.APPROVER, Role.COMMERCIAL_OFFICER),
    ],
)
def test_nobody_gets_two_roles_that_exclude_each_other(tender, person, refused, held, wanted):
    give(tender, person, held)

    with refused(BadInput, field="role", match="cannot be"):
        give(tender, person, wanted)


def test_lead_cannot_become_the_approver_as_well(tender, refused):
    with refused(BadInput, field="role"):
        give(tender, tender.lead, Role.APPROVER)


def test_excluding_role_may_follow_one_that_ended_before_bids_are_open(tender, person):
    give(tender, person, Role.COMMERCIAL_OFFICER)
    end(tender, person, Role.COMMERCIAL_OFFICER)

    give(tender, person, Role.EVALUATOR)

    assert actor_of(person).roles_on(tender.reference) == {Role.EVALUATOR}


def test_what_somebody_has_seen_does_not_end_with_the_role(session, clock, refused):
    tender = tenders.itn_closed(clock)
    person = PersonFactory(organisation=tender.authority, roles=[])
    give(tender, person, Role.EVALUATOR)
    services.advance_stage(
        actor_of(tender.key_holders[0]),
        tender.row,
        "quality_envelopes_opened",
        {"threshold_met": True},
        at=clock.now(),
    )
    end(tender, person, Role.EVALUATOR)

    with refused(BadInput, field="role", match="is, or was"):
        give(tender, person, Role.COMMERCIAL_OFFICER)


def test_only_people_of_the_authority_who_can_sign_in_get_roles(tender, person, refused):
    outsider = PersonFactory()
    with refused(BadInput, field="user"):
        give(tender, outsider, Role.EVALUATOR)
    person.is_active = False
    with refused(BadInput, field="user"):
        give(tender, person, Role.EVALUATOR)
    with refused(BadInput, field="user"):
        services.give_role(
            tender.as_lead, tender.reference, "USR-NOBODY", Role.EVALUATOR, clock=tender.clock
        )


@pytest.mark.parametrize("role", [Role.SIGNATORY, Role.ADMINISTRATOR, "emperor"])
def test_role_that_no_competition_gives_is_refused(tender, person, refused, role):
    with refused(BadInput, field="role"):
        give(tender, person, role)


def test_role_is_given_once_and_ended_where_it_is_held(tender, person, refused):
    give(tender, person, Role.EVALUATOR)
    with refused(BadInput, field="role", match="already"):
        give(tender, person, Role.EVALUATOR)
    with refused(NotFound):
        end(tender, person, Role.MODERATOR)


def test_the_lead_holds_no_key(tender, refused):
    tender.row.profile = "full"
    with refused(BadInput, field="role", match="help open the envelopes"):
        give(tender, tender.lead, Role.KEY_HOLDER)


def test_competition_keeps_a_lead(tender, person, refused):
    with refused(BadInput, field="role", match="needs a lead"):
        end(tender, tender.lead, Role.PROCUREMENT_LEAD)

    give(tender, person, Role.PROCUREMENT_LEAD)
    end(tender, tender.lead, Role.PROCUREMENT_LEAD)

    assert [m.name for m in queries.team(tender.row) if Role.PROCUREMENT_LEAD in m.roles] == [
        person.name
    ]


def test_only_the_lead_gives_and_ends_roles(tender, person, forbidden):
    with forbidden(Permission.COMPETITION_GIVE_ROLES):
        give(tender, person, Role.EVALUATOR, actor=tender.as_approver)
    with forbidden(Permission.COMPETITION_GIVE_ROLES):
        end(tender, tender.approver, Role.APPROVER, actor=tender.as_approver)


def test_other_key_holders_need_other_keys(session, clock, recorded):
    tender = tenders.ready_for_itn(clock)
    assert tender.row.opening_keys_sha256
    with recorded() as events:
        end(tender, tender.key_holders[0], Role.KEY_HOLDER)

    assert tender.row.opening_keys_sha256 is None
    assert tender.row.rehearsed_at is None
    assert "opening_keys_dropped" in events[0].changes


def test_key_holders_stay_while_bids_are_sealed(session, clock, refused):
    tender = tenders.itn_open(clock)
    person = PersonFactory(organisation=tender.authority, roles=[])

    with refused(BadInput, field="role", match="key holders stay"):
        give(tender, person, Role.KEY_HOLDER)
    with refused(BadInput, field="role", match="key holders stay"):
        end(tender, tender.key_holders[0], Role.KEY_HOLDER)

    tender.row.stage = Stage.PRICE_EVALUATION.value
    services.stages.tell_who_is_needed(tender.row)
    end(tender, tender.key_holders[0], Role.KEY_HOLDER)


def test_people_who_may_join_are_those_of_the_authority(tender, person):
    PersonFactory()
    PersonFactory(organisation=tender.authority, roles=[], is_active=False)

    names = {user.name for user in queries.people_who_may_join(tender.row)}

    assert names == {tender.lead.name, tender.approver.name, person.name}


def test_the_lead_holds_a_key_in_the_short_form_alone(session, tender, person):
    tender.row.profile = "short"
    give(tender, person, Role.PROCUREMENT_LEAD)
    give(tender, person, Role.KEY_HOLDER)
    assert problems_with(tender, person) == []

    tender.row.profile = "full"
    session.flush()

    (sentence,) = problems_with(tender, person)
    assert "is key holder and procurement lead" in sentence


def problems_with(tender, person):
    found = queries.check_list(tender.row, tender.clock.now(), event="pqq_issued")
    return [problem.sentence for problem in found if person.name in problem.sentence]
