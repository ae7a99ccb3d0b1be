"""A bidder asks for help with the service, and a duty officer answers."""

from __future__ import annotations

import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from commissioning.competition import queries as competitions
from commissioning.competition.domain.timetable import LONDON
from commissioning.competition.models import Competition
from commissioning.identity import queries as identities
from commissioning.permissions import Facts, Permission, may, require
from commissioning.submission import queries, services
from commissioning.submission.forms import HelpAnswerForm, HelpForm
from commissioning.submission.models import HelpRequest
from commissioning.submission.views.bids import READ
from commissioning.submission.views.frame import blueprint, own_organisation
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on
from commissioning.web.shell import received_at as received_whole_at
from commissioning.web.steps import carried, step

_ASK = Permission.SUBMISSION_ASK_FOR_HELP
_READ = Permission.SUBMISSION_READ_HELP
_ANSWER = Permission.SUBMISSION_ANSWER_HELP


@blueprint.route("/competitions/<string:reference>/help", methods=["GET", "POST"])
@requires(_ASK, READ)
def ask_for_help(reference: str) -> ResponseReturnValue:
    """Short, and first of all acknowledged: what was received, and when."""
    received_at = received_whole_at()
    actor, organisation = current_actor(), own_organisation()
    competition, facts = _own(reference, organisation, clock().now())
    admitted = competitions.admissions_of(competition, organisation)
    form = HelpForm()
    form.lot.choices = [(row.lot.reference, row.lot.name) for row in admitted]
    may_ask = may(actor, _ASK, facts)
    is_staffed = bool(queries.on_duty(competition, clock().now()))
    if not may_ask:
        queries.require_own(actor, READ, competition, organisation)
    if form.validate_on_submit():
        with shown_on(form):
            row = services.ask_for_help(
                actor,
                reference,
                organisation,
                text=form.text.data or "",
                phone=form.phone.data or "",
                lot=form.lot.data or None,
                idempotency_key=form.idempotency_key.data or "",
                received_at=received_at,
                clock=clock(),
            )
            told = "Somebody answers here." if is_staffed else "Nobody is on duty to answer it."
            flash(f"We have received it at {_to_the_second(row.asked_at)}. {told}")
            return redirect(url_for(".ask_for_help", reference=reference) + "#asked", 303)
    if not form.is_submitted():
        form.lot.data = request.args.get("lot") or None
    form.idempotency_key.data, form.idempotency_key.raw_data = secrets.token_hex(16), None
    bidder = identities.organisation_by_reference(organisation)
    asked = queries.own_help_requests(bidder, competition)
    page = render_template(
        "submission/ask_for_help.html",
        competition=competition,
        organisation=organisation,
        form=form,
        may_ask=may_ask,
        is_staffed=is_staffed,
        asked=asked,
        names=_names(asked),
        to_the_second=_to_the_second,
    )
    return page, form.status


@blueprint.get("/help-requests")
@requires(_ANSWER)
def help_queue() -> str:
    """What waits for a duty officer, over all competitions: the nearest deadline first."""
    now = clock().now()
    return render_template(
        "submission/help_queue.html",
        lines=queries.waiting_help_requests(current_actor(), now),
        deadline_of=queries.deadline_for_help,
        to_the_second=_to_the_second,
    )


@blueprint.get("/competitions/<string:reference>/help-requests")
@requires(_READ)
def help_requests(reference: str) -> str:
    """Every request of a competition: for its duty officers, and after the closing the auditor."""
    competition = competitions.competition_by_reference(reference)
    lines = queries.help_requests(current_actor(), competition, now=clock().now())
    return render_template(
        "submission/help_requests.html",
        competition=competition,
        lines=lines,
        to_the_second=_to_the_second,
    )


@blueprint.route("/help-requests/<string:request>", methods=["GET", "POST"])
@requires(_READ)
def help_request(request: str) -> ResponseReturnValue:
    now = clock().now()
    row = queries.readable_help_request(current_actor(), request, now=now)
    facts = competitions.facts(row.competition, now)
    may_answer = row.answered_at is None and may(current_actor(), _ANSWER, facts)
    form = HelpAnswerForm()
    told = {"row": row, "names": _names([row]), "to_the_second": _to_the_second}
    if form.is_submitted() and step() != "change" and form.validate():
        if step() != "confirm" and may_answer:
            page = render_template(
                "submission/help_answer_check.html", form=form, carried=carried(), **told
            )
            return page, 200
        with shown_on(form):
            services.answer_help(
                current_actor(), request, answer=form.answer.data or "", clock=clock()
            )
            flash("The answer is sent. The people of this organisation are told to sign in.")
            return redirect(url_for(".help_queue"), 303)
    page = render_template(
        "submission/help_request.html",
        form=form,
        may_answer=may_answer,
        deadline=queries.deadline_for_help(row.competition),
        **told,
    )
    return page, form.status


def _own(reference: str, organisation: str, now: datetime) -> tuple[Competition, Facts]:
    """A competition with the facts of a bidder; Forbidden where nobody may know of it yet."""
    competition = competitions.competition_by_reference(reference)
    admitted = competitions.admissions_of(competition, organisation)
    facts = competitions.facts(
        competition, now, organisation=organisation, is_admitted=bool(admitted)
    )
    require(current_actor(), Permission.COMPETITION_READ_PUBLISHED, facts)
    return competition, facts


def _names(rows: list[HelpRequest]) -> dict[str, str]:
    people = {row.asked_by for row in rows} | {row.answered_by or "" for row in rows}
    return identities.names_of(people - {""})


def _to_the_second(instant: datetime | None) -> str:
    """A time as a person reads it off a clock: "11:54:07 (UK time) on Monday 30 June 2014"."""
    if instant is None:
        return ""
    local = instant.astimezone(ZoneInfo(LONDON))
    return f"{local:%H:%M:%S} (UK time) on {local:%A} {local.day} {local:%B %Y}"
