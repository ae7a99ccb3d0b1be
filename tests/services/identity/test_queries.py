"""What identity tells: names, addresses, what waits; in as few queries for many as for few."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from commissioning.identity import queries
from commissioning.identity.services import admit_to_key, make_recovery_code, session_for_token
from commissioning.identity.services import sign_in as begin
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import ANONYMOUS, Role
from commissioning.kernel.errors import Forbidden, NotFound
from tests.factories.identity import (
    PASSWORD,
    AdministratorFactory,
    AuthorityFactory,
    OrganisationFactory,
    PersonFactory,
    actor_of,
    team_member,
)


@pytest.fixture
def count_queries(session):
    """How many statements a call sends to the database."""

    def count(call):
        sent = []

        def note(*told):
            sent.append(told[2])

        session.flush()
        session.expunge_all()
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            call()
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return len(sent)

    return count


def test_names_of_people_and_organisations(session):
    person = PersonFactory()
    names = queries.names_of([person.reference, person.organisation.reference, "USR-UNKNOWN"])

    assert names == {
        person.reference: person.name,
        person.organisation.reference: person.organisation.name,
    }
    assert queries.names_of([]) == {}


def test_what_is_absent_is_not_found(session):
    for find in (
        queries.organisation_by_reference,
        queries.user_by_reference,
        queries.organisation_of_person,
    ):
        with pytest.raises(NotFound):
            find("NOBODY-1")


def test_mail_goes_to_people_who_can_sign_in(session):
    person = PersonFactory()
    organisation = person.organisation
    writer = PersonFactory(organisation=organisation, roles=[Role.BID_WRITER])
    PersonFactory(organisation=organisation, is_active=False)
    PersonFactory()

    assert queries.emails_of([organisation.reference]) == [person.email, writer.email]
    assert queries.emails_of([organisation.reference], [Role.SIGNATORY]) == [person.email]


@pytest.mark.parametrize("people", [3, 30])
def test_lists_of_people_take_the_same_queries_for_few_and_many(session, count_queries, people):
    authority = AuthorityFactory()
    for _ in range(people):
        team_member(authority, "CPA-1", Role.EVALUATOR)
    reference = authority.reference

    def read():
        for person in queries.people_of(reference):
            queries.roles_held(person)
            queries.actor_of(person)
        for grant in queries.competition_grants("CPA-1"):
            assert grant.user.organisation.name

    assert count_queries(read) == 3


def test_a_request_finds_its_person_in_one_query(session, count_queries, clock):
    person = PersonFactory()
    token = begin(person.email, PASSWORD, clock=clock, real_clock=clock).token

    assert count_queries(lambda: session_for_token(token, real_clock=clock)) == 1


def test_an_organisation_is_read_by_its_own_people_and_the_administrator(session):
    person, other = PersonFactory(), PersonFactory()
    reference = person.organisation.reference
    for reader in (person, AdministratorFactory()):
        assert queries.readable_organisation(actor_of(reader), reference).reference == reference
    for stranger in (actor_of(other), ANONYMOUS):
        with pytest.raises(Forbidden):
            queries.readable_organisation(stranger, reference)


def test_organisations_are_found_by_a_part_of_name_or_number(session):
    OrganisationFactory(name="Alder 100% Rehabilitation", identifier="00099999")
    OrganisationFactory(name="Briar")

    def found(text):
        return [one.name for one in queries.organisations(containing=text)]

    assert found("rehab") == found("99999") == found("100%") == ["Alder 100% Rehabilitation"]
    assert found("%") == ["Alder 100% Rehabilitation"], "a wildcard is a letter like any other"
    assert queries.organisations(kind="authority") == []


def test_what_waits_follows_the_key(session, clock):
    person = PersonFactory()
    actor = actor_of(person)

    def titles(who):
        return [item.title for item in queries.waiting_for(who, clock.now())]

    assert titles(actor) == ["Make a recovery code"]
    make_recovery_code(actor, clock=clock)
    assert titles(actor) == []
    locked = PersonFactory(organisation=person.organisation, admitted=False)
    assert titles(actor) == [f"Let {locked.name} in"]
    assert titles(actor_of(locked)) == ["Open your organisation’s key"]
    admit_to_key(actor, locked.reference, clock=clock)
    assert titles(actor) == titles(actor_of(locked)) == []
    assert titles(ANONYMOUS) == titles(actor_of(AdministratorFactory())) == []
