"""Replacing a key holder: the lead proposes it, and the holders make the shares anew."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from commissioning.competition import queries as competitions
from commissioning.identity import queries as identities
from commissioning.permissions import Permission, require
from commissioning.submission import queries, services
from commissioning.submission.forms import PlainForm, ReplacementForm
from commissioning.submission.views.ceremonies import keys_page
from commissioning.submission.views.frame import blueprint
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on

_REPLACE = Permission.SUBMISSION_REPLACE_HOLDER
_URL = "/competitions/<string:reference>/opening-keys/replace"


@blueprint.route(_URL, methods=["GET", "POST"])
@requires(_REPLACE)
def replace_holder(reference: str) -> ResponseReturnValue:
    now = clock().now()
    competition = competitions.readable_competition(current_actor(), reference, now=now)
    require(current_actor(), _REPLACE, competitions.facts(competition, now))
    holders = queries.holdings(competition)
    names = identities.names_of([one.holder for one in holders])
    form = ReplacementForm()
    form.leaving.choices = [
        (one.holder, names[one.holder] + ("" if one.opens else ", whose share is lost"))
        for one in holders
    ]
    form.joining.choices = [
        (person.reference, person.name) for person in competitions.people_who_may_join(competition)
    ]
    if form.validate_on_submit():
        with shown_on(form):
            services.propose_replacement(
                current_actor(),
                reference,
                leaving=form.leaving.data or "",
                joining=form.joining.data or "",
                reason=form.reason.data or "",
                clock=clock(),
            )
            flash("The replacement is proposed. The approver has it before them.")
            return redirect(url_for(".opening_keys", reference=reference), 303)
    page = render_template(
        "submission/replace_holder.html",
        competition=competition,
        form=form,
        needed=competitions.key_holders_needed(competition),
    )
    return page, form.status


@blueprint.post(f"{_URL}/<string:replacement>/approve")
@requires(Permission.SUBMISSION_APPROVE_REPLACEMENT)
def approve_replacement(reference: str, replacement: str) -> ResponseReturnValue:
    form = PlainForm()
    if form.validate_on_submit():
        with shown_on(form):
            services.approve_replacement(current_actor(), reference, replacement, clock=clock())
            flash("The replacement is approved. The key holders have it before them.")
            return redirect(url_for(".opening_keys", reference=reference), 303)
    return keys_page(reference, form)


@blueprint.post(f"{_URL}/join")
@requires(Permission.SUBMISSION_RENEW_SHARES)
def join_replacement(reference: str) -> ResponseReturnValue:
    form = PlainForm()
    if form.validate_on_submit():
        with shown_on(form):
            ceremony = services.join_replacement(current_actor(), reference, clock=clock())
            flash(
                "The replacement is done: every holder has a fresh share."
                if ceremony.is_met
                else "You have joined the replacement."
            )
            return redirect(url_for(".opening_keys", reference=reference), 303)
    return keys_page(reference, form)


@blueprint.post(f"{_URL}/drop")
@requires(_REPLACE)
def drop_replacement(reference: str) -> ResponseReturnValue:
    form = PlainForm()
    if form.validate_on_submit():
        with shown_on(form):
            services.drop_replacement(current_actor(), reference, clock=clock())
            flash("The replacement is dropped. The shares are as they were.")
            return redirect(url_for(".opening_keys", reference=reference), 303)
    return keys_page(reference, form)
