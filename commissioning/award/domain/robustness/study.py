"""All four questions about one award, in one study that can be watched, stopped and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, TypeVar

from commissioning.award.domain.problem import Problem
from commissioning.award.domain.robustness.findings import (
    Heard,
    MarkFindings,
    PriceFindings,
    Search,
    WeightFindings,
    WithdrawalFindings,
    go_on,
)
from commissioning.award.domain.robustness.marks import marks_that_decide
from commissioning.award.domain.robustness.prices import prices_that_decide
from commissioning.award.domain.robustness.quality import Leaf, MarkedBid, Quality
from commissioning.award.domain.robustness.standing import Standing
from commissioning.award.domain.robustness.weights import weights_that_decide
from commissioning.award.domain.robustness.withdrawals import withdrawals_that_decide

WEIGHT_STEP: Final = Fraction(1)
"""By how many points at a time a weight is moved."""

_Findings = TypeVar("_Findings", MarkFindings, WithdrawalFindings, WeightFindings, PriceFindings)


@dataclass(frozen=True)
class Study:
    """What a study of one award found: `award` is lot to bidder, as it stands.

    Weights were moved by up to `furthest` points out of 100, `WEIGHT_STEP` at a time.
    """

    award: Mapping[str, str]
    furthest: Fraction
    marks: MarkFindings
    withdrawals: WithdrawalFindings
    weights: WeightFindings
    prices: PriceFindings

    @property
    def searches(self) -> tuple[Search, ...]:
        """How each of the four searches went."""
        return tuple(
            each.search for each in (self.marks, self.withdrawals, self.weights, self.prices)
        )

    @property
    def is_complete(self) -> bool:
        """Whether every question was looked at to its end."""
        return all(each.is_complete for each in self.searches)

    @property
    def is_exact(self) -> bool:
        """Whether exact arithmetic stands behind every answer."""
        return all(each.is_exact for each in self.searches)


def study_award(
    problem: Problem, quality: Quality, *, furthest: Fraction | int, heard: Heard = go_on
) -> Study:
    """Which single mark, withdrawal, weight or price would send any lot elsewhere, all together.

    `furthest` is how far a weight is moved, in points out of 100. `heard` is told how many changes
    of how many are looked at, over the four questions; where it says no, what was found by then is
    given, and says so. Raises BadInput where the rule gives no award or the range is below a step,
    BadInputs where the marks do not give the quality that the problem states.
    """
    standing = Standing(problem)

    def marks(told: Heard) -> MarkFindings:
        return marks_that_decide(standing, quality, heard=told)

    def withdrawals(told: Heard) -> WithdrawalFindings:
        return withdrawals_that_decide(standing, heard=told)

    def weights(told: Heard) -> WeightFindings:
        return weights_that_decide(
            standing, quality, furthest=furthest, step=WEIGHT_STEP, heard=told
        )

    def prices(told: Heard) -> PriceFindings:
        return prices_that_decide(standing, heard=told)

    # Stopped before its first change, each question says how many there are and solves nothing.
    total = sum(
        find(lambda _done, _total: False).search.total
        for find in (marks, withdrawals, weights, prices)
    )
    told = _Together(heard, total)
    return Study(
        dict(standing.award),
        Fraction(furthest),
        told.through(marks),
        told.through(withdrawals),
        told.through(weights),
        told.through(prices),
    )


class _Together:
    """Several searches heard as one: what is done is counted over all of them."""

    def __init__(self, heard: Heard, total: int) -> None:
        self._heard = heard
        self._total = total
        self._before = 0

    def through(self, find: Callable[[Heard], _Findings]) -> _Findings:
        """One of the searches, from its beginning to where it ends or is stopped."""
        found = find(lambda done, _total: self._heard(self._before + done, self._total))
        self._before += found.search.tried
        return found


def agreed_bids(rows: Iterable[Mapping[str, Any]]) -> tuple[MarkedBid, ...]:
    """The agreed marks of every bid, from rows as the award pack lists marks.

    A row has `bidder`, `lot`, `leaf` and `mark`; where rows say `consensus`, only those with it
    count, and the marks of single evaluators are left aside.
    """
    marks: dict[tuple[str, str], dict[str, int]] = {}
    for row in rows:
        if row.get("consensus", True):
            marks.setdefault((row["bidder"], row["lot"]), {})[row["leaf"]] = row["mark"]
    return tuple(MarkedBid(bidder, lot, given) for (bidder, lot), given in marks.items())


def quality_of(model: Mapping[str, Any], bids: tuple[MarkedBid, ...] = ()) -> Quality:
    """How quality points follow from marks, as the evaluation model of a competition states it.

    `model` has criteria with leaves, decimal weights and minimum marks, `max_mark`, and
    `minimum_points` as a decimal text. Raises BadInputs as `Quality` does.
    """
    leaves = tuple(
        Leaf(
            leaf["id"],
            criterion["id"],
            Fraction(Decimal(leaf["weight"])),
            criterion["minimum_mark"],
        )
        for criterion in model["criteria"]
        for leaf in criterion["leaves"]
    )
    least = Fraction(Decimal(model.get("minimum_points", "0"))) * 1_000
    return Quality(leaves, bids, model["max_mark"], int(least))
