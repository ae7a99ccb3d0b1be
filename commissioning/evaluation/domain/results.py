"""What follows for one bid from its agreed marks, and from its price schedule, by the model.

There is no field by which anybody could override what is computed here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from commissioning.competition.domain.criteria import EvaluationModel, PriceModel
from commissioning.evaluation.domain import scoring
from commissioning.submission.domain.pricing import evaluated_price_pence, schedule_problems

PRICE_NOT_VALID: Final = "price_not_valid"
"""The code of a bid that is out because its price schedule makes no price above 0."""


@dataclass(frozen=True, slots=True)
class QualityResult:
    """The quality points of a bid in thousandths, and the codes of why it is out, if it is."""

    millipoints: int
    excluded_because: tuple[str, ...]


def quality_result(model: EvaluationModel, marks: Mapping[str, int]) -> QualityResult:
    """The quality points of a bid and whether it is out, by the model as published.

    `marks` are the agreed marks by leaf. A leaf's minimum is that of its criterion. Raises
    NotComputable on a mark off the scale, or where a leaf has none.
    """
    leaves = [(criterion, leaf) for criterion in model.criteria for leaf in criterion.leaves]
    missing = sorted(leaf.id for _criterion, leaf in leaves if leaf.id not in marks)
    if missing:
        raise scoring.NotComputable(f"There is no agreed mark for {', '.join(missing)} yet.")
    points = scoring.quality_millipoints(
        {leaf.id: (leaf.weight, marks[leaf.id]) for _criterion, leaf in leaves}, model.max_mark
    )
    return QualityResult(
        points,
        scoring.excluded_because(
            marks,
            {leaf.id: criterion.minimum_mark for criterion, leaf in leaves},
            points,
            model.minimum_points_milli,
        ),
    )


@dataclass(frozen=True, slots=True)
class DiscountedFee:
    """One year of a schedule: the fee in pence, what it is divided by, and what it is worth."""

    year: int
    fee_pence: int
    divisor: Fraction
    present_value_pence: Fraction


@dataclass(frozen=True, slots=True)
class PriceWorking:
    """How an evaluated price comes about, so that a page can show every step.

    `exact_pence` is before the one rounding. Where the schedule makes no price, `faults` says why
    in sentences and `evaluated_price_pence` is None.
    """

    fees: tuple[DiscountedFee, ...]
    adjustments_pence: int
    exact_pence: Fraction
    evaluated_price_pence: int | None
    faults: tuple[str, ...]


def price_working(
    fees_pence: Sequence[int], adjustments_pence: int, model: PriceModel
) -> PriceWorking:
    """The evaluated price of a bid with its working: each fee discounted, the sum, one rounding.

    Money in pence. A schedule with a missing or an extra year, a fee that is not above 0, or a
    price that is not above 0, makes no price.
    """
    growth = 1 + Fraction(model.discount_rate)
    fees = tuple(
        DiscountedFee(year, fee, growth ** (year - 1), fee / growth ** (year - 1))
        for year, fee in enumerate(fees_pence, start=1)
    )
    exact = sum((fee.present_value_pence for fee in fees), Fraction(adjustments_pence))
    faults = tuple(
        problem.sentence
        for problem in schedule_problems(
            fees_pence, adjustments_pence, years=model.years, discount_rate=model.discount_rate
        )
    )
    price = (
        None
        if faults
        else evaluated_price_pence(fees_pence, adjustments_pence, model.discount_rate)
    )
    return PriceWorking(fees, adjustments_pence, exact, price, faults)


def with_price(excluded: Collection[str], price_pence: int | None) -> tuple[str, ...]:
    """A bid without a price that can be evaluated is out, beside whatever else puts it out.

    Gives the sorted codes, each once.
    """
    codes = set(excluded) - {PRICE_NOT_VALID}
    if price_pence is None:
        codes.add(PRICE_NOT_VALID)
    return tuple(sorted(codes))
