"""Registration: an address that is proved, the organisation, the person, and a check before it."""

from __future__ import annotations

from typing import Any, cast

from flask import redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from commissioning.identity import services
from commissioning.identity.domain.identifiers import register_of
from commissioning.identity.forms import (
    AddressForm,
    NewPasswordForm,
    OrganisationForm,
    PersonForm,
)
from commissioning.identity.views.blueprint import address_of, blueprint
from commissioning.web.access import clock, current_actor, public, real_clock
from commissioning.web.errors import shown_on

# What was answered so far lies in the person's own session cookie; a password never does.
_KEPT = "registration"
_ORGANISATION = ("kind", "name", "legal_form", "identifier_scheme", "identifier")


@blueprint.route("/register", methods=["GET", "POST"])
@public
def register() -> ResponseReturnValue:
    form = AddressForm()
    if form.validate_on_submit():
        with shown_on(form):
            services.ask_to_register(
                form.email.data,
                link=lambda token: address_of("identity.begin_registration", token=token),
                clock=clock(),
                real_clock=real_clock(),
            )
            return redirect(url_for("identity.letter_sent", about="registration"), 303)
    return render_template("identity/register.html", form=form), form.status


@blueprint.get("/register/link/<string:token>")
@public
def begin_registration(token: str) -> ResponseReturnValue:
    services.registration_address(token, real_clock=real_clock())
    session[_KEPT] = {"token": token}
    return redirect(url_for("identity.registration_tasks"), 303)


@blueprint.get("/register/tasks")
@public
def registration_tasks() -> ResponseReturnValue:
    kept = _kept()
    if kept is None:
        return redirect(url_for("identity.register"), 303)
    return render_template("identity/registration_tasks.html", kept=kept)


@blueprint.route("/register/organisation", methods=["GET", "POST"])
@public
def register_organisation() -> ResponseReturnValue:
    kept = _kept()
    if kept is None:
        return redirect(url_for("identity.register"), 303)
    form = OrganisationForm(data=kept.get("organisation"))
    if form.validate_on_submit():
        with shown_on(form):
            services.check_organisation(
                name=form.name.data,
                identifier_scheme=form.identifier_scheme.data,
                identifier=form.identifier.data,
            )
            _keep("organisation", {name: form[name].data for name in _ORGANISATION})
            return redirect(url_for("identity.registration_tasks"), 303)
    return render_template("identity/register_organisation.html", form=form), form.status


@blueprint.route("/register/person", methods=["GET", "POST"])
@public
def register_person() -> ResponseReturnValue:
    kept = _kept()
    if kept is None:
        return redirect(url_for("identity.register"), 303)
    form = PersonForm(data={"person_name": kept.get("person")})
    if form.validate_on_submit():
        _keep("person", form.person_name.data)
        return redirect(url_for("identity.registration_tasks"), 303)
    page = render_template("identity/register_person.html", form=form, email=kept["email"])
    return page, form.status


@blueprint.route("/register/check", methods=["GET", "POST"])
@public
def check_registration() -> ResponseReturnValue:
    kept = _kept()
    if kept is None:
        return redirect(url_for("identity.register"), 303)
    if "organisation" not in kept or "person" not in kept:
        return redirect(url_for("identity.registration_tasks"), 303)
    form = NewPasswordForm()
    if form.validate_on_submit():
        with shown_on(form):
            found = services.register_organisation(
                current_actor(),
                **kept["organisation"],
                person_name=kept["person"],
                email=kept["email"],
                password=form.password.data,
                clock=clock(),
            )
            session.pop(_KEPT)
            # The code is shown here and never again, so this answer cannot be a redirect.
            return render_template("identity/registered.html", registration=found)
    page = render_template(
        "identity/check_registration.html",
        form=form,
        kept=kept,
        register=register_of(kept["organisation"]["identifier_scheme"]),
    )
    return page, form.status


def _kept() -> dict[str, Any] | None:
    """What was answered so far, with the address that the link has proved; None without a link."""
    kept = session.get(_KEPT)
    if kept is None:
        return None
    email = services.registration_address(kept["token"], real_clock=real_clock())
    return cast("dict[str, Any]", kept) | {"email": email}


def _keep(part: str, answers: Any) -> None:
    session[_KEPT] = session[_KEPT] | {part: answers}
