"""What happens to a deadline when the service fails: the table, the log, and an entry in it."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from commissioning.competition import services as competing
from commissioning.competition.domain import outages
from commissioning.infrastructure import service_log
from commissioning.permissions import Permission, may
from commissioning.submission.forms import OutageForm
from commissioning.submission.views.frame import blueprint
from commissioning.web.access import clock, current_actor, public, requires
from commissioning.web.errors import shown_on
from commissioning.web.filters import moment_exact
from commissioning.web.steps import carried, step

_RECORD = Permission.COMPETITION_RECORD_OUTAGE
_SHOWN = 50


@blueprint.get("/help/deadlines")
@public
def failing_service() -> str:
    return render_template(
        "submission/failing_service.html",
        sentences=outages.in_words(),
        rows=[
            [moment_exact(row.started_at), moment_exact(row.ended_at), row.reason]
            for row in service_log.last_outages(_SHOWN)
        ],
        may_record=may(current_actor(), _RECORD),
    )


@blueprint.route("/help/deadlines/record", methods=["GET", "POST"])
@requires(_RECORD)
def record_outage() -> ResponseReturnValue:
    form = OutageForm()
    if form.is_submitted() and step() != "change" and form.validate():
        entered = {
            "started_at": form.started_at.data,
            "ended_at": form.ended_at.data,
            "reason": form.reason.data or "",
        }
        with shown_on(form):
            if step() != "confirm":
                competing.check_outage(**entered, at=clock().now())
                page = render_template(
                    "submission/record_outage_check.html", form=form, carried=carried()
                )
                return page, 200
            competing.record_outage(current_actor(), **entered, clock=clock())
            flash(
                "The outage is on record, for everybody to read. It moves no deadline by itself: a "
                "lead and an approver can extend one for it."
            )
            return redirect(url_for(".failing_service"), 303)
    return render_template("submission/record_outage.html", form=form), form.status
