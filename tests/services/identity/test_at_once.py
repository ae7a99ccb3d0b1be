"""What two people of an organisation do at the same moment happens one after the other."""

from __future__ import annotations

import pytest

from commissioning.identity import queries
from commissioning.identity.services import (
    accept_invitation,
    invite_person,
    membership,
    sign_in,
    ties,
)
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import DomainError
from tests.factories.identity import PASSWORD, AdministratorFactory, PersonFactory, actor_of
from tests.services.identity.conftest import link


def refusals(given):
    return sum(isinstance(one, DomainError) for one in given)


@pytest.mark.postgres
def test_two_managers_do_not_end_each_others_role(unit_of_work, clock, at_once):
    with unit_of_work():
        one = PersonFactory()
        other = PersonFactory(organisation=one.organisation)
        actors, own = [actor_of(one), actor_of(other)], one.organisation.reference
    pairs = [tuple(actors), tuple(reversed(actors))]
    given = at_once(
        *(
            lambda who=who, whom=whom: membership.end_role(
                who, own, whom.reference, Role.BID_MANAGER, clock=clock
            )
            for who, whom in pairs
        )
    )

    assert refusals(given) == 1
    with unit_of_work():
        left = [
            each for each in queries.people_of(own) if Role.BID_MANAGER in queries.roles_held(each)
        ]
        assert len(left) == 1


@pytest.mark.postgres
def test_shares_of_members_never_come_to_more_than_the_whole(unit_of_work, clock, at_once):
    with unit_of_work():
        lead = PersonFactory()
        actor, own = actor_of(lead), lead.organisation.reference
        members = [PersonFactory().organisation.reference for _ in range(3)]
    given = at_once(
        *(
            lambda member=member: (
                ties.record_consortium_member(actor, own, member, 600_000, clock=clock).id
            )
            for member in members
        )
    )

    assert refusals(given) == 2


@pytest.mark.postgres
def test_a_role_is_given_once_and_a_tie_declared_once(unit_of_work, clock, at_once):
    with unit_of_work():
        manager = PersonFactory()
        colleague = PersonFactory(organisation=manager.organisation, roles=[Role.BID_WRITER])
        other = PersonFactory().organisation.reference
        actor, own = actor_of(manager), manager.organisation.reference
        whom = colleague.reference

    def give():
        membership.give_role(actor, own, whom, Role.SIGNATORY, clock=clock)

    def declare():
        ties.record_ownership(actor, own, other, clock=clock)

    assert refusals(at_once(*[give] * 4)) == 3
    assert refusals(at_once(*[declare] * 4)) == 3


@pytest.mark.postgres
def test_many_wrong_passwords_at_once_are_counted_one_by_one(
    unit_of_work, clock, real_clock, at_once
):
    with unit_of_work():
        email = PersonFactory().email
    given = at_once(
        *[lambda: sign_in(email, "wrong", clock=clock, real_clock=real_clock).is_throttled] * 12
    )

    assert given.count(False) == 5


def test_who_was_suspended_stays_so_when_a_manager_removes_and_invites_them(session, clocks):
    manager = actor_of(PersonFactory())
    person = PersonFactory(
        organisation=queries.organisation_by_reference(manager.organisation),
        roles=[Role.BID_WRITER],
    )
    administrator = actor_of(AdministratorFactory())
    membership.suspend_sign_in(administrator, person.reference, **clocks)
    membership.remove_person(manager, manager.organisation, person.reference, **clocks)
    token = invite_person(
        manager,
        manager.organisation,
        name=person.name,
        email=person.email,
        roles=[Role.SIGNATORY],
        link=link,
        **clocks,
    )
    accept_invitation(token, password=f"{PASSWORD} again", **clocks)

    assert person.removed_at is None
    assert not person.is_active
    membership.restore_sign_in(administrator, person.reference, clock=clocks["clock"])
    assert person.is_active
