"""The questions of the PQQ, as content, with their pass rules."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from commissioning import paths
from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.competition import queries
from commissioning.competition.domain.selection_rules import (
    QuestionKind,
    SelectionRules,
    question_rule,
    question_with_rule,
    rule_problems,
)
from commissioning.competition.models import Competition, SelectionQuestion
from commissioning.competition.services.typed import Faults
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, Conflict, NotFound
from commissioning.permissions import Permission, require

ANSWERS = ("text", "yes_no")
_LONGEST_REFERENCE = 20
_LONGEST_PART = 80
_MOST_WORDS = 20_000
_MOST_SCORE = 100


def save_question(
    actor: Actor,
    competition: str,
    *,
    question: str | None,
    reference: str,
    part: str,
    kind: str,
    text: str,
    answer: str = "text",
    word_limit: int | None = 500,
    rule: Mapping[str, Any] | None = None,
    clock: Clock,
) -> SelectionQuestion:
    """A question of the PQQ is content with its pass rule, and changes until the notice.

    `question` is the reference of the one to change, None for a new one. `kind` is not_scored,
    pass_fail or scored; `answer` text or yes_no; `part` the section in which an assessor reads it.
    `rule` is {} for a question that is not scored, {"passes": ["yes"]} for pass/fail (empty: an
    assessor decides), {"max_score": 4, "minimum": 2} for scored. Raises NotFound, Forbidden,
    BadInput(s).
    """
    row = queries.competition_for_change(competition)
    require(actor, Permission.COMPETITION_EDIT_NOTICE, queries.facts(row, clock.now()))
    kept = None if question is None else _own(row, question)
    faults = Faults()
    reference = faults.reference("reference", reference, longest=_LONGEST_REFERENCE)
    if reference.casefold() in {o.reference.casefold() for o in row.questions if o is not kept}:
        faults.add("reference", "Another question has this reference. Change one.")
    fields = {
        "reference": reference,
        "part": faults.line(
            "part", part, what="the part of the questionnaire", longest=_LONGEST_PART
        ),
        "question": faults.text("text", text, what="the question", is_needed=True),
        "word_limit": faults.whole(
            "word_limit", word_limit, what="the word limit", least=1, most=_MOST_WORDS
        ),
        "answer": answer,
    }
    if answer not in ANSWERS:
        faults.add("answer", "Choose whether it is answered in words, or by yes or no.")
    if kind not in set(QuestionKind):
        faults.add("kind", "Choose whether it is not scored, pass or fail, or scored.")
        faults.refuse()
    fields |= {"kind": kind, "rule": _rule(faults, QuestionKind(kind), answer, rule or {})}
    faults.refuse()
    saved = _write(row, kept, fields)
    db.session.flush()
    _record(actor, row, {"saved": _told(saved)}, clock)
    return saved


def remove_question(actor: Actor, competition: str, question: str, *, clock: Clock) -> None:
    """A question of the PQQ is taken out until the notice. Raises NotFound, Forbidden."""
    row = queries.competition_for_change(competition)
    require(actor, Permission.COMPETITION_EDIT_NOTICE, queries.facts(row, clock.now()))
    gone = _own(row, question)
    db.session.delete(gone)
    row.questions.remove(gone)
    db.session.flush()
    _record(actor, row, {"removed": question}, clock)


def load_standard_questions(
    actor: Actor, competition: str, *, clock: Clock
) -> Sequence[SelectionQuestion]:
    """A draft without questions can begin with the platform's standard PQQ, and change it.

    Raises NotFound, Forbidden, and Conflict where the competition has questions already.
    """
    row = queries.competition_for_change(competition)
    require(actor, Permission.COMPETITION_EDIT_NOTICE, queries.facts(row, clock.now()))
    if row.questions:
        raise Conflict("This competition has questions already. Remove them first.")
    stated = tomllib.loads((paths.seed() / "pqq.toml").read_text(encoding="utf-8"))
    for section in stated["parts"]:
        for entry in section["questions"]:
            kind = QuestionKind(entry["kind"])
            asked = question_with_rule(
                entry["reference"], kind, entry["question"].strip(), entry.get("rule", {})
            )
            fields = {
                "reference": asked.id,
                "part": section["name"],
                "question": asked.text,
                "word_limit": entry["word_limit"],
                "answer": entry["answer"],
                "kind": kind.value,
                "rule": question_rule(asked),
            }
            _write(row, None, fields)
    db.session.flush()
    _record(actor, row, {"standard": [_told(question) for question in row.questions]}, clock)
    return row.questions


def _rule(
    faults: Faults, kind: QuestionKind, answer: str, rule: Mapping[str, Any]
) -> dict[str, Any]:
    """The pass rule in its one form, checked against its kind and the answers that can be given."""
    try:
        question = question_with_rule("?", kind, "?", rule)
    except BadInput as error:
        faults.add(error.field, error.sentence)
        return {}
    for number in (question.max_score, question.minimum_score):
        is_whole = isinstance(number, int) and not isinstance(number, bool)
        if number is not None and not (is_whole and 0 <= number <= _MOST_SCORE):
            faults.add("rule", f"Enter scores as whole numbers from 0 to {_MOST_SCORE}.")
            return {}
    problems = rule_problems(SelectionRules((question,)))
    if problems:
        faults.add("rule", problems[0].sentence.replace("?", "the question"))
        return {}
    passing = [text.strip() for text in question.passing_answers]
    if not all(passing):
        faults.add("rule", "An answer that passes is empty. Remove it.")
    if answer == "yes_no" and not {text.casefold() for text in passing} <= {"yes", "no"}:
        faults.add("rule", "This question is answered by yes or no: choose which of them pass.")
    if answer == "text" and passing:
        faults.add("rule", "An answer in words is read by an assessor: name no answer that passes.")
    return question_rule(question)


def _own(competition: Competition, reference: str) -> SelectionQuestion:
    for question in competition.questions:
        if question.reference == reference:
            return question
    raise NotFound


def _write(
    competition: Competition, kept: SelectionQuestion | None, fields: Mapping[str, Any]
) -> SelectionQuestion:
    row = kept
    if row is None:
        last = max((other.position for other in competition.questions), default=0)
        row = SelectionQuestion(position=last + 1)
        competition.questions.append(row)
    for field, value in fields.items():
        setattr(row, field, value)
    return row


def _told(question: SelectionQuestion) -> list[Any]:
    return [question.reference, question.part, question.kind, question.rule]


def _record(actor: Actor, competition: Competition, changes: dict[str, Any], clock: Clock) -> None:
    audit.record(
        actor,
        Event.SELECTION_QUESTIONS_CHANGED,
        Subject("competition", competition.reference),
        changes,
        at=clock.now(),
        stream=competition_stream(competition.reference),
    )
