"""One person of an organisation: roles, the key, leaving, and the administrator's door."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from commissioning.identity import queries, services
from commissioning.identity.domain.roles import managing_role, roles_of
from commissioning.identity.forms import RoleForm
from commissioning.identity.models import User
from commissioning.identity.views.blueprint import blueprint, role_choices
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission, may, require
from commissioning.web.access import clock, current_actor, real_clock, requires
from commissioning.web.errors import shown_on
from commissioning.web.fields import Form

_MANAGING = (Permission.IDENTITY_REMOVE_PEOPLE, Permission.IDENTITY_CREATE_AUTHORITY_PEOPLE)
_INVITING = (Permission.IDENTITY_INVITE_PEOPLE, Permission.IDENTITY_CREATE_AUTHORITY_PEOPLE)


def _readable(reference: str) -> User:
    found = queries.user_by_reference(reference)
    queries.readable_organisation(current_actor(), found.organisation.reference)
    return found


def _may_manage(person: User) -> bool:
    permission = queries.people_permission(person.organisation, Permission.IDENTITY_REMOVE_PEOPLE)
    facts = queries.facts(person.organisation)
    return person.removed_at is None and may(current_actor(), permission, facts)


def _back(person: User) -> ResponseReturnValue:
    return redirect(url_for("identity.person", reference=person.reference), 303)


@blueprint.route("/people/<string:reference>", methods=["GET", "POST"])
@requires(Permission.IDENTITY_READ_ORGANISATION)
def person(reference: str) -> ResponseReturnValue:
    found = _readable(reference)
    actor, own = current_actor(), found.organisation
    held = queries.roles_held(found)
    may_manage = _may_manage(found)
    form = RoleForm()
    form.role.choices = role_choices(roles_of(own.kind) - set(held))
    if may_manage and form.validate_on_submit():
        with shown_on(form):
            services.give_role(actor, own.reference, reference, Role(form.role.data), clock=clock())
            flash(f"{found.name} is {Role(form.role.data).label} now.")
            return _back(found)
    holders = queries.key_holders_of(own.reference)
    may_admit = may(actor, Permission.IDENTITY_ADMIT_TO_KEY, queries.facts(own))
    page = render_template(
        "identity/person.html",
        form=form,
        person=found,
        roles=held,
        managing_role=managing_role(own.kind),
        is_holder=reference in holders,
        actor_is_holder=actor.reference in holders,
        may_manage=may_manage,
        may_admit=may_admit and found.removed_at is None,
        may_suspend=may(actor, Permission.IDENTITY_SUSPEND_SIGN_IN)
        and found.removed_at is None
        and reference != actor.reference,
        token_form=Form(),
    )
    return page, form.status


@blueprint.route("/people/<string:reference>/roles/<string:role>/end", methods=["GET", "POST"])
@requires(*_MANAGING)
def end_role(reference: str, role: str) -> ResponseReturnValue:
    found = _readable(reference)
    if not _may_manage(found) or role not in queries.roles_held(found):
        raise NotFound
    actor, organisation, form = current_actor(), found.organisation.reference, Form()
    if form.validate_on_submit():
        with shown_on(form):
            services.end_role(actor, organisation, reference, Role(role), clock=clock())
            flash(f"{found.name} is {Role(role).label} no longer.")
            return _back(found)
    page = render_template("identity/end_role.html", form=form, person=found, role=Role(role))
    return page, form.status


@blueprint.post("/people/<string:reference>/admit")
@requires(Permission.IDENTITY_ADMIT_TO_KEY)
def admit_to_key(reference: str) -> ResponseReturnValue:
    found = _readable(reference)
    services.admit_to_key(current_actor(), reference, clock=clock())
    flash(f"{found.name} can open your organisation’s drafts now.")
    return _back(found)


@blueprint.route("/people/<string:reference>/remove", methods=["GET", "POST"])
@requires(*_MANAGING)
def remove_person(reference: str) -> ResponseReturnValue:
    found = _readable(reference)
    permission = queries.people_permission(found.organisation, Permission.IDENTITY_REMOVE_PEOPLE)
    require(current_actor(), permission, queries.facts(found.organisation))
    if found.removed_at is not None:
        raise NotFound
    form = Form()
    organisation = found.organisation.reference
    if form.validate_on_submit():
        with shown_on(form):
            services.remove_person(
                current_actor(), organisation, reference, clock=clock(), real_clock=real_clock()
            )
            flash(f"{found.name} is removed.")
            if reference == current_actor().reference:
                return redirect(url_for("pages.home"), 303)
            return redirect(url_for("identity.organisation", reference=organisation), 303)
    return render_template("identity/remove_person.html", form=form, person=found), form.status


@blueprint.post("/people/<string:reference>/suspend")
@requires(Permission.IDENTITY_SUSPEND_SIGN_IN)
def suspend_person(reference: str) -> ResponseReturnValue:
    found = _readable(reference)
    services.suspend_sign_in(current_actor(), reference, clock=clock(), real_clock=real_clock())
    flash(f"{found.name} cannot sign in any more.")
    return _back(found)


@blueprint.post("/people/<string:reference>/restore")
@requires(Permission.IDENTITY_SUSPEND_SIGN_IN)
def restore_person(reference: str) -> ResponseReturnValue:
    found = _readable(reference)
    services.restore_sign_in(current_actor(), reference, clock=clock())
    flash(f"{found.name} can sign in again.")
    return _back(found)
