"""How an assessor's findings on one part of a PQQ response are taken, whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from commissioning.competition.domain.selection_rules import (
    Finding,
    FindingResult,
    Question,
    QuestionKind,
    finding_by_answer,
)
from commissioning.kernel.errors import BadInputs


def part_findings(
    questions: Sequence[Question],
    answers: Mapping[str, str],
    given: Mapping[str, Finding],
) -> dict[str, Finding]:
    """A part is assessed when every question of it is: noted, passed or failed, or scored.

    What follows from an answer or from a score by the published rule is computed, and no assessor
    can find otherwise. `given` and the result are by question. Raises BadInputs with the questions
    that are wrong or missing as the fields.
    """
    found: dict[str, Finding] = {}
    problems: list[tuple[str, str]] = []
    for question in questions:
        try:
            found[question.id] = _finding(
                question, answers.get(question.id, ""), given.get(question.id)
            )
        except ValueError as error:
            problems.append((question.id, str(error)))
    known = {question.id for question in questions}
    problems += [
        (name, f"{name} is no question of this part.") for name in given if name not in known
    ]
    if problems:
        raise BadInputs(problems)
    return found


def _finding(question: Question, answer: str, given: Finding | None) -> Finding:
    if question.kind is QuestionKind.SCORED:
        return _scored(question, given)
    if given is not None and given.score is not None:
        raise ValueError(f"{question.id} takes no score.")
    if question.kind is QuestionKind.NOT_SCORED:
        if given is not None and given.result is not FindingResult.NOTED:
            raise ValueError(f"{question.id} is for information: it is neither passed nor failed.")
        return Finding(FindingResult.NOTED)
    computed = finding_by_answer(question, answer)
    if computed is not None:
        if given is not None and given.result is not computed:
            raise ValueError(
                f"By the published rule the answer to {question.id} is a {computed.value}."
            )
        return Finding(computed)
    if given is None or given.result is FindingResult.NOTED:
        raise ValueError(f"Say whether {question.id} is passed or failed.")
    return Finding(given.result)


def _scored(question: Question, given: Finding | None) -> Finding:
    highest, minimum = question.max_score or 0, question.minimum_score or 0
    score = None if given is None else given.score
    if score is None or isinstance(score, bool) or not 0 <= score <= highest:
        raise ValueError(f"Give {question.id} a score from 0 to {highest}.")
    result = FindingResult.PASS if score >= minimum else FindingResult.FAIL
    return Finding(result, score)
