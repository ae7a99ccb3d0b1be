"""The time that may be spent on an answer, and running out of it."""

from __future__ import annotations

from time import monotonic


class OutOfTime(Exception):
    """The time limit came before the answer."""


class Deadline:
    """A number of seconds from now on, or no limit. It measures; no date or time comes of it."""

    def __init__(self, seconds: float | None = None) -> None:
        self._start = monotonic()
        self._seconds = seconds

    @property
    def is_limited(self) -> bool:
        """Whether there is a limit at all."""
        return self._seconds is not None

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return monotonic() - self._start

    def check(self) -> float | None:
        """The seconds that remain, None without a limit. Raises OutOfTime when none do."""
        if self._seconds is None:
            return None
        remaining = self._seconds - self.elapsed
        if remaining <= 0:
            raise OutOfTime
        return remaining
