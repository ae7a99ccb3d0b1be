"""What somebody sent after their session had ended: sealed to them, and offered again.

Nothing here counts as sent. It lies sealed until the person signs in, looks at it and sends it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import delete, select

from commissioning.identity.domain import keys
from commissioning.identity.models import KeptEntry, SignInSession, User
from commissioning.identity.services.sessions import token_hash
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import KeyLocked, NotFound
from commissioning.kernel.references import new_reference

LONGEST_BYTES = 1_000_000
KEPT_FOR = timedelta(days=7)
MOST_FOR_ONE_PERSON = 10


@dataclass(frozen=True, slots=True)
class Kept:
    """What was sent to `address`, a path of ours: names of fields and what they held, in order."""

    reference: str
    address: str
    entries: tuple[tuple[str, str], ...] = field(repr=False)


def keep_entries(
    token: str, address: str, entries: Sequence[tuple[str, str]], *, real_clock: Clock
) -> str | None:
    """What was sent with the token of a session that had run out is sealed to its person.

    Gives its reference; None where there is nothing to keep or nobody to keep it for: no such
    session, one that was ended on purpose, a person who may not sign in, nothing typed, or more
    than `LONGEST_BYTES`. The newest ten of a person are kept, for seven days.
    """
    moment = real_clock.now()
    found = db.session.scalar(
        select(SignInSession).where(
            SignInSession.token_hash == token_hash(token), SignInSession.ended_at.is_(None)
        )
    )
    plain = json.dumps([list(pair) for pair in entries]).encode()
    if found is None or not entries or len(plain) > LONGEST_BYTES:
        return None
    user = found.user
    if user.public_key is None or not user.is_active or user.removed_at is not None:
        return None
    prune_kept(real_clock=real_clock)
    _keep_newest(user)
    row = KeptEntry(
        reference=new_reference("KEP"),
        user=user,
        address=address,
        sealed=keys.seal_to(
            user.public_key, plain, purpose=keys.entries_purpose(user.reference, address)
        ),
        kept_at=moment,
    )
    db.session.add(row)
    db.session.flush()
    return row.reference


def kept_entries(actor: Actor, reference: str) -> Kept:
    """What a person sent after their session had ended, opened with their own key.

    Raises NotFound for whatever is not theirs, and KeyLocked when their key is not open.
    """
    row = _own(actor, reference)
    if actor.personal_key is None:
        raise KeyLocked
    try:
        plain = keys.open_with(
            actor.personal_key,
            row.sealed,
            purpose=keys.entries_purpose(actor.reference, row.address),
        )
    except keys.CannotOpen as error:  # sealed to a key that a reset of the password has replaced
        raise KeyLocked from error
    entries = tuple((str(name), str(value)) for name, value in json.loads(plain))
    return Kept(row.reference, row.address, entries)


def discard_kept(actor: Actor, reference: str) -> None:
    """The person has sent it, or wants it no more; NotFound for whatever is not theirs."""
    db.session.delete(_own(actor, reference))


def prune_kept(*, real_clock: Clock) -> None:
    """What nobody has sent again for seven days is thrown away."""
    limit = real_clock.now() - KEPT_FOR
    db.session.execute(delete(KeptEntry).where(KeptEntry.kept_at < limit))


def _own(actor: Actor, reference: str) -> KeptEntry:
    row = db.session.scalar(
        select(KeptEntry)
        .join(User)
        .where(KeptEntry.reference == reference, User.reference == actor.reference)
    )
    if row is None:
        raise NotFound
    return row


def _keep_newest(user: User) -> None:
    newest = db.session.scalars(
        select(KeptEntry).where(KeptEntry.user_id == user.id).order_by(KeptEntry.id.desc())
    ).all()
    for row in newest[MOST_FOR_ONE_PERSON - 1 :]:
        db.session.delete(row)
