"""What an organisation is to others: owners, what it owns, consortia and their members."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from commissioning.identity import queries, services
from commissioning.identity.forms import MemberForm, OwnershipForm
from commissioning.identity.models import Organisation
from commissioning.identity.views.blueprint import blueprint
from commissioning.permissions import Permission, may, require
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on
from commissioning.web.fields import Form

_PPM_OF_PERCENT = 10_000


def _editable(reference: str) -> Organisation:
    found = queries.readable_organisation(current_actor(), reference)
    require(current_actor(), Permission.IDENTITY_EDIT_ORGANISATION, queries.facts(found))
    return found


def _back(reference: str) -> ResponseReturnValue:
    return redirect(url_for("identity.ties", reference=reference), 303)


@blueprint.get("/organisations/<string:reference>/ties")
@requires(Permission.IDENTITY_READ_ORGANISATION)
def ties(reference: str) -> str:
    found = queries.readable_organisation(current_actor(), reference)
    return render_template(
        "identity/ties.html",
        organisation=found,
        ties=queries.ties_of(found),
        may_edit=may(current_actor(), Permission.IDENTITY_EDIT_ORGANISATION, queries.facts(found)),
        token_form=Form(),
    )


@blueprint.route("/organisations/<string:reference>/ownership/new", methods=["GET", "POST"])
@requires(Permission.IDENTITY_EDIT_ORGANISATION)
def add_ownership(reference: str) -> ResponseReturnValue:
    found = _editable(reference)
    form = OwnershipForm()
    if form.validate_on_submit():
        with shown_on(form):
            other = services.other_organisation(form.identifier_scheme.data, form.identifier.data)
            pair = (other.reference, reference)
            owner, owned = pair if form.direction.data == "owner" else reversed(pair)
            services.record_ownership(current_actor(), owner, owned, clock=clock())
            flash(f"The tie to {other.name} is recorded, and it has been told.")
            return _back(reference)
    page = render_template("identity/add_ownership.html", form=form, organisation=found)
    return page, form.status


@blueprint.post("/organisations/<string:reference>/ownership/<string:owner>/<string:owned>/end")
@requires(Permission.IDENTITY_EDIT_ORGANISATION)
def end_ownership(reference: str, owner: str, owned: str) -> ResponseReturnValue:
    _editable(reference)
    services.end_ownership(current_actor(), owner, owned, clock=clock())
    flash("The ownership is taken back, and the other organisation has been told.")
    return _back(reference)


@blueprint.route("/organisations/<string:reference>/members/new", methods=["GET", "POST"])
@requires(Permission.IDENTITY_EDIT_ORGANISATION)
def add_member(reference: str) -> ResponseReturnValue:
    found = _editable(reference)
    form = MemberForm()
    if form.validate_on_submit():
        with shown_on(form):
            other = services.other_organisation(form.identifier_scheme.data, form.identifier.data)
            percent = form.share.data
            share = None if percent is None else int(percent * _PPM_OF_PERCENT)
            services.record_consortium_member(
                current_actor(), reference, other.reference, share, clock=clock()
            )
            flash(f"{other.name} is recorded as a member, and has been told.")
            return _back(reference)
    page = render_template("identity/add_member.html", form=form, organisation=found)
    return page, form.status


@blueprint.post(
    "/organisations/<string:reference>/consortia/<string:consortium>/<string:member>/end"
)
@requires(Permission.IDENTITY_EDIT_ORGANISATION)
def remove_member(reference: str, consortium: str, member: str) -> ResponseReturnValue:
    _editable(reference)
    services.remove_consortium_member(current_actor(), consortium, member, clock=clock())
    flash("The membership is taken back, and the other organisation has been told.")
    return _back(reference)
