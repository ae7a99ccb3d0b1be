from __future__ import annotations

import pytest

from commissioning.competition.domain.selection_rules import (
    Finding,
    FindingResult,
    Question,
    QuestionKind,
)
from commissioning.evaluation.domain.selection import part_findings
from commissioning.kernel.errors import BadInputs

PASS, FAIL, NOTED = FindingResult.PASS, FindingResult.FAIL, FindingResult.NOTED
NOTE = Question("N", QuestionKind.NOT_SCORED, "Who are you?")
RULED = Question("R", QuestionKind.PASS_FAIL, "Any conviction?", passing_answers=("no",))
JUDGED = Question("J", QuestionKind.PASS_FAIL, "Is the insurance enough?")
SCORED = Question("S", QuestionKind.SCORED, "Experience?", max_score=4, minimum_score=2)


def found(question, answer="", given=None):
    return part_findings(
        [question], {question.id: answer}, {} if given is None else {question.id: given}
    )[question.id]


def test_what_is_for_information_is_noted_by_itself():
    assert found(NOTE) == Finding(NOTED)


@pytest.mark.parametrize(("answer", "result"), [("no", PASS), (" NO ", PASS), ("yes", FAIL)])
def test_answer_passes_by_the_published_rule(answer, result):
    assert found(RULED, answer) == Finding(result)
    assert found(RULED, answer, Finding(result)) == Finding(result)


@pytest.mark.parametrize(("score", "result"), [(0, FAIL), (1, FAIL), (2, PASS), (4, PASS)])
def test_score_passes_from_its_minimum_on(score, result):
    assert found(SCORED, given=Finding(NOTED, score)) == Finding(result, score)


@pytest.mark.parametrize("result", [PASS, FAIL])
def test_assessor_decides_where_no_answer_passes_by_itself(result):
    assert found(JUDGED, given=Finding(result)) == Finding(result)


@pytest.mark.parametrize(
    ("question", "answer", "given"),
    [
        (NOTE, "", Finding(PASS)),
        (NOTE, "", Finding(NOTED, 1)),
        (RULED, "yes", Finding(PASS)),
        (RULED, "no", Finding(FAIL)),
        (RULED, "no", Finding(PASS, 3)),
        (JUDGED, "", None),
        (JUDGED, "", Finding(NOTED)),
        (SCORED, "", None),
        (SCORED, "", Finding(PASS)),
        (SCORED, "", Finding(NOTED, 5)),
        (SCORED, "", Finding(NOTED, -1)),
        (SCORED, "", Finding(NOTED, True)),
    ],
)
def test_finding_that_cannot_be_is_refused_at_its_question(question, answer, given):
    with pytest.raises(BadInputs) as refusal:
        found(question, answer, given)
    assert [field for field, _ in refusal.value.problems] == [question.id]


def test_everything_that_is_wrong_is_named_at_once():
    with pytest.raises(BadInputs) as refusal:
        part_findings([NOTE, JUDGED, SCORED], {}, {"X": Finding(PASS)})
    assert [field for field, _ in refusal.value.problems] == ["J", "S", "X"]
