"""Scoring: quality points, who is out, price per quality point, and the ranking of a lot.

Everything is computed from agreed marks and opened prices, in exact rationals; there is no field
that overrides a figure. Quality points are stated to a thousandth of a point, once, and every later
figure uses that whole number of milli-points.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from commissioning.kernel.errors import DomainError

_MILLI: Final = 1000
_BELOW_MINIMUM_POINTS: Final = "minimum_points"
_BELOW_MINIMUM_MARK: Final = "minimum_mark"


class NotComputable(DomainError, ValueError):
    """A figure is missing or off its scale, so nothing follows from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BidToRank:
    """A bid for one lot with its quality and its price.

    `evaluated_price_pence` may be None only where the bid is excluded: its price stays closed.
    """

    lot: str
    bid: str
    bidder: str
    quality_millipoints: int
    evaluated_price_pence: int | None
    excluded_because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingRow:
    """Where a bid stands on its lot; an excluded bid has neither price per point nor rank.

    `price_per_quality_point` is exact, in pence a point.
    """

    lot: str
    bid: str
    bidder: str
    quality_millipoints: int
    evaluated_price_pence: int | None
    price_per_quality_point: Fraction | None
    rank: int | None
    excluded_because: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The row as `ranking.json` of the award pack has it."""
        ratio = self.price_per_quality_point
        return {
            "lot": self.lot,
            "bid": self.bid,
            "bidder": self.bidder,
            "quality_millipoints": self.quality_millipoints,
            "evaluated_price_pence": self.evaluated_price_pence,
            "ppqp_pence": None if ratio is None else rational_text(ratio),
            "rank": self.rank,
            "excluded_because": list(self.excluded_because),
        }


def quality_millipoints(leaves: Mapping[str, tuple[Decimal, int]], max_mark: int) -> int:
    """The quality points of a bid in thousandths: the sum of weight x agreed mark / highest mark.

    `leaves` gives for each leaf its weight, out of 100 in all, and its agreed mark. Computed in
    exact rationals and rounded half to even once, at the end: 100 000 is a perfect bid. Raises
    NotComputable on a mark off the scale.
    """
    if max_mark < 1:
        raise NotComputable("The highest mark must be at least 1.")
    for leaf, (_, mark) in leaves.items():
        if isinstance(mark, bool) or not isinstance(mark, int) or not 0 <= mark <= max_mark:
            raise NotComputable(f"The mark of {leaf} must be from 0 to {max_mark}.")
    points = sum(
        (Fraction(weight) * mark / max_mark for weight, mark in leaves.values()), Fraction(0)
    )
    return round(points * _MILLI)


def excluded_because(
    marks: Mapping[str, int],
    minimum_marks: Mapping[str, int],
    millipoints: int,
    minimum_points_milli: int,
) -> tuple[str, ...]:
    """A bid under a minimum mark, under the minimum points, or with no point at all, is out.

    `marks` and `minimum_marks` are by leaf. Gives sorted codes, `minimum_mark:LEAF` and
    `minimum_points`; none where the bid stays in. Raises NotComputable while a leaf has no mark.
    """
    missing = sorted(set(minimum_marks) - set(marks))
    if missing:
        raise NotComputable(f"There is no agreed mark for {', '.join(missing)} yet.")
    codes = [
        f"{_BELOW_MINIMUM_MARK}:{leaf}"
        for leaf, minimum in minimum_marks.items()
        if marks[leaf] < minimum
    ]
    # Without a point there is nothing to divide by, whatever minimum was published.
    if millipoints < minimum_points_milli or millipoints <= 0:
        codes.append(_BELOW_MINIMUM_POINTS)
    return tuple(sorted(codes))


def price_per_quality_point(price_pence: int, millipoints: int) -> Fraction:
    """Evaluated price divided by quality points: exact, in pence a point; the lowest is best.

    It is an absolute measure, which no other bid changes. Raises NotComputable where the points or
    the price are not above 0.
    """
    if millipoints <= 0:
        raise NotComputable("A bid without quality points has no price per quality point.")
    if price_pence <= 0:
        raise NotComputable("A bid without a price above £0 has no price per quality point.")
    return Fraction(price_pence * _MILLI, millipoints)


def rank_lot(bids: Sequence[BidToRank]) -> tuple[RankingRow, ...]:
    """The ranking of one lot: by exact price per quality point, equal bids share a place (1, 1, 3).

    Excluded bids keep no rank and stand last. Rows come in the order of rank, then of bid. Raises
    NotComputable where bids of several lots are mixed, a bid or a bidder stands there twice, or a
    bid that counts has no price.
    """
    _check_one_lot(bids)
    ratios = {bid.bid: _ratio(bid) for bid in bids if not bid.excluded_because}
    rows = [
        RankingRow(
            lot=bid.lot,
            bid=bid.bid,
            bidder=bid.bidder,
            quality_millipoints=bid.quality_millipoints,
            evaluated_price_pence=bid.evaluated_price_pence,
            price_per_quality_point=ratios.get(bid.bid),
            rank=_rank(ratios.get(bid.bid), ratios.values()),
            excluded_because=bid.excluded_because,
        )
        for bid in bids
    ]
    return tuple(sorted(rows, key=lambda row: (row.rank is None, row.rank or 0, row.bid)))


def rational_text(number: Fraction) -> str:
    """An exact number as "N/D" in lowest terms, or "N" where the denominator is 1."""
    return str(number)


def _rank(ratio: Fraction | None, ratios: Collection[Fraction]) -> int | None:
    return None if ratio is None else 1 + sum(other < ratio for other in ratios)


def _ratio(bid: BidToRank) -> Fraction:
    if bid.evaluated_price_pence is None:
        raise NotComputable(f"The price of {bid.bid} is not evaluated yet.")
    return price_per_quality_point(bid.evaluated_price_pence, bid.quality_millipoints)


def _check_one_lot(bids: Sequence[BidToRank]) -> None:
    if len({bid.lot for bid in bids}) > 1:
        raise NotComputable("Bids are ranked lot by lot, never across lots.")
    if len({bid.bid for bid in bids}) < len(bids):
        raise NotComputable("A bid stands there twice.")
    if len({bid.bidder for bid in bids}) < len(bids):
        raise NotComputable("A bidder has at most one bid for a lot.")
