"""Selection: what the PQQ asks, what passes, and for which lots a bidder goes on.

A question is not scored, pass/fail, or scored. The financial test stands beside them, for each lot
alone: funding proved of at least half of that lot's annual value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from commissioning.kernel.errors import BadInput, DomainError
from commissioning.kernel.money import Money

FUNDING_FRACTION: Final = Fraction(1, 2)
"""The part of a lot's annual value that the bidder must prove access to."""


class QuestionKind(StrEnum):
    """What a question of the PQQ is for."""

    NOT_SCORED = "not_scored"
    PASS_FAIL = "pass_fail"  # noqa: S105 no password: a kind of question
    SCORED = "scored"


class FindingResult(StrEnum):
    """What an assessor finds of one answer."""

    PASS = "pass"  # noqa: S105 no password: a finding
    FAIL = "fail"
    NOTED = "noted"


class SelectionIncomplete(DomainError, ValueError):
    """A part is not assessed yet, so nothing can be decided."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the PQQ with its pass rule.

    `passing_answers` are those that pass a pass/fail question by themselves; where there are none,
    an assessor decides. A scored question has a highest score and the least that passes.
    """

    id: str
    kind: QuestionKind
    text: str
    passing_answers: tuple[str, ...] = ()
    max_score: int | None = None
    minimum_score: int | None = None


@dataclass(frozen=True, slots=True)
class SelectionRules:
    """The PQQ as published: its questions, the least total of the scores, the financial test."""

    questions: tuple[Question, ...]
    minimum_total_score: int = 0
    funding_fraction: Fraction = FUNDING_FRACTION


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one answer: pass or fail, noted, or a score."""

    result: FindingResult
    score: int | None = None


@dataclass(frozen=True, slots=True)
class LotAskedFor:
    """A lot that the bidder asks to bid for, with the authority's indicative annual value."""

    lot: str
    annual_value_pence: int


@dataclass(frozen=True, slots=True)
class LotOutcome:
    """Whether a bidder goes on for one lot; the reasons are sentences, none where it passes."""

    lot: str
    passed: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """Why the PQQ cannot be issued: the question (empty: the PQQ as a whole), and a sentence."""

    question: str
    sentence: str


def question_rule(question: Question) -> dict[str, Any]:
    """The pass rule of a question as plain JSON."""
    if question.kind is QuestionKind.PASS_FAIL:
        return {"passes": list(question.passing_answers)}
    if question.kind is QuestionKind.SCORED:
        return {"max_score": question.max_score, "minimum": question.minimum_score}
    return {}


def question_with_rule(
    question_id: str, kind: QuestionKind, text: str, rule: Mapping[str, Any]
) -> Question:
    """The question that `question_rule` wrote down; BadInput on a rule of another kind."""
    allowed = set(question_rule(Question(question_id, kind, text)))
    for name in rule:
        if name not in allowed:
            raise BadInput("rule", f"A {kind.value} question has no rule called {name!r}.")
    return Question(
        question_id,
        kind,
        text,
        passing_answers=tuple(rule.get("passes") or ()),
        max_score=rule.get("max_score"),
        minimum_score=rule.get("minimum"),
    )


def rule_problems(rules: SelectionRules) -> list[RuleProblem]:
    """What keeps a PQQ from being issued: no question, scores off their scale."""
    found: list[RuleProblem] = []
    if not rules.questions:
        found.append(RuleProblem("", "The PQQ has no question. Add at least one."))
    seen: set[str] = set()
    for question in rules.questions:
        if question.id in seen:
            found.append(RuleProblem(question.id, f"{question.id} stands there twice."))
        seen.add(question.id)
        if not question.text.strip():
            found.append(RuleProblem(question.id, f"Question {question.id} is empty."))
        if question.kind is QuestionKind.SCORED:
            found += _score_problems(question)
    most = sum(question.max_score or 0 for question in rules.questions)
    if not 0 <= rules.minimum_total_score <= most:
        found.append(RuleProblem("", f"The least total must be from 0 to {most}."))
    if rules.funding_fraction < 0:
        found.append(RuleProblem("", "The part of the annual value to be funded is at least 0."))
    return found


def _score_problems(question: Question) -> list[RuleProblem]:
    if question.max_score is None or question.max_score < 1:
        return [RuleProblem(question.id, f"{question.id} needs a highest score of at least 1.")]
    if question.minimum_score is None or not 0 <= question.minimum_score <= question.max_score:
        sentence = f"The least score of {question.id} must be from 0 to {question.max_score}."
        return [RuleProblem(question.id, sentence)]
    return []


def finding_by_answer(question: Question, answer: str) -> FindingResult | None:
    """What an answer says by itself; None where an assessor decides.

    Capitals and outer spaces do not count. An unanswered question that has passing answers fails.
    """
    if question.kind is not QuestionKind.PASS_FAIL or not question.passing_answers:
        return None
    given = answer.strip().casefold()
    passing = {text.strip().casefold() for text in question.passing_answers}
    return FindingResult.PASS if given in passing else FindingResult.FAIL


def funding_passes(
    funding_pence: int, annual_value_pence: int, fraction: Fraction = FUNDING_FRACTION
) -> bool:
    """A lot's financial test: funding proved of at least half of its annual value, equality enough.

    Each lot is tested alone; what all lots won may add up to is a limit at award. Exact, in pence.
    """
    return Fraction(funding_pence) >= fraction * annual_value_pence


def selection_outcome(
    rules: SelectionRules,
    findings: Mapping[str, Finding],
    funding_pence: int,
    lots: Sequence[LotAskedFor],
) -> tuple[LotOutcome, ...]:
    """For which lots a bidder goes on: every question passed, and the financial test of the lot.

    A failed question or too low a total shuts out from every lot; too little funding from that lot
    alone. Raises SelectionIncomplete while an answer that decides is not assessed, and BadInput on
    a score off its scale.
    """
    general = (*_failed(rules.questions, findings), *_total_too_low(rules, findings))
    outcomes = []
    for asked in lots:
        reasons = general
        if not funding_passes(funding_pence, asked.annual_value_pence, rules.funding_fraction):
            needed = _round_up(rules.funding_fraction * asked.annual_value_pence)
            sentence = (
                f"Funding proved is {Money(funding_pence)}; {asked.lot} needs at least "
                f"{Money(needed)}."
            )
            reasons = (*general, sentence)
        outcomes.append(LotOutcome(asked.lot, not reasons, reasons))
    return tuple(outcomes)


def _failed(questions: Iterable[Question], findings: Mapping[str, Finding]) -> list[str]:
    reasons = []
    for question in questions:
        if question.kind is QuestionKind.PASS_FAIL:
            result = _finding(question, findings).result
            if result is FindingResult.NOTED:
                raise SelectionIncomplete(f"{question.id} is neither passed nor failed yet.")
            if result is FindingResult.FAIL:
                reasons.append(f"{question.id} is failed.")
        elif question.kind is QuestionKind.SCORED:
            score, minimum = _score(question, findings), question.minimum_score or 0
            if score < minimum:
                reasons.append(f"{question.id} scores {score}; at least {minimum} is needed.")
    return reasons


def _total_too_low(rules: SelectionRules, findings: Mapping[str, Finding]) -> list[str]:
    total = sum(
        _score(question, findings)
        for question in rules.questions
        if question.kind is QuestionKind.SCORED
    )
    if total >= rules.minimum_total_score:
        return []
    return [f"The scores total {total}; at least {rules.minimum_total_score} is needed."]


def _finding(question: Question, findings: Mapping[str, Finding]) -> Finding:
    try:
        return findings[question.id]
    except KeyError as error:
        raise SelectionIncomplete(f"{question.id} is not assessed yet.") from error


def _score(question: Question, findings: Mapping[str, Finding]) -> int:
    score = _finding(question, findings).score
    if score is None:
        raise SelectionIncomplete(f"{question.id} has no score yet.")
    if not 0 <= score <= (question.max_score or 0):
        raise BadInput(
            question.id, f"The score of {question.id} must be from 0 to {question.max_score}."
        )
    return score


def _round_up(amount: Fraction) -> int:
    return -(-amount.numerator // amount.denominator)
