"""Interests: each person declares their own; lead, approver and auditor read the register."""

from __future__ import annotations

from flask import flash, redirect
from flask.typing import ResponseReturnValue

from commissioning.competition import queries as competition_queries
from commissioning.evaluation import queries, services
from commissioning.evaluation.forms import InterestForm
from commissioning.evaluation.views.frame import Frame, blueprint, framed, shown
from commissioning.identity import queries as identity_queries
from commissioning.kernel.stage import Stage
from commissioning.permissions import Permission
from commissioning.submission import queries as submission_queries
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on


@blueprint.get("/evaluation/interests")
@requires(Permission.EVALUATION_DECLARE_INTEREST, Permission.EVALUATION_READ_INTERESTS)
def interests(reference: str) -> ResponseReturnValue:
    frame = framed(reference)
    frame.require_one_of(
        Permission.EVALUATION_DECLARE_INTEREST, Permission.EVALUATION_READ_INTERESTS
    )
    may_read = frame.may(Permission.EVALUATION_READ_INTERESTS)
    own = queries.interests_of(frame.actor.reference, frame.competition)
    register = queries.interests_in(frame.competition) if may_read else []
    names = identity_queries.names_of(
        reference
        for row in (*own, *register)
        for reference in (row.person, row.organisation)
        if reference
    )
    return shown(
        "interests",
        frame,
        own=own,
        register=register,
        names=names,
        may_read=may_read,
        may_declare=frame.may(Permission.EVALUATION_DECLARE_INTEREST),
    )


@blueprint.route("/evaluation/interests/declare", methods=["GET", "POST"])
@requires(Permission.EVALUATION_DECLARE_INTEREST)
def declare_interest(reference: str) -> ResponseReturnValue:
    frame = framed(reference)
    frame.require(Permission.EVALUATION_DECLARE_INTEREST)
    form = InterestForm()
    form.offer(_organisations(frame))
    if form.validate_on_submit():
        with shown_on(form):
            chosen = form.organisation.data
            services.declare_interest(
                current_actor(),
                reference,
                organisation=None if chosen == "*" else chosen,
                statement=form.statement.data,
                clock=clock(),
            )
            flash("Your interest is declared. Access has ended where it must.")
            return redirect(frame.href("interests"), 303)
    return shown("declare_interest", frame, form=form), form.status


def _organisations(frame: Frame) -> list[tuple[str, str]]:
    """Those that may be named here without telling who bids: shortlisted, or read by the person.

    Before the shortlist only whoever reads the PQQ responses knows who responded.
    """
    known: dict[str, str] = {}
    if frame.may(Permission.SUBMISSION_READ_PQQ):
        for response in submission_queries.submitted_responses(frame.competition):
            known[response.organisation.reference] = response.organisation.name
    if (frame.facts.reached or frame.stage).is_at_or_after(Stage.SHORTLISTED):
        for admission in competition_queries.admissions_of(frame.competition):
            known[admission.organisation.reference] = admission.organisation.name
    return sorted(known.items(), key=lambda pair: pair[1].casefold())
