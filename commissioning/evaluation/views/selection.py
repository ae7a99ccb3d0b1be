"""Pages of selection: parts and their assessors, the responses, the findings, the outcomes."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect
from flask.typing import ResponseReturnValue

from commissioning.competition import queries as competition_queries
from commissioning.competition.domain.selection_rules import (
    Question,
    QuestionKind,
    finding_by_answer,
)
from commissioning.evaluation import queries, services
from commissioning.evaluation.forms import PartForm, findings_form
from commissioning.evaluation.models import PartAssessment
from commissioning.evaluation.views.frame import Frame, blueprint, framed, shown
from commissioning.identity import queries as identity_queries
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission
from commissioning.submission import queries as submission_queries
from commissioning.web import listing
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on

NOBODY_ALONE: frozenset[str] = frozenset()
"""A list in which nothing of a single bidder is read."""

_OUTCOME_SORTS = {
    "bidder": lambda o: o.response.organisation.name.casefold(),
    "passed": lambda o: (len(o.passed_lots), o.response.organisation.name.casefold()),
    "funding": lambda o: o.funding_pence,
}


@blueprint.get("/selection")
@requires(Permission.EVALUATION_READ_SELECTION, Permission.EVALUATION_ASSIGN_PQQ_PART)
def selection(reference: str) -> ResponseReturnValue:
    frame = framed(reference)
    frame.require_one_of(
        Permission.EVALUATION_READ_SELECTION,
        Permission.EVALUATION_ASSIGN_PQQ_PART,
        bidders=NOBODY_ALONE,
    )
    competition = frame.competition
    responses = submission_queries.submitted_responses(competition)
    assessed = queries.assessments_in(competition)
    given = queries.assessors_of(competition)
    names = identity_queries.names_of(row.assessor for rows in given.values() for row in rows)
    may_read = frame.may(Permission.SUBMISSION_READ_PQQ, bidders=NOBODY_ALONE)
    parts = [
        {
            "name": part,
            "assessors": [names.get(row.assessor, "") for row in given.get(part, ())],
            "is_own": any(row.assessor == frame.actor.reference for row in given.get(part, ())),
            "done": sum(part in assessed.get(response.id, {}) for response in responses),
            "href": frame.href("part", number=number) if may_read else None,
        }
        for number, part in enumerate(queries.parts_of(competition), start=1)
    ]
    return shown(
        "selection",
        frame,
        parts=parts,
        total=len(responses),
        may_read=frame.may(Permission.EVALUATION_READ_SELECTION, bidders=NOBODY_ALONE),
        may_read_all=frame.may(Permission.EVALUATION_READ_SELECTION),
        may_assign=frame.may(Permission.EVALUATION_ASSIGN_PQQ_PART),
    )


@blueprint.route("/selection/assign", methods=["GET", "POST"])
@requires(Permission.EVALUATION_ASSIGN_PQQ_PART)
def assign_part(reference: str) -> ResponseReturnValue:
    frame = framed(reference)
    frame.require(Permission.EVALUATION_ASSIGN_PQQ_PART)
    assessors = queries.role_holders(frame.competition)[Role.ASSESSOR]
    form = PartForm()
    form.offer(queries.parts_of(frame.competition), assessors.items())
    if form.validate_on_submit():
        with shown_on(form):
            services.assign_part(
                current_actor(), reference, form.part.data, form.assessor.data, clock=clock()
            )
            flash(f"{assessors[form.assessor.data]} has the part “{form.part.data}”.")
            return redirect(frame.href("selection"), 303)
    return shown("assign_part", frame, form=form, assessors=assessors), form.status


@blueprint.get("/selection/parts/<int:number>")
@requires(Permission.SUBMISSION_READ_PQQ)
def part(reference: str, number: int) -> ResponseReturnValue:
    frame = framed(reference)
    frame.require(Permission.SUBMISSION_READ_PQQ, bidders=NOBODY_ALONE)
    name = _part_name(frame, number)
    assessed = queries.assessments_in(frame.competition)
    responses = [
        (response, assessed.get(response.id, {}).get(name))
        for response in submission_queries.submitted_responses(frame.competition)
    ]
    return shown(
        "part",
        frame,
        name=name,
        number=number,
        responses=responses,
        done=sum(assessment is not None for _response, assessment in responses),
        names=_names_of(assessment for _response, assessment in responses),
        is_own=queries.has_part(frame.competition, name, frame.actor.reference),
        kept_from=_kept_from(frame),
    )


@blueprint.route("/selection/parts/<int:number>/<string:response>", methods=["GET", "POST"])
@requires(Permission.SUBMISSION_READ_PQQ)
def assess(reference: str, number: int, response: str) -> ResponseReturnValue:
    """One response on one part: what was answered, and the findings or the form for them."""
    frame = framed(reference)
    frame.require(Permission.SUBMISSION_READ_PQQ, bidders=NOBODY_ALONE)
    name = _part_name(frame, number)
    row = submission_queries.submitted_response(frame.competition, response)
    concerned = frozenset({row.organisation.reference})
    frame.require(Permission.SUBMISSION_READ_PQQ, bidders=concerned)
    questions = queries.questions_of_part(frame.competition, name)
    answers = submission_queries.response_snapshot(row)["answers"]
    assessment = queries.assessment_of(row, name)
    may_assess = frame.may(
        Permission.EVALUATION_ASSESS_PQQ_PART,
        is_assigned=queries.has_part(frame.competition, name, frame.actor.reference),
        bidders=concerned,
    )
    form = findings_form(
        questions,
        assessment.findings if assessment else None,
        assessment.reason if assessment else "",
    )
    if form.validate_on_submit():
        with shown_on(form):
            services.assess_part(
                current_actor(),
                response,
                name,
                findings=form.findings(questions),
                reason=form.reason.data,
                clock=clock(),
            )
            flash(f"{name}: {row.organisation.name} is assessed.")
            return redirect(_next_to_assess(frame, number, name), 303)
    page = shown(
        "assess",
        frame,
        form=form,
        may_assess=may_assess,
        name=name,
        number=number,
        response=row,
        answered=[_answered(question, answers, assessment) for question in questions],
        assessment=assessment,
        names=_names_of([assessment]),
    )
    return page, form.status


@blueprint.get("/selection/outcomes")
@requires(Permission.EVALUATION_READ_SELECTION)
def outcomes(reference: str) -> ResponseReturnValue:
    frame = framed(reference)
    frame.require(Permission.EVALUATION_READ_SELECTION)
    found = queries.outcomes(frame.competition)
    return shown(
        "outcomes",
        frame,
        listing=listing.of(found, sorts=_OUTCOME_SORTS, default="bidder", per_page=50),
        parts=queries.parts_of(frame.competition),
        passed=sum(bool(outcome.passed_lots) for outcome in found),
        incomplete=sum(bool(outcome.missing) for outcome in found),
    )


@blueprint.get("/selection/outcomes/<string:response>")
@requires(Permission.EVALUATION_READ_SELECTION)
def outcome(reference: str, response: str) -> ResponseReturnValue:
    frame = framed(reference)
    frame.require(Permission.EVALUATION_READ_SELECTION, bidders=NOBODY_ALONE)
    found = next(
        (o for o in queries.outcomes(frame.competition) if o.response.reference == response), None
    )
    if found is None:
        raise NotFound
    concerned = frozenset({found.response.organisation.reference})
    frame.require(Permission.EVALUATION_READ_SELECTION, bidders=concerned)
    return shown(
        "outcome",
        frame,
        outcome=found,
        lots={lot.reference: lot for lot in frame.competition.lots},
        parts=queries.parts_of(frame.competition),
        names=_names_of(found.assessments.values()),
    )


@blueprint.get("/selection/result")
@requires(Permission.SUBMISSION_READ_OWN_PQQ)
def selection_result(reference: str) -> ResponseReturnValue:
    """What the shortlist decided for one's own organisation, lot by lot with the reasons."""
    frame = framed(reference)
    organisation = frame.actor.organisation
    frame.require(Permission.SUBMISSION_READ_OWN_PQQ, organisation=organisation)
    rows = queries.outcome_rows_of(
        frame.competition, identity_queries.organisation_by_reference(organisation or "")
    )
    admitted = competition_queries.admissions_of(frame.competition, organisation)
    if not rows and not admitted:
        raise NotFound
    return shown("selection_result", frame, rows=rows, admitted=admitted)


def _part_name(frame: Frame, number: int) -> str:
    parts = queries.parts_of(frame.competition)
    if not 1 <= number <= len(parts):
        raise NotFound
    return parts[number - 1]


def _kept_from(frame: Frame) -> set[str | None]:
    """In whom the person declared an interest: what these sent in is not theirs to read."""
    return {
        organisation
        for person, organisation in frame.facts.interests
        if person == frame.actor.reference
    }


def _names_of(assessments: Any) -> dict[str, str]:
    return identity_queries.names_of(a.assessor for a in assessments if a is not None)


def _next_to_assess(frame: Frame, number: int, name: str) -> str:
    """The next response that is not assessed on this part; the list when all are."""
    assessed = queries.assessments_in(frame.competition)
    conflicts = _kept_from(frame)
    for response in submission_queries.submitted_responses(frame.competition):
        if name not in assessed.get(response.id, {}) and (
            response.organisation.reference not in conflicts
        ):
            return frame.href("assess", number=number, response=response.reference)
    return frame.href("part", number=number)


def _answered(
    question: Question, answers: dict[str, str], assessment: PartAssessment | None
) -> dict[str, Any]:
    """A question with its answer, what decides it, and what was found."""
    answer = answers.get(question.id, "")
    by_rule = finding_by_answer(question, answer)
    if by_rule is not None:
        decided = f"By the published rule this answer is a {by_rule.value}."
    elif question.kind is QuestionKind.NOT_SCORED:
        decided = "For information: neither passed nor failed."
    else:
        decided = ""
    found = (assessment.findings if assessment else {}).get(question.id)
    return {
        "question": question,
        "field": f"finding-{question.id}",
        "answer": answer,
        "decided": decided,
        "found": found,
    }
