"""Whether what a process gives is kept: looked at with no solver, kind by kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from commissioning.award import queries
from commissioning.award.domain.answer import Status
from commissioning.award.domain.plain import NotPlain, as_plain, from_plain
from commissioning.award.domain.problem import parse_problem
from commissioning.award.domain.rehearsal import MarksOutlook, Rehearsal
from commissioning.award.domain.robustness import Study
from commissioning.award.domain.verifier import verify
from commissioning.award.domain.work import WorkKind
from commissioning.award.models import AwardWork
from commissioning.kernel.errors import DomainError

_OTHER_PROBLEM: Final = "The answer is one to another problem. Start it again."


def fault_of(work: AwardWork, document: Mapping[str, Any]) -> str | None:
    """Why an answer is not kept, in a sentence for people; None where it is."""
    return _FAULTS[work.kind](work, document)


def _of_scenario(work: AwardWork, document: Mapping[str, Any]) -> str | None:
    problem = parse_problem(work.problem)
    if document["proof"]["problem_sha256"] != work.problem_sha256:
        return _OTHER_PROBLEM
    if document["award"] and (broken_rules := verify(problem, document)):
        return f"The answer does not verify: {broken_rules[0].in_words}"
    if not queries.is_settled(problem, document):
        status = document["status"]
        found = "no award was found" if status == Status.UNKNOWN else "the best was not proven"
        return f"The time did not suffice: {found}. What was solved before stands."
    return None


def _of_alternatives(work: AwardWork, document: Mapping[str, Any]) -> str | None:
    problem = parse_problem(work.problem)
    broken = [each.in_words for award in document["awards"] for each in verify(problem, award)]
    if broken:
        return f"The awards do not verify: {broken[0]}"
    if not document["awards"] and not document["complete"]:
        return "The time did not suffice to prove a single award."
    return None


def _of_robustness(work: AwardWork, document: Mapping[str, Any]) -> str | None:
    """A study is of the award that stands, and nothing else can be said of it with no solver."""
    if document["problem_sha256"] != work.problem_sha256:
        return _OTHER_PROBLEM
    try:
        study = from_plain(Study, document["study"])
    except (NotPlain, DomainError) as error:
        return f"What was found cannot be read: {error}"
    if work.run is None or json.loads(work.run.answer)["award"] != study.award:
        return "The study is of another award than the one that stands. Solve the award again."
    return None


def _of_rehearsal(work: AwardWork, document: Mapping[str, Any]) -> str | None:
    if document["problem_sha256"] != work.problem_sha256:
        return "The rehearsal is of other rules. Start it again."
    try:
        rehearsal = from_plain(Rehearsal, document["rehearsal"])
        from_plain(MarksOutlook, document["marks"])
    except (NotPlain, DomainError) as error:
        return f"What was found cannot be read: {error}"
    if as_plain(rehearsal.assumptions) != json.loads(work.details)["assumptions"]:
        return "The rehearsal is of other assumptions than were asked for. Start it again."
    if not rehearsal.markets:
        return "The time did not suffice for a single market. What was solved before stands."
    return None


_FAULTS: Final[Mapping[WorkKind, Callable[[AwardWork, Mapping[str, Any]], str | None]]] = {
    WorkKind.SCENARIO: _of_scenario,
    WorkKind.ALTERNATIVES: _of_alternatives,
    WorkKind.ROBUSTNESS: _of_robustness,
    WorkKind.REHEARSAL: _of_rehearsal,
}
