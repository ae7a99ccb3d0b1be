"""Changing the documents after the ITN is issued: drafted, checked, proposed."""

from __future__ import annotations

import mimetypes
from datetime import datetime
from typing import Any

from flask import Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from commissioning.competition import queries, services
from commissioning.competition.domain.changes import MINIMUMS, earliest_deadline
from commissioning.competition.domain.timetable import TimetableEvent
from commissioning.competition.forms import Form, change_form
from commissioning.competition.forms.changes import NEW
from commissioning.competition.models import Competition, InvitationChange
from commissioning.competition.views.dates import told_before
from commissioning.competition.views.frame import blueprint, shown, team_frame
from commissioning.infrastructure import documents as store
from commissioning.kernel.errors import NotFound
from commissioning.kernel.statutory import Regime
from commissioning.permissions import Permission
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.downloads import attachment
from commissioning.web.errors import shown_on
from commissioning.web.filters import moment, moment_exact

_PROPOSE = Permission.COMPETITION_PROPOSE_CHANGE
_ITN = TimetableEvent.ITN_DEADLINE


@blueprint.route("/<string:reference>/change-invitation", methods=["GET", "POST"])
@requires(_PROPOSE)
def change_invitation(reference: str) -> ResponseReturnValue:
    frame = team_frame(reference, _PROPOSE)
    current = queries.current_timetable(frame.competition)
    order = list(TimetableEvent)
    regime = Regime(frame.competition.regime)
    form = change_form(
        queries.documents_of(frame.competition),
        current[_ITN],
        earliest_deadline(clock().now(), regime, current[_ITN].zone),
        {event: held for event, held in current.items() if order.index(event) > order.index(_ITN)},
    )
    if form.validate_on_submit():
        with shown_on(form):
            upload, document = form["file"].data, form["document"].data
            kind, _encoding = mimetypes.guess_type(upload.filename)
            made = services.draft_change(
                current_actor(),
                reference,
                document=None if document == NEW else document,
                title=form["title"].data or "",
                file_name=upload.filename,
                media_type=kind or "application/octet-stream",
                pieces=[upload.content],
                summary=form["summary"].data,
                alters_form=form["alters_form"].data == "yes",
                deadline=form["deadline"].data,
                later=form.later(),
                clock=clock(),
            )
            return redirect(url_for(".change", reference=reference, change=made.reference), 303)
    return shown(
        "change_invitation",
        frame,
        form=form,
        minimum=MINIMUMS[regime],
        in_hand=queries.drafted_change(frame.competition),
    ), form.status


@blueprint.route("/<string:reference>/changes/<string:change>", methods=["GET", "POST"])
@requires(_PROPOSE)
def change(reference: str, change: str) -> ResponseReturnValue:
    """What was drafted, to check before it is proposed."""
    frame = team_frame(reference, _PROPOSE)
    row = queries.change_by_reference(frame.competition, change)
    if not queries.is_in_hand(row):
        raise NotFound
    form = Form()
    if form.validate_on_submit():
        with shown_on(form):
            made = services.propose_change(current_actor(), reference, change, clock=clock())
            flash("The change is proposed. An approver decides on it before the deadline.")
            return redirect(url_for(".decision", reference=reference, decision=made.reference), 303)
    return shown("change", frame, form=form, change=row, **as_proposed(row)), form.status


@blueprint.post("/<string:reference>/changes/<string:change>/drop")
@requires(_PROPOSE)
def drop_change(reference: str, change: str) -> ResponseReturnValue:
    frame = team_frame(reference, _PROPOSE)
    services.drop_change(current_actor(), reference, change, clock=clock())
    flash("The draft of the change is deleted.")
    return redirect(url_for(".documents", reference=frame.competition.reference), 303)


@blueprint.get("/<string:reference>/changes/<string:change>/file")
@requires(Permission.COMPETITION_READ)
def change_file(reference: str, change: str) -> Response:
    """The file of a change, for the team, before it is published."""
    frame = team_frame(reference)
    row = queries.change_by_reference(frame.competition, change)
    if row.status == "dropped" or not store.store().exists(row.store_key):
        raise NotFound
    return attachment(store.store().read(row.store_key), row.file_name, row.media_type)


def as_proposed(row: InvitationChange) -> dict[str, Any]:
    """What a change says, for the page that checks it and for the one that decides on it."""
    return {
        "proposed_change": row,
        "change_moves": [
            [
                TimetableEvent(event).label,
                told_before(new["from"]),
                moment(datetime.fromisoformat(new["instant"]), new["zone"]),
            ]
            for event, new in row.dates.items()
        ],
    }


def what_a_change_does(row: InvitationChange) -> list[str]:
    """What follows from the approval of a change, line by line."""
    return [
        "The document gets its new version at once; the ones before stay.",
        "The team and every bidder concerned get an email in the same words.",
        "A bid that is submitted keeps its receipt. Its bidder is asked to confirm it again or to "
        "replace it."
        + (
            " What is neither confirmed nor replaced before the deadline does not count."
            if row.alters_form
            else " What is not confirmed stands."
        ),
        "The evaluation model stays as it is frozen.",
    ]


def published_rows(competition: Competition) -> list[dict[str, Any]]:
    """The changes of the invitation as everybody reads them, newest first."""
    return [
        {
            "version": row.version,
            "at": moment_exact(row.published_at),
            "document": row.title,
            "summary": row.summary,
            "alters_form": row.alters_form,
        }
        for row in reversed(queries.published_changes(competition))
    ]
