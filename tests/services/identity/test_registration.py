"""Registration: once per number, with a key, and telling nobody about other people's accounts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from commissioning.identity import queries
from commissioning.identity.services import (
    ask_to_register,
    check_organisation,
    create_authority,
    create_operator,
    edit_organisation,
    registration_address,
)
from commissioning.identity.services.particulars import add_organisation
from commissioning.kernel.actor import ANONYMOUS, Role
from commissioning.kernel.errors import BadInput, BadInputs, Conflict, Forbidden
from tests.factories.identity import (
    PASSWORD,
    AdministratorFactory,
    OrganisationFactory,
    PersonFactory,
    actor_of,
)
from tests.services.identity.conftest import link, token_in


def test_a_bidders_first_person_manages_writes_and_signs(register, events):
    found = register()

    assert queries.roles_held(found.user) == [Role.BID_MANAGER, Role.BID_WRITER, Role.SIGNATORY]
    assert events() == ["organisation_registered"]


@pytest.mark.parametrize("kind", ["provider", "public_body"])
def test_the_first_person_of_another_kind_is_its_contact(register, kind):
    assert queries.roles_held(register(kind=kind).user) == [Role.PROVIDER_CONTACT]


@pytest.mark.parametrize("kind", ["authority", "operator", "king", ""])
def test_nobody_registers_an_authority_by_themselves(register, kind):
    with pytest.raises(BadInput) as refused:
        register(kind=kind)

    assert refused.value.field == "kind"


@pytest.mark.parametrize("same", ["01234567", "1234567", " 012 345 67 ", "0123-4567"])
def test_a_company_registers_once_however_its_number_is_written(register, same):
    register()

    with pytest.raises(BadInput) as refused:
        register(identifier=same, email="other@halcyon.example")

    assert refused.value.field == "identifier"
    assert "Ask a colleague" in refused.value.sentence
    assert "other number" in refused.value.sentence


def test_the_same_digits_in_another_register_are_another_organisation(register):
    register()

    other = register(
        identifier_scheme="charity-number", identifier="1234567", email="o@charity.example"
    )

    assert other.organisation.identifier == "1234567"


def test_everything_that_is_wrong_is_said_at_once(register):
    with pytest.raises(BadInputs) as refused:
        register(name=" ", identifier="X", person_name="…", email="nobody", password="short")

    places = [field for field, _ in refused.value.problems]
    assert places == ["name", "identifier", "person_name", "email", "password"]


def test_a_refused_registration_changes_nothing(register):
    register()
    with pytest.raises(BadInput):
        register(email="other@halcyon.example")

    assert len(queries.organisations()) == 1
    assert queries.user_by_email("other@halcyon.example") is None


def test_addresses_differ_in_more_than_capitals(register):
    register()

    with pytest.raises(BadInput) as refused:
        register(identifier="07654321", email="MINA@Halcyon.example")

    assert refused.value.field == "email"


def test_the_early_check_says_what_the_registration_would(register):
    check_organisation(name="Halcyon", identifier_scheme="company-number", identifier="01234567")
    register()
    with pytest.raises(BadInput) as refused:
        check_organisation(name="Halcyon", identifier_scheme="company-number", identifier="1234567")
    assert refused.value.field == "identifier"


# The letter that proves an address -----------------------------------------------------------


def test_a_link_proves_the_address_that_it_was_sent_to(session, clocks, real_clock, letters):
    ask_to_register("Mina@Halcyon.example", link=link, **clocks)

    [(recipient, _, body)] = letters()
    assert recipient == "mina@halcyon.example"
    assert registration_address(token_in(body), real_clock=real_clock) == "mina@halcyon.example"


def test_an_address_with_an_account_gets_a_note_and_no_link(session, clocks, letters, events):
    person = PersonFactory()
    ask_to_register(person.email, link=link, **clocks)
    known = events()
    ask_to_register("new@halcyon.example", link=link, **clocks)

    [(_, first_subject, first), (_, second_subject, second)] = letters()
    assert "https://" not in first
    assert "has an account already" in first
    assert "https://" in second
    assert (first_subject, known) == (second_subject, events())


def test_a_registration_link_lasts_a_day(session, clocks, real_clock, letters):
    ask_to_register("mina@halcyon.example", link=link, **clocks)
    token = token_in(letters()[0][2])
    real_clock.advance(timedelta(hours=23, minutes=59))
    registration_address(token, real_clock=real_clock)
    real_clock.advance(timedelta(minutes=1))

    with pytest.raises(Conflict):
        registration_address(token, real_clock=real_clock)


def test_a_registration_link_cannot_be_forged(session, clocks, real_clock, letters):
    ask_to_register("mina@halcyon.example", link=link, **clocks)
    token = token_in(letters()[0][2])
    ask_to_register("other@halcyon.example", link=link, **clocks)
    other = token_in(letters()[1][2])
    mixed = other.split(".")[0] + "." + token.split(".")[1]

    for forged in (token[:-1], mixed, "", ".", "a.b", token.split(".")[0]):
        with pytest.raises(Conflict):
            registration_address(forged, real_clock=real_clock)


def test_one_address_gets_three_letters_an_hour(session, clocks, real_clock, letters):
    for _ in range(5):
        ask_to_register("mina@halcyon.example", link=link, **clocks)
    assert len(letters()) == 3

    real_clock.advance(timedelta(hours=1))
    ask_to_register("mina@halcyon.example", link=link, **clocks)
    assert len(letters()) == 4


# Operator and authorities --------------------------------------------------------------------


def test_the_operator_is_made_once(session, clock, events):
    user = create_operator(name="Ada Q", email="ada@o.example", password=PASSWORD, clock=clock)
    assert queries.roles_held(user) == [Role.ADMINISTRATOR]
    assert events() == ["organisation_registered"]

    with pytest.raises(Conflict):
        create_operator(name="Eve Q", email="eve@o.example", password=PASSWORD, clock=clock)


def test_the_administrator_alone_brings_in_an_authority(session, clock, events):
    administrator = actor_of(AdministratorFactory())
    bidder = actor_of(PersonFactory())
    told = {"name": "Ministry", "identifier_scheme": "public-body", "identifier": "moj"}

    made = create_authority(administrator, **told, clock=clock)
    assert (made.kind, made.identifier) == ("authority", "MOJ")
    assert events() == ["organisation_registered"]

    for actor in (bidder, ANONYMOUS):
        with pytest.raises(Forbidden):
            create_authority(actor, **(told | {"identifier": "other"}), clock=clock)
    with pytest.raises(BadInput):
        create_authority(administrator, **told, clock=clock)


def test_only_its_own_manager_edits_an_organisation(session, clock, events):
    person = PersonFactory()
    reference = person.organisation.reference
    edit_organisation(
        actor_of(person), reference, name="New  name", legal_form="charity", clock=clock
    )
    assert person.organisation.name == "New name"
    assert events() == ["organisation_changed"]

    writer = PersonFactory(organisation=person.organisation, roles=[Role.BID_WRITER])
    for actor in (actor_of(writer), actor_of(PersonFactory()), actor_of(AdministratorFactory())):
        with pytest.raises(Forbidden):
            edit_organisation(actor, reference, name="Mine", legal_form="charity", clock=clock)


def test_a_suspended_organisation_is_not_edited(session, clock):
    person = PersonFactory(organisation=OrganisationFactory(status="suspended"))

    with pytest.raises(Forbidden):
        edit_organisation(
            actor_of(person),
            person.organisation.reference,
            name="New name",
            legal_form="company",
            clock=clock,
        )


def test_the_database_refuses_the_second_of_two_that_both_passed_the_check(register):
    first = register().organisation

    with pytest.raises(BadInput) as refused:
        add_organisation(
            name="Twin",
            kind="bidder",
            legal_form="company",
            scheme="company-number",
            identifier=first.identifier,
            is_invented=False,
            at=first.registered_at,
        )

    assert refused.value.field == "identifier"
    assert len(queries.organisations()) == 1
