"""Signing in and out: the same answer for everybody who fails, a brake, and ends that hold."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from commissioning.identity.models import SignInAttempt, SignInSession
from commissioning.identity.services import (
    SignedIn,
    SignInRefused,
    actor_for_token,
    end_role,
    remove_person,
    restore_organisation_sign_in,
    restore_sign_in,
    session_for_token,
    sign_in,
    sign_out,
    suspend_organisation_sign_in,
    suspend_sign_in,
)
from commissioning.infrastructure import passwords
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import Conflict, Forbidden
from tests.factories.identity import PASSWORD, AdministratorFactory, PersonFactory, actor_of

WRONG = "not the password"


@pytest.fixture
def person(session):
    return PersonFactory()


@pytest.fixture
def colleague(person):
    return PersonFactory(organisation=person.organisation)


def test_a_session_stands_for_the_person_with_their_roles_and_their_key(
    person, clocks, real_clock, events
):
    found = sign_in(f"  {person.email.upper()} ", PASSWORD, **clocks)

    actor = actor_for_token(found.token, real_clock=real_clock)
    assert actor == actor_of(person)
    assert actor.personal_key == person.personal_key
    assert events() == ["signed_in"]


def test_the_server_keeps_no_token_and_no_open_key(person, clocks, session):
    found = sign_in(person.email, PASSWORD, **clocks)
    row = session.scalar(select(SignInSession))

    assert found.token not in row.token_hash
    assert person.personal_key not in row.wrapped_private_key
    assert found.token not in repr(found)


def test_nobody_learns_which_addresses_have_an_account(person, clocks, events):
    wrong = sign_in(person.email, WRONG, **clocks)
    unknown = sign_in("nobody@organisation.example", WRONG, **clocks)
    nonsense = sign_in("not an address", WRONG, **clocks)

    assert isinstance(wrong, SignInRefused)
    assert wrong == unknown == nonsense
    assert events() == ["sign_in_failed"] * 3


def test_an_unknown_address_costs_the_same_work(person, clocks, monkeypatch):
    tries = []
    right = passwords._matches
    monkeypatch.setattr(
        passwords, "_matches", lambda *told: tries.append(told[0][:20]) or right(*told)
    )
    sign_in(person.email, WRONG, **clocks)
    sign_in("nobody@organisation.example", WRONG, **clocks)
    person.is_active = False
    sign_in(person.email, PASSWORD, **clocks)

    assert len(tries) == 3
    assert len(set(tries)) == 1, "the price of the hash differs"


# The brake -----------------------------------------------------------------------------------


@pytest.mark.parametrize("known", [True, False])
def test_five_failures_close_an_address_for_a_quarter_of_an_hour(person, clocks, real_clock, known):
    email = person.email if known else "nobody@organisation.example"
    for _ in range(5):
        assert not sign_in(email, WRONG, **clocks).is_throttled

    assert sign_in(email, PASSWORD, **clocks).is_throttled
    assert "Wait 15 minutes" in sign_in(email, PASSWORD, **clocks).sentence
    real_clock.advance(timedelta(minutes=14, seconds=59))
    assert sign_in(email, PASSWORD, **clocks).is_throttled
    real_clock.advance(timedelta(seconds=1))
    assert isinstance(sign_in(email, PASSWORD, **clocks), SignedIn if known else SignInRefused)


def test_tries_while_the_brake_is_on_do_not_make_it_longer(person, clocks, real_clock):
    for _ in range(5):
        sign_in(person.email, WRONG, **clocks)
    for _ in range(14):
        real_clock.advance(timedelta(minutes=1))
        sign_in(person.email, WRONG, **clocks)
    real_clock.advance(timedelta(minutes=1))

    assert isinstance(sign_in(person.email, PASSWORD, **clocks), SignedIn)


def test_the_brake_counts_from_the_last_success(person, clocks):
    for _ in range(4):
        sign_in(person.email, WRONG, **clocks)
    sign_in(person.email, PASSWORD, **clocks)
    for _ in range(4):
        sign_in(person.email, WRONG, **clocks)

    assert isinstance(sign_in(person.email, PASSWORD, **clocks), SignedIn)


def test_one_address_does_not_close_another(person, colleague, clocks):
    for _ in range(5):
        sign_in(person.email, WRONG, **clocks)

    assert isinstance(sign_in(colleague.email, PASSWORD, **clocks), SignedIn)


def test_a_stranger_who_keeps_guessing_cannot_keep_a_person_out(person, colleague, clocks):
    before = sign_in(person.email, PASSWORD, **clocks)
    others = sign_in(colleague.email, PASSWORD, **clocks)
    for _ in range(5):
        sign_in(person.email, WRONG, **clocks)

    assert isinstance(sign_in(person.email, PASSWORD, device=before.device, **clocks), SignedIn)
    for device in (None, "", "made.up", others.device, before.device[:-1]):
        assert sign_in(person.email, PASSWORD, device=device, **clocks).is_throttled


def test_a_known_device_has_a_brake_of_its_own(person, clocks):
    device = sign_in(person.email, PASSWORD, **clocks).device
    for _ in range(5):
        sign_in(person.email, WRONG, device=device, **clocks)

    assert sign_in(person.email, PASSWORD, device=device, **clocks).is_throttled


def test_the_record_of_tries_names_nobody_and_is_forgotten(person, clocks, real_clock, session):
    sign_in(person.email, WRONG, **clocks)
    marks = session.scalars(select(SignInAttempt.email_hash)).all()
    assert all(person.email not in mark and len(mark) == 64 for mark in marks)

    real_clock.advance(timedelta(days=1, seconds=1))
    sign_in(person.email, PASSWORD, **clocks)
    assert len(session.scalars(select(SignInAttempt)).all()) == 1


# How a session ends --------------------------------------------------------------------------


def test_signing_out_ends_the_session_on_the_server(person, clocks, real_clock, session, events):
    token = sign_in(person.email, PASSWORD, **clocks).token
    other = sign_in(person.email, PASSWORD, **clocks).token
    events()
    sign_out(actor_for_token(token, real_clock=real_clock), token, **clocks)

    assert actor_for_token(token, real_clock=real_clock) is None
    assert actor_for_token(other, real_clock=real_clock) is not None
    ended = session.scalar(select(SignInSession).where(SignInSession.ended_at.is_not(None)))
    session.refresh(ended)
    assert ended.wrapped_private_key == b""
    assert events() == ["signed_out"]


def test_a_session_ends_after_an_hour_without_use(person, clocks, real_clock):
    token = sign_in(person.email, PASSWORD, **clocks).token
    real_clock.advance(timedelta(minutes=59, seconds=59))
    assert actor_for_token(token, real_clock=real_clock)

    real_clock.advance(timedelta(minutes=59, seconds=59))
    assert actor_for_token(token, real_clock=real_clock), "being seen keeps it alive"

    real_clock.advance(timedelta(minutes=60))
    assert actor_for_token(token, real_clock=real_clock) is None


def test_a_session_ends_after_twelve_hours_however_busy(person, clocks, real_clock):
    token = sign_in(person.email, PASSWORD, **clocks).token
    for _ in range(23):
        real_clock.advance(timedelta(minutes=30))
        last = session_for_token(token, real_clock=real_clock)
        assert last is not None
    assert last.ends_at == real_clock.now() + timedelta(minutes=30)

    real_clock.advance(timedelta(minutes=30))
    assert actor_for_token(token, real_clock=real_clock) is None


def test_the_clock_of_business_ends_no_session(person, clocks, clock, real_clock):
    token = sign_in(person.email, PASSWORD, **clocks).token
    clock.advance(timedelta(days=90))

    assert actor_for_token(token, real_clock=real_clock)


def test_a_token_that_was_never_given_opens_nothing(person, clocks, real_clock):
    token = sign_in(person.email, PASSWORD, **clocks).token
    for forged in ("", token[:-1], token + "A", "x" * 43):
        assert actor_for_token(forged, real_clock=real_clock) is None


def test_a_role_that_ends_is_gone_at_the_next_request(person, colleague, clocks, real_clock):
    token = sign_in(person.email, PASSWORD, **clocks).token
    end_role(
        actor_of(colleague),
        person.organisation.reference,
        person.reference,
        Role.SIGNATORY,
        clock=clocks["clock"],
    )

    roles = actor_for_token(token, real_clock=real_clock).roles()
    assert roles == {Role.BID_MANAGER, Role.BID_WRITER}


def test_a_removed_person_is_out_at_the_next_request(person, colleague, clocks, real_clock):
    token = sign_in(person.email, PASSWORD, **clocks).token
    remove_person(actor_of(colleague), person.organisation.reference, person.reference, **clocks)

    assert actor_for_token(token, real_clock=real_clock) is None
    assert isinstance(sign_in(person.email, PASSWORD, **clocks), SignInRefused)


def test_a_suspended_person_is_out_until_they_are_let_in_again(
    person, clocks, clock, real_clock, events
):
    administrator = actor_of(AdministratorFactory())
    token = sign_in(person.email, PASSWORD, **clocks).token
    events()
    suspend_sign_in(administrator, person.reference, **clocks)
    assert events() == ["sign_in_suspended"]

    assert actor_for_token(token, real_clock=real_clock) is None
    assert sign_in(person.email, PASSWORD, **clocks) == sign_in("no@one.example", WRONG, **clocks)
    events()
    restore_sign_in(administrator, person.reference, clock=clock)
    assert events() == ["sign_in_restored"]
    assert isinstance(sign_in(person.email, PASSWORD, **clocks), SignedIn)
    assert actor_for_token(token, real_clock=real_clock) is None, "the old session stays ended"


def test_a_suspended_organisation_is_out_whole(person, clocks, clock, real_clock, events):
    administrator = actor_of(AdministratorFactory())
    token = sign_in(person.email, PASSWORD, **clocks).token
    events()
    suspend_organisation_sign_in(administrator, person.organisation.reference, **clocks)
    assert events() == ["sign_in_suspended"]

    assert actor_for_token(token, real_clock=real_clock) is None
    assert isinstance(sign_in(person.email, PASSWORD, **clocks), SignInRefused)
    events()
    restore_organisation_sign_in(administrator, person.organisation.reference, clock=clock)
    assert events() == ["sign_in_restored"]
    assert isinstance(sign_in(person.email, PASSWORD, **clocks), SignedIn)


@pytest.mark.parametrize("close", ["ended", "suspended", "removed", "organisation"])
def test_each_door_holds_by_itself(person, clocks, clock, real_clock, session, close):
    """Whatever else an act does: one of these alone ends what a token stands for."""
    token = sign_in(person.email, PASSWORD, **clocks).token
    match close:
        case "ended":
            session.scalar(select(SignInSession)).ended_at = real_clock.now()
        case "suspended":
            person.is_active = False
        case "removed":
            person.removed_at = clock.now()
        case "organisation":
            person.organisation.may_sign_in = False

    assert actor_for_token(token, real_clock=real_clock) is None


def test_only_the_administrator_suspends_and_never_themselves(person, colleague, clocks, clock):
    administrator = AdministratorFactory()
    organisation = administrator.organisation.reference
    for act in (
        lambda actor: suspend_sign_in(actor, person.reference, **clocks),
        lambda actor: restore_sign_in(actor, person.reference, clock=clock),
        lambda actor: suspend_organisation_sign_in(actor, organisation, **clocks),
        lambda actor: restore_organisation_sign_in(actor, organisation, clock=clock),
    ):
        with pytest.raises(Forbidden):
            act(actor_of(colleague))
    with pytest.raises(Conflict):
        suspend_sign_in(actor_of(administrator), administrator.reference, **clocks)
    with pytest.raises(Conflict):
        suspend_organisation_sign_in(actor_of(administrator), organisation, **clocks)


def test_a_hash_made_at_another_price_is_renewed_and_the_key_still_opens(
    person, clocks, real_clock, session
):
    from commissioning.config import PasswordHashing

    before = person.password_hash
    passwords.configure(PasswordHashing.STANDARD)
    try:
        token = sign_in(person.email, PASSWORD, **clocks).token
        again = sign_in(person.email, PASSWORD, **clocks).token
    finally:
        passwords.configure(PasswordHashing.CHEAP)

    assert person.password_hash != before
    for one in (token, again):
        actor = actor_for_token(one, real_clock=real_clock)
        assert actor.personal_key == person.personal_key
