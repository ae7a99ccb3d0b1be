"""A scenario of `seed/`, read and checked before anybody acts on it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from commissioning.replay.invention import Character

LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True)
class InventedBidder:
    """One bidder of the scenario; `lots` are those it bids for, or only applied for.

    `fails_on` names the part of the PQQ that it fails: funding, declaration or score.
    """

    key: str
    name: str
    legal_form: str
    company_number: str
    funding_pence: int
    lots: tuple[str, ...]
    bids: bool
    fails_on: str | None
    members: tuple[str, ...]
    character: Character


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything that the replay is told; `raw` keeps the tables as they stand in the file."""

    folder: Path
    raw: dict[str, Any]
    bidders: tuple[InventedBidder, ...]

    def act(self, name: str) -> datetime:
        """When an act of the replay happens, as a UTC instant."""
        return as_instant(self.raw["acts"][name])

    def wall(self, event: str) -> datetime:
        """A date of the timetable as wall-clock time without a zone."""
        moment: datetime = self.raw["timetable"][event]
        return moment

    @property
    def lots_csv(self) -> str:
        """The lots, in the format that a lead imports."""
        return (self.folder / "lots.csv").read_text(encoding="utf-8")

    @property
    def bidding(self) -> tuple[InventedBidder, ...]:
        """The bidders that go on to bid."""
        return tuple(bidder for bidder in self.bidders if bidder.bids)


def as_instant(wall: datetime) -> datetime:
    """Wall-clock time in London as a UTC instant."""
    return wall.replace(tzinfo=LONDON).astimezone(UTC)


def wall_text(wall: datetime) -> str:
    """Wall-clock time as a lead types it: 2013-10-31 12:00, in London."""
    return wall.strftime("%Y-%m-%d %H:%M")


def read_scenario(folder: Path) -> Scenario:
    """Read `scenario.toml` and `bidders.toml` of a scenario's folder."""
    raw = tomllib.loads((folder / "scenario.toml").read_text(encoding="utf-8"))
    rows = tomllib.loads((folder / "bidders.toml").read_text(encoding="utf-8"))["bidder"]
    return Scenario(folder, raw, tuple(_bidder(row) for row in rows))


def _bidder(row: dict[str, Any]) -> InventedBidder:
    home, other = row.get("home", []), row.get("other", [])
    return InventedBidder(
        key=row["key"],
        name=row["name"],
        legal_form=row["legal_form"],
        company_number=row["company_number"],
        funding_pence=row["funding_gbp"] * 100,
        lots=tuple(sorted([*home, *other, *row.get("pqq_only", [])])),
        bids="pqq_only" not in row,
        fails_on=row.get("fails_on"),
        members=tuple(row.get("members", [])),
        character=Character(
            key=row["key"],
            strength=row.get("strength", 50),
            price_permille=row.get("price_permille", 950),
            home=frozenset(home),
            weak=frozenset(row.get("weak", [])),
        ),
    )
