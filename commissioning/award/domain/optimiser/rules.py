"""What each award rule makes of the bids: two optima, and two reversions that need no solver."""

from __future__ import annotations

from collections.abc import Mapping

from commissioning.award.domain.explanation import RuleAnswer
from commissioning.award.domain.limits import Rule, broken_limits
from commissioning.award.domain.objective import objective_value
from commissioning.award.domain.optimiser.engine import Engine
from commissioning.award.domain.optimiser.inquiry import Inquiry
from commissioning.award.domain.optimiser.pursuit import Optimum
from commissioning.award.domain.problem import AwardRule, Problem
from commissioning.award.domain.protection import protected_first_places
from commissioning.award.domain.reversion import REVERSIONS, reversion


def forced_by(rule: AwardRule, problem: Problem) -> dict[str, str]:
    """The lots that an award rule decides before anything is optimised: lot to bidder."""
    return protected_first_places(problem) if rule is AwardRule.PROTECTED_OPTIMUM else {}


def answer_by(rule: AwardRule, engine: Engine, inquiry: Inquiry) -> RuleAnswer:
    """The award that a rule gives, whatever rule the problem names.

    `optimum`: the best award within all limits. `protected_optimum`: first places of bidders whom
    no limit touches are fixed, the rest is the optimum. The reversions: lot by lot, see
    `reversion`. Where the time ends first, the answer is what was found, and says so.
    """
    problem = engine.problem
    if rule in REVERSIONS:
        return by_reversion(problem, reversion(problem, rule))
    found = engine.optimum(forced_by(rule, problem), deadline=inquiry.deadline)
    inquiry.note(found.certificate)
    return by_optimum(problem, found)


def by_optimum(problem: Problem, found: Optimum) -> RuleAnswer:
    """What the engine found, as the answer of a rule."""
    return RuleAnswer(
        award=found.award,
        objective=found.value,
        unawarded=_unawarded(problem, found.award),
        is_proven=found.is_proven and found.is_canonical,
        is_unique=found.is_unique,
        bound=found.bound,
    )


def by_reversion(problem: Problem, award: Mapping[str, str]) -> RuleAnswer:
    """A reversion's award as an answer: discounts counted, budget and winners checked at the end.

    A reversion gives one award only. Lots that are fixed against a limit are reported too.
    """
    broken = {each.rule for each in broken_limits(problem, award)}
    value = objective_value(problem, award)
    return RuleAnswer(
        award=award,
        objective=value,
        unawarded=_unawarded(problem, award),
        broken=tuple(rule for rule in Rule if rule in broken),
        is_proven=True,
        is_unique=True,
        bound=value,
    )


def _unawarded(problem: Problem, award: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(lot.id for lot in problem.lots if lot.id not in award)
