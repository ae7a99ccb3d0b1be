"""What an award problem holds: lots, bidders, bids, groups, packages, limits, objective.

Money is in pence, quality in milli-points, shares in parts per million, all as integers; None is
"no limit". A problem is a value: a what-if is another value, made with `Problem.changed`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from commissioning.kernel.canonical import sha256_hex
from commissioning.kernel.errors import DomainError

FORMAT = "award-wdp/1"
PPM = 1_000_000


class BadProblem(DomainError):
    """The award problem cannot be taken as it stands: `path` says where, `reason` says why."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class Objective(StrEnum):
    """What the best award has least of (or, for quality, most of)."""

    MIN_TOTAL_PRICE = "min_total_price"
    MIN_SUM_PPQP = "min_sum_ppqp"
    MIN_PORTFOLIO_PPQP = "min_portfolio_ppqp"
    MAX_TOTAL_QUALITY = "max_total_quality"


class AwardRule(StrEnum):
    """How the bids become an award; published with the notice."""

    OPTIMUM = "optimum"
    PROTECTED_OPTIMUM = "protected_optimum"
    REVERSION_IN_ORDER = "reversion_in_order"
    REVERSION_LARGEST_MARGIN = "reversion_largest_margin"


@dataclass(frozen=True)
class Lot:
    """A lot: `value` is the authority's own indicative value, `max_price` a published ceiling."""

    id: str
    value: int
    max_price: int | None = None


@dataclass(frozen=True)
class Bidder:
    """A bidder, with the limits it declared itself and the capacity that its funding proves."""

    id: str
    max_lots: int | None = None
    max_value: int | None = None
    max_price: int | None = None


@dataclass(frozen=True)
class Bid:
    """One bid for one lot: gross evaluated price in pence, quality in milli-points (above 0)."""

    bidder: str
    lot: str
    price: int
    quality: int


@dataclass(frozen=True)
class Group:
    """Bidders behind whom one organisation stands; its own limits and the general ones all hold."""

    id: str
    members: tuple[str, ...]
    max_lots: int | None = None
    max_value_share_ppm: int | None = None
    max_value: int | None = None


@dataclass(frozen=True)
class Package:
    """Discounts (lot to pence) that hold when the bidder wins all the lots named."""

    id: str
    bidder: str
    discounts: Mapping[str, int]


@dataclass(frozen=True)
class Limits:
    """The published limits of the competition: at most, equality allowed (winners: at least)."""

    max_lots_per_bidder: int | None = None
    max_value_share_per_bidder_ppm: int | None = None
    max_lots_per_group: int | None = None
    max_value_share_per_group_ppm: int | None = None
    min_distinct_winners: int | None = None
    incompatible_lots: tuple[tuple[str, str], ...] = ()
    budget: int | None = None


@dataclass(frozen=True)
class Problem:
    """An award problem whose references hold and whose numbers are in range.

    Read one with `parse_problem`; `changed` makes a what-if of it. The order of `lots` and of
    `bidders` matters for ties only; the order of `bids` never does.
    """

    lots: tuple[Lot, ...]
    bidders: tuple[Bidder, ...]
    bids: tuple[Bid, ...]
    objective: Objective
    groups: tuple[Group, ...] = ()
    packages: tuple[Package, ...] = ()
    limits: Limits = field(default_factory=Limits)
    stated_share_base: int | None = None
    fixed: Mapping[str, str] = field(default_factory=dict)
    award_rule: AwardRule = AwardRule.OPTIMUM
    lot_order: tuple[str, ...] = ()
    # The document as it was read: its hash is the hash of that text, nulls and all.
    source: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)

    def changed(self, **changes: Any) -> Problem:
        """The same problem but for `changes`: a what-if, which no document states."""
        return replace(self, **{"source": None, **changes})

    @cached_property
    def share_base_value(self) -> int:
        """The total, in pence, that shares are taken of: as published, else that of all lots."""
        if self.stated_share_base is not None:
            return self.stated_share_base
        return sum(lot.value for lot in self.lots)

    @cached_property
    def lot_by_id(self) -> Mapping[str, Lot]:
        """Each lot under its id."""
        return {lot.id: lot for lot in self.lots}

    @cached_property
    def bidder_by_id(self) -> Mapping[str, Bidder]:
        """Each bidder under its id."""
        return {bidder.id: bidder for bidder in self.bidders}

    @cached_property
    def position(self) -> Mapping[str, int]:
        """The place of each bidder in `bidders`: what settles ties."""
        return {bidder.id: place for place, bidder in enumerate(self.bidders)}

    @cached_property
    def bid_for(self) -> Mapping[tuple[str, str], Bid]:
        """Each bid under (bidder, lot)."""
        return {(bid.bidder, bid.lot): bid for bid in self.bids}

    @cached_property
    def bids_on(self) -> Mapping[str, tuple[Bid, ...]]:
        """The bids for each lot, in the order of bidders."""
        on: dict[str, list[Bid]] = {lot.id: [] for lot in self.lots}
        position = self.position
        for bid in sorted(self.bids, key=lambda bid: position[bid.bidder]):
            on[bid.lot].append(bid)
        return {lot: tuple(bids) for lot, bids in on.items()}

    @cached_property
    def packages_of(self) -> Mapping[str, tuple[Package, ...]]:
        """The packages of each bidder that has any."""
        of: dict[str, list[Package]] = {}
        for package in self.packages:
            of.setdefault(package.bidder, []).append(package)
        return {bidder: tuple(packages) for bidder, packages in of.items()}

    @cached_property
    def groups_of(self) -> Mapping[str, tuple[Group, ...]]:
        """The groups of each bidder that belongs to any."""
        of: dict[str, list[Group]] = {}
        for group in self.groups:
            for member in group.members:
                of.setdefault(member, []).append(group)
        return {bidder: tuple(groups) for bidder, groups in of.items()}

    def value_allowed(self, share_ppm: int) -> int:
        """The largest sum of lot values, in pence, that a share in parts per million allows.

        Floor of share x base / 1 000 000: for integer sums that is the limit itself, not a
        rounding of it.
        """
        return share_ppm * self.share_base_value // PPM

    def to_dict(self) -> dict[str, Any]:
        """The problem as an `award-wdp/1` document that leaves out nulls and defaults."""
        document: dict[str, Any] = {
            "format": FORMAT,
            "objective": self.objective.value,
            "lots": [_stated(lot) for lot in self.lots],
            "bidders": [_stated(bidder) for bidder in self.bidders],
            "bids": [_stated(bid) for bid in self.bids],
        }
        if self.groups:
            document["groups"] = [_stated(group) for group in self.groups]
        if self.packages:
            document["packages"] = [_stated(package) for package in self.packages]
        if limits := _stated(self.limits):
            document["limits"] = limits
        if self.stated_share_base is not None:
            document["share_base_value"] = self.stated_share_base
        if self.fixed:
            document["fixed"] = dict(self.fixed)
        if self.award_rule is not AwardRule.OPTIMUM:
            document["award_rule"] = self.award_rule.value
        if self.lot_order:
            document["lot_order"] = list(self.lot_order)
        return document


def problem_sha256(problem: Problem) -> str:
    """The SHA-256 that names a problem: over the canonical JSON of the document as it was read.

    A problem that was built or changed in memory is named by the document that `to_dict` writes.
    """
    return sha256_hex(problem.to_dict() if problem.source is None else dict(problem.source))


def _stated(part: Lot | Bidder | Bid | Group | Package | Limits) -> dict[str, Any]:
    stated: dict[str, Any] = {}
    for each in fields(part):
        value = getattr(part, each.name)
        if value is None or (value == () and each.name != "members"):
            continue
        if isinstance(value, tuple):
            value = [list(item) if isinstance(item, tuple) else item for item in value]
        elif isinstance(value, Mapping):
            value = dict(value)
        stated[each.name] = value
    return stated
