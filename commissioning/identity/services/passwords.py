"""Passwords that are forgotten or changed, and what that does to keys."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select, update

from commissioning.audit.domain.events import PLATFORM_STREAM, Event, Subject, organisation_stream
from commissioning.audit.services import record
from commissioning.identity import queries
from commissioning.identity.domain import keys, people
from commissioning.identity.models import PasswordReset, User
from commissioning.identity.services import throttle
from commissioning.identity.services.particulars import (
    by_themselves,
    checked,
    end_sessions,
    give_new_keys,
    password_check,
    private_key_of,
    set_password,
)
from commissioning.identity.services.sessions import TOO_MANY, token_hash
from commissioning.infrastructure import passwords, vault
from commissioning.infrastructure.database import db
from commissioning.infrastructure.outbox import post
from commissioning.kernel.actor import ANONYMOUS, Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import Conflict
from commissioning.permissions import Facts, Permission, require

RESET_LINK_MINUTES = 60
_RESET = "password reset"


def ask_password_reset(
    email: str, *, link: Callable[[str], str], clock: Clock, real_clock: Clock
) -> None:
    """Whoever forgot a password is sent a link that works once and for an hour of the real clock.

    Who asks is told the same whether the address has an account or not, and the same is recorded.
    Three letters an hour go to one address at most. Raises BadInput for what cannot be an address.
    """
    [address] = checked(("email", lambda: people.normal_email(email)))
    moment, now = real_clock.now(), clock.now()
    if not throttle.may_send(address, _RESET, moment):
        return
    user = queries.user_by_email(address)
    if user is not None and user.is_active and user.organisation.may_sign_in:
        token = vault.sign(secrets.token_urlsafe(32), purpose=_RESET)
        db.session.add(
            PasswordReset(
                user_id=user.id,
                token_hash=_hash(token),
                asked_at=moment,
                expires_at=moment + timedelta(minutes=RESET_LINK_MINUTES),
            )
        )
        post(
            address,
            "Reset your password",
            "Somebody, probably you, asked to reset the password of your account. Choose a new "
            f"one within {RESET_LINK_MINUTES} minutes:\n{link(token)}\n\n"
            "If it was not you, do nothing: your password stays as it is.",
            at=now,
        )
    db.session.flush()
    subject = Subject("address", vault.fingerprint(address, purpose="address"))
    record(ANONYMOUS, Event.PASSWORD_RESET_ASKED, subject, {}, at=now, stream=PLATFORM_STREAM)


def reset_for(token: str, *, real_clock: Clock) -> PasswordReset:
    """The reset behind a link; Conflict when the link was used, has run out, or is not whole."""
    found = None
    if vault.signed_text(token, purpose=_RESET) is not None:
        found = db.session.scalar(
            select(PasswordReset).where(PasswordReset.token_hash == _hash(token)).with_for_update()
        )
    if found is None or found.used_at or found.expires_at <= real_clock.now():
        raise Conflict("This link was used or has run out. Ask for another one.")
    return found


def reset_password(token: str, password: str, *, clock: Clock, real_clock: Clock) -> User:
    """A reset gives back the account, never the drafts: those wait for a colleague or the code.

    The person gets a new pair of keys, and what was sealed to the old one is dropped, because who
    can read their mail need not be the person. Every session ends, every other link dies, and all
    people of the organisation are told. Raises Conflict for a link that is no longer good, BadInput
    at `password`.
    """
    reset = reset_for(token, real_clock=real_clock)
    user = reset.user
    if not user.is_active or not user.organisation.may_sign_in:
        raise Conflict("This link was used or has run out. Ask for another one.")
    checked(("password", password_check(password, name=user.name, email=user.email)))
    moment, now = real_clock.now(), clock.now()
    give_new_keys(user, password)
    db.session.execute(
        update(PasswordReset)
        .where(PasswordReset.user_id == user.id, PasswordReset.used_at.is_(None))
        .values(used_at=moment)
    )
    end_sessions(user, at=moment)
    throttle.note(throttle.mark_of(user.email), moment, succeeded=True)
    _tell_everyone(user, now)
    record(
        by_themselves(user),
        Event.PASSWORD_RESET,
        Subject("person", user.reference),
        {},
        at=now,
        stream=organisation_stream(user.organisation.reference),
    )
    return user


def change_password(
    actor: Actor,
    *,
    current: str,
    password: str,
    token: str | None = None,
    clock: Clock,
    real_clock: Clock,
) -> str | None:
    """A person who knows their password changes it and keeps their keys; other sessions end.

    `token` is that of the session which goes on. Wrong tries are counted with those at sign-in and
    must be kept, so the sentence of a refusal is returned; None says that it is changed. Raises
    BadInput at `password` for a new one that will not do.
    """
    require(actor, Permission.IDENTITY_EDIT_OWN_ACCOUNT, Facts(person=actor.reference))
    user = queries.user_by_reference(actor.reference)
    checked(("password", password_check(password, name=user.name, email=user.email)))
    moment, now = real_clock.now(), clock.now()
    mark = throttle.mark_of(user.email)
    if throttle.is_throttled(mark, moment):
        return TOO_MANY
    is_right = passwords.is_right(user.password_hash, current)
    throttle.note(mark, moment, succeeded=is_right)
    stream = organisation_stream(user.organisation.reference)
    subject = Subject("person", user.reference)
    if not is_right:
        record(actor, Event.SIGN_IN_FAILED, subject, {}, at=now, stream=stream)
        return "The current password is not right."
    try:
        private_key = private_key_of(user, current)
    except keys.CannotOpen:
        give_new_keys(user, password)
    else:
        set_password(user, password, private_key)
    end_sessions(user, at=moment, but=token_hash(token) if token else None)
    db.session.flush()
    record(actor, Event.PASSWORD_CHANGED, subject, {}, at=now, stream=stream)
    return None


def _tell_everyone(user: User, at: datetime) -> None:
    for address in queries.emails_of([user.organisation.reference]):
        post(
            address,
            "A password was reset in your organisation",
            "The password of one of your organisation’s people was reset. Sign in to see whose. "
            "Let them back in to your organisation’s drafts only when you know, from them, that it "
            "was they who did it.",
            at=at,
        )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
