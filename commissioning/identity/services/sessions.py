"""Signing in and out: sessions that live on the server and end there.

Sessions and the brake on guessing keep the real clock; what is recorded keeps that of business.
"""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, or_, select, update
from sqlalchemy.exc import OperationalError

from commissioning.audit.domain.events import PLATFORM_STREAM, Event, Subject, organisation_stream
from commissioning.audit.services import record
from commissioning.identity import queries
from commissioning.identity.domain import keys, people
from commissioning.identity.models import SignInSession, User
from commissioning.identity.services import throttle
from commissioning.identity.services.particulars import (
    by_themselves,
    private_key_of,
    set_password,
)
from commissioning.infrastructure import passwords, vault
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import ANONYMOUS, Actor
from commissioning.kernel.clock import Clock

IDLE_LIMIT = timedelta(minutes=60)
LONGEST_SESSION = timedelta(hours=12)
_SEEN_EVERY = timedelta(minutes=1)
_DEVICE = "device"
_KEPT_SESSIONS = timedelta(days=30)
_SEEN = (
    update(SignInSession)
    .where(
        SignInSession.id
        == select(SignInSession.id)
        .where(SignInSession.id == bindparam("session"))
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    .values(last_seen_at=bindparam("moment"))
    .execution_options(synchronize_session=False)
)

WRONG = "The email address or the password is not right. Check both and try again."
TOO_MANY = (
    "There were too many tries with this email address. Wait 15 minutes and try again, or reset "
    "the password."
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has begun.

    `token` goes into the browser's session cookie. `device`, kept by the browser for long, says
    only that this person has signed in from there before.
    """

    token: str = field(repr=False)
    user: User
    device: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignInRefused:
    """A sign-in that was refused, with the sentence to show.

    It is returned and not raised, since the try must be kept; the sentence is the same for an
    address without an account.
    """

    sentence: str
    is_throttled: bool = False


@dataclass(frozen=True, slots=True)
class OpenSession:
    """Who a session stands for at this moment, and when it ends if nothing is done."""

    actor: Actor
    ends_at: datetime


def sign_in(
    email: str, password: str, *, clock: Clock, real_clock: Clock, device: str | None = None
) -> SignedIn | SignInRefused:
    """A person signs in with address and password; after five wrong tries one has to wait.

    Five failures within 15 minutes close an address, known or not, until the window has passed. A
    browser from which the person has signed in before (`device`) is counted apart. An unknown
    address, a suspended person and a wrong password are told the same, after the same work. The
    session lasts 60 minutes without use and 12 hours in all.
    """
    moment = real_clock.now()
    address = _as_address(email)
    known_device = device if _is_device_of(device, address) else None
    mark = throttle.mark_of(address, known_device)
    user = _locked_user(address)  # before the count, so that many at once are counted one by one
    if throttle.is_throttled(mark, moment):
        return SignInRefused(TOO_MANY, is_throttled=True)
    may_enter = user is not None and user.is_active and user.organisation.may_sign_in
    stored = user.password_hash if user is not None and may_enter else None
    is_right = len(password) <= people.LONGEST_PASSWORD and passwords.is_right(stored, password)
    throttle.note(mark, moment, succeeded=is_right)
    if user is None or not is_right:
        _record_failure(user, address, clock)
        return SignInRefused(WRONG)
    token = _begin(user, private_key_of(user, password), password, moment)
    record(
        by_themselves(user),
        Event.SIGNED_IN,
        Subject("person", user.reference),
        {},
        at=clock.now(),
        stream=organisation_stream(user.organisation.reference),
    )
    return SignedIn(token, user, known_device or _new_device(address))


def session_for_token(token: str, *, real_clock: Clock) -> OpenSession | None:
    """Who a session's token stands for now, or None when the session is over.

    Roles are read anew each time, so that one that was ended is gone at the next request. Being
    seen keeps the session alive; that is written down once a minute at most.
    """
    moment = real_clock.now()
    found = queries.session_by_token_hash(_hash(token))
    if found is None or not _is_open(found, moment):
        return None
    purpose = keys.session_purpose(found.person.reference)
    try:
        personal_key = keys.unwrap(_session_key(token), found.wrapped_private_key, purpose)
    except keys.CannotOpen:
        return None
    if moment - found.last_seen_at >= _SEEN_EVERY:
        _note_seen(found.id, moment)
    return OpenSession(
        replace(found.person, personal_key=personal_key),
        min(moment + IDLE_LIMIT, found.expires_at),
    )


def actor_for_token(token: str, *, real_clock: Clock) -> Actor | None:
    """The person for whom a session's token stands now, with their roles and their key."""
    found = session_for_token(token, real_clock=real_clock)
    return None if found is None else found.actor


def sign_out(actor: Actor, token: str, *, clock: Clock, real_clock: Clock) -> None:
    """Signing out ends the session on the server, whatever the browser keeps of it."""
    db.session.execute(
        update(SignInSession)
        .where(SignInSession.token_hash == _hash(token), SignInSession.ended_at.is_(None))
        .values(ended_at=real_clock.now(), wrapped_private_key=b"")
    )
    record(
        actor,
        Event.SIGNED_OUT,
        Subject("person", actor.reference),
        {},
        at=clock.now(),
        stream=organisation_stream(actor.organisation) if actor.organisation else PLATFORM_STREAM,
    )


def token_hash(token: str) -> str:
    """What the server keeps in place of a session's token."""
    return _hash(token)


# Steps ---------------------------------------------------------------------------------------


def _as_address(email: str) -> str:
    try:
        return people.normal_email(email)
    except ValueError:
        return email.strip().casefold()[: people.LONGEST_EMAIL]


def _locked_user(address: str) -> User | None:
    """The person, whose row is held so that tries on one account come one after another."""
    return db.session.scalar(
        select(User).where(User.email == address, User.removed_at.is_(None)).with_for_update()
    )


def _begin(user: User, private_key: bytes, password: str, moment: datetime) -> str:
    if user.password_hash and passwords.is_outdated(user.password_hash):
        set_password(user, password, private_key)
    # What no longer opens anything need not be kept.
    db.session.execute(
        delete(SignInSession).where(
            SignInSession.user_id == user.id, SignInSession.expires_at < moment - _KEPT_SESSIONS
        )
    )
    db.session.execute(
        update(SignInSession)
        .where(
            SignInSession.user_id == user.id,
            or_(
                SignInSession.expires_at <= moment,
                SignInSession.last_seen_at <= moment - IDLE_LIMIT,
            ),
        )
        .values(wrapped_private_key=b"")
    )
    token = secrets.token_urlsafe(32)
    purpose = keys.session_purpose(user.reference)
    db.session.add(
        SignInSession(
            token_hash=_hash(token),
            user_id=user.id,
            wrapped_private_key=keys.wrap(_session_key(token), private_key, purpose),
            started_at=moment,
            last_seen_at=moment,
            expires_at=moment + LONGEST_SESSION,
        )
    )
    db.session.flush()
    return token


def _is_open(found: queries.FoundSession, moment: datetime) -> bool:
    return (
        found.ended_at is None
        and moment < found.expires_at
        and moment - found.last_seen_at < IDLE_LIMIT
        and found.may_enter
    )


def _note_seen(session: int, moment: datetime) -> None:
    """Write down that a session is in use, unless somebody else is writing just now.

    A page that only reads must neither wait for a long upload of the same person nor fail because
    the database has moved on since it began to read: the next request will write it. PostgreSQL
    skips a row that is held. SQLite refuses a reader who wants to write at once, without the wait
    that it grants to others, since waiting could never help a reader of an older state.
    """
    values = {"session": session, "moment": moment}
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(_SEEN, values)
        return
    with suppress(OperationalError), db.session.begin_nested():
        db.session.execute(_SEEN, values)


def _record_failure(user: User | None, address: str, clock: Clock) -> None:
    if user is None:
        subject = Subject("address", vault.fingerprint(address, purpose="address"))
        stream = PLATFORM_STREAM
    else:
        subject = Subject("person", user.reference)
        stream = organisation_stream(user.organisation.reference)
    record(ANONYMOUS, Event.SIGN_IN_FAILED, subject, {}, at=clock.now(), stream=stream)


def _new_device(address: str) -> str:
    nonce = secrets.token_urlsafe(16)
    return f"{nonce}.{vault.fingerprint(f'{nonce} {address}', purpose=_DEVICE)}"


def _is_device_of(device: str | None, address: str) -> bool:
    nonce, _, signature = (device or "").partition(".")
    expected = vault.fingerprint(f"{nonce} {address}", purpose=_DEVICE)
    return secrets.compare_digest(signature.encode(), expected.encode())


def _session_key(token: str) -> bytes:
    return keys.key_from_secret(token, purpose="session")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
