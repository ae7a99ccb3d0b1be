"""What happens to a deadline when the service fails: a published table, applied by code.

A pure function of the deadline that people set and of the log of outages. It moves a deadline
forward only, for everybody alike, and only by what failed: nobody decides, so nobody can be asked
to. As no part of an outage is counted from the deadline that the rule itself made, the same log
always gives the same deadline, in whatever order it was written and however often it is applied.

Codified tables of this kind are known from regulations on electronic bidding (Viet Nam, circular
04/2017); the figures are this platform's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from commissioning.competition.domain.timetable import Deadline, WallTimeError, deadline_at

_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class OutageRule:
    """The table: what counts, how much of it moves a deadline, and how far.

    `window` is the time before the deadline in which a failure counts, `threshold` what its sum
    must reach, `least` and `multiple` how far the deadline then moves. `silence` is how long the
    service may give no sign of life before that counts as a failure.
    """

    window: timedelta
    threshold: timedelta
    least: timedelta
    multiple: int
    silence: timedelta


PUBLISHED: Final = OutageRule(
    window=timedelta(minutes=60),
    threshold=timedelta(seconds=60),
    least=timedelta(minutes=60),
    multiple=4,
    silence=timedelta(minutes=2),
)
"""The table that holds for every competition, as its published page prints it."""


@dataclass(frozen=True, slots=True)
class Outage:
    """The service failed from `start` until just before `end`, both instants with a zone."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("An outage is between two instants with a zone.")
        if self.end <= self.start:
            raise ValueError("An outage ends after it begins.")


def merged(outages: Iterable[Outage]) -> list[Outage]:
    """What failed twice at once failed once: overlapping or touching outages, as one, in order."""
    found: list[Outage] = []
    for outage in sorted(outages, key=lambda one: (one.start, one.end)):
        if found and outage.start <= found[-1].end:
            found[-1] = Outage(found[-1].start, max(found[-1].end, outage.end))
        else:
            found.append(outage)
    return found


def failed_between(outages: Sequence[Outage], start: datetime, end: datetime) -> timedelta:
    """How long the service failed in all from `start` until just before `end`.

    `outages` are merged.
    """
    spans = (min(one.end, end) - max(one.start, start) for one in outages)
    return sum((span for span in spans if span > timedelta(0)), timedelta(0))


def extension_for(failed: timedelta, rule: OutageRule = PUBLISHED) -> timedelta:
    """How far a deadline moves at least, by how long the service failed: nothing below a minute."""
    if failed < rule.threshold:
        return timedelta(0)
    return max(rule.least, rule.multiple * failed)


def first_deadline_from(instant: datetime, zone: str) -> Deadline:
    """The first whole minute at an instant or after it that the clocks show exactly once."""
    at = instant.astimezone(UTC)
    whole = at.replace(second=0, microsecond=0)
    at = whole if whole == at else whole + _MINUTE
    while True:
        try:
            return deadline_at(at, zone)
        except WallTimeError:
            at += _MINUTE  # the hour that the clocks repeat: at most sixty steps


def deadline_after_outages(
    deadline: Deadline, outages: Iterable[Outage], rule: OutageRule = PUBLISHED
) -> Deadline:
    """The deadline that the published table makes of one that people set.

    The first whole minute that keeps both promises: it lies as far after `deadline` as
    `extension_for` says of everything that failed from an hour before `deadline` until then; and
    in the hour before it the service failed for less than a minute. What fails at the deadline or
    later counts no more, unless the deadline had moved already. More outage never gives an earlier
    deadline. Gives `deadline` itself back where nothing moves it.
    """
    log = merged(outages)
    start = deadline.instant_utc - rule.window

    def is_kept(at: datetime) -> bool:
        return (
            deadline.instant_utc + extension_for(failed_between(log, start, at), rule) <= at
            and failed_between(log, at - rule.window, at) < rule.threshold
        )

    found = deadline
    while not is_kept(found.instant_utc):
        failed = failed_between(log, start, found.instant_utc)
        least = deadline.instant_utc + extension_for(failed, rule)
        found = first_deadline_from(max(least, found.instant_utc + _MINUTE), deadline.zone)
    return found


def moved_by_outages(
    deadline: Deadline,
    current: Deadline,
    outages: Iterable[Outage],
    *,
    now: datetime,
    rule: OutageRule = PUBLISHED,
) -> Deadline | None:
    """Where the deadline that stands now moves to, if the published table moves it at all.

    `deadline` is the one that people set, `current` what the rule has made of it so far. It moves
    forward only, and leaves an hour after `now`, since a bidder has to hear of it: None where
    `current` keeps the promise already.
    """
    wanted = deadline_after_outages(deadline, outages, rule)
    if wanted.instant_utc <= current.instant_utc:
        return None
    return first_deadline_from(max(wanted.instant_utc, now + rule.least), deadline.zone)


def in_words(rule: OutageRule = PUBLISHED) -> list[str]:
    """The published table as sentences, for everybody to read."""
    hour, least = _minutes(rule.window), _minutes(rule.least)
    minute = _seconds(rule.threshold)
    what = (
        f"If the service failed for {minute} or longer, all together, in the {hour} before a "
        "deadline, the deadline moves. Anything shorter moves nothing."
    )
    how_far = (
        f"It moves by {rule.multiple} times as long as the service failed, by at least {least}, "
        "and up to the next whole minute that the clocks show once."
    )
    onward = (
        "What fails after that counts as well, up to the new deadline. In the end the service has "
        f"worked in the {hour} before the deadline: it failed for less than {minute} of them."
    )
    failure = (
        "The service has failed while its database or its store of documents took nothing in, and "
        f"while it gave no sign of life for longer than {_minutes(rule.silence)}; counted from the "
        "last sign of life before that to the first after it."
    )
    entered = (
        "What the platform cannot see itself, such as a failed line, an administrator may enter, "
        "with a reason that everybody reads. That moves nothing by itself: the lead and an "
        "approver may extend the deadline for it, for everybody."
    )
    alike = (
        "It moves forward only, for everybody alike, by the clock and by nobody’s decision. The "
        f"new deadline is at least {least} away when it is made known."
    )
    until = (
        "It moves only while the stage is open. Once the stage has closed, what comes is a late "
        "bid, and two people decide on it."
    )
    return [what, how_far, onward, failure, alike, until, entered]


def _minutes(span: timedelta) -> str:
    return f"{span // _MINUTE} minutes"


def _seconds(span: timedelta) -> str:
    return f"{span // timedelta(seconds=1)} seconds"
