"""Who belongs to an organisation, how they come in, and how their roles end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from commissioning.identity import queries
from commissioning.identity.models import Invitation
from commissioning.identity.services import (
    accept_invitation,
    end_competition_role,
    end_role,
    give_role,
    invitation_for,
    invite_person,
    record_competition_role,
    remove_person,
    withdraw_invitation,
)
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import BadInput, Conflict, Forbidden, NotFound
from tests.factories.identity import (
    PASSWORD,
    AdministratorFactory,
    AuthorityFactory,
    OperatorFactory,
    OrganisationFactory,
    PersonFactory,
    actor_of,
    team_member,
)
from tests.services.identity.conftest import link, token_in


@pytest.fixture
def manager(session):
    return PersonFactory()


@pytest.fixture
def invite(manager, clocks):
    """Invite Ravi, as the manager unless somebody else is named."""

    def make(by=None, **changes):
        by = by or manager
        told = {"name": "Ravi Tull", "email": "ravi@halcyon.example", "roles": [Role.BID_WRITER]}
        organisation = changes.pop("organisation", by.organisation)
        return invite_person(
            actor_of(by), organisation.reference, **(told | changes), link=link, **clocks
        )

    return make


@pytest.fixture
def join(invite, clocks):
    def make(by=None, **changes):
        return accept_invitation(invite(by, **changes), password=PASSWORD, **clocks)

    return make


# Invitations ---------------------------------------------------------------------------------


def test_a_colleague_joins_in_the_roles_offered(invite, clocks, manager, events, letters):
    token = invite(roles=[Role.BID_WRITER, Role.SIGNATORY])
    assert events() == ["person_invited"]
    user = accept_invitation(token, password=PASSWORD, **clocks)

    assert events() == ["invitation_accepted"]
    assert user.organisation is manager.organisation
    assert queries.roles_held(user) == [Role.BID_WRITER, Role.SIGNATORY]
    assert {grant.given_by for grant in user.grants} == {manager.reference}
    [(recipient, _, body)] = letters()
    assert (recipient, token_in(body)) == ("ravi@halcyon.example", token)
    assert manager.organisation.name not in body, "mail carries no content"


def test_an_invitation_works_once_and_for_two_weeks(invite, clocks, clock, real_clock):
    token = invite()
    clock.advance(timedelta(days=90))
    real_clock.advance(timedelta(days=13, hours=23))
    invitation_for(token, real_clock=real_clock)
    late = invite(email="late@halcyon.example")
    real_clock.advance(timedelta(hours=1))
    with pytest.raises(Conflict):
        accept_invitation(token, password=PASSWORD, **clocks)

    accept_invitation(late, password=PASSWORD, **clocks)
    with pytest.raises(Conflict):
        invitation_for(late, real_clock=real_clock)


def test_a_forged_invitation_opens_nothing(invite, real_clock, session):
    token = invite()
    for forged in ("", token[:-1], token.split(".")[0], "x.y"):
        with pytest.raises(Conflict):
            invitation_for(forged, real_clock=real_clock)
    assert token not in session.scalar(select(Invitation.token_hash))


def test_an_invitation_can_be_withdrawn(invite, manager, clocks, real_clock, session, events):
    token = invite()
    number = session.scalar(select(Invitation.id))
    own = manager.organisation.reference
    stranger = PersonFactory()
    with pytest.raises(Forbidden):
        withdraw_invitation(actor_of(stranger), own, number, **clocks)
    with pytest.raises(NotFound):
        withdraw_invitation(actor_of(stranger), stranger.organisation.reference, number, **clocks)
    events()
    withdraw_invitation(actor_of(manager), own, number, **clocks)

    assert events() == ["invitation_withdrawn"]
    assert queries.open_invitations(own, real_clock.now()) == []
    with pytest.raises(Conflict):
        accept_invitation(token, password=PASSWORD, **clocks)
    with pytest.raises(Conflict):
        withdraw_invitation(actor_of(manager), own, number, **clocks)


def test_inviting_tells_nothing_about_accounts_elsewhere(invite, clocks, letters):
    elsewhere = PersonFactory()
    token = invite(email=elsewhere.email)
    invite(email="new@halcyon.example")

    first, second = letters()
    assert first[2].replace(token, "") == second[2].replace(token_in(second[2]), "")
    with pytest.raises(Conflict):
        accept_invitation(token, password=PASSWORD, **clocks)


def test_somebody_who_is_in_already_is_not_invited_again(invite, manager):
    with pytest.raises(BadInput) as refused:
        invite(email=manager.email.upper())

    assert refused.value.field == "email"


@pytest.mark.parametrize(
    ("kind", "roles"),
    [
        ("bidder", []),
        ("bidder", [Role.PROVIDER_CONTACT]),
        ("bidder", [Role.ADMINISTRATOR]),
        ("bidder", [Role.BID_WRITER, Role.PROCUREMENT_LEAD]),
        ("provider", [Role.SIGNATORY]),
    ],
)
def test_an_organisation_gives_its_own_roles_only(invite, session, kind, roles):
    person = PersonFactory(organisation=OrganisationFactory(kind=kind))

    with pytest.raises(BadInput) as refused:
        invite(person, roles=roles)
    assert refused.value.field == "roles"


def test_only_managers_invite_and_only_into_their_own(invite, manager):
    writer = PersonFactory(organisation=manager.organisation, roles=[Role.BID_WRITER])
    authority = AuthorityFactory()
    lead = PersonFactory(organisation=authority)
    for by, organisation in (
        (writer, manager.organisation),
        (PersonFactory(), manager.organisation),
        (manager, authority),
        (lead, authority),
        (lead, manager.organisation),
        (AdministratorFactory(), manager.organisation),
    ):
        with pytest.raises(Forbidden):
            invite(by, organisation=organisation, roles=[])


def test_a_suspended_organisation_invites_nobody(invite, session):
    person = PersonFactory(organisation=OrganisationFactory(status="suspended"))

    with pytest.raises(Forbidden):
        invite(person)


def test_the_administrator_invites_an_authoritys_people_with_a_role_or_none(join, session):
    administrator, authority = AdministratorFactory(), AuthorityFactory()
    lead = join(
        administrator, organisation=authority, email="lead@m.example", roles=[Role.PROCUREMENT_LEAD]
    )
    marker = join(administrator, organisation=authority, email="e@m.example", roles=[])

    assert queries.roles_held(lead) == [Role.PROCUREMENT_LEAD]
    assert queries.roles_held(marker) == []
    with pytest.raises(BadInput):
        join(administrator, organisation=authority, email="b@m.example", roles=[Role.SIGNATORY])


def test_somebody_who_left_comes_back_under_the_same_reference(join, manager, clocks):
    user = join()
    before = user.reference
    remove_person(actor_of(manager), manager.organisation.reference, before, **clocks)
    assert user not in queries.people_of(manager.organisation.reference)
    again = join(name="Ravi Tull-Dean", roles=[Role.SIGNATORY])

    assert (again.reference, again.name) == (before, "Ravi Tull-Dean")
    assert queries.roles_held(again) == [Role.SIGNATORY]
    assert before not in queries.key_holders_of(manager.organisation.reference)


def test_invitations_of_somebody_who_left_run_out(join, invite, manager, clocks):
    second = join(roles=[Role.BID_MANAGER])
    token = invite(second, email="third@halcyon.example")
    remove_person(actor_of(manager), manager.organisation.reference, second.reference, **clocks)

    with pytest.raises(Conflict):
        accept_invitation(token, password=PASSWORD, **clocks)


# Roles ---------------------------------------------------------------------------------------


def test_roles_are_given_and_ended_by_a_manager(manager, clock, events):
    writer = PersonFactory(organisation=manager.organisation, roles=[Role.BID_WRITER])
    told = (actor_of(manager), manager.organisation.reference, writer.reference)
    give_role(*told, Role.SIGNATORY, clock=clock)
    assert queries.roles_held(writer) == [Role.BID_WRITER, Role.SIGNATORY]
    with pytest.raises(Conflict):
        give_role(*told, Role.SIGNATORY, clock=clock)
    end_role(*told, Role.BID_WRITER, clock=clock)
    assert queries.roles_held(writer) == [Role.SIGNATORY]
    with pytest.raises(NotFound):
        end_role(*told, Role.BID_WRITER, clock=clock)
    with pytest.raises(BadInput):
        give_role(*told, Role.AUDITOR, clock=clock)

    assert events() == ["role_given", "role_ended"]
    assert len(writer.grants) == 2, "an ended role is kept"


def test_the_last_manager_stays(manager, clock, clocks):
    own = manager.organisation.reference
    writer = PersonFactory(organisation=manager.organisation, roles=[Role.BID_WRITER])
    suspended = PersonFactory(organisation=manager.organisation, is_active=False)
    for act in (
        lambda: end_role(actor_of(manager), own, manager.reference, Role.BID_MANAGER, clock=clock),
        lambda: remove_person(actor_of(manager), own, manager.reference, **clocks),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert "last bid manager" in refused.value.sentence
    assert Role.BID_MANAGER in queries.roles_held(suspended), "who cannot sign in does not count"

    give_role(actor_of(manager), own, writer.reference, Role.BID_MANAGER, clock=clock)
    remove_person(actor_of(manager), own, manager.reference, **clocks)
    assert [one.reference for one in queries.people_of(own)].count(manager.reference) == 0


def test_nobody_manages_the_people_of_others(manager, clock, clocks):
    stranger = PersonFactory()
    writer = PersonFactory(organisation=manager.organisation, roles=[Role.BID_WRITER])
    own = manager.organisation.reference
    for actor in (actor_of(stranger), actor_of(writer), actor_of(AdministratorFactory())):
        with pytest.raises(Forbidden):
            give_role(actor, own, writer.reference, Role.SIGNATORY, clock=clock)
        with pytest.raises(Forbidden):
            end_role(actor, own, writer.reference, Role.BID_WRITER, clock=clock)
        with pytest.raises(Forbidden):
            remove_person(actor, own, writer.reference, **clocks)
    with pytest.raises(NotFound):
        remove_person(
            actor_of(stranger), stranger.organisation.reference, writer.reference, **clocks
        )


def test_a_removal_is_one_record_and_ends_everything(manager, clocks, events):
    writer = PersonFactory(organisation=manager.organisation)
    remove_person(actor_of(manager), manager.organisation.reference, writer.reference, **clocks)

    assert events() == ["person_removed"]
    assert queries.roles_held(writer) == []
    assert not writer.is_active
    assert writer.removed_at == clocks["clock"].now()


def test_the_administrator_looks_after_an_authoritys_people(session, clock, clocks):
    administrator, lead = AdministratorFactory(), PersonFactory(organisation=AuthorityFactory())
    told = (actor_of(administrator), lead.organisation.reference, lead.reference)
    end_role(*told, Role.AUDITOR, clock=clock)
    give_role(*told, Role.AUDITOR, clock=clock)
    remove_person(*told, **clocks)

    assert queries.people_of(lead.organisation.reference) == []


def test_an_operator_keeps_an_administrator(session, clocks):
    administrator = PersonFactory(organisation=OperatorFactory())
    with pytest.raises(Conflict):
        remove_person(
            actor_of(administrator),
            administrator.organisation.reference,
            administrator.reference,
            **clocks,
        )


# Roles on a competition ----------------------------------------------------------------------


def test_a_role_on_a_competition_holds_there_and_nowhere_else(session, clock):
    authority = AuthorityFactory()
    lead = actor_of(PersonFactory(organisation=authority))
    marker = PersonFactory(organisation=authority, roles=[])
    record_competition_role(lead, marker.reference, "CPA-1", Role.EVALUATOR, clock=clock)

    actor = actor_of(marker)
    assert actor.roles_on("CPA-1") == {Role.EVALUATOR}
    assert actor.roles_on("CPA-2") == actor.roles_in(authority.reference) == frozenset()
    assert queries.people_with_role("CPA-1", Role.EVALUATOR) == [marker]
    assert [grant.user for grant in queries.competition_grants("CPA-1")] == [marker]
    with pytest.raises(Conflict):
        record_competition_role(lead, marker.reference, "CPA-1", Role.EVALUATOR, clock=clock)

    end_competition_role(lead, marker.reference, "CPA-1", Role.EVALUATOR, clock=clock)
    assert actor_of(marker).roles() == frozenset()
    assert queries.people_with_role("CPA-1", Role.EVALUATOR) == []
    with pytest.raises(NotFound):
        end_competition_role(lead, marker.reference, "CPA-1", Role.EVALUATOR, clock=clock)


def test_a_competition_gives_its_own_roles_to_people_who_are_there(session, clock, clocks):
    authority = AuthorityFactory()
    lead = actor_of(PersonFactory(organisation=authority))
    gone = team_member(authority, "CPA-1", Role.MODERATOR)
    with pytest.raises(BadInput):
        record_competition_role(lead, gone.reference, "CPA-1", Role.SIGNATORY, clock=clock)
    remove_person(actor_of(AdministratorFactory()), authority.reference, gone.reference, **clocks)

    assert queries.competition_grants("CPA-1") == []
    with pytest.raises(Conflict):
        record_competition_role(lead, gone.reference, "CPA-1", Role.EVALUATOR, clock=clock)
