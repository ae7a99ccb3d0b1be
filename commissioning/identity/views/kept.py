"""What a person sent after their session had ended: to look at, to send again, to throw away."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from commissioning.identity import services
from commissioning.identity.views.blueprint import blueprint
from commissioning.kernel.errors import KeyLocked, NotFound
from commissioning.web.access import current_actor, signed_in
from commissioning.web.fields import Form


@blueprint.get("/sent-too-late/<string:reference>")
@signed_in
def kept(reference: str) -> ResponseReturnValue:
    try:
        found = services.kept_entries(current_actor(), reference)
    except NotFound:  # another person has signed in, or it has been sent since
        return redirect(url_for("dashboard.home"), 303)
    except KeyLocked:
        return render_template("identity/kept_lost.html", reference=reference, form=Form())
    return render_template("identity/kept.html", kept=found, form=Form())


@blueprint.post("/sent-too-late/<string:reference>/discard")
@signed_in
def discard_kept(reference: str) -> ResponseReturnValue:
    form = Form()
    if form.validate_on_submit():
        services.discard_kept(current_actor(), reference)
        flash("It is thrown away.")
    return redirect(url_for("dashboard.home"), 303)
