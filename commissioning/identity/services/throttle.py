"""How often one address may be tried: a brake on guessing that locks nobody out for good.

The brake is on the address, never on the network it comes from, since a bidder's people share one.
Times are of the real clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from commissioning.identity.models import SignInAttempt
from commissioning.infrastructure import vault
from commissioning.infrastructure.database import db

FAILURES_ALLOWED = 5
WINDOW = timedelta(minutes=15)
LETTERS_ALLOWED = 3
LETTERS_WINDOW = timedelta(hours=1)
_KEPT = timedelta(days=1)


def mark_of(address: str, device: str | None = None) -> str:
    """What stands for an address in the record of tries; nobody without the secret can read it.

    A device from which the person has signed in before is counted apart, so that a stranger who
    keeps guessing cannot keep them out just before a deadline.
    """
    return vault.fingerprint(f"{address}\0{device or ''}", purpose="sign-in attempt")


def is_throttled(mark: str, moment: datetime) -> bool:
    """Whether too many tries have failed within 15 minutes, and since the last that succeeded."""
    last_success = (
        select(func.max(SignInAttempt.id))
        .where(SignInAttempt.email_hash == mark, SignInAttempt.succeeded)
        .scalar_subquery()
    )
    failures = db.session.scalar(
        select(func.count())
        .select_from(SignInAttempt)
        .where(
            SignInAttempt.email_hash == mark,
            SignInAttempt.attempted_at > moment - WINDOW,
            SignInAttempt.succeeded.is_(False),
            SignInAttempt.id > func.coalesce(last_success, 0),
        )
    )
    return (failures or 0) >= FAILURES_ALLOWED


def note(mark: str, moment: datetime, *, succeeded: bool) -> None:
    """Keep a try; tries of the same address that are older than a day are forgotten."""
    db.session.execute(
        delete(SignInAttempt).where(
            SignInAttempt.email_hash == mark, SignInAttempt.attempted_at < moment - _KEPT
        )
    )
    db.session.add(SignInAttempt(email_hash=mark, attempted_at=moment, succeeded=succeeded))
    db.session.flush()


def may_send(address: str, occasion: str, moment: datetime) -> bool:
    """Whether another letter of one kind may go to an address: three an hour; counts this one."""
    mark = vault.fingerprint(f"{address}\0{occasion}", purpose="letter")
    sent = db.session.scalar(
        select(func.count())
        .select_from(SignInAttempt)
        .where(
            SignInAttempt.email_hash == mark,
            SignInAttempt.attempted_at > moment - LETTERS_WINDOW,
        )
    )
    if (sent or 0) >= LETTERS_ALLOWED:
        return False
    note(mark, moment, succeeded=True)
    return True
