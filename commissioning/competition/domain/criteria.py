"""The evaluation model: how bids will be compared, published before anyone bids, and then frozen.

The notice fixes lots, values, limits, award rule, criteria and their importance; the ITN fixes the
whole model. `frozen_model` writes both down, each with its own hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from itertools import chain
from typing import Any, Final

from commissioning.competition.domain.lots import Lot
from commissioning.competition.domain.scale import STANDARD, Scale, scale_faults
from commissioning.kernel.errors import BadInput


class Scope(StrEnum):
    """Whether a bidder answers a question once for all lots, or for each lot."""

    COMMON = "common"
    LOT = "lot"


class Objective(StrEnum):
    """What an award problem minimises or maximises."""

    MIN_TOTAL_PRICE = "min_total_price"
    MIN_SUM_PPQP = "min_sum_ppqp"
    MIN_PORTFOLIO_PPQP = "min_portfolio_ppqp"
    MAX_TOTAL_QUALITY = "max_total_quality"


class AwardRule(StrEnum):
    """How the lots go to bidders where a limit stands in the way of a first place."""

    OPTIMUM = "optimum"
    PROTECTED_OPTIMUM = "protected_optimum"
    REVERSION_IN_ORDER = "reversion_in_order"
    REVERSION_LARGEST_MARGIN = "reversion_largest_margin"


class ClosingRule(StrEnum):
    """How the agreed mark of an answer closes where not every evaluator agrees to it."""

    ALL_AGREE = "all_agree"
    MAJORITY = "majority"


GROUP_RULE: Final = "whole"
"""A supplier's share in a consortium counts whole against its limits."""

FULL_SHARE_PPM: Final = 1_000_000
FULL_POINTS_MILLI: Final = 100_000
_MAX_YEARS: Final = 50
_MAX_DECIMALS: Final = 6
_HUNDRED: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class Leaf:
    """What is answered and marked: a question of a criterion, or the criterion itself.

    `weight` is its part of the criterion's; `text` is the question as bidders read it.
    """

    id: str
    weight: Decimal
    scope: Scope = Scope.LOT
    text: str = ""


@dataclass(frozen=True, slots=True)
class Criterion:
    """A quality criterion: its weight out of 100, and the least agreed mark of each leaf."""

    id: str
    name: str
    weight: Decimal
    minimum_mark: int
    leaves: tuple[Leaf, ...] = ()


@dataclass(frozen=True, slots=True)
class PriceModel:
    """How an evaluated price is made: price base, yearly discount rate (0.035), years of fees."""

    base_year: int
    discount_rate: Decimal
    years: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The published limits on what one bidder, or one supplier through all its bidders, may win.

    Shares are parts per million of the total annual value of all lots as published; None is no
    limit. Each pair of `incompatible_lots` never goes to one bidder. `budget`, in pence, bounds the
    sum of the prices. `funding_multiple`: the annual value won is at most so many times the funding
    proved. The names are those of award-wdp/1, where the last becomes each bidder's `max_value`.
    """

    max_lots_per_bidder: int | None = None
    max_value_share_per_bidder_ppm: int | None = None
    max_lots_per_group: int | None = None
    max_value_share_per_group_ppm: int | None = None
    min_distinct_winners: int | None = None
    incompatible_lots: tuple[tuple[str, str], ...] = ()
    budget: int | None = None
    funding_multiple: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """The limits that are set, as plain JSON."""
        return {
            name: [list(pair) for pair in value] if isinstance(value, tuple) else value
            for name, value in ((field.name, getattr(self, field.name)) for field in fields(self))
            if value not in (None, ())
        }

    def for_award(self) -> dict[str, Any]:
        """The limits as an award problem states them, in the format award-wdp/1."""
        return {k: v for k, v in self.as_dict().items() if k != "funding_multiple"}

    @classmethod
    def from_dict(cls, limits: Mapping[str, Any]) -> Limits:
        """The limits that `as_dict` wrote; BadInput on a name that is no limit."""
        known = {field.name for field in fields(cls)}
        for name in limits:
            if name not in known:
                raise BadInput("limits", f"There is no limit called {name!r}.")
        pairs = tuple((pair[0], pair[1]) for pair in limits.get("incompatible_lots") or ())
        return cls(**{**limits, "incompatible_lots": pairs})


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationModel:
    """Everything that decides how bids compare; it names no bidder.

    `minimum_points_milli` is in thousandths of a quality point: 50 000 is 50 points. `tie_seed` is
    drawn when the ITN is issued, and None until then. `descriptors` say what each mark means.
    """

    lots: tuple[Lot, ...]
    criteria: tuple[Criterion, ...]
    max_mark: int
    minimum_points_milli: int
    price: PriceModel
    limits: Limits
    objective: Objective = Objective.MIN_SUM_PPQP
    award_rule: AwardRule = AwardRule.OPTIMUM
    group_rule: str = GROUP_RULE
    closing_rule: ClosingRule = ClosingRule.MAJORITY
    descriptors: Scale = STANDARD
    tie_seed: str | None = None

    @property
    def total_annual_value_pence(self) -> int:
        """The base of every share: all lots as published, also one that is never awarded."""
        return sum(lot.annual_value_pence for lot in self.lots)


@dataclass(frozen=True, slots=True)
class ModelProblem:
    """Why a model cannot be published: the place, such as "criteria.C3.weight", and a sentence."""

    where: str
    sentence: str


def notice_problems(model: EvaluationModel) -> list[ModelProblem]:
    """What keeps the notice from being published: lots, limits, criteria and their importance."""
    return [*_lot_problems(model), *_limit_problems(model), *_criterion_problems(model)]


def problems(model: EvaluationModel) -> list[ModelProblem]:
    """Everything that keeps the whole model from being published with the ITN.

    The weights of the criteria sum to exactly 100 and those of the leaves to their criterion's;
    minimum marks lie on the scale; ids stand once; every leaf has its question. Price per quality
    point ranks the bids, so the one objective that equals that ranking may be published.
    """
    return [
        *notice_problems(model),
        *_leaf_problems(model),
        *_scale_problems(model),
        *_price_problems(model.price),
        *_rule_problems(model),
    ]


def _lot_problems(model: EvaluationModel) -> list[ModelProblem]:
    found = [] if model.lots else [ModelProblem("lots", "There is no lot. Add at least one.")]
    found += _repeated("lots", (lot.reference for lot in model.lots))
    found += [
        ModelProblem(
            f"lots.{lot.reference}.annual_value_pence",
            f"The annual value of {lot.name} must be above 0.",
        )
        for lot in model.lots
        if lot.annual_value_pence <= 0
    ]
    found += [
        ModelProblem(f"lots.{lot.reference}.name", "Every lot needs a name.")
        for lot in model.lots
        if not lot.name.strip()
    ]
    return found


def _limit_problems(model: EvaluationModel) -> list[ModelProblem]:
    limits = model.limits
    found = [
        ModelProblem(f"limits.{name}", "A limit is a whole number of at least 1, or left empty.")
        for name, value in limits.as_dict().items()
        if name != "incompatible_lots"
        and (isinstance(value, bool) or not isinstance(value, int) or value < 1)
    ]
    for name in ("max_value_share_per_bidder_ppm", "max_value_share_per_group_ppm"):
        share = getattr(limits, name)
        if not isinstance(share, int) or share < 1:
            continue
        if share > FULL_SHARE_PPM:
            found.append(ModelProblem(f"limits.{name}", "A share is at most 100 %."))
        found += [
            ModelProblem(
                f"limits.{name}",
                f"Nobody could win {lot.name}: its value alone is above this share of the total. "
                "Raise the share.",
            )
            for lot in model.lots
            if lot.annual_value_pence * FULL_SHARE_PPM > share * model.total_annual_value_pence
        ]
    winners = limits.min_distinct_winners
    if winners is not None and winners > len(model.lots):
        found.append(
            ModelProblem("limits.min_distinct_winners", "There are fewer lots than winners asked.")
        )
    known = {lot.reference for lot in model.lots}
    for first, second in limits.incompatible_lots:
        if first == second or not {first, second} <= known:
            sentence = f"{first} and {second} are not two lots of this competition."
            found.append(ModelProblem("limits.incompatible_lots", sentence))
    return found


def _criterion_problems(model: EvaluationModel) -> list[ModelProblem]:
    if not model.criteria:
        return [ModelProblem("criteria", "There is no criterion. Add at least one.")]
    found = _repeated("criteria", (criterion.id for criterion in model.criteria))
    for criterion in model.criteria:
        where = f"criteria.{criterion.id}"
        if not criterion.name.strip():
            found.append(ModelProblem(f"{where}.name", "Every criterion needs a name."))
        found += _weight_problems(f"{where}.weight", criterion.weight)
    found += _sum_problems(
        "criteria",
        (criterion.weight for criterion in model.criteria),
        _HUNDRED,
        "The weights of the criteria",
    )
    return found


def _leaf_problems(model: EvaluationModel) -> list[ModelProblem]:
    leaves = list(chain.from_iterable(criterion.leaves for criterion in model.criteria))
    found = _repeated("leaves", (leaf.id for leaf in leaves))
    for criterion in model.criteria:
        where = f"criteria.{criterion.id}"
        if not criterion.leaves:
            found.append(
                ModelProblem(f"{where}.leaves", f"{criterion.name} has no question. Add one.")
            )
            continue
        for leaf in criterion.leaves:
            found += _weight_problems(f"{where}.leaves.{leaf.id}.weight", leaf.weight)
            if not leaf.text.strip():
                found.append(
                    ModelProblem(f"{where}.leaves.{leaf.id}.text", f"Question {leaf.id} is empty.")
                )
        found += _sum_problems(
            f"{where}.leaves",
            (leaf.weight for leaf in criterion.leaves),
            criterion.weight,
            f"The weights of the questions of {criterion.name}",
        )
    return found


def _scale_problems(model: EvaluationModel) -> list[ModelProblem]:
    found = []
    if model.max_mark < 1:
        found.append(ModelProblem("max_mark", "The highest mark must be at least 1."))
    if not 0 <= model.minimum_points_milli <= FULL_POINTS_MILLI:
        found.append(ModelProblem("minimum_points", "The minimum must be from 0 to 100 points."))
    found += [
        ModelProblem(f"descriptors.{mark}.{part}", sentence)
        for mark, part, sentence in scale_faults(model.descriptors, model.max_mark)
    ]
    found += [
        ModelProblem(
            f"criteria.{criterion.id}.minimum_mark",
            f"The minimum mark of {criterion.name} must be from 0 to {model.max_mark}.",
        )
        for criterion in model.criteria
        if not 0 <= criterion.minimum_mark <= model.max_mark
    ]
    return found


def _price_problems(price: PriceModel) -> list[ModelProblem]:
    found = []
    if price.base_year < 1:
        found.append(ModelProblem("price.base_year", "Enter the year of the price base."))
    if not 1 <= price.years <= _MAX_YEARS:
        found.append(
            ModelProblem("price.years", f"The years of fees must be from 1 to {_MAX_YEARS}.")
        )
    if not price.discount_rate.is_finite() or not 0 <= price.discount_rate < 1:
        found.append(
            ModelProblem(
                "price.discount_rate",
                "The discount rate is a fraction from 0 to below 1: write 3.5 % as 0.035.",
            )
        )
    return found


def _rule_problems(model: EvaluationModel) -> list[ModelProblem]:
    found = []
    if model.objective is not Objective.MIN_SUM_PPQP:
        found.append(
            ModelProblem(
                "objective",
                "Price per quality point ranks the bids, so the award must minimise the sum of "
                "price per quality point: only that objective gives each lot to its "
                "first-ranked bid when no limit binds.",
            )
        )
    if model.group_rule != GROUP_RULE:
        found.append(ModelProblem("group_rule", 'A share in a consortium counts "whole".'))
    return found


def _weight_problems(where: str, weight: Decimal) -> list[ModelProblem]:
    # Few decimals, so that the sums below are exact in decimal arithmetic of 28 digits.
    if weight.is_finite() and 0 < weight <= _HUNDRED and weight == round(weight, _MAX_DECIMALS):
        return []
    return [
        ModelProblem(
            where, f"A weight is above 0, at most 100, with at most {_MAX_DECIMALS} decimals."
        )
    ]


def _sum_problems(
    where: str, weights: Iterable[Decimal], expected: Decimal, what: str
) -> list[ModelProblem]:
    summands = list(weights)
    if not all(weight.is_finite() for weight in (*summands, expected)):
        return []  # named as a weight already
    total = sum(summands, Decimal(0))
    if total == expected:
        return []
    return [
        ModelProblem(
            where,
            f"{what} sum to {decimal_text(total)}, not to {decimal_text(expected)}. Change them.",
        )
    ]


def _repeated(where: str, ids: Iterable[str]) -> list[ModelProblem]:
    seen: set[str] = set()
    found = []
    for name in ids:
        if not name.strip():
            found.append(ModelProblem(where, "Every one of these needs an identifier."))
        elif name in seen:
            found.append(ModelProblem(f"{where}.{name}", f"{name} stands there twice. Change one."))
        seen.add(name)
    return found


def decimal_text(number: Decimal) -> str:
    """A decimal in the shortest plain digits: 15.00 is "15", 0.0350 is "0.035"."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
