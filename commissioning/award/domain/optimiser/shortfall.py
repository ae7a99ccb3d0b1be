"""Where no award exists: the limits in conflict, the most that can be awarded, what would help."""

from __future__ import annotations

from fractions import Fraction

from commissioning.award.domain.answer import Infeasible, Partial, Relaxation
from commissioning.award.domain.conflict import (
    conflict,
    largest_held,
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
        return _most_winners(problem, stated, inquiry)
    if rule in _COUNTED_BY_ALL:
        return _least_allowed(problem, rule, stated, inquiry)
    question = least_held(problem, rule, holder or "")
    found = inquiry.optimum(inquiry.engine(question.problem))
    if found.value is None:
        return None
    held = question.total - int(found.value)
    return share_needed(problem, held) if rule is Rule.GROUP_MAX_VALUE_SHARE else held


def _most_winners(problem: Problem, stated: int, inquiry: Inquiry) -> int | None:
    """The largest least number of winners, below the stated one, for which there is an award."""
    rule = Rule.MIN_DISTINCT_WINNERS
    known: int | None = None
    above = stated
    while (known or 0) + 1 < above:
        middle = ((known or 0) + above) // 2
        award = inquiry.any_award(with_limit(problem, rule, None, middle))
        if award is None:
            above = middle
        else:
            known = len(set(award.values()))
    return known


def _least_allowed(problem: Problem, rule: Rule, stated: int, inquiry: Inquiry) -> int | None:
    """The smallest value of a limit on all bidders or groups for which there is an award.

    Halving, but every award that is found says by itself how much would do for it; and whether
    that is the least already is asked first, since near the least every proof is long.
    """
    award = inquiry.any_award(without(problem, rule))
    known = None if award is None else largest_held(problem, rule, award)
    if known is None:
        return None
    below, is_found = stated, False
    while below + 1 < known:
        middle = known - 1 if is_found else (below + known) // 2
        award = inquiry.any_award(with_limit(problem, rule, None, middle))
        is_found = award is not None and not is_found
        if award is None:
            below = middle
        else:
            known = min(middle, largest_held(problem, rule, award) or middle)
    return known
