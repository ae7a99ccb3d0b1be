"""Requests for help with the service: which are urgent, and which comes first.

An answer is about using the service and gives nobody an advantage; that a request exists would tell
that its bidder bids, so its own people and the duty officers alone see it before the opening.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

LAST_HOUR: Final = timedelta(hours=1)
LONGEST_TEXT: Final = 1500
LONGEST_PHONE: Final = 40
LONGEST_ANSWER: Final = 4000


@dataclass(frozen=True, slots=True)
class Pending:
    """A request as the queue sorts it: instants with a zone; the deadline is that of now."""

    reference: str
    asked_at: datetime
    deadline: datetime | None
    is_answered: bool


def is_urgent(request: Pending, now: datetime) -> bool:
    """In the last hour before a deadline whatever was asked before it is urgent, until answered.

    It stays so when the deadline has passed: somebody may have missed it for want of an answer.
    """
    return (
        not request.is_answered
        and request.deadline is not None
        and request.asked_at < request.deadline
        and now >= request.deadline - LAST_HOUR
    )


def in_turn(requests: Iterable[Pending], now: datetime) -> list[Pending]:
    """The urgent first, then what is open, the nearest deadline first, then what is answered."""
    far = timedelta.max

    def turn(one: Pending) -> tuple[bool, bool, timedelta, datetime]:
        near = far if one.deadline is None else abs(one.deadline - now)
        return one.is_answered, not is_urgent(one, now), near, one.asked_at

    return sorted(requests, key=turn)
