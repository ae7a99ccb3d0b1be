"""Changes of the documents after the ITN is issued: what they ask of time, and of bids.

The evaluation model never changes. Each change is a version of the invitation: it is issued as
version 1, and a bid belongs to the version that held when it was received.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from commissioning.competition.domain.outages import first_deadline_from
from commissioning.competition.domain.timetable import Deadline
from commissioning.kernel.statutory import TO_BE_CHECKED, Regime

ISSUED: Final = 1
"""The version of the invitation as it is issued."""


@dataclass(frozen=True, slots=True)
class MinimumAfterChange:
    """How many calendar days bidders have at least after a change, and where that comes from."""

    days: int
    source: str


_OWN: Final = f"the number of days is this platform’s own, and {TO_BE_CHECKED}"
_SEVEN: Final = MinimumAfterChange(
    7, f"no minimum in the law; equal treatment asks for time to take a change in: {_OWN}"
)
MINIMUMS: Final[Mapping[Regime, MinimumAfterChange]] = MappingProxyType(
    {
        Regime.PCR_2006_PART_B: _SEVEN,
        Regime.PCR_2015: MinimumAfterChange(
            7,
            "Public Contracts Regulations 2015, regulation 47(3): extended so that everybody can "
            f"take the change into account; {_OWN}",
        ),
        Regime.PA_2023: MinimumAfterChange(
            7,
            "Procurement Act 2023, section 54: time limits regard the nature of what is changed; "
            f"{_OWN}",
        ),
        Regime.PA_2023_LIGHT_TOUCH: _SEVEN,
        Regime.PSR_2023: _SEVEN,
    }
)
"""The least time that remains after a change, by regime, as data. Other platforms have codified two
to seven days (ProZorro); the longest of these is taken for all, because a bid here is signed by a
person who may be away, and a lapsed bid is lost."""


@dataclass(frozen=True, slots=True)
class IssuedVersion:
    """A version of the invitation after the first: when it was published, and what it altered."""

    version: int
    published_at: datetime
    alters_form: bool


def earliest_deadline(published: datetime, regime: Regime, zone: str) -> Deadline:
    """After a change bidders have at least the published number of days, on their own clocks.

    The same time of day so many days later, or the next whole minute that the clocks show once.
    """
    place = ZoneInfo(zone)
    wall = published.astimezone(place).replace(tzinfo=None)
    later = (wall + timedelta(days=MINIMUMS[regime].days)).replace(tzinfo=place)
    return first_deadline_from(later, zone)


def version_at(received: datetime, versions: Iterable[IssuedVersion]) -> int:
    """A bid belongs to the version that was published when it was received."""
    return max((one.version for one in versions if one.published_at <= received), default=ISSUED)


def current_version(versions: Iterable[IssuedVersion]) -> int:
    """The version that holds now."""
    return max((one.version for one in versions), default=ISSUED)


def counts_at_closing(covered: int, versions: Iterable[IssuedVersion]) -> bool:
    """A bid stands unconfirmed, unless a later version altered the form of the bid.

    `covered` is the version under which it was received, or the last that it was confirmed for.
    """
    return not any(one.alters_form and one.version > covered for one in versions)
