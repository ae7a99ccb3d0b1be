"""The administrator's pages: all organisations, a new authority, and the door of each."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from commissioning.identity import queries, services
from commissioning.identity.domain.roles import OrganisationKind
from commissioning.identity.forms import AuthorityForm
from commissioning.identity.views.blueprint import blueprint
from commissioning.permissions import Permission
from commissioning.web.access import clock, current_actor, real_clock, requires
from commissioning.web.errors import shown_on
from commissioning.web.fields import Form
from commissioning.web.filters import words
from commissioning.web.listing import filters_asked, of


@blueprint.get("/organisations")
@requires(Permission.IDENTITY_SUSPEND_SIGN_IN)
def organisations() -> str:
    asked = filters_asked("kind", "q")
    kind = asked.get("kind")
    found = queries.organisations(
        kind=kind if kind in set(OrganisationKind) else None, containing=asked.get("q", "")
    )
    listing = of(
        found,
        sorts={
            "name": lambda one: one.name.casefold(),
            "kind": lambda one: one.kind,
            "registered": lambda one: one.registered_at,
        },
        default="name",
    )
    kinds = [(one.value, words(one.value)) for one in OrganisationKind]
    return render_template("identity/organisations.html", listing=listing, asked=asked, kinds=kinds)


@blueprint.route("/organisations/new", methods=["GET", "POST"])
@requires(Permission.IDENTITY_CREATE_AUTHORITY_PEOPLE)
def create_authority() -> ResponseReturnValue:
    form = AuthorityForm()
    if form.validate_on_submit():
        with shown_on(form):
            made = services.create_authority(
                current_actor(),
                name=form.name.data,
                identifier_scheme=form.identifier_scheme.data,
                identifier=form.identifier.data,
                clock=clock(),
            )
            flash(f"{made.name} is here. Invite its first person.")
            return redirect(url_for("identity.organisation", reference=made.reference), 303)
    return render_template("identity/create_authority.html", form=form), form.status


@blueprint.route("/organisations/<string:reference>/suspend", methods=["GET", "POST"])
@requires(Permission.IDENTITY_SUSPEND_SIGN_IN)
def suspend_organisation(reference: str) -> ResponseReturnValue:
    found = queries.readable_organisation(current_actor(), reference)
    form = Form()
    if form.validate_on_submit():
        with shown_on(form):
            services.suspend_organisation_sign_in(
                current_actor(), reference, clock=clock(), real_clock=real_clock()
            )
            flash(f"Nobody of {found.name} can sign in any more.")
            return redirect(url_for("identity.organisation", reference=reference), 303)
    page = render_template("identity/suspend_organisation.html", form=form, organisation=found)
    return page, form.status


@blueprint.post("/organisations/<string:reference>/restore")
@requires(Permission.IDENTITY_SUSPEND_SIGN_IN)
def restore_organisation(reference: str) -> ResponseReturnValue:
    found = queries.readable_organisation(current_actor(), reference)
    services.restore_organisation_sign_in(current_actor(), reference, clock=clock())
    flash(f"The people of {found.name} can sign in again.")
    return redirect(url_for("identity.organisation", reference=reference), 303)
