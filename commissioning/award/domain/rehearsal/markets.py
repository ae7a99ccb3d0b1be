"""Invented markets: bidders, bids, marks, funding, groups, drawn from a seed by whole numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from hashlib import sha256
from typing import Any, Final, TypeVar

from commissioning.award.domain.building import ValidBid, stated_problem
from commissioning.award.domain.problem import Problem, parse_problem
from commissioning.award.domain.rehearsal.assumptions import PPM, Assumptions, Between, BidderKind
from commissioning.award.domain.robustness.quality import MarkedBid, Quality
from commissioning.award.domain.robustness.study import quality_of
from commissioning.kernel.errors import BadInputs

_NEEDED: Final = ("lots", "criteria", "max_mark", "limits", "objective", "award_rule")
_STEPS: Final = (-1, 0, 0, 0, 0, 0, 0, 1, 1, 1)
"""How far the marks of a bidder lie from its level: of ten, one below and three above."""

_Item = TypeVar("_Item")


@dataclass(frozen=True)
class Rules:
    """The rules of a competition as its model states them, frozen or about to be.

    `model` is the evaluation model of a competition: `lots` with `annual_value_pence`, `criteria`
    with leaves, weights and minimum marks, `max_mark`, `minimum_points`, `price`, `limits`,
    `objective` and `award_rule`. Weights and rates are decimal strings. Raises BadInputs where a
    part is missing.
    """

    model: Mapping[str, Any] = field(repr=False)

    def __post_init__(self) -> None:
        missing = [
            (name, f"The rules state no {name}.") for name in _NEEDED if name not in self.model
        ]
        if not missing and not self.model["lots"]:
            missing = [("lots", "The rules have no lot yet.")]
        if missing:
            raise BadInputs(missing)

    @cached_property
    def values(self) -> Mapping[str, int]:
        """The indicative annual value of each lot, in pence."""
        return {lot["id"]: lot["annual_value_pence"] for lot in self.model["lots"]}

    @cached_property
    def total_value(self) -> int:
        """The indicative annual value of all lots, in pence: what shares are taken of."""
        return sum(self.values.values())

    @cached_property
    def quality(self) -> Quality:
        """How quality points follow from marks, with no bid in it yet."""
        return quality_of(self.model)

    @cached_property
    def worth_of_a_penny(self) -> Fraction:
        """What a penny a year comes to over the years that are priced, at the published rate."""
        price = self.model.get("price")
        if not price:
            return Fraction(1)
        growth = 1 + Fraction(Decimal(price["discount_rate"]))
        return sum((1 / growth**year for year in range(price["years"])), Fraction(0))


@dataclass(frozen=True)
class InventedBidder:
    """A bidder that nobody is: its kind, the lots it bids for, and the funding that it proves."""

    id: str
    kind: str
    lots: tuple[str, ...]
    funding_pence: int


@dataclass(frozen=True)
class InventedMarket:
    """One invented market: who bids, and the award problem that its valid bids make.

    `problem` is None where no bid is valid on any lot. `marks` are those of every bid, also of one
    that its marks put out.
    """

    number: int
    bidders: tuple[InventedBidder, ...]
    problem: Problem | None
    marks: tuple[MarkedBid, ...] = ()


class _Draw:
    """Whole numbers from a seed: each is a SHA-256 of the seed and a count, the same everywhere."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._count = 0

    def below(self, bound: int) -> int:
        """A number from 0 to `bound` - 1, evenly (to within one part in 2^200)."""
        self._count += 1
        digest = sha256(f"{self._seed}:{self._count}".encode()).digest()
        return int.from_bytes(digest) % bound

    def between(self, between: Between) -> int:
        """A number of a range, both ends included."""
        return between.low + self.below(between.high - between.low + 1)

    def some(self, items: Sequence[_Item], count: int) -> list[_Item]:
        """So many different items, in their order; all of them where there are no more."""
        places = list(range(len(items)))
        chosen = [places.pop(self.below(len(places))) for _ in range(min(count, len(items)))]
        return [items[place] for place in sorted(chosen)]


def fitted(assumptions: Assumptions, rules: Rules) -> Assumptions:
    """The assumptions where nobody is kept from every lot by its size alone.

    Kinds that bid for small lots only are thought of with many lots in mind. Where fewer than a
    third of the lots are small enough, they bid for lots worth no more than the middle one.
    """
    values = sorted(rules.values.values())
    middle = values[(len(values) - 1) // 2]
    kinds = []
    for kind in assumptions.kinds:
        within = sum(PPM * value <= kind.largest_lot_ppm * rules.total_value for value in values)
        is_kept_out = 3 * within < len(values)
        middling = -(-PPM * middle // max(1, rules.total_value))
        kinds.append(replace(kind, largest_lot_ppm=middling) if is_kept_out else kind)
    return replace(assumptions, kinds=tuple(kinds))


def invented_market(rules: Rules, assumptions: Assumptions, number: int) -> InventedMarket:
    """One market under the rules, decided by the seed, the assumptions and its number alone.

    Marks make quality points as the model says, so that a bid may be out; the award problem is
    stated as that of a real competition is. Ties go by an invented drawn seed.
    """
    seed = f"{assumptions.seed}:{number}"
    draw = _Draw(seed)
    bidders: list[InventedBidder] = []
    bids: list[ValidBid] = []
    marks: list[MarkedBid] = []
    for kind in assumptions.kinds:
        for place in range(draw.between(kind.count)):
            bidder = _bidder(rules, kind, f"{kind.id}-{place + 1}", draw)
            bidders.append(bidder)
            for bid, marked in _bids(rules, kind, bidder, draw):
                marks.append(marked)
                bids.extend(() if bid is None else (bid,))
    groups = _groups(assumptions, [bidder.id for bidder in bidders], draw)
    if not bids:
        return InventedMarket(number, tuple(bidders), None, tuple(marks))
    bidding = {bid.bidder for bid in bids}
    document = stated_problem(
        {**rules.model, "tie_seed": seed},
        bids,
        proved_funding_pence={bidder.id: bidder.funding_pence for bidder in bidders},
        groups=_stated_groups(groups, bidding, rules.model["limits"]),
    )
    return InventedMarket(number, tuple(bidders), parse_problem(document), tuple(marks))


def _bidder(rules: Rules, kind: BidderKind, bidder: str, draw: _Draw) -> InventedBidder:
    most = kind.largest_lot_ppm * rules.total_value
    within = [lot for lot, value in rules.values.items() if PPM * value <= most]
    lots = tuple(draw.some(within, draw.between(kind.lots)))
    values = [rules.values[lot] for lot in lots]
    multiple = rules.model["limits"].get("funding_multiple") or 1
    needed = -(-max(values, default=0) // multiple)
    proved = sum(values) * draw.between(kind.funding_ppm) // PPM
    return InventedBidder(bidder, kind.id, lots, max(proved, needed, 1))


def _bids(
    rules: Rules, kind: BidderKind, bidder: InventedBidder, draw: _Draw
) -> list[tuple[ValidBid | None, MarkedBid]]:
    """What a bidder bids for each of its lots, with its marks: None where they put the bid out."""
    level = draw.between(kind.marks)
    bids: list[tuple[ValidBid | None, MarkedBid]] = []
    for lot in bidder.lots:
        marks = {
            leaf.id: max(0, min(rules.quality.max_mark, level + _STEPS[draw.below(len(_STEPS))]))
            for leaf in rules.quality.leaves
        }
        ratio = Fraction(draw.between(kind.price_ppm), PPM)
        price = max(1, round(rules.values[lot] * ratio * rules.worth_of_a_penny))
        points = rules.quality.points_milli(marks)
        valid = None if points is None else ValidBid(bidder.id, lot, price, points)
        bids.append((valid, MarkedBid(bidder.id, lot, marks)))
    return bids


def _groups(assumptions: Assumptions, bidders: Sequence[str], draw: _Draw) -> list[list[str]]:
    sizes = list(assumptions.known_group_sizes)
    count = draw.between(assumptions.groups)
    sizes.extend(draw.between(assumptions.group_size) for _ in range(count))
    return [draw.some(bidders, size) for size in sizes]


def _stated_groups(
    groups: Sequence[Sequence[str]], bidding: set[str], limits: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The groups with more than one bidder left, each set of bidders once, as problems say it."""
    share = limits.get("max_value_share_per_group_ppm")
    stated: dict[tuple[str, ...], dict[str, Any]] = {}
    for members in groups:
        left = tuple(member for member in members if member in bidding)
        if len(left) > 1 and left not in stated:
            own = {} if share is None else {"max_value_share_ppm": share}
            stated[left] = {"id": f"supplier-{len(stated) + 1}", "members": list(left), **own}
    return list(stated.values())
