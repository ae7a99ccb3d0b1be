"""The door: signing in and out, forgotten passwords, invitations, one's own account."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from commissioning.identity import queries, services
from commissioning.identity.forms import (
    AddressForm,
    ChangePasswordForm,
    NewPasswordForm,
    SignInForm,
)
from commissioning.identity.views.blueprint import address_of, blueprint, settings
from commissioning.identity.views.demonstration import sign_ins
from commissioning.kernel.actor import Role
from commissioning.permissions import Permission
from commissioning.web import access
from commissioning.web.access import clock, current_actor, public, real_clock, requires, signed_in
from commissioning.web.errors import shown_on

_DEVICE_LASTS_SECONDS = 400 * 24 * 60 * 60  # browsers keep no cookie for longer


def _device_cookie() -> str:
    return "__Host-device" if settings().is_served_over_https else "device"


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    after = access.safe_next(url_for("dashboard.home"))
    if not current_actor().is_anonymous:
        return redirect(after, 303)
    form = SignInForm()
    status = 0
    if form.validate_on_submit():
        found = services.sign_in(
            form.email.data,
            form.password.data,
            device=request.cookies.get(_device_cookie()),
            clock=clock(),
            real_clock=real_clock(),
        )
        if isinstance(found, services.SignedIn):
            return _let_in(found, after)
        form.add_error(None, found.sentence)
        status = 429 if found.is_throttled else 0
    elif request.method == "GET" and settings().is_demo:
        form.email.data = request.args.get("email", "")[:254]
    page = render_template("identity/sign_in.html", form=form, sign_ins=sign_ins())
    return page, status or form.status


def _let_in(found: services.SignedIn, after: str) -> ResponseReturnValue:
    access.sign_in(found.token)
    response = redirect(after, 303)
    response.set_cookie(
        _device_cookie(),
        found.device,
        max_age=_DEVICE_LASTS_SECONDS,
        secure=settings().is_served_over_https,
        httponly=True,
        samesite="Lax",
    )
    return response


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> ResponseReturnValue:
    services.sign_out(
        current_actor(), current_user.get_id(), clock=clock(), real_clock=real_clock()
    )
    access.sign_out()
    flash("You have signed out.")
    return redirect(url_for("identity.sign_in"), 303)


@blueprint.route("/password/forgotten", methods=["GET", "POST"])
@public
def forgotten_password() -> ResponseReturnValue:
    form = AddressForm()
    if form.validate_on_submit():
        with shown_on(form):
            services.ask_password_reset(
                form.email.data,
                link=lambda token: address_of("identity.reset_password", token=token),
                clock=clock(),
                real_clock=real_clock(),
            )
            return redirect(url_for("identity.letter_sent", about="password"), 303)
    return render_template("identity/forgotten_password.html", form=form), form.status


@blueprint.get("/letter-sent/<string:about>")
@public
def letter_sent(about: str) -> str:
    return render_template("identity/letter_sent.html", about=about, is_demo=settings().is_demo)


@blueprint.route("/password/reset/<string:token>", methods=["GET", "POST"])
@public
def reset_password(token: str) -> ResponseReturnValue:
    email = services.reset_for(token, real_clock=real_clock()).user.email
    form = NewPasswordForm()
    if form.validate_on_submit():
        with shown_on(form):
            services.reset_password(
                token, form.password.data, clock=clock(), real_clock=real_clock()
            )
            flash("Your password is changed. Sign in with it.")
            return redirect(url_for("identity.sign_in"), 303)
    return render_template("identity/reset_password.html", form=form, email=email), form.status


@blueprint.route("/invitation/<string:token>", methods=["GET", "POST"])
@public
def invitation(token: str) -> ResponseReturnValue:
    found = services.invitation_for(token, real_clock=real_clock())
    organisation, email = found.organisation.name, found.email
    roles = [Role(role).label for role in found.roles.split(",") if role]
    form = NewPasswordForm()
    if form.validate_on_submit():
        with shown_on(form):
            services.accept_invitation(
                token, password=form.password.data, clock=clock(), real_clock=real_clock()
            )
            flash(f"You have joined {organisation}. Sign in with your new password.")
            return redirect(url_for("identity.sign_in"), 303)
    page = render_template(
        "identity/invitation.html", form=form, organisation=organisation, email=email, roles=roles
    )
    return page, form.status


@blueprint.get("/account")
@signed_in
def account() -> str:
    person = queries.user_by_reference(current_actor().reference)
    roles = queries.roles_held(person)
    return render_template("identity/account.html", person=person, roles=roles)


@blueprint.route("/account/password", methods=["GET", "POST"])
@requires(Permission.IDENTITY_EDIT_OWN_ACCOUNT)
def change_password() -> ResponseReturnValue:
    form = ChangePasswordForm()
    if form.validate_on_submit():
        with shown_on(form):
            refusal = services.change_password(
                current_actor(),
                current=form.current.data,
                password=form.password.data,
                token=current_user.get_id(),
                clock=clock(),
                real_clock=real_clock(),
            )
            if refusal is None:
                flash("Your password is changed. Your other sessions have ended.")
                return redirect(url_for("identity.account"), 303)
            form.add_error("current", refusal)
    email = queries.user_by_reference(current_actor().reference).email
    return render_template("identity/change_password.html", form=form, email=email), form.status
