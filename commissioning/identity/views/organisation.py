"""An organisation's own pages: its particulars, its people at a glance, and its key."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from commissioning.identity import queries, services
from commissioning.identity.domain.identifiers import register_of
from commissioning.identity.domain.people import normal_email
from commissioning.identity.domain.roles import roles_of
from commissioning.identity.forms import EditOrganisationForm, InviteForm, RecoveryForm
from commissioning.identity.views.blueprint import (
    address_of,
    blueprint,
    own_reference,
    role_choices,
)
from commissioning.kernel.actor import Role
from commissioning.permissions import Permission, may, require
from commissioning.web.access import clock, current_actor, real_clock, requires, signed_in
from commissioning.web.errors import shown_on
from commissioning.web.fields import Form
from commissioning.web.filters import day
from commissioning.web.listing import of


@blueprint.get("/organisation")
@signed_in
def own_organisation() -> ResponseReturnValue:
    found = queries.organisation_by_reference(own_reference())
    if not may(current_actor(), Permission.IDENTITY_READ_ORGANISATION, queries.facts(found)):
        # Who has roles on single competitions only sees no more than themselves here.
        return redirect(url_for("identity.account"), 303)
    return redirect(url_for("identity.organisation", reference=found.reference), 303)


@blueprint.get("/organisations/<string:reference>")
@requires(Permission.IDENTITY_READ_ORGANISATION)
def organisation(reference: str) -> str:
    actor = current_actor()
    found = queries.readable_organisation(actor, reference)
    facts = queries.facts(found)
    may_invite = may(
        actor, queries.people_permission(found, Permission.IDENTITY_INVITE_PEOPLE), facts
    )
    return render_template(
        "identity/organisation.html",
        organisation=found,
        register=register_of(found.identifier_scheme),
        people=of(
            queries.people_of(reference),
            sorts={"name": lambda person: person.name.casefold()},
            default="name",
        ),
        roles_held=queries.roles_held,
        holders=queries.key_holders_of(reference),
        invitations=queries.open_invitations(reference, real_clock().now()) if may_invite else [],
        ties=queries.ties_of(found),
        may_edit=may(actor, Permission.IDENTITY_EDIT_ORGANISATION, facts),
        may_invite=may_invite,
        may_hold_key=may(actor, Permission.IDENTITY_ADMIT_TO_KEY, facts),
        may_suspend=may(actor, Permission.IDENTITY_SUSPEND_SIGN_IN)
        and actor.organisation != reference,
        token_form=Form(),
    )


@blueprint.route("/organisations/<string:reference>/edit", methods=["GET", "POST"])
@requires(Permission.IDENTITY_EDIT_ORGANISATION)
def edit_organisation(reference: str) -> ResponseReturnValue:
    found = queries.readable_organisation(current_actor(), reference)
    require(current_actor(), Permission.IDENTITY_EDIT_ORGANISATION, queries.facts(found))
    form = EditOrganisationForm(data={"name": found.name, "legal_form": found.legal_form})
    if form.validate_on_submit():
        with shown_on(form):
            services.edit_organisation(
                current_actor(),
                reference,
                name=form.name.data,
                legal_form=form.legal_form.data,
                clock=clock(),
            )
            flash("The organisation’s particulars are changed.")
            return redirect(url_for("identity.organisation", reference=reference), 303)
    page = render_template("identity/edit_organisation.html", form=form, organisation=found)
    return page, form.status


@blueprint.route("/organisations/<string:reference>/people/invite", methods=["GET", "POST"])
@requires(Permission.IDENTITY_INVITE_PEOPLE, Permission.IDENTITY_CREATE_AUTHORITY_PEOPLE)
def invite_person(reference: str) -> ResponseReturnValue:
    found = queries.readable_organisation(current_actor(), reference)
    permission = queries.people_permission(found, Permission.IDENTITY_INVITE_PEOPLE)
    require(current_actor(), permission, queries.facts(found))
    form = InviteForm()
    form.roles.choices = role_choices(roles_of(found.kind))
    if form.validate_on_submit():
        with shown_on(form):
            invited = {
                one.email: one.invited_at
                for one in queries.open_invitations(reference, real_clock().now())
            }
            services.invite_person(
                current_actor(),
                reference,
                name=form.name.data,
                email=form.email.data,
                roles=[Role(role) for role in form.roles.data],
                link=lambda token: address_of("identity.invitation", token=token),
                clock=clock(),
                real_clock=real_clock(),
            )
            before = invited.get(normal_email(form.email.data))
            flash(
                f"An invitation is on its way to {form.email.data}."
                if before is None
                else f"A new invitation is on its way to {form.email.data}, with what you chose "
                f"now. The one of {day(before)} waited for an answer; its link opens nothing any "
                "more."
            )
            return redirect(url_for("identity.organisation", reference=reference), 303)
    page = render_template("identity/invite_person.html", form=form, organisation=found)
    return page, form.status


@blueprint.post("/organisations/<string:reference>/invitations/<int:number>/withdraw")
@requires(Permission.IDENTITY_INVITE_PEOPLE, Permission.IDENTITY_CREATE_AUTHORITY_PEOPLE)
def withdraw_invitation(reference: str, number: int) -> ResponseReturnValue:
    services.withdraw_invitation(
        current_actor(), reference, number, clock=clock(), real_clock=real_clock()
    )
    flash("The invitation is withdrawn. Its link opens nothing any more.")
    return redirect(url_for("identity.organisation", reference=reference), 303)


@blueprint.route("/key", methods=["GET", "POST"])
@requires(Permission.IDENTITY_ADMIT_TO_KEY)
def key() -> ResponseReturnValue:
    actor = current_actor()
    found = queries.readable_organisation(actor, own_reference())
    require(actor, Permission.IDENTITY_ADMIT_TO_KEY, queries.facts(found))
    form = RecoveryForm()
    if form.validate_on_submit():
        with shown_on(form):
            services.use_recovery_code(actor, form.code.data, clock=clock())
            flash("You can open your organisation’s drafts again. Make a new recovery code now.")
            return redirect(url_for("identity.key"), 303)
    holders = queries.key_holders_of(found.reference)
    page = render_template(
        "identity/key.html",
        form=form,
        organisation=found,
        holders=[p for p in queries.people_of(found.reference) if p.reference in holders],
        is_holder=actor.reference in holders,
        code=queries.recovery_code_of(found.reference),
        may_make_code=may(actor, Permission.IDENTITY_EDIT_ORGANISATION, queries.facts(found)),
        token_form=Form(),
    )
    return page, form.status


@blueprint.post("/key/recovery-code")
@requires(Permission.IDENTITY_EDIT_ORGANISATION)
def make_recovery_code() -> str:
    code = services.make_recovery_code(current_actor(), clock=clock())
    # Shown here and never again, so this answer cannot be a redirect.
    return render_template("identity/recovery_code.html", code=code)
