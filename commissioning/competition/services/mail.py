"""Mail about a competition: that something waits, and never what.

Every message is an outbox row of the act's own transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from commissioning.competition.models import Competition
from commissioning.infrastructure import outbox


def tell(
    addresses: Iterable[str], competition: Competition, happened: str, *, at: datetime
) -> None:
    """Everyone is told in one event that something happened, in the same words.

    `happened` ends the sentence that begins with the competition's title: "has a new deadline".
    """
    subject = f"{competition.title}: {happened}"
    body = (
        f"{competition.title} ({competition.reference}) {happened}.\n\n"
        "Sign in to read more. For your safety this message carries no details and no link.\n"
    )
    for address in dict.fromkeys(addresses):
        outbox.post(address, subject[:200], body, at=at)
