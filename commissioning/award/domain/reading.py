"""What an answer says, read back from its document: the explanation, and why there is no award.

For documents that `Answer.to_dict` wrote and that nobody changed; what else comes is a KeyError or
a ValueError.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from commissioning.award.domain.answer import Infeasible, Partial, Relaxation
from commissioning.award.domain.comparison import Displaced
from commissioning.award.domain.explanation import (
    Explanation,
    LimitCost,
    Loser,
    Reason,
    RuleAnswer,
    Winner,
)
from commissioning.award.domain.limits import Rule
from commissioning.award.domain.problem import AwardRule


def read_explanation(answer: Mapping[str, Any]) -> Explanation | None:
    """The explanation in an answer; None where there is none."""
    written = answer.get("explanation")
    if written is None:
        return None
    return Explanation(
        limits={
            Rule(name): LimitCost(
                _number(cost["objective_without"]),
                _number(cost["cost"]),
                tuple(cost["binding_for"]),
            )
            for name, cost in _in_order(written["limits"])
        },
        losers=tuple(_loser(each) for each in written["losers"]),
        winners=tuple(_winner(each) for each in written["winners"]),
        rules={rule: _rule_answer(written["rules"][rule.value]) for rule in AwardRule},
    )


def read_infeasible(answer: Mapping[str, Any]) -> Infeasible | None:
    """Why an answer holds no award; None where it does, or where that is not known."""
    written = answer.get("infeasible")
    if written is None:
        return None
    partial, conflict, relaxations = (
        written.get(name) for name in ("partial", "conflict", "relaxations")
    )
    return Infeasible(
        written["in_words"],
        None if conflict is None else tuple(Rule(name) for name in conflict),
        None
        if partial is None
        else Partial(dict(partial["award"]), Fraction(partial["objective"])),
        None
        if relaxations is None
        else tuple(
            Relaxation(Rule(each["rule"]), each["id"], each["from"], each["to"])
            for each in relaxations
        ),
    )


def _in_order(limits: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Limits in their usual order: canonical JSON sorts them by name."""
    return [(rule.value, limits[rule.value]) for rule in Rule if rule.value in limits]


def _number(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


def _loser(written: Mapping[str, Any]) -> Loser:
    return Loser(
        bidder=written["bidder"],
        lot=written["lot"],
        reason=Reason(written["reason"]),
        objective_if_forced=_number(written["objective_if_forced"]),
        cost_if_forced=_number(written["cost_if_forced"]),
        lots_that_would_move=tuple(written["lots_that_would_move"]),
        in_words=written["in_words"],
    )


def _winner(written: Mapping[str, Any]) -> Winner:
    return Winner(
        lot=written["lot"],
        bidder=written["bidder"],
        rank_on_lot=written["rank_on_lot"],
        displaced=tuple(
            Displaced(each["bidder"], tuple(Rule(name) for name in each["limits"]))
            for each in written["displaced"]
        ),
        in_words=written["in_words"],
    )


def _rule_answer(written: Mapping[str, Any]) -> RuleAnswer:
    return RuleAnswer(
        award=dict(written["award"]),
        objective=_number(written["objective"]),
        unawarded=tuple(written["unawarded"]),
        broken=tuple(Rule(name) for name in written["broken"]),
        is_proven=written["proven"],
    )
