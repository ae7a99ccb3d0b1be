"""Proposing to end a competition without an award."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from commissioning.competition import queries, services
from commissioning.competition.forms import TerminateForm
from commissioning.competition.views.frame import blueprint, carried, shown, step, team_frame
from commissioning.permissions import Permission
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on


@blueprint.route("/<string:reference>/terminate", methods=["GET", "POST"])
@requires(Permission.COMPETITION_PROPOSE_TERMINATION)
def terminate(reference: str) -> ResponseReturnValue:
    frame = team_frame(reference, Permission.COMPETITION_PROPOSE_TERMINATION)
    waiting = queries.open_decision_for(frame.competition, "terminated")
    form = TerminateForm(reference)
    if waiting is not None and not form.is_submitted():
        return redirect(url_for(".decision", reference=reference, decision=waiting.reference), 303)
    if form.is_submitted() and step() != "change" and form.validate():
        if step() != "confirm":
            page = shown(
                "terminate_check",
                frame,
                form=form,
                reason=form.reason.data,
                carried=carried(),
            )
            return page, 200
        with shown_on(form):
            made = services.propose_termination(
                current_actor(), reference, reason=form.reason.data, clock=clock()
            )
            flash("The termination is proposed. An approver decides on it.")
            return redirect(url_for(".decision", reference=reference, decision=made.reference), 303)
    return shown("terminate", frame, form=form), form.status
