"""The two freezes: what the notice fixes, and the whole model that the ITN fixes.

Each is a plain dict with its own SHA-256 over canonical JSON, so that anybody can check, years
later and without this platform, that bids were compared as published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from commissioning.competition.domain.criteria import (
    AwardRule,
    ClosingRule,
    Criterion,
    EvaluationModel,
    Leaf,
    Limits,
    ModelProblem,
    Objective,
    PriceModel,
    Scope,
    decimal_text,
    notice_problems,
    problems,
)
from commissioning.competition.domain.lots import Lot
from commissioning.competition.domain.scale import Descriptor, standard_scale
from commissioning.kernel.canonical import sha256_hex
from commissioning.kernel.errors import DomainError

_HASH: Final = "sha256"
_MILLI: Final = Decimal(1000)


class ModelNotReady(DomainError, ValueError):
    """The model has problems and cannot be frozen; `problems` names them."""

    def __init__(self, found: Sequence[ModelProblem]) -> None:
        super().__init__(" ".join(problem.sentence for problem in found))
        self.problems = tuple(found)


class ModelChanged(DomainError, ValueError):
    """A frozen text does not have the hash that it states."""


def notice_dict(model: EvaluationModel) -> dict[str, Any]:
    """What the notice fixes: lots, values, limits, award rule, criteria and their importance.

    Plain JSON without floats, with its own `sha256`. Raises ModelNotReady.
    """
    _refuse(notice_problems(model))
    return _with_hash(
        {
            "lots": _lots(model),
            "limits": model.limits.as_dict(),
            "award_rule": model.award_rule.value,
            "criteria": [
                {
                    "id": criterion.id,
                    "name": criterion.name,
                    "weight": decimal_text(criterion.weight),
                }
                for criterion in model.criteria
            ],
        }
    )


def to_frozen_dict(model: EvaluationModel) -> dict[str, Any]:
    """The whole evaluation model as published with the ITN: `model.json` of the award pack.

    Plain JSON: money in pence, rates, weights and points as decimal strings, no float, no bidder.
    `sha256` is that of the rest in canonical JSON. Raises ModelNotReady, also while the seed of the
    ties is not drawn.
    """
    found = problems(model)
    if not model.tie_seed:
        found.append(ModelProblem("tie_seed", "The seed that decides ties is not drawn yet."))
    _refuse(found)
    return _with_hash(
        {
            "lots": _lots(model),
            "criteria": [
                {
                    "id": criterion.id,
                    "name": criterion.name,
                    "weight": decimal_text(criterion.weight),
                    "minimum_mark": criterion.minimum_mark,
                    "leaves": [
                        {
                            "id": leaf.id,
                            "weight": decimal_text(leaf.weight),
                            "scope": leaf.scope.value,
                        }
                        for leaf in criterion.leaves
                    ],
                }
                for criterion in model.criteria
            ],
            "max_mark": model.max_mark,
            "descriptors": [descriptor.as_dict() for descriptor in model.descriptors],
            "closing_rule": model.closing_rule.value,
            "minimum_points": decimal_text(model.minimum_points_milli / _MILLI),
            "price": {
                "base_year": model.price.base_year,
                "discount_rate": decimal_text(model.price.discount_rate),
                "years": model.price.years,
            },
            "objective": model.objective.value,
            "award_rule": model.award_rule.value,
            "limits": model.limits.as_dict(),
            "group_rule": model.group_rule,
            "tie_seed": model.tie_seed,
        }
    )


def from_frozen_dict(frozen: Mapping[str, Any]) -> EvaluationModel:
    """The model that a frozen text states, for whoever must compute with what was published.

    The questions' texts and what lots carry beside value and ceiling stand in the tender documents
    and come back empty. Raises ModelChanged where the text does not have its own hash.
    """
    if not is_intact(frozen):
        raise ModelChanged(
            "The frozen evaluation model is not the one that was published: its hash differs. "
            "Stop, and call the auditor."
        )
    price = frozen["price"]
    return EvaluationModel(
        lots=tuple(
            Lot(
                reference=lot["id"],
                name=lot["name"],
                annual_value_pence=lot["annual_value_pence"],
                ceiling_price_pence=lot.get("ceiling_price_pence"),
            )
            for lot in frozen["lots"]
        ),
        criteria=tuple(_criterion(criterion) for criterion in frozen["criteria"]),
        max_mark=frozen["max_mark"],
        minimum_points_milli=int(Decimal(frozen["minimum_points"]) * _MILLI),
        price=PriceModel(price["base_year"], Decimal(price["discount_rate"]), price["years"]),
        limits=Limits.from_dict(frozen["limits"]),
        objective=Objective(frozen["objective"]),
        award_rule=AwardRule(frozen["award_rule"]),
        group_rule=frozen["group_rule"],
        closing_rule=ClosingRule(frozen["closing_rule"]),
        # What was frozen before the descriptors were part of it was marked by the standard ones.
        descriptors=tuple(Descriptor.from_dict(told) for told in frozen["descriptors"])
        if "descriptors" in frozen
        else standard_scale(frozen["max_mark"]),
        tie_seed=frozen["tie_seed"],
    )


def is_intact(frozen: Mapping[str, Any]) -> bool:
    """Whether a frozen text has the SHA-256 that it states of itself."""
    rest = {name: value for name, value in frozen.items() if name != _HASH}
    return frozen.get(_HASH) == sha256_hex(rest)


def _criterion(criterion: Mapping[str, Any]) -> Criterion:
    return Criterion(
        id=criterion["id"],
        name=criterion["name"],
        weight=Decimal(criterion["weight"]),
        minimum_mark=criterion["minimum_mark"],
        leaves=tuple(
            Leaf(id=leaf["id"], weight=Decimal(leaf["weight"]), scope=Scope(leaf["scope"]))
            for leaf in criterion["leaves"]
        ),
    )


def _lots(model: EvaluationModel) -> list[dict[str, Any]]:
    # a ceiling keeps a dearer bid from winning, so where one is published it is frozen too
    return [
        {
            "id": lot.reference,
            "name": lot.name,
            "annual_value_pence": lot.annual_value_pence,
            **(
                {"ceiling_price_pence": lot.ceiling_price_pence}
                if lot.ceiling_price_pence is not None
                else {}
            ),
        }
        for lot in model.lots
    ]


def _refuse(found: Sequence[ModelProblem]) -> None:
    if found:
        raise ModelNotReady(found)


def _with_hash(fields: dict[str, Any]) -> dict[str, Any]:
    return {**fields, _HASH: sha256_hex(fields)}
