"""What an explanation holds, and how it is written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any

from commissioning.award.domain.comparison import Displaced
from commissioning.award.domain.limits import Rule
from commissioning.award.domain.problem import AwardRule
from commissioning.award.domain.rationals import rational_text


class Reason(StrEnum):
    """Why a bid lost, by the swap test: the first that fits, in this order."""

    IMPOSSIBLE = "impossible"
    DEARER = "dearer"
    CAPACITY = "capacity"
    OWN_LIMIT = "own_limit"
    SHARED_LIMIT = "shared_limit"
    COMBINATION = "combination"


@dataclass(frozen=True)
class LimitCost:
    """What a limit costs: the proven optimum without it, and by how much that is better.

    For `packages` the discounts are ignored instead, and `cost` is what they save. `cost` is never
    below 0; None where either optimum does not exist or was not proven in the time given.
    `binding_for` are the bidders or groups that break the limit in the canonical award without it;
    of a budget or a number of winners it is nobody in particular.
    """

    objective_without: Fraction | None
    cost: Fraction | None
    binding_for: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "objective_without": _text(self.objective_without),
            "cost": _text(self.cost),
            "binding_for": list(self.binding_for),
        }


@dataclass(frozen=True)
class Loser:
    """A bid that did not win, why, and what it would have cost to let it win.

    `objective_if_forced` and `cost_if_forced` are None where no award contains the bid, or where
    that was not settled in the time given. `lots_that_would_move` are the other lots that go to
    somebody else in the best award with the bid.
    """

    bidder: str
    lot: str
    reason: Reason
    objective_if_forced: Fraction | None
    cost_if_forced: Fraction | None
    lots_that_would_move: tuple[str, ...]
    in_words: str

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "bidder": self.bidder,
            "lot": self.lot,
            "reason": self.reason.value,
            "objective_if_forced": _text(self.objective_if_forced),
            "cost_if_forced": _text(self.cost_if_forced),
            "lots_that_would_move": list(self.lots_that_would_move),
            "in_words": self.in_words,
        }


@dataclass(frozen=True)
class Winner:
    """A lot's winner, its rank on the lot, and the better bids with the limits in their way."""

    lot: str
    bidder: str
    rank_on_lot: int
    displaced: tuple[Displaced, ...]
    in_words: str

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "lot": self.lot,
            "bidder": self.bidder,
            "rank_on_lot": self.rank_on_lot,
            "displaced": [
                {"bidder": each.bidder, "limits": [limit.value for limit in each.limits]}
                for each in self.displaced
            ],
            "in_words": self.in_words,
        }


@dataclass(frozen=True)
class RuleAnswer:
    """What an award rule makes of the bids: its award, the lots left over, the limits broken.

    `is_proven` says that this is exactly what the rule gives; None as `objective` then means that
    it gives no award at all. `broken` are limits that only the whole award can show: budget,
    winners, lots fixed to a bidder without a bid. `is_unique` is None where not proven.
    """

    award: Mapping[str, str] = field(default_factory=dict)
    objective: Fraction | None = None
    unawarded: tuple[str, ...] = ()
    broken: tuple[Rule, ...] = ()
    is_proven: bool = False
    is_unique: bool | None = None
    bound: Fraction | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "objective": _text(self.objective),
            "award": dict(self.award),
            "unawarded": list(self.unawarded),
            "broken": [rule.value for rule in self.broken],
            "proven": self.is_proven,
        }


@dataclass(frozen=True)
class Explanation:
    """Why the award is as it is, limit by limit, bid by bid and lot by lot.

    Every cost is the exact difference of two proven optima.
    """

    limits: Mapping[Rule, LimitCost]
    losers: tuple[Loser, ...]
    winners: tuple[Winner, ...]
    rules: Mapping[AwardRule, RuleAnswer]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "limits": {rule.value: cost.to_dict() for rule, cost in self.limits.items()},
            "losers": [loser.to_dict() for loser in self.losers],
            "winners": [winner.to_dict() for winner in self.winners],
            "rules": {rule.value: answer.to_dict() for rule, answer in self.rules.items()},
        }


def _text(number: Fraction | None) -> str | None:
    return None if number is None else rational_text(number)
