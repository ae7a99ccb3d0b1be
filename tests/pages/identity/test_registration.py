"""Registering through the pages: an address that is proved, tasks, a check, and a code."""

from __future__ import annotations

import re

import pytest

from commissioning.identity import queries
from commissioning.identity.domain.keys import recovery_code_signs
from tests.factories.identity import PASSWORD, OrganisationFactory, PersonFactory
from tests.support.pages import post

ORGANISATION = {
    "kind": "bidder",
    "name": "Halcyon Rehabilitation",
    "legal_form": "company",
    "identifier_scheme": "company-number",
    "identifier": "1234567",
}
EMAIL = "mina@halcyon.example"


def text(answer):
    return answer.get_data(as_text=True)


@pytest.fixture
def visitor(client, last_link):
    """Somebody who has followed the link in the letter."""
    assert post(client, "/register", {"email": EMAIL}).location == "/letter-sent/registration"
    assert client.get(last_link(EMAIL)).location == "/register/tasks"
    return client


def answer_all(visitor, **changes):
    post(visitor, "/register/organisation", ORGANISATION | changes)
    post(visitor, "/register/person", {"person_name": "Mina Okafor"})


def test_registering_ends_with_a_code_and_an_account(visitor, enter, unit_of_work):
    assert "Cannot start yet" in text(visitor.get("/register/tasks"))
    answer_all(visitor)
    tasks = text(visitor.get("/register/tasks"))
    assert tasks.count("Completed") == 2
    check = text(visitor.get("/register/check"))
    for shown in ("Halcyon Rehabilitation", "1234567", "Mina Okafor", EMAIL):
        assert shown in check
    done = post(visitor, "/register/check", {"password": PASSWORD})
    assert done.status_code == 200

    code = re.search(r"<code[^>]*>([^<]+)</code>", text(done))[1]
    assert recovery_code_signs(code)
    with unit_of_work():
        assert queries.user_by_email(EMAIL).organisation.identifier == "01234567"
    client = enter(EMAIL)
    assert "Mina Okafor" in text(client.get(client.get("/organisation").location))


def test_nothing_is_kept_in_the_browser_but_answers(visitor):
    answer_all(visitor)
    with visitor.session_transaction() as kept:
        assert set(kept["registration"]) == {"token", "organisation", "person"}
    post(visitor, "/register/check", {"password": PASSWORD})
    with visitor.session_transaction() as kept:
        assert "registration" not in kept


@pytest.mark.parametrize(
    "page", ["/register/tasks", "/register/organisation", "/register/person", "/register/check"]
)
def test_nobody_registers_without_proving_an_address(client, page):
    assert client.get(page).location == "/register"


def test_the_check_waits_for_every_answer(visitor):
    assert visitor.get("/register/check").location == "/register/tasks"


def test_a_number_that_is_taken_is_said_beside_its_field_at_once(visitor, given):
    given(lambda: OrganisationFactory(identifier="01234567").id)
    answer = post(visitor, "/register/organisation", ORGANISATION)

    assert answer.status_code == 422
    assert 'href="#identifier"' in text(answer)
    assert "Ask a colleague there to invite you" in text(answer)


def test_a_number_taken_meanwhile_is_refused_at_the_end(visitor, given):
    answer_all(visitor)
    given(lambda: OrganisationFactory(identifier="01234567").id)
    answer = post(visitor, "/register/check", {"password": PASSWORD})

    assert answer.status_code == 422
    assert "registered already" in text(answer)


def test_a_weak_password_is_said_beside_its_field(visitor):
    answer_all(visitor)
    answer = post(visitor, "/register/check", {"password": "mina okafor 12"})

    assert answer.status_code == 422
    assert 'href="#password"' in text(answer)


@pytest.mark.parametrize("left_out", sorted(ORGANISATION))
def test_every_particular_is_asked_for(visitor, left_out):
    answer = post(visitor, "/register/organisation", ORGANISATION | {left_out: ""})

    assert answer.status_code == 422
    assert f'href="#{left_out}' in text(answer)


@pytest.mark.parametrize("kind", ["authority", "operator"])
def test_an_authority_is_not_offered(visitor, kind):
    assert f'value="{kind}"' not in text(visitor.get("/register/organisation"))
    answer = post(visitor, "/register/organisation", ORGANISATION | {"kind": kind})
    assert answer.status_code == 422


def test_asking_to_register_tells_nothing_about_an_address(client, given, last_link):
    known = given(lambda: PersonFactory().email)
    for email in (known, "new@halcyon.example"):
        answer = post(client, "/register", {"email": email})
        assert (answer.status_code, answer.location) == (303, "/letter-sent/registration")

    assert last_link(known) is None
    assert last_link("new@halcyon.example").startswith("/register/link/")
