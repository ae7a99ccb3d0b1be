"""Why an award is as it is: limits taken out one by one, and every losing bid forced in turn."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from commissioning.award.domain.explanation import (
    Explanation,
    LimitCost,
    Loser,
    RuleAnswer,
    reason_of_loss,
    winners_of,
)
from commissioning.award.domain.explanation.words import why_lost
from commissioning.award.domain.limits import Rule, broken_limits
from commissioning.award.domain.optimiser.deadline import OutOfTime
from commissioning.award.domain.optimiser.engine import Engine
from commissioning.award.domain.optimiser.inquiry import Inquiry
from commissioning.award.domain.optimiser.pursuit import Optimum
from commissioning.award.domain.optimiser.rules import answer_by
from commissioning.award.domain.problem import AwardRule, Bid
from commissioning.award.domain.what_if import stated_limits, without

_NOBODY_IN_PARTICULAR = frozenset({Rule.MIN_DISTINCT_WINNERS, Rule.BUDGET, Rule.PACKAGES})


def explain(
    engine: Engine,
    award: Mapping[str, str],
    known: Mapping[AwardRule, RuleAnswer],
    inquiry: Inquiry,
) -> Explanation:
    """Why each lot goes where it goes: costs of limits, losers, winners, and all award rules.

    `award` is what is explained, lot to bidder; swaps, ranks and moves are seen from it. Costs are
    those of the optimum, whatever the award rule: each is an exact difference of two proven
    optima, None where one of them does not exist or the time ended first. `known` are answers of
    award rules that need not be worked out again.
    """
    problem = engine.problem
    rules = {
        rule: known[rule] if rule in known else answer_by(rule, engine, inquiry)
        for rule in AwardRule
    }
    optimum = rules[AwardRule.OPTIMUM]
    best = optimum.objective if optimum.is_proven else None
    limits = stated_limits(problem)
    lost = [
        bid
        for lot in problem.lots
        for bid in problem.bids_on[lot.id]
        if award.get(lot.id) != bid.bidder
    ]
    total = len(limits) + len(lost)
    costs, losers = {}, []
    for done, rule in enumerate(limits):
        inquiry.tell(done, total)
        costs[rule] = _limit_cost(engine, rule, best, inquiry)
    for done, bid in enumerate(lost, start=len(limits)):
        inquiry.tell(done, total)
        losers.append(_loser(engine, award, bid, best, inquiry))
    inquiry.tell(total, total)
    return Explanation(
        limits=costs,
        losers=tuple(losers),
        winners=winners_of(problem, award),
        rules=rules,
    )


def _limit_cost(engine: Engine, rule: Rule, best: Fraction | None, inquiry: Inquiry) -> LimitCost:
    """What one limit costs, and for whom it binds: the problem is solved again without it."""
    problem = engine.problem
    try:
        found = inquiry.optimum(inquiry.engine(without(problem, rule)))
    except OutOfTime:
        return LimitCost(None, None, ())
    if found.value is None:
        return LimitCost(None, None, ())
    cost = None if best is None else abs(found.value - best)
    if rule in _NOBODY_IN_PARTICULAR:
        return LimitCost(found.value, cost, ())
    subjects = [each.subject for each in broken_limits(problem, found.award) if each.rule is rule]
    if rule is Rule.LOT_MAX_PRICE:
        subjects = [found.award[lot] for lot in subjects]
    return LimitCost(found.value, cost, tuple(dict.fromkeys(subjects)))


def _loser(
    engine: Engine, award: Mapping[str, str], bid: Bid, best: Fraction | None, inquiry: Inquiry
) -> Loser:
    """Why one bid lost, and what it would cost to let it win."""
    problem = engine.problem
    found: Optimum | None
    try:
        found = inquiry.optimum(engine, {bid.lot: bid.bidder})
    except OutOfTime:
        found = None
    is_impossible = found is not None and not found.award
    reason, broken = reason_of_loss(problem, award, bid, is_impossible=is_impossible)
    moving: tuple[str, ...] | None = None
    value = None
    if found is not None:
        value = found.value
        moving = tuple(
            lot.id
            for lot in problem.lots
            if found.award and lot.id != bid.lot and found.award[lot.id] != award.get(lot.id)
        )
    return Loser(
        bidder=bid.bidder,
        lot=bid.lot,
        reason=reason,
        objective_if_forced=value,
        cost_if_forced=None if value is None or best is None else abs(value - best),
        lots_that_would_move=moving or (),
        in_words=why_lost(
            problem,
            bid,
            reason,
            broken=broken,
            moving=moving,
            is_awarded=bid.lot in award,
        ),
    )
