"""The timetable: its dates, the minimum periods of the law, and every version that was."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from commissioning.competition import queries, services
from commissioning.competition.domain.lifecycle import fixed_dates
from commissioning.competition.domain.statutory_periods import period_checks
from commissioning.competition.domain.timetable import TimetableEvent
from commissioning.competition.forms import timetable_form
from commissioning.competition.views import tables
from commissioning.competition.views.frame import blueprint, shown, team_frame
from commissioning.identity import queries as identity
from commissioning.permissions import Permission
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on
from commissioning.web.filters import moment, moment_exact


@blueprint.get("/<string:reference>/timetable")
@requires(Permission.COMPETITION_READ)
def timetable(reference: str) -> ResponseReturnValue:
    frame = team_frame(reference)
    row = frame.competition
    current = queries.current_timetable(row)
    versions = queries.timetable_history(row)
    names = identity.names_of(entry.set_by for entry in versions)
    history = [
        [
            TimetableEvent(entry.event).label,
            str(entry.version),
            moment(entry.instant, entry.zone),
            names.get(entry.set_by, "The platform"),
            moment_exact(entry.set_at),
            "Holds" if entry.superseded_at is None else moment_exact(entry.superseded_at),
        ]
        for entry in versions
    ]
    return shown(
        "timetable",
        frame,
        rows=tables.date_rows(current, TimetableEvent),
        checks=period_checks(current, regime=frame.regime, commenced_on=row.commenced_on),
        history=history,
        may_extend=frame.may(Permission.COMPETITION_PROPOSE_EXTENSION),
    )


@blueprint.route("/<string:reference>/timetable/change", methods=["GET", "POST"])
@requires(Permission.COMPETITION_EDIT_TIMETABLE)
def change_timetable(reference: str) -> ResponseReturnValue:
    frame = team_frame(reference, Permission.COMPETITION_EDIT_TIMETABLE)
    row = frame.competition
    fixed = fixed_dates(frame.stage)
    current = queries.current_timetable(row)
    form = timetable_form(current, fixed)
    if form.validate_on_submit():
        with shown_on(form):
            services.set_timetable(current_actor(), reference, form.entries(), clock=clock())
            flash("The timetable is changed. The dates before stay in its history.")
            return redirect(url_for(".timetable", reference=reference), 303)
    held = {event: deadline for event, deadline in current.items() if event in fixed}
    return shown("change_timetable", frame, form=form, fixed=tables.date_rows(held)), form.status
