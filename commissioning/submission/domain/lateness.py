"""How late a bid is, in words, and what can be decided about it."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

_SECONDS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


class Verdict(StrEnum):
    """What is proposed about a late bid."""

    ACCEPT = "accept"
    REFUSE = "refuse"


def lateness(after: timedelta) -> str:
    """How long after the deadline something was received, in its two greatest units.

    Below a second it is given in thousandths of one, and at the very instant as such. Raises
    ValueError for what was in time.
    """
    if after < timedelta(0):
        raise ValueError("This was in time.")
    if after < timedelta(seconds=1):
        thousandths = after // timedelta(milliseconds=1)
        return f"{thousandths} thousandths of a second" if thousandths else "at the very instant"
    rest, parts = after // timedelta(seconds=1), []
    for name, seconds in _SECONDS:
        number, rest = divmod(rest, seconds)
        if number:
            parts.append(f"{number} {name}{'' if number == 1 else 's'}")
        elif parts:
            break  # the two greatest units stand beside each other, or there is one
    return " ".join(parts[:2])
