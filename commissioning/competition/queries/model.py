"""Reading the rules of a competition: as its rows say them, or as they were frozen."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from commissioning.competition.domain.criteria import (
    AwardRule,
    ClosingRule,
    Criterion,
    EvaluationModel,
    Leaf,
    Limits,
    Objective,
    PriceModel,
    Scope,
)
from commissioning.competition.domain.frozen_model import ModelChanged, from_frozen_dict, is_intact
from commissioning.competition.domain.lots import Lot, carried
from commissioning.competition.domain.scale import Descriptor
from commissioning.competition.domain.selection_rules import (
    QuestionKind,
    SelectionRules,
    question_with_rule,
)
from commissioning.competition.models import Competition
from commissioning.competition.models import Lot as LotRow

_TAMPERED = "This frozen text is not the one that was published. Stop, and call the auditor."


def as_lot(row: LotRow) -> Lot:
    """The lot that a row keeps, with all that it carries."""
    return Lot(
        reference=row.reference,
        name=row.name,
        annual_value_pence=row.annual_value_pence,
        term_years=row.term_years,
        ceiling_price_pence=row.ceiling_price_pence,
        tile_column=row.tile_column,
        tile_row=row.tile_row,
        **carried(row.carries),
    )


def limits_of(competition: Competition) -> Limits:
    """The limits on what one bidder, or one supplier through all its bidders, may win."""
    return Limits.from_dict(
        {**competition.limits, "funding_multiple": competition.funding_multiple}
    )


def drafted_model(competition: Competition) -> EvaluationModel:
    """The evaluation model as the rows say it now, with the text of every question."""
    return EvaluationModel(
        lots=tuple(as_lot(row) for row in competition.lots),
        criteria=tuple(
            Criterion(
                id=row.reference,
                name=row.name,
                weight=row.weight,
                minimum_mark=row.minimum_mark,
                leaves=tuple(
                    Leaf(leaf.reference, leaf.weight, Scope(leaf.scope), leaf.question)
                    for leaf in row.leaves
                ),
            )
            for row in competition.criteria
        ),
        max_mark=competition.max_mark,
        minimum_points_milli=competition.minimum_points,
        price=PriceModel(
            competition.price_base_year, competition.discount_rate, competition.price_years
        ),
        limits=limits_of(competition),
        objective=Objective(competition.objective),
        award_rule=AwardRule(competition.award_rule),
        group_rule=competition.group_rule,
        closing_rule=ClosingRule(competition.closing_rule),
        descriptors=tuple(Descriptor.from_dict(told) for told in competition.mark_descriptors),
        tie_seed=competition.tie_seed,
    )


def evaluation_model(competition: Competition) -> EvaluationModel:
    """The model by which bids are compared: from the ITN on the frozen one, before as drafted.

    The frozen one holds no texts of questions; they are the rows of the leaves. Raises ModelChanged
    where the frozen text does not have its hash.
    """
    if competition.model is None or competition.model_sha256 is None:
        return drafted_model(competition)
    return _thawed(competition.model, competition.model_sha256)


@lru_cache(maxsize=32)
def _thawed(text: str, sha256: str) -> EvaluationModel:
    return from_frozen_dict(_loaded(text, sha256))


def _loaded(text: str, sha256: str) -> dict[str, Any]:
    frozen: dict[str, Any] = json.loads(text)
    if not is_intact(frozen) or frozen["sha256"] != sha256:
        raise ModelChanged(_TAMPERED)
    return frozen


def frozen_notice(competition: Competition) -> dict[str, Any] | None:
    """What the notice fixed, with its SHA-256; None before it is issued.

    Raises ModelChanged where the text does not have its hash.
    """
    if competition.notice is None or competition.notice_sha256 is None:
        return None
    return _loaded(competition.notice, competition.notice_sha256)


def frozen_model(competition: Competition) -> dict[str, Any] | None:
    """The whole evaluation model as the ITN fixed it, with its SHA-256; None before.

    Raises ModelChanged where the text does not have its hash.
    """
    if competition.model is None or competition.model_sha256 is None:
        return None
    return _loaded(competition.model, competition.model_sha256)


def selection_rules(competition: Competition) -> SelectionRules:
    """The PQQ as its rows say it: the questions with their pass rules."""
    return SelectionRules(
        tuple(
            question_with_rule(row.reference, QuestionKind(row.kind), row.question, row.rule)
            for row in competition.questions
        )
    )
