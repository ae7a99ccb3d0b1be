"""A programme, and a competition from its first line."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from commissioning.competition import queries, services
from commissioning.competition.forms import CompetitionForm, ParticularsForm, ProgrammeForm
from commissioning.competition.views.frame import blueprint, carried, shown, step, team_frame
from commissioning.identity import queries as identity
from commissioning.kernel.actor import Actor, Role
from commissioning.kernel.errors import NotFound
from commissioning.kernel.statutory import Regime
from commissioning.permissions import Facts, Permission, may
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on, tried_on


@blueprint.route("/programmes/new", methods=["GET", "POST"])
@requires(Permission.COMPETITION_CREATE)
def create_programme() -> ResponseReturnValue:
    authority = _authority(current_actor())
    form = ProgrammeForm()
    if form.validate_on_submit():
        with shown_on(form):
            services.create_programme(
                current_actor(),
                authority=authority,
                name=form.name.data,
                description=form.description.data,
                clock=clock(),
            )
            flash("The programme is created. Set up its first competition now.")
            return redirect(url_for(".create"), 303)
    page = render_template(
        "competition/create_programme.html",
        form=form,
        authority=identity.organisation_by_reference(authority),
    )
    return page, form.status


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.COMPETITION_CREATE)
def create() -> ResponseReturnValue:
    programmes = queries.programmes_for(current_actor())
    form = CompetitionForm()
    form.programme.choices = [(row.reference, row.name) for row in programmes]
    if form.is_submitted() and step() != "change" and form.validate():
        is_confirmed = step() == "confirm"
        names = {row.reference: row.name for row in programmes}
        with shown_on(form) if is_confirmed else tried_on(form):
            made = services.create_competition(
                current_actor(),
                programme=form.programme.data,
                reference=form.reference.data,
                title=form.title.data,
                summary=form.summary.data,
                commenced_on=form.commenced_on.data,
                light_touch=form.light_touch.data == "yes",
                profile=form.profile.data,
                clock=clock(),
            )
            if is_confirmed:
                flash("The competition is set up, and you are its lead.")
                return redirect(url_for(".home", reference=made.reference), 303)
        if not form.error_list:
            page = render_template(
                "competition/create_check.html",
                form=form,
                programme=names[form.programme.data],
                rows=_particulars(form),
                carried=carried(),
            )
            return page, 200
    page = render_template("competition/create.html", form=form, programmes=programmes)
    return page, form.status


@blueprint.route("/<string:reference>/particulars", methods=["GET", "POST"])
@requires(Permission.COMPETITION_EDIT_NOTICE)
def particulars(reference: str) -> ResponseReturnValue:
    frame = team_frame(reference, Permission.COMPETITION_EDIT_NOTICE)
    row = frame.competition
    light = {Regime.PA_2023_LIGHT_TOUCH, Regime.PCR_2006_PART_B}
    form = ParticularsForm(
        data={
            "title": row.title,
            "summary": row.summary,
            "commenced_on": row.commenced_on,
            "light_touch": "yes" if frame.regime in light else "no",
            "profile": row.profile,
        }
    )
    if form.validate_on_submit():
        with shown_on(form):
            services.edit_competition(
                current_actor(),
                reference,
                title=form.title.data,
                summary=form.summary.data,
                commenced_on=form.commenced_on.data,
                light_touch=form.light_touch.data == "yes",
                profile=form.profile.data,
                clock=clock(),
            )
            flash(f"The particulars are changed. The law is: {form.regime.label}.")
            return redirect(url_for(".home", reference=reference), 303)
    return shown("particulars", frame, form=form), form.status


def _authority(actor: Actor) -> str:
    """The authority for which the person may set up programmes; NotFound where there is none."""
    for grant in sorted(actor.grants, key=lambda grant: grant.organisation):
        if grant.competition is None and grant.role is Role.PROCUREMENT_LEAD:
            facts = Facts(authority=grant.organisation)
            if may(actor, Permission.COMPETITION_CREATE, facts):
                return grant.organisation
    raise NotFound


def _particulars(form: CompetitionForm) -> list[dict[str, str]]:
    day = form.commenced_on.data
    return [
        {"key": "Reference", "value": (form.reference.data or "").upper()},
        {"key": "Title", "value": form.title.data or ""},
        {"key": "Summary", "value": form.summary.data or ""},
        {"key": "Start of the procurement", "value": f"{day.day} {day:%B %Y}"},
        {"key": "Law", "value": form.regime.label},
        {
            "key": "Opening keys",
            "value": "Two of three people open"
            if form.profile.data == "short"
            else "Three of five people open",
        },
    ]
