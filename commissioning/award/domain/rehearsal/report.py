"""What a rehearsal found, in exact figures that are ready for tables and charts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from commissioning.award.domain.problem import AwardRule
from commissioning.award.domain.rehearsal.assumptions import Assumptions


@dataclass(frozen=True)
class Spread:
    """How figures lie over markets: each is the figure of one market, by nearest rank.

    A quarter of all figures is at or below `lower_quartile`, half at or below `median`, three
    quarters at or below `upper_quartile`.
    """

    count: int
    least: Fraction
    lower_quartile: Fraction
    median: Fraction
    upper_quartile: Fraction
    most: Fraction


def spread_of(figures: Iterable[Fraction]) -> Spread | None:
    """How figures lie, by nearest rank: no figure is made up between two. None without any."""
    ranked = sorted(figures)
    if not ranked:
        return None

    def at(quarters: int) -> Fraction:
        return ranked[max(1, -(-quarters * len(ranked) // 4)) - 1]

    return Spread(len(ranked), ranked[0], at(1), at(2), at(3), ranked[-1])


@dataclass(frozen=True)
class MarketOutcome:
    """One invented market, solved.

    `bids` are valid ones. `objective` is that of the optimum, None where no award exists.
    `share_cost` and `funding_cost` are by how much it is worse than without these limits, as a
    part of the optimum without them; None where either does not exist. `worse_by` is by how much
    each award rule is worse than the optimum, as a part of it; a rule that gives no award, or
    leaves lots, is not among them.
    """

    number: int
    bidders: int
    bids: int
    lots_without_bid: int
    lots_with_one_bid: int
    objective: Fraction | None
    share_cost: Fraction | None
    funding_cost: Fraction | None
    worse_by: tuple[tuple[AwardRule, Fraction], ...]


@dataclass(frozen=True)
class LotOutlook:
    """How many valid bids a lot had: `markets_by_bids[n]` is the number of markets with n bids."""

    lot: str
    markets_by_bids: tuple[int, ...]

    @property
    def without_bid(self) -> int:
        """In how many markets nobody bid for it."""
        return self.markets_by_bids[0]

    @property
    def with_one_bid(self) -> int:
        """In how many markets one bidder alone did."""
        return self.markets_by_bids[1] if len(self.markets_by_bids) > 1 else 0


@dataclass(frozen=True)
class LimitOutlook:
    """What a limit costs: exact differences of two proven optima, with it and without.

    `absolute` is in the units of the objective, `relative` a part of the optimum without the limit.
    `compared` markets have an award both ways, and in `costing` of them the limit costs something;
    `made_impossible` have one only without it. None as spreads where nothing was compared.
    """

    is_stated: bool
    compared: int
    costing: int
    made_impossible: int
    absolute: Spread | None
    relative: Spread | None


@dataclass(frozen=True)
class RuleOutlook:
    """How an award rule compares with the optimum, over the markets in which that exists.

    `whole` of them it awards whole; in `differing` of these a lot goes to another bidder, and
    `worse_by` is by how much its objective is worse, as a part of the optimum, over those that
    differ. In `leaving_lots` markets it leaves lots to nobody, and in `without_award` it gives no
    award at all.
    """

    rule: AwardRule
    markets: int
    whole: int
    differing: int
    leaving_lots: int
    without_award: int
    worse_by: Spread | None


@dataclass(frozen=True)
class KindOutlook:
    """How a kind of bidder fares under the published rule, over all markets with an award.

    `bidders` and `bids` (valid ones) came to them; `winners` of these won at least one lot, and
    `lots_won` lots in all. `value_share` is their part of the value of all lots awarded.
    """

    kind: str
    name: str
    bidders: int
    bids: int
    winners: int
    lots_won: int
    value_share: Fraction


@dataclass(frozen=True)
class Rehearsal:
    """What came of the invented markets.

    `markets` are those that were solved, of `assumptions.markets`: fewer where it was stopped. In
    `without_bid` of them there was no valid bid at all, and in `without_award` no award keeps the
    limits, every lot with a bid awarded. `published` is the rule by which kinds of bidder fare.
    `is_exact` says that exact arithmetic stands behind every figure, nowhere the solver's word.
    """

    assumptions: Assumptions
    published: AwardRule
    markets: tuple[MarketOutcome, ...]
    without_bid: int
    without_award: int
    lots: tuple[LotOutlook, ...]
    share_limit: LimitOutlook
    funding_test: LimitOutlook
    rules: tuple[RuleOutlook, ...]
    kinds: tuple[KindOutlook, ...]
    is_exact: bool

    @property
    def is_complete(self) -> bool:
        """Whether all markets were solved."""
        return len(self.markets) == self.assumptions.markets
