"""A tie between two organisations: its kinds, where one stands, and who is asked next."""

from __future__ import annotations

from enum import StrEnum


class TieKind(StrEnum):
    """What one organisation is to the other; the first named is the owner, or the consortium."""

    OWNERSHIP = "ownership"
    MEMBERSHIP = "membership"

    def in_words(self, first: str, second: str) -> str:
        """The tie as a sentence without its full stop."""
        verb = "owns or controls" if self is TieKind.OWNERSHIP else "has as a member"
        return f"{first} {verb} {second}"


class TieStatus(StrEnum):
    """Whether both ends say so: a tie that only one end declares does not count."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class Standing(StrEnum):
    """Where a tie stands for one of its ends, which says what that end can do next."""

    ANSWER_WANTED = "answer_wanted"
    ANSWER_AWAITED = "answer_awaited"
    COUNTS = "counts"
    REFUSED_BY_US = "refused_by_us"
    REFUSED_BY_THEM = "refused_by_them"
    END_WANTED_BY_US = "end_wanted_by_us"
    END_WANTED_BY_THEM = "end_wanted_by_them"


def standing(
    own: str, *, status: str, declared_by: str, ending_asked_by: str | None = None
) -> Standing:
    """How a tie stands for the end `own`: one end declares, the other answers; both end it.

    All but the status are references of organisations.
    """
    is_ours = declared_by == own
    match TieStatus(status):
        case TieStatus.WAITING:
            return Standing.ANSWER_AWAITED if is_ours else Standing.ANSWER_WANTED
        case TieStatus.REFUSED:
            return Standing.REFUSED_BY_THEM if is_ours else Standing.REFUSED_BY_US
        case TieStatus.CONFIRMED:
            if ending_asked_by is None:
                return Standing.COUNTS
            is_asked_by_us = ending_asked_by == own
            return Standing.END_WANTED_BY_US if is_asked_by_us else Standing.END_WANTED_BY_THEM
