"""One award problem from question to answer, by the award rule that it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

from commissioning.award.domain.answer import Answer, Infeasible, Partial, Proof, Relaxation, Status
from commissioning.award.domain.explanation import RuleAnswer
from commissioning.award.domain.limits import Rule, broken_limits
from commissioning.award.domain.objective import net_prices
from commissioning.award.domain.optimiser.deadline import Deadline, OutOfTime
from commissioning.award.domain.optimiser.explaining import explain as explanation_of
from commissioning.award.domain.optimiser.inquiry import Inquiry
from commissioning.award.domain.optimiser.rules import answer_by, forced_by
from commissioning.award.domain.optimiser.shortfall import shortfall
from commissioning.award.domain.optimiser.solvers import OPTIONS, SOLVERS, version_of
from commissioning.award.domain.problem import AwardRule, Problem, problem_sha256
from commissioning.award.domain.reversion import REVERSIONS
from commissioning.award.domain.verifier import verify


def solve(
    problem: Problem,
    *,
    solver: str = "highs",
    time_limit_s: float | None = None,
    explain: bool = False,
    threads: int = 1,
    told: Callable[[int, int], None] | None = None,
) -> Answer:
    """Every lot goes where the published award rule sends it, within all limits.

    The answer is the canonical award, `optimal` only when proven; a time limit (seconds) that
    comes first leaves `feasible` with bound and gap, or `unknown`. Under a reversion rule,
    `optimal` says that every lot goes as the rule says, and `feasible` that some are left over.
    `explain` adds why, within the same time limit: what it does not suffice for is None. `solver`
    is "highs" or "cbc", `threads` how many it may use: they change how the answer is reached, never
    the answer. `told` is called while it is explained, with how many of the what-ifs are answered
    and how many there are. Raises ValueError for a solver that it does not know.
    """
    if solver not in SOLVERS:
        raise ValueError(f"There is no solver {solver}; there are {', '.join(SOLVERS)}.")
    inquiry = Inquiry(solver, Deadline(time_limit_s), told, threads=threads)
    engine = inquiry.engine(problem)
    rule = problem.award_rule
    found = answer_by(rule, engine, inquiry)
    status = _status(rule, found)
    has_award = status in (Status.OPTIMAL, Status.FEASIBLE)
    is_whole = has_award and not (found.unawarded and rule in REVERSIONS)
    explanation = None
    if explain and has_award:
        explanation = explanation_of(engine, found.award, {rule: found}, inquiry)
    infeasible = _infeasible(problem, found, inquiry) if status is Status.INFEASIBLE else None
    answer = Answer(
        status=status,
        award=found.award if has_award else {},
        objective=found.objective if has_award else None,
        bound=found.bound if is_whole else None,
        unique=found.is_unique if is_whole else None,
        explanation=explanation,
        infeasible=infeasible,
        proof=Proof(
            problem_sha256=problem_sha256(problem),
            solver=solver,
            solver_version=version_of(solver),
            options={
                **OPTIONS,
                "threads": threads,
                "time_limit": None if time_limit_s is None else f"{time_limit_s:g}",
                "certificate": inquiry.certificate.value,
            },
            seconds=round(inquiry.deadline.elapsed, 6),
        ),
    )
    if answer.award and verify(problem, answer.to_dict()):
        raise AssertionError("The optimiser made an award that the verifier refuses.")
    return answer


def _status(rule: AwardRule, found: RuleAnswer) -> Status:
    if not found.award or found.broken:
        return Status.INFEASIBLE if found.is_proven else Status.UNKNOWN
    if rule in REVERSIONS:
        return Status.FEASIBLE if found.unawarded else Status.OPTIMAL
    return Status.OPTIMAL if found.is_proven else Status.FEASIBLE


def _infeasible(problem: Problem, found: RuleAnswer, inquiry: Inquiry) -> Infeasible:
    """Why the rule gives no award: because there is none, or because of the rule alone."""
    rule = problem.award_rule
    if rule is AwardRule.OPTIMUM:
        return shortfall(problem, inquiry)
    try:
        if not inquiry.is_feasible(problem):
            return shortfall(problem, inquiry)
    except OutOfTime:
        return Infeasible(f"{rule} gives no award; whether another rule does was not settled.")
    if rule in REVERSIONS:
        return _infeasible_by_reversion(problem, found)
    fixed = {**problem.fixed, **forced_by(rule, problem)}
    why = shortfall(problem.changed(fixed=fixed), inquiry)
    start = "With the first places that protected_optimum keeps, there is no award"
    return replace(why, in_words=f"{start}; without that rule there is one. {why.in_words}")


def _infeasible_by_reversion(problem: Problem, found: RuleAnswer) -> Infeasible:
    """A reversion's award breaks the budget or has too few winners: the rule has no other.

    `partial` is then what the rule gives, and each relaxation what would let that stand.
    """
    sentences = [each.in_words for each in broken_limits(problem, found.award)]
    said = " ".join(sentences) or "Nobody may take any lot."
    alone = len(found.broken) == 1
    needed: Mapping[Rule, tuple[int | None, int]] = {
        Rule.MIN_DISTINCT_WINNERS: (
            problem.limits.min_distinct_winners,
            len(set(found.award.values())),
        ),
        Rule.BUDGET: (problem.limits.budget, sum(net_prices(problem, found.award).values())),
    }
    relaxations = tuple(
        Relaxation(rule, None, stated, to if alone and rule in found.broken else None)
        for rule, (stated, to) in needed.items()
        if stated is not None
    )
    return Infeasible(
        f"By {problem.award_rule}, no award keeps every limit. {said}",
        found.broken[-1:],
        Partial(found.award, found.objective or Fraction(0)),
        relaxations,
    )
