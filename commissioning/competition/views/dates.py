"""Dates as proposals keep them, in the words of a page."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from commissioning.web.filters import moment


def told_before(text: str) -> str:
    """A date as a proposal keeps it, "2026-04-11 10:00 Europe/London", as a page says it."""
    day, time, zone = text.split(" ")
    wall = datetime.strptime(f"{day} {time}", "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(zone))
    return moment(wall, zone)
