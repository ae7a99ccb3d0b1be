"""What is sent after a session has ended is kept sealed, and offered again after signing in."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from commissioning.identity.domain import keys
from commissioning.identity.models import Invitation, KeptEntry, User
from commissioning.identity.services.kept import LONGEST_BYTES, MOST_FOR_ONE_PERSON
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Role
from tests.factories.identity import PASSWORD, PersonFactory
from tests.support.pages import page_token, post

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
TYPED = {"name": "Eve Low & Sons", "email": "eve@agency.example", "roles": "signatory"}


class Late:
    """Somebody whose session has run out over a form that they then sent."""

    def __init__(self, given, enter, real_clock, unit_of_work):
        def build():
            person = PersonFactory(roles=[Role.BID_MANAGER])
            return person.email, f"/organisations/{person.organisation.reference}/people/invite"

        self.email, self.page = given(build)
        self.client = enter(self.email)
        self.token = page_token(self.client, self.page)
        self.unit_of_work = unit_of_work
        self.real_clock = real_clock
        real_clock.advance(timedelta(minutes=60))

    def send(self, entries=TYPED):
        return self.client.post(self.page, data={**entries, "csrf_token": self.token})

    def signs_in_again(self, email=None, at=None):
        entries = {"email": email or self.email, "password": PASSWORD}
        return post(self.client, at or "/sign-in", entries)

    def kept(self):
        with self.unit_of_work() as session:
            return [(row.address, row.sealed) for row in session.scalars(select(KeptEntry))]

    def invited(self):
        with self.unit_of_work() as session:
            return [row.email for row in session.scalars(select(Invitation))]


@pytest.fixture
def late(given, enter, real_clock, unit_of_work):
    return Late(given, enter, real_clock, unit_of_work)


def test_what_was_typed_is_sealed_offered_again_and_forgotten_once_it_is_taken(late):
    sent = late.send()
    assert sent.status_code == 303
    assert late.invited() == []
    ((address, sealed),) = late.kept()
    assert address == late.page
    assert b"eve@agency.example" not in sealed
    assert "Your session had ended." in late.client.get(sent.location).get_data(as_text=True)

    back = late.signs_in_again(at=sent.location).location
    page = late.client.get(back).get_data(as_text=True)
    assert "It was not received" in page
    assert "Eve Low &amp; Sons" in page
    assert "Send again what you typed" in late.client.get("/dashboard").get_data(as_text=True)
    form = page[page.index(f'action="{late.page}"') :]
    entries = {html.unescape(n): html.unescape(v) for n, v in HIDDEN.findall(form)}
    assert late.client.post(late.page, data=entries).status_code == 303
    assert late.invited() == ["eve@agency.example"]
    assert late.kept() == []


def test_what_is_refused_when_it_is_sent_again_stays_kept(late):
    back = late.signs_in_again(at=late.send({**TYPED, "email": "no address"}).location).location
    page = late.client.get(back).get_data(as_text=True)
    form = page[page.index(f'action="{late.page}"') :]
    entries = {html.unescape(n): html.unescape(v) for n, v in HIDDEN.findall(form)}
    answer = late.client.post(late.page, data=entries)
    assert answer.status_code == 422
    assert "Eve Low" in answer.get_data(as_text=True)
    assert len(late.kept()) == 1


def test_another_person_who_signs_in_there_sees_nothing_of_it(late, given):
    other = given(lambda: PersonFactory().email)
    back = late.signs_in_again(other, at=late.send().location).location
    answer = late.client.get(back)
    assert (answer.status_code, answer.location) == (303, "/dashboard")
    late.client.post(
        back + "/discard", data={"csrf_token": page_token(late.client, "/account/password")}
    )
    assert len(late.kept()) == 1


def test_it_can_be_thrown_away(late):
    back = late.signs_in_again(at=late.send().location).location
    assert post(late.client, f"{back}/discard", page=back).status_code == 303
    assert late.kept() == []


@pytest.mark.parametrize("entries", [{}, {"new_password": "x"}, {"name": "x" * LONGEST_BYTES}])
def test_nothing_is_kept_of_nothing_of_passwords_and_of_too_much(late, entries):
    assert late.send(entries).status_code == 303
    assert late.kept() == []


def test_nothing_is_kept_for_whoever_has_no_session_that_ran_out(late, app):
    stranger = app.test_client()
    with stranger.session_transaction() as session:
        session["_user_id"] = "no token"
    assert stranger.post(late.page, data=TYPED).status_code == 303
    assert late.kept() == []


def test_only_the_newest_are_kept_and_not_for_ever(late):
    for number in range(MOST_FOR_ONE_PERSON + 2):
        late.send({**TYPED, "name": f"Number {number}"})
    assert len(late.kept()) == MOST_FOR_ONE_PERSON
    late.real_clock.advance(timedelta(days=8))
    late.send()
    assert len(late.kept()) == 1


def test_a_form_of_an_older_session_is_handed_back_to_its_own_site_only(late, enter):
    client = enter(late.email)
    stale = {**TYPED, "csrf_token": late.token}
    ours = {"Sec-Fetch-Site": "same-origin"}
    for headers, handed_back in ((ours, True), ({}, False)):
        answer = client.post(late.page, data=stale, headers=headers)
        assert answer.status_code == 400
        assert ("eve@agency.example" in answer.get_data(as_text=True)) is handed_back
    assert late.invited() == []


def test_what_is_sent_again_twice_is_taken_twice_and_no_error(late):
    back = late.signs_in_again(at=late.send().location).location
    page = late.client.get(back).get_data(as_text=True)
    form = page[page.index(f'action="{late.page}"') :]
    entries = {html.unescape(n): html.unescape(v) for n, v in HIDDEN.findall(form)}
    assert late.client.post(late.page, data=entries).status_code == 303
    again = late.client.post(late.page, data={**entries, "email": "ann@agency.example"})
    assert again.status_code == 303
    assert late.invited() == ["eve@agency.example", "ann@agency.example"]


def test_what_a_reset_password_has_closed_for_ever_can_be_thrown_away(late, given):
    back = late.signs_in_again(at=late.send().location).location

    def reset():
        person = db.session.scalar(select(User).where(User.email == late.email))
        person.public_key = keys.new_key_pair().public
        row = db.session.scalar(select(KeptEntry))
        row.sealed = keys.seal_to(person.public_key, b"[]", purpose="another")

    given(reset)
    page = late.client.get(back).get_data(as_text=True)
    assert "cannot be opened any more" in page
    assert post(late.client, f"{back}/discard", page=back).status_code == 303
    assert late.kept() == []
