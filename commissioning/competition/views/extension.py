"""Proposing a later deadline."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from commissioning.competition import queries, services
from commissioning.competition.domain.lifecycle import EXTENSION, OPEN_UNTIL
from commissioning.competition.domain.timetable import Deadline, TimetableEvent
from commissioning.competition.forms import ExtensionForm, extension_form
from commissioning.competition.views.frame import blueprint, carried, shown, step, team_frame
from commissioning.permissions import Permission
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on, tried_on
from commissioning.web.filters import moment


@blueprint.route("/<string:reference>/extend", methods=["GET", "POST"])
@requires(Permission.COMPETITION_PROPOSE_EXTENSION)
def extend(reference: str) -> ResponseReturnValue:
    frame = team_frame(reference, Permission.COMPETITION_PROPOSE_EXTENSION)
    closing = OPEN_UNTIL[frame.stage]
    current = queries.current_timetable(frame.competition)
    order = list(TimetableEvent)
    later = {
        event: held for event, held in current.items() if order.index(event) > order.index(closing)
    }
    form = extension_form(current[closing], later)
    waiting = queries.open_decision_for(frame.competition, EXTENSION)
    if waiting is not None and not form.is_submitted():
        return redirect(url_for(".decision", reference=reference, decision=waiting.reference), 303)
    if form.is_submitted() and step() != "change" and form.validate():
        is_confirmed = step() == "confirm"
        with shown_on(form) if is_confirmed else tried_on(form):
            made = services.propose_extension(
                current_actor(),
                reference,
                deadline=form["deadline"].data,
                later=form.later(),
                reason=form["reason"].data,
                clock=clock(),
            )
            if is_confirmed:
                flash("The extension is proposed. An approver decides on it before the deadline.")
                return redirect(
                    url_for(".decision", reference=reference, decision=made.reference), 303
                )
        if not form.error_list:
            page = shown(
                "extend_check",
                frame,
                form=form,
                closing=closing,
                rows=_rows(form, closing, current),
                reason=form["reason"].data,
                carried=carried(),
            )
            return page, 200
    return shown("extend", frame, form=form, closing=closing), form.status


def _rows(
    form: ExtensionForm, closing: TimetableEvent, current: dict[TimetableEvent, Deadline]
) -> list[list[Any]]:
    moved = {closing: form["deadline"].data, **form.later()}
    return [
        [
            TimetableEvent(event).label,
            moment(current[TimetableEvent(event)].instant_utc),
            moment(at),
        ]
        for event, at in moved.items()
    ]
