"""A rehearsal of drafted rules: the rules as they are drafted, and what came of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from sqlalchemy import select

from commissioning.award.domain.plain import from_plain
from commissioning.award.domain.problem import AwardRule
from commissioning.award.domain.rehearsal import (
    LimitOutlook,
    MarksOutlook,
    Rehearsal,
    RuleOutlook,
    Spread,
    assumptions_in_words,
    award_in_words,
    invention_in_words,
    kinds_in_words,
    limits_in_words,
    marks_in_words,
    reservations_in_words,
    rules_in_words,
)
from commissioning.award.domain.standing import rule_name
from commissioning.award.models import AwardWork
from commissioning.award.queries.scenarios import Progress, progress_of
from commissioning.competition import queries as competitions
from commissioning.competition.domain.criteria import decimal_text
from commissioning.competition.models import Competition
from commissioning.infrastructure.database import db
from commissioning.kernel.canonical import sha256_hex

_MILLI: Final = Decimal(1000)


def drafted_rules(competition: Competition) -> dict[str, Any]:
    """What of the evaluation model decides an award, as it is drafted or frozen now.

    As plain JSON, without the names and texts that decide nothing. A criterion that has no question
    yet is marked as a whole.
    """
    model = competitions.evaluation_model(competition)
    return {
        "lots": [
            {
                "id": lot.reference,
                "annual_value_pence": lot.annual_value_pence,
                "ceiling_price_pence": lot.ceiling_price_pence,
            }
            for lot in model.lots
        ],
        "criteria": [
            {
                "id": criterion.id,
                "minimum_mark": criterion.minimum_mark,
                "leaves": [
                    {"id": leaf.id, "weight": decimal_text(leaf.weight)}
                    for leaf in criterion.leaves
                ]
                or [{"id": criterion.id, "weight": decimal_text(criterion.weight)}],
            }
            for criterion in model.criteria
        ],
        "max_mark": model.max_mark,
        "minimum_points": decimal_text(model.minimum_points_milli / _MILLI),
        "price": {
            "discount_rate": decimal_text(model.price.discount_rate),
            "years": model.price.years,
        },
        "limits": model.limits.as_dict(),
        "objective": model.objective.value,
        "award_rule": model.award_rule.value,
    }


@dataclass(frozen=True, slots=True)
class LotRow:
    """In how many markets a lot had no valid bid, one, two, or more."""

    lot: str
    without_bid: int
    with_one: int
    with_two: int
    with_more: int


@dataclass(frozen=True, slots=True)
class CostRow:
    """In how many markets something costs, and how much as a part of the objective.

    `costing` of `compared` markets; `besides` says what else there is to know of it.
    """

    name: str
    is_stated: bool
    costing: int
    compared: int
    besides: str
    spread: Spread | None


@dataclass(frozen=True, slots=True)
class KindRow:
    """How a kind of bidder fares, over all markets with an award."""

    name: str
    bidders: int
    winners: int
    bids: int
    lots_won: int
    value_share: Fraction

    @property
    def part_won(self) -> Fraction:
        """The part of its bids that won."""
        return Fraction(self.lots_won, self.bids) if self.bids else Fraction(0)


@dataclass(frozen=True, slots=True)
class RehearsalShown:
    """What came of a rehearsal, part by part, in figures and in words."""

    markets: int
    invention: str
    assumptions: tuple[str, ...]
    reservations: tuple[str, ...]
    bids_in_words: tuple[str, ...]
    lots: tuple[LotRow, ...]
    limits_in_words: tuple[str, ...]
    limits: tuple[CostRow, ...]
    rules_in_words: tuple[str, ...]
    rules: tuple[CostRow, ...]
    kinds_in_words: tuple[str, ...]
    kinds: tuple[KindRow, ...]
    marks_in_words: tuple[str, ...]
    marks: MarksOutlook


@dataclass(frozen=True, slots=True)
class RehearsalStanding:
    """How far the rehearsal asked for last is, and what came of the last finished one.

    `is_stale` says that the rules have changed since.
    """

    progress: Progress | None
    shown: RehearsalShown | None
    asked_by: str | None
    asked_at: datetime | None
    is_stale: bool


def rehearsal_standing(competition: Competition, real_now: datetime) -> RehearsalStanding:
    """How far the rehearsals of a competition's rules are, and what came of the last one."""
    works = _rehearsals(competition)
    done = next((work for work in works if work.answer is not None), None)
    return RehearsalStanding(
        progress_of(works[0], real_now) if works else None,
        _shown(done) if done is not None else None,
        done.asked_by if done is not None else None,
        done.asked_at if done is not None else None,
        done is not None and done.problem_sha256 != sha256_hex(drafted_rules(competition)),
    )


def _rehearsals(competition: Competition) -> Sequence[AwardWork]:
    return db.session.scalars(
        select(AwardWork)
        .where(
            AwardWork.competition_id == competition.id,
            AwardWork.run_id.is_(None),
            AwardWork.scenario_id.is_(None),
        )
        .order_by(AwardWork.id.desc())
        .limit(50)
    ).all()


def _shown(work: AwardWork) -> RehearsalShown:
    document = json.loads(work.answer or "{}")
    rehearsal = from_plain(Rehearsal, document["rehearsal"])
    marks = from_plain(MarksOutlook, document["marks"])
    return RehearsalShown(
        markets=len(rehearsal.markets),
        invention=invention_in_words(rehearsal),
        assumptions=assumptions_in_words(rehearsal.assumptions),
        reservations=reservations_in_words(rehearsal),
        bids_in_words=(_bids(rehearsal), *award_in_words(rehearsal)),
        lots=tuple(
            _lot(lot.lot, lot.markets_by_bids, len(rehearsal.markets)) for lot in rehearsal.lots
        ),
        limits_in_words=limits_in_words(rehearsal),
        limits=(
            _limit("The share limit", rehearsal.share_limit),
            _limit("The funding test", rehearsal.funding_test),
        ),
        rules_in_words=rules_in_words(rehearsal),
        rules=tuple(
            _rule(rule, rehearsal) for rule in rehearsal.rules if rule.rule is not AwardRule.OPTIMUM
        ),
        kinds_in_words=kinds_in_words(rehearsal),
        kinds=tuple(
            KindRow(
                kind.name, kind.bidders, kind.winners, kind.bids, kind.lots_won, kind.value_share
            )
            for kind in rehearsal.kinds
        ),
        marks_in_words=marks_in_words(marks),
        marks=marks,
    )


def _bids(rehearsal: Rehearsal) -> str:
    """In how many markets some lot stays without a bid, or with one alone."""

    def some(has: Callable[[Any], int]) -> int:
        return sum(has(market) > 0 for market in rehearsal.markets)

    return (
        f"In {some(lambda market: market.lots_without_bid)} of {len(rehearsal.markets)} markets "
        "some lot stays without a valid bid, and in "
        f"{some(lambda market: market.lots_with_one_bid)} some lot has one alone."
    )


def _lot(lot: str, by_bids: tuple[int, ...], markets: int) -> LotRow:
    none, one, two = (*by_bids, 0, 0, 0)[:3]
    return LotRow(lot, none, one, two, markets - none - one - two)


def _limit(name: str, limit: LimitOutlook) -> CostRow:
    besides = (
        f"{limit.made_impossible} have an award only without it" if limit.made_impossible else ""
    )
    return CostRow(name, limit.is_stated, limit.costing, limit.compared, besides, limit.relative)


def _rule(rule: RuleOutlook, rehearsal: Rehearsal) -> CostRow:
    besides = []
    if rule.leaving_lots:
        besides.append(f"leaves lots to nobody in {rule.leaving_lots}")
    if rule.without_award:
        besides.append(f"gives no award in {rule.without_award}")
    is_own = rule.rule is rehearsal.published
    return CostRow(
        rule_name(rule.rule) + (" (the rule of this draft)" if is_own else ""),
        is_own,
        rule.differing,
        rule.whole,
        "; ".join(besides),
        rule.worse_by,
    )
