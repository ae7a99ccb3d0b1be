"""Forgotten and changed passwords: links that work once, and answers that tell nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from commissioning.audit.models import AuditEvent
from commissioning.identity.models import PasswordReset, SignInAttempt
from commissioning.identity.services import (
    SignedIn,
    SignInRefused,
    actor_for_token,
    ask_password_reset,
    change_password,
    reset_for,
    reset_password,
    sign_in,
)
from commissioning.infrastructure import vault
from commissioning.kernel.actor import ANONYMOUS
from commissioning.kernel.errors import BadInput, Conflict, Forbidden
from tests.factories.identity import PASSWORD, PersonFactory, actor_of
from tests.services.identity.conftest import link, token_in

NEW_PASSWORD = "nine louder kestrels"


@pytest.fixture
def person(session):
    return PersonFactory()


@pytest.fixture
def ask(clocks, letters):
    """Ask for a reset; the token of the link that was sent, or None."""

    def make(email):
        before = len(letters())
        ask_password_reset(email, link=link, **clocks)
        sent = letters()[before:]
        return token_in(sent[0][2]) if sent else None

    return make


def test_the_link_sets_a_password_once(person, ask, clocks, events):
    token = ask(person.email)
    assert events() == ["password_reset_asked"]
    reset_password(token, NEW_PASSWORD, **clocks)
    assert events() == ["password_reset"]

    assert isinstance(sign_in(person.email, NEW_PASSWORD, **clocks), SignedIn)
    assert isinstance(sign_in(person.email, PASSWORD, **clocks), SignInRefused)
    with pytest.raises(Conflict):
        reset_password(token, PASSWORD, **clocks)


def test_the_link_lasts_an_hour_of_the_real_clock(person, ask, clock, real_clock):
    token = ask(person.email)
    clock.advance(timedelta(days=90))
    real_clock.advance(timedelta(minutes=59, seconds=59))
    reset_for(token, real_clock=real_clock)
    real_clock.advance(timedelta(seconds=1))

    with pytest.raises(Conflict):
        reset_for(token, real_clock=real_clock)


def test_a_link_is_good_only_whole_signed_and_known(person, ask, clocks, session):
    token = ask(person.email)
    unknown = vault.sign("never sent", purpose="password reset")
    other_purpose = vault.sign(token.split(".")[0], purpose="invitation")
    for forged in ("", token[:-1], token.split(".")[0], unknown, other_purpose):
        with pytest.raises(Conflict):
            reset_password(forged, NEW_PASSWORD, **clocks)
    kept = session.scalar(select(PasswordReset.token_hash))
    assert token not in kept
    assert token.split(".")[0] not in kept


def test_a_row_written_into_the_database_makes_no_link(person, ask, clocks, session):
    """Whoever can write rows still lacks the installation's secret."""
    import hashlib

    ask(person.email)
    row = session.scalar(select(PasswordReset))
    row.token_hash = hashlib.sha256(b"mine.mine").hexdigest()

    with pytest.raises(Conflict):
        reset_password("mine.mine", NEW_PASSWORD, **clocks)


def test_nobody_learns_which_addresses_have_an_account(person, ask, session, events):
    assert ask(person.email)
    assert ask("nobody@organisation.example") is None

    assert events() == ["password_reset_asked"] * 2
    told = [(row.actor, row.subject_type, row.changes) for row in session.query(AuditEvent)]
    assert told[0] == told[1]
    assert len(session.scalars(select(SignInAttempt)).all()) == 2


def test_three_letters_an_hour_go_to_one_address(person, ask, real_clock, events):
    assert all(ask(person.email) for _ in range(3))
    events()
    assert ask(person.email) is None
    assert events() == []
    real_clock.advance(timedelta(hours=1))

    assert ask(person.email)


def test_what_is_no_address_is_refused_at_its_place(session, clocks):
    with pytest.raises(BadInput) as refused:
        ask_password_reset("nobody", link=link, **clocks)

    assert refused.value.field == "email"


def test_a_reset_ends_every_session_and_every_other_link(person, ask, clocks, real_clock):
    token = sign_in(person.email, PASSWORD, **clocks).token
    first, second = ask(person.email), ask(person.email)
    reset_password(second, NEW_PASSWORD, **clocks)

    assert actor_for_token(token, real_clock=real_clock) is None
    with pytest.raises(Conflict):
        reset_password(first, PASSWORD, **clocks)


def test_a_reset_is_told_to_everyone_in_the_organisation(person, ask, clocks, letters):
    colleague = PersonFactory(organisation=person.organisation)
    PersonFactory()
    token = ask(person.email)
    before = len(letters())
    reset_password(token, NEW_PASSWORD, **clocks)

    told = letters()[before:]
    assert {recipient for recipient, _, _ in told} == {person.email, colleague.email}
    assert all(person.name not in body for _, _, body in told), "mail carries no content"


def test_a_reset_lifts_the_brake(person, ask, clocks):
    for _ in range(5):
        sign_in(person.email, "not the password", **clocks)
    reset_password(ask(person.email), NEW_PASSWORD, **clocks)

    assert isinstance(sign_in(person.email, NEW_PASSWORD, **clocks), SignedIn)


def test_a_weak_password_leaves_the_link_good(person, ask, clocks):
    token = ask(person.email)
    with pytest.raises(BadInput) as refused:
        reset_password(token, "password1234", **clocks)
    assert refused.value.field == "password"

    reset_password(token, NEW_PASSWORD, **clocks)


def test_a_suspended_person_is_sent_no_link_and_an_old_one_is_dead(person, ask, clocks):
    token = ask(person.email)
    person.is_active = False

    assert ask(person.email) is None
    with pytest.raises(Conflict):
        reset_password(token, NEW_PASSWORD, **clocks)


# A change by the person ----------------------------------------------------------------------


def test_a_change_ends_the_other_sessions(person, clocks, real_clock, events):
    here = sign_in(person.email, PASSWORD, **clocks).token
    elsewhere = sign_in(person.email, PASSWORD, **clocks).token
    actor = actor_for_token(here, real_clock=real_clock)
    events()
    told = change_password(actor, current=PASSWORD, password=NEW_PASSWORD, token=here, **clocks)

    assert told is None
    assert events() == ["password_changed"]
    assert actor_for_token(here, real_clock=real_clock).personal_key == person.personal_key
    assert actor_for_token(elsewhere, real_clock=real_clock) is None
    assert isinstance(sign_in(person.email, NEW_PASSWORD, **clocks), SignedIn)


def test_a_change_asks_for_the_current_password_and_brakes_guessing(person, clocks, events):
    actor = actor_of(person)
    for _ in range(5):
        told = change_password(actor, current="a guess", password=NEW_PASSWORD, **clocks)
        assert told == "The current password is not right."
    assert events() == ["sign_in_failed"] * 5

    told = change_password(actor, current=PASSWORD, password=NEW_PASSWORD, **clocks)
    assert "Wait 15 minutes" in told
    assert events() == []


def test_nobody_changes_a_password_without_signing_in(session, clocks):
    with pytest.raises(Forbidden):
        change_password(ANONYMOUS, current=PASSWORD, password=NEW_PASSWORD, **clocks)
