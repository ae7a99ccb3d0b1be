"""The optimiser: the best award over all lots, proven in exact arithmetic.

This package alone knows PuLP and HiGHS. `program` states the model; `solvers` has it solved;
`relaxation` and `bounds` make exact bounds; `search` proves; `engine` puts them together.
"""

from __future__ import annotations

from commissioning.award.domain.answer import Answer, Proof, Status
from commissioning.award.domain.infeasibility import why_infeasible
from commissioning.award.domain.optimiser.deadline import Deadline
from commissioning.award.domain.optimiser.engine import Certificate, Engine, Optimum
from commissioning.award.domain.optimiser.solvers import OPTIONS, SOLVERS, version_of
from commissioning.award.domain.problem import AwardRule, BadProblem, Problem, problem_sha256
from commissioning.award.domain.verifier import verify

__all__ = ["SOLVERS", "Certificate", "Deadline", "Engine", "Optimum", "solve"]


def solve(problem: Problem, *, solver: str = "highs", time_limit_s: float | None = None) -> Answer:
    """Every lot goes where the whole award is best by the published objective, within all limits.

    The answer is the canonical award, `optimal` only when proven; a time limit (seconds) that
    comes first leaves `feasible` with bound and gap, or `unknown`. `solver` is "highs" or "cbc":
    it changes how the answer is reached, never the answer. Raises BadProblem for an award rule
    that this version does not solve, ValueError for a solver that it does not know.
    """
    if solver not in SOLVERS:
        raise ValueError(f"There is no solver {solver}; there are {', '.join(SOLVERS)}.")
    if problem.award_rule is not AwardRule.OPTIMUM:
        raise BadProblem("$.award_rule", f"{problem.award_rule} is not yet solved by this version")
    deadline = Deadline(time_limit_s)
    found = Engine(problem, solver=solver).optimum(deadline=deadline)
    status = _status(found)
    answer = Answer(
        status=status,
        award=found.award,
        objective=found.value,
        bound=found.bound,
        unique=found.is_unique,
        infeasible=why_infeasible(problem) if status is Status.INFEASIBLE else None,
        proof=Proof(
            problem_sha256=problem_sha256(problem),
            solver=solver,
            solver_version=version_of(solver),
            options={
                **OPTIONS,
                "time_limit": None if time_limit_s is None else f"{time_limit_s:g}",
                "certificate": found.certificate.value,
            },
            seconds=round(deadline.elapsed, 6),
        ),
    )
    if found.award and verify(problem, answer.to_dict()):
        raise AssertionError("The optimiser made an award that the verifier refuses.")
    return answer


def _status(found: Optimum) -> Status:
    if not found.award:
        return Status.INFEASIBLE if found.is_proven else Status.UNKNOWN
    return Status.OPTIMAL if found.is_proven and found.is_canonical else Status.FEASIBLE
