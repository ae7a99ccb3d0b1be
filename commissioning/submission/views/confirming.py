"""The invitation changed: the signatory confirms the submitted bid as it is."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from commissioning.competition import queries as competitions
from commissioning.permissions import Permission
from commissioning.submission import services
from commissioning.submission.forms import ConfirmBidForm
from commissioning.submission.views.bids import shown
from commissioning.submission.views.frame import bid_frame, blueprint
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on
from commissioning.web.shell import received_at as received_whole_at

_URL = "/competitions/<string:reference>/bids/<string:lot>"


@blueprint.route(f"{_URL}/confirm", methods=["GET", "POST"])
@requires(Permission.SUBMISSION_SUBMIT_BID)
def confirm_bid(reference: str, lot: str) -> ResponseReturnValue:
    received_at = received_whole_at()
    frame = bid_frame(reference, lot)
    under = frame.under_version
    form = ConfirmBidForm()
    if form.validate_on_submit():
        with shown_on(form):
            services.confirm_bid(
                current_actor(),
                *frame.place,
                receipt=form.receipt.data or "",
                version=int(form.version.data or 0),
                received_at=received_at,
                clock=clock(),
            )
            flash("Your bid is confirmed as it is. Its receipt stays the one that counts.")
            return redirect(url_for(".bid", reference=reference, lot=lot), 303)
    if under is None:
        return redirect(url_for(".bid", reference=reference, lot=lot), 303)
    for field, value in ((form.receipt, under.receipt.reference), (form.version, under.current)):
        field.data, field.raw_data = str(value), None
    changes = [
        row
        for row in competitions.published_changes(frame.competition)
        if (row.version or 0) > under.covered
    ]
    return shown("confirm_bid", frame, form=form, under=under, changes=changes), form.status
