"""Lots: what each one carries, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any


class LotStatus(StrEnum):
    """Where a lot stands; it has a path of its own from the end of the ITN."""

    OPEN = "open"
    UNBID = "unbid"
    SINGLE_BID = "single_bid"
    EVALUATED = "evaluated"
    PREFERRED = "preferred"
    TERMINATED = "terminated"

    @property
    def label(self) -> str:
        """The status as people say it."""
        return self.value.replace("_", " ").capitalize()


class StaffTransfer(StrEnum):
    """The law under which staff move to the new provider."""

    NONE = "none"
    TUPE = "tupe"
    COSOP = "cosop"
    STATUTORY_SCHEME = "statutory_scheme"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """A contract package area, with all that it carries.

    `annual_value_pence` is the authority's own indicative value, never a bid price.
    `ceiling_price_pence` is the dearest evaluated price that can win, where one is published. The
    baselines are those of reoffending: reoffenders as a percentage of offenders (binary), and
    reoffences per reoffender (frequency). The tile is the lot's place on the map.
    """

    reference: str
    name: str
    annual_value_pence: int
    term_years: int = 7
    ceiling_price_pence: int | None = None
    volumes_per_year: int | None = None
    binary_baseline_pct: Decimal | None = None
    frequency_baseline: Decimal | None = None
    resettlement_prisons: tuple[str, ...] = ()
    local_partners: tuple[str, ...] = ()
    staff_transfer: StaffTransfer | None = None
    tile_column: int | None = None
    tile_row: int | None = None

    def carries(self) -> dict[str, Any]:
        """What the lot carries beside its value and its place, as plain JSON without floats."""
        return {
            "volumes_per_year": self.volumes_per_year,
            "binary_baseline_pct": _text_or_none(self.binary_baseline_pct),
            "frequency_baseline": _text_or_none(self.frequency_baseline),
            "resettlement_prisons": list(self.resettlement_prisons),
            "local_partners": list(self.local_partners),
            "staff_transfer": _text_or_none(self.staff_transfer),
        }


def carried(carries: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a Lot that `Lot.carries` wrote down; a key that is absent was not stated."""
    binary, frequency = carries.get("binary_baseline_pct"), carries.get("frequency_baseline")
    transfer = carries.get("staff_transfer")
    return {
        "volumes_per_year": carries.get("volumes_per_year"),
        "binary_baseline_pct": None if binary is None else Decimal(binary),
        "frequency_baseline": None if frequency is None else Decimal(frequency),
        "resettlement_prisons": tuple(carries.get("resettlement_prisons") or ()),
        "local_partners": tuple(carries.get("local_partners") or ()),
        "staff_transfer": None if transfer is None else StaffTransfer(transfer),
    }


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)
