"""The one place where time comes from.

Services take a clock; nothing else in the platform asks the machine for the time. Every instant
is an aware datetime in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Something that tells the time as an aware UTC datetime."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ShiftedClock:
    """A clock that runs at real speed from a moment of its own, as a demonstration needs.

    `anchor` is the business time that stood at the real time `started`.
    """

    anchor: datetime
    started: datetime
    real: Clock = field(default_factory=SystemClock)

    def now(self) -> datetime:
        """Business time: the anchor plus the real time that has passed since the start."""
        return self.anchor + (self.real.now() - self.started)


@dataclass(slots=True)
class SetClock:
    """A clock that stands still until it is moved: for replays and tests.

    It refuses to run backwards, because no rule of a tender is defined for that.
    """

    moment: datetime

    def now(self) -> datetime:
        """The moment at which the clock stands."""
        return self.moment

    def move_to(self, moment: datetime) -> None:
        """Put the clock on a later (or the same) moment; ValueError on an earlier one."""
        if moment.tzinfo is None:
            raise ValueError("A clock needs an instant with a zone.")
        if moment < self.moment:
            raise ValueError(f"A clock never runs backwards: {moment} is before {self.moment}.")
        self.moment = moment.astimezone(UTC)

    def advance(self, span: timedelta) -> None:
        """Move the clock on by a span of time."""
        self.move_to(self.moment + span)
