"""The questions of the PQQ."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from commissioning.competition import services
from commissioning.competition.forms import Form, QuestionForm
from commissioning.competition.models import SelectionQuestion
from commissioning.competition.views.frame import Frame, blueprint, shown, team_frame
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on
from commissioning.web.filters import words

_KINDS = {"not_scored": "Not scored", "pass_fail": "Pass or fail", "scored": "Scored"}


def rule_words(question: SelectionQuestion) -> str:
    """What passes, in a few words."""
    rule = question.rule
    if question.kind == "scored":
        return f"Scored 0 to {rule['max_score']}; at least {rule['minimum']} passes"
    if question.kind == "pass_fail":
        passing = " or ".join(words(answer) for answer in rule.get("passes") or ())
        return f"Pass or fail: “{passing}” passes" if passing else "Pass or fail: assessed"
    return _KINDS["not_scored"]


def answer_words(question: SelectionQuestion) -> str:
    """How it is answered."""
    if question.answer == "yes_no":
        return "Yes or no"
    return f"Up to {question.word_limit:,} words"


def by_part(questions: list[SelectionQuestion]) -> dict[str, list[SelectionQuestion]]:
    """The questions by the part in which an assessor reads them, in their order."""
    parts: dict[str, list[SelectionQuestion]] = {}
    for question in questions:
        parts.setdefault(question.part, []).append(question)
    return parts


@blueprint.get("/<string:reference>/questions")
@requires(Permission.COMPETITION_READ)
def questions(reference: str) -> ResponseReturnValue:
    frame = team_frame(reference)
    return shown(
        "questions",
        frame,
        parts=by_part(frame.competition.questions),
        rule_words=rule_words,
        answer_words=answer_words,
        form=Form(),
    )


@blueprint.route("/<string:reference>/add-question", methods=["GET", "POST"])
@requires(Permission.COMPETITION_EDIT_NOTICE)
def add_question(reference: str) -> ResponseReturnValue:
    frame = team_frame(reference, Permission.COMPETITION_EDIT_NOTICE)
    return _save(frame, QuestionForm(), None)


@blueprint.route("/<string:reference>/questions/<string:question>/change", methods=["GET", "POST"])
@requires(Permission.COMPETITION_EDIT_NOTICE)
def change_question(reference: str, question: str) -> ResponseReturnValue:
    frame = team_frame(reference, Permission.COMPETITION_EDIT_NOTICE)
    row = _own(frame, question)
    passing = row.rule.get("passes") or []
    form = QuestionForm(
        data={
            "reference": row.reference,
            "part": row.part,
            "text": row.question,
            "answer": row.answer,
            "word_limit": row.word_limit,
            "kind": row.kind,
            "passes": passing[0].casefold() if len(passing) == 1 else "assessor",
            "max_score": row.rule.get("max_score"),
            "minimum": row.rule.get("minimum"),
        }
    )
    return _save(frame, form, row.reference)


@blueprint.route("/<string:reference>/questions/<string:question>/remove", methods=["GET", "POST"])
@requires(Permission.COMPETITION_EDIT_NOTICE)
def remove_question(reference: str, question: str) -> ResponseReturnValue:
    frame = team_frame(reference, Permission.COMPETITION_EDIT_NOTICE)
    row = _own(frame, question)
    form = Form()
    if form.validate_on_submit():
        with shown_on(form):
            services.remove_question(current_actor(), reference, question, clock=clock())
            flash(f"The question {question} is removed.")
            return redirect(url_for(".questions", reference=reference), 303)
    return shown("remove_question", frame, question=row, form=form), form.status


@blueprint.post("/<string:reference>/standard-questions")
@requires(Permission.COMPETITION_EDIT_NOTICE)
def load_standard_questions(reference: str) -> ResponseReturnValue:
    team_frame(reference, Permission.COMPETITION_EDIT_NOTICE)
    services.load_standard_questions(current_actor(), reference, clock=clock())
    flash("The standard questions are loaded. Change what is different in this competition.")
    return redirect(url_for(".questions", reference=reference), 303)


def _save(frame: Frame, form: QuestionForm, question: str | None) -> ResponseReturnValue:
    reference = frame.competition.reference
    if form.validate_on_submit():
        with shown_on(form):
            saved = services.save_question(
                current_actor(),
                reference,
                question=question,
                reference=form.reference.data,
                part=form.part.data,
                kind=form.kind.data,
                text=form.text.data,
                answer=form.answer.data,
                word_limit=form.word_limit.data,
                rule=form.rule(),
                clock=clock(),
            )
            flash(f"The question {saved.reference} is saved.")
            return redirect(url_for(".questions", reference=reference), 303)
    return shown("save_question", frame, form=form, question=question), form.status


def _own(frame: Frame, reference: str) -> SelectionQuestion:
    for row in frame.competition.questions:
        if row.reference == reference:
            return row
    raise NotFound
