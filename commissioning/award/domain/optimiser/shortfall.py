"""Where no award exists: the limits in conflict, the most that can be awarded, what would help."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from commissioning.award.domain.answer import Infeasible, Partial, Relaxation
from commissioning.award.domain.conflict import (
    conflict,
    least_held,
    share_needed,
    with_gaps_allowed,
)
from commissioning.award.domain.infeasibility import why_infeasible
from commissioning.award.domain.limits import Rule
from commissioning.award.domain.objective import objective_value
from commissioning.award.domain.optimiser.deadline import OutOfTime
from commissioning.award.domain.optimiser.inquiry import Inquiry
from commissioning.award.domain.problem import Objective, Problem
from commissioning.award.domain.what_if import single_limits, with_limit, without

_COUNTED_BY_ALL = frozenset(
    {
        Rule.MAX_LOTS_PER_BIDDER,
        Rule.MAX_LOTS_PER_GROUP,
        Rule.MAX_VALUE_SHARE_PER_BIDDER,
        Rule.MAX_VALUE_SHARE_PER_GROUP,
    }
)


def shortfall(problem: Problem, inquiry: Inquiry) -> Infeasible:
    """Why no award exists, which limits conflict, the most that can be had, and what would help.

    To be asked only where no award exists. What the time does not suffice for stays None.
    """
    limits: tuple[Rule, ...] | None = None
    partial: Partial | None = None
    relaxed: tuple[Relaxation, ...] | None = None
    try:
        limits = conflict(problem, inquiry.is_feasible)
        partial = partial_award(problem, inquiry)
        relaxed = relaxations(problem, inquiry)
    except OutOfTime:
        pass
    return Infeasible(why_infeasible(problem, limits), limits, partial, relaxed)


def partial_award(problem: Problem, inquiry: Inquiry) -> Partial:
    """The most lots under all limits but the number of winners, then the best, then the tie rule.

    Two stages, each proven: first how many lots can be awarded, then the best of the awards that
    leave no more than that unawarded. A fixed lot goes to its bidder or to nobody; an unawarded
    lot counts last in the tie rule. Raises OutOfTime.
    """
    gaps = with_gaps_allowed(problem)
    most = inquiry.optimum(inquiry.engine(gaps.most_lots()))
    awarded = len(gaps.awarded(most.award))
    if awarded == 0:
        return Partial({}, Fraction(0))
    question = gaps.with_gaps(len(problem.lots) - awarded)
    found = gaps.awarded(inquiry.optimum(inquiry.engine(question)).award)
    return Partial(found, objective_value(problem, found))


def relaxations(problem: Problem, inquiry: Inquiry) -> tuple[Relaxation, ...]:
    """For each limit alone, the nearest integer that makes the problem feasible, else None.

    All other limits stay as they are. "At most" limits give way upwards, the least number of
    winners downwards. Incompatible lots are no integer and are left out. Raises OutOfTime.
    """
    helps = {
        rule: inquiry.is_feasible(without(problem, rule))
        for rule in dict.fromkeys(rule for rule, _, _ in single_limits(problem))
    }
    return tuple(
        Relaxation(
            rule,
            holder,
            stated,
            _needed(problem, rule, holder, stated, inquiry) if helps[rule] else None,
        )
        for rule, holder, stated in single_limits(problem)
    )


def _needed(
    problem: Problem, rule: Rule, holder: str | None, stated: int, inquiry: Inquiry
) -> int | None:
    if rule is Rule.BUDGET:
        cheapest = without(problem, rule).changed(objective=Objective.MIN_TOTAL_PRICE)
        found = inquiry.optimum(inquiry.engine(cheapest))
        return None if found.value is None else int(found.value)
    if rule is Rule.MIN_DISTINCT_WINNERS:
        # Counted down from what is stated, so that nearer is smaller.
        steps = _first(
            lambda down: inquiry.is_feasible(with_limit(problem, rule, None, stated - down)),
            1,
            stated - 1,
        )
        return None if steps is None else stated - steps
    if rule in _COUNTED_BY_ALL:
        most: int | None = len(problem.lots)
        if "share" in rule.value:
            most = share_needed(problem, sum(lot.value for lot in problem.lots))
        if most is None:
            return None
        return _first(
            lambda value: inquiry.is_feasible(with_limit(problem, rule, None, value)),
            stated + 1,
            most,
        )
    question = least_held(problem, rule, holder or "")
    found = inquiry.optimum(inquiry.engine(question.problem))
    if found.value is None:
        return None
    held = question.total - int(found.value)
    return share_needed(problem, held) if rule is Rule.GROUP_MAX_VALUE_SHARE else held


def _first(helps: Callable[[int], bool], least: int, most: int) -> int | None:
    """The smallest integer from `least` to `most` that helps; whatever helps, more of it does."""
    if most < least or not helps(most):
        return None
    while least < most:
        middle = (least + most) // 2
        if helps(middle):
            most = middle
        else:
            least = middle + 1
    return least
