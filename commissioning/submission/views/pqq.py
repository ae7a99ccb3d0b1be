"""A bidder answers the PQQ: part by part, lots, funding; then it is checked and submitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from commissioning.competition.domain.selection_rules import FUNDING_FRACTION, funding_passes
from commissioning.competition.models import Lot
from commissioning.kernel.errors import NotFound
from commissioning.kernel.stage import Stage
from commissioning.permissions import Permission
from commissioning.submission import queries, services
from commissioning.submission.domain.completeness import Gap, Question, unanswered
from commissioning.submission.domain.lifecycle import ResponseStatus
from commissioning.submission.forms import FundingForm, LotsForm, PlainForm, part_form
from commissioning.submission.models import SelectionResponse
from commissioning.submission.views.frame import PqqFrame, blueprint, own_organisation, pqq_frame
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.downloads import attachment
from commissioning.web.errors import shown_on
from commissioning.web.shell import received_at as received_whole_at

_READ = Permission.SUBMISSION_READ_OWN_PQQ
_WRITE = Permission.SUBMISSION_WRITE_PQQ
_SUBMIT = Permission.SUBMISSION_SUBMIT_PQQ
_URL = "/competitions/<string:reference>/pqq"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the PQQ, with how far its answers have come."""

    number: int
    title: str
    questions: tuple[Question, ...]
    missing: int

    @property
    def status(self) -> str:
        if not self.missing:
            return "Completed"
        return "Not started" if self.missing == len(self.questions) else "In progress"


@dataclass(frozen=True, slots=True)
class LotCheck:
    """A lot that is applied for, and whether the funding proved is enough for it."""

    lot: Lot
    needed_pence: int
    passes: bool | None


def parts_of(frame: PqqFrame) -> list[Part]:
    answers = frame.response.answers if frame.response is not None else {}
    by_title: dict[str, list[Question]] = {}
    for question in queries.pqq_questions(frame.competition):
        by_title.setdefault(question.group, []).append(question)
    return [
        Part(
            number,
            title,
            tuple(questions),
            len(unanswered(answers, [question.reference for question in questions])),
        )
        for number, (title, questions) in enumerate(by_title.items(), start=1)
    ]


def funding_needed(lot: Lot) -> int:
    """The funding that a lot asks for, in pence; the test is exact, and this rounded up."""
    return ceil(FUNDING_FRACTION * lot.annual_value_pence)


def lot_checks(response: SelectionResponse | None, lots: Sequence[Lot]) -> list[LotCheck]:
    if response is None:
        return []
    return _checks(lots, response.lots, response.proved_funding_pence)


def _checks(lots: Sequence[Lot], chosen: Sequence[str], proved: int | None) -> list[LotCheck]:
    return [
        LotCheck(
            lot,
            funding_needed(lot),
            None if proved is None else funding_passes(proved, lot.annual_value_pence),
        )
        for lot in lots
        if lot.reference in chosen
    ]


def _shown(template: str, frame: PqqFrame, **more: Any) -> str:
    return render_template(f"submission/{template}.html", frame=frame, **more)


def _save(frame: PqqFrame, **content: Any) -> None:
    services.save_response(
        current_actor(), frame.reference, own_organisation(), **content, clock=clock()
    )


def _to_tasks(reference: str) -> ResponseReturnValue:
    return redirect(url_for(".pqq", reference=reference), 303)


@blueprint.get(_URL)
@requires(_READ)
def pqq(reference: str) -> str:
    frame = pqq_frame(reference)
    return _shown(
        "pqq",
        frame,
        parts=parts_of(frame),
        checks=lot_checks(frame.response, frame.competition.lots),
        gaps=_gaps(frame),
        has_changed=_has_changed(frame.response),
        has_outcome=frame.response is not None
        and frame.response.status == ResponseStatus.SUBMITTED.value
        and queries.has_reached(frame.competition, Stage.SHORTLISTED),
    )


def _gaps(frame: PqqFrame) -> tuple[Gap, ...] | None:
    return None if frame.response is None else services.gaps_of(frame.response)


def _has_changed(response: SelectionResponse | None) -> bool:
    """Whether the draft differs from what was submitted and counts now."""
    return response is not None and services.has_changed_since(response)


@blueprint.route(f"{_URL}/parts/<int:number>", methods=["GET", "POST"])
@requires(_READ, _WRITE)
def pqq_part(reference: str, number: int) -> ResponseReturnValue:
    frame = pqq_frame(reference)
    part = next((part for part in parts_of(frame) if part.number == number), None)
    if part is None:
        raise NotFound
    answers = frame.response.answers if frame.response is not None else {}
    form = part_form(part.questions)(data=answers)
    if form.validate_on_submit():
        with shown_on(form):
            typed = {q.reference: form[q.reference].data or "" for q in part.questions}
            _save(frame, answers=typed)
            flash(f"“{part.title}” is saved.")
            return _to_tasks(reference)
    return _shown("pqq_part", frame, form=form, part=part, answers=answers), form.status


@blueprint.route(f"{_URL}/lots", methods=["GET", "POST"])
@requires(_READ, _WRITE)
def pqq_lots(reference: str) -> ResponseReturnValue:
    frame = pqq_frame(reference)
    lots = frame.competition.lots
    form = LotsForm(data={"lots": frame.response.lots if frame.response is not None else []})
    form.offer(lots, {lot.reference: funding_needed(lot) for lot in lots})
    if form.validate_on_submit():
        with shown_on(form):
            _save(frame, lots=form.lots.data or [])
            flash("The lots are saved.")
            return _to_tasks(reference)
    return _shown("pqq_lots", frame, form=form), form.status


@blueprint.route(f"{_URL}/funding", methods=["GET", "POST"])
@requires(_READ, _WRITE)
def pqq_funding(reference: str) -> ResponseReturnValue:
    frame = pqq_frame(reference)
    form = FundingForm(obj=frame.response)
    if form.validate_on_submit():
        with shown_on(form):
            _save(
                frame,
                proved_funding_pence=form.proved_funding_pence.data,
                funding_source=form.funding_source.data,
            )
            flash("The funding is saved.")
            return _to_tasks(reference)
    checks = lot_checks(frame.response, frame.competition.lots)
    return _shown("pqq_funding", frame, form=form, checks=checks), form.status


@blueprint.route(f"{_URL}/check", methods=["GET", "POST"])
@requires(_READ, _SUBMIT)
def pqq_check(reference: str) -> ResponseReturnValue:
    received_at = received_whole_at()
    frame = pqq_frame(reference)
    if frame.response is None:
        return _to_tasks(reference)
    form = PlainForm()
    if form.validate_on_submit():
        late = services.pqq_refusal_if_late(
            current_actor(), reference, own_organisation(), received_at=received_at, clock=clock()
        )
        if late:
            form.add_error(None, late)
        else:
            with shown_on(form):
                services.submit_response(
                    current_actor(),
                    reference,
                    own_organisation(),
                    received_at=received_at,
                    clock=clock(),
                )
                flash("Your PQQ response is submitted.")
                return _to_tasks(reference)
    page = _shown(
        "pqq_check",
        frame,
        form=form,
        parts=parts_of(frame),
        checks=lot_checks(frame.response, frame.competition.lots),
        gaps=[(gap, _place_of(gap, frame)) for gap in _gaps(frame) or ()],
    )
    return page, form.status


def _place_of(gap: Gap, frame: PqqFrame) -> str:
    """Where what is missing is entered."""
    reference = frame.reference
    for part in parts_of(frame):
        if gap.place in {question.reference for question in part.questions}:
            return url_for(".pqq_part", reference=reference, number=part.number)
    return url_for(".pqq_lots" if gap.place == "lots" else ".pqq_funding", reference=reference)


@blueprint.get(f"{_URL}/submitted")
@requires(_READ)
def pqq_submitted(reference: str) -> str:
    frame, response = _with_submitted(reference)
    submitted = queries.response_snapshot(response)
    return _shown(
        "pqq_submitted",
        frame,
        submitted=submitted,
        parts=parts_of(frame),
        checks=_checks(
            frame.competition.lots, submitted["lots"], submitted["proved_funding_pence"]
        ),
    )


@blueprint.get(f"{_URL}/submitted.json")
@requires(_READ)
def pqq_document(reference: str) -> Response:
    """What was submitted, exactly as it is stored."""
    _, response = _with_submitted(reference)
    text = response.snapshot or ""
    return attachment(text.encode(), f"{response.reference}.json", "application/json")


def _with_submitted(reference: str) -> tuple[PqqFrame, SelectionResponse]:
    frame = pqq_frame(reference)
    if frame.response is None or frame.response.status != ResponseStatus.SUBMITTED.value:
        raise NotFound
    return frame, frame.response


@blueprint.route(f"{_URL}/withdraw", methods=["GET", "POST"])
@requires(_SUBMIT)
def pqq_withdraw(reference: str) -> ResponseReturnValue:
    received_at = received_whole_at()
    frame = pqq_frame(reference)
    form = PlainForm()
    if form.validate_on_submit():
        with shown_on(form):
            services.withdraw_response(
                current_actor(),
                reference,
                own_organisation(),
                received_at=received_at,
                clock=clock(),
            )
            flash("Your PQQ response is withdrawn. Your answers are kept as a draft.")
            return _to_tasks(reference)
    return _shown("pqq_withdraw", frame, form=form), form.status
