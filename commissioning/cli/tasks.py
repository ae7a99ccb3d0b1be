"""What the process that solves is asked, kind by kind, and the document that answers it.

It imports the solver's libraries, and neither the site nor a database.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Final

from commissioning.award.domain.neighbours import alternatives_document
from commissioning.award.domain.optimiser import awards_within, solve
from commissioning.award.domain.plain import as_plain, from_plain
from commissioning.award.domain.problem import parse_problem, problem_sha256
from commissioning.award.domain.rehearsal import Assumptions, Rules, rehearse, single_marks
from commissioning.award.domain.robustness import Quality, study_award
from commissioning.award.domain.robustness.findings import Heard
from commissioning.kernel.canonical import sha256_hex

MOST_ALTERNATIVES: Final = 50

Told = Callable[[int, int], None]
"""Told how many steps of how many are done."""


def answer_to(task: Mapping[str, Any], told: Told) -> dict[str, Any]:
    """The document that answers a task: `kind`, `problem`, `details`, `margin_ppm`, `seconds`."""
    return _ANSWERS[task["kind"]](task, told)


def _scenario(task: Mapping[str, Any], told: Told) -> dict[str, Any]:
    problem = parse_problem(task["problem"])
    answer = solve(problem, time_limit_s=task["seconds"], explain=True, told=told)
    document = answer.to_dict()
    # for reading only, and canonical JSON holds no float
    document["objective_decimal"] = None
    document["proof"]["seconds"] = f"{answer.proof.seconds:.3f}"
    return document


def _alternatives(task: Mapping[str, Any], _told: Told) -> dict[str, Any]:
    problem = parse_problem(task["problem"])
    found = awards_within(
        problem, task["margin_ppm"], cap=MOST_ALTERNATIVES, time_limit_s=task["seconds"]
    )
    return alternatives_document(problem, task["margin_ppm"], found)


def _robustness(task: Mapping[str, Any], told: Told) -> dict[str, Any]:
    problem, details = parse_problem(task["problem"]), json.loads(task["details"])
    study = study_award(
        problem,
        from_plain(Quality, details["quality"]),
        furthest=Fraction(details["furthest"]),
        heard=_until(task["seconds"], told),
    )
    return {"problem_sha256": problem_sha256(problem), "study": as_plain(study)}


def _rehearsal(task: Mapping[str, Any], told: Told) -> dict[str, Any]:
    model, details = json.loads(task["problem"]), json.loads(task["details"])
    rules, assumptions = Rules(model), from_plain(Assumptions, details["assumptions"])
    examined, markets = details["examined"], assumptions.markets
    heard = _until(task["seconds"], told)
    rehearsal = rehearse(rules, assumptions, heard=lambda done, _: heard(done, markets + examined))
    marks = single_marks(
        rules,
        assumptions,
        examined,
        heard=lambda done, _: heard(markets + done, markets + examined),
    )
    return {
        "problem_sha256": sha256_hex(model),
        "rehearsal": as_plain(rehearsal),
        "marks": as_plain(marks),
    }


def _until(seconds: float, told: Told) -> Heard:
    """Hear a search until its time is up: what was found by then is given, and says so."""
    ends_at = time.monotonic() + seconds

    def heard(done: int, total: int) -> bool:
        told(done, total)
        return time.monotonic() < ends_at

    return heard


_ANSWERS: Final[Mapping[str, Callable[[Mapping[str, Any], Told], dict[str, Any]]]] = {
    "scenario": _scenario,
    "alternatives": _alternatives,
    "robustness": _robustness,
    "rehearsal": _rehearsal,
}
