"""Whom a session stands for: read on every request, so in one statement of plain columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased

from commissioning.identity.models import Organisation, RoleGrant, SignInSession, User
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor, Grant, Role


@dataclass(frozen=True, slots=True)
class FoundSession:
    """A session as its row says it is, and the person with the roles that they hold now.

    `may_enter` is whether neither the person nor the organisation is kept out. The person's own key
    is wrapped under one that the token alone yields; `person` is without it.
    """

    id: int
    person: Actor
    may_enter: bool
    wrapped_private_key: bytes = field(repr=False)
    last_seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None


_own = aliased(Organisation)
_granted = aliased(Organisation)
_BY_TOKEN = (
    select(
        SignInSession.id,
        SignInSession.wrapped_private_key,
        SignInSession.last_seen_at,
        SignInSession.expires_at,
        SignInSession.ended_at,
        User.reference,
        User.name,
        User.is_active,
        User.removed_at,
        _own.reference.label("organisation"),
        _own.may_sign_in,
        RoleGrant.role,
        RoleGrant.competition,
        _granted.reference.label("granted_for"),
    )
    .join(User, User.id == SignInSession.user_id)
    .join(_own, _own.id == User.organisation_id)
    .outerjoin(RoleGrant, (RoleGrant.user_id == User.id) & RoleGrant.ended_at.is_(None))
    .outerjoin(_granted, _granted.id == RoleGrant.organisation_id)
    .where(SignInSession.token_hash == bindparam("token_hash"))
)


def session_by_token_hash(token_hash: str) -> FoundSession | None:
    """The session with the hash of a token, open or over; None where there is none."""
    rows = db.session.execute(_BY_TOKEN, {"token_hash": token_hash}).all()
    if not rows:
        return None
    row = rows[0]
    return FoundSession(
        id=row.id,
        person=Actor(
            reference=row.reference,
            name=row.name,
            organisation=row.organisation,
            grants=frozenset(
                Grant(Role(each.role), each.granted_for, each.competition)
                for each in rows
                if each.role is not None
            ),
        ),
        may_enter=row.is_active and row.removed_at is None and row.may_sign_in,
        wrapped_private_key=row.wrapped_private_key,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
    )
