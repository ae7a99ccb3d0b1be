"""What waits for a person because their session had ended when they sent it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from commissioning.identity.models import KeptEntry, User
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.waiting import WaitingItem


def waiting_to_be_sent(actor: Actor, _now: datetime) -> list[WaitingItem]:
    """What a person sent after their session had ended, and has not sent again yet."""
    references = db.session.scalars(
        select(KeptEntry.reference)
        .join(User)
        .where(User.reference == actor.reference)
        .order_by(KeptEntry.id)
    )
    return [
        WaitingItem(
            "Send again what you typed",
            "Your session had ended when you sent it, so it was not received.",
            "identity.kept",
            {"reference": reference},
            context="Your session",
        )
        for reference in references
    ]
