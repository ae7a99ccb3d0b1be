"""The pages of the award itself: solve, recommend, decide, announce, and the files."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from commissioning.award import queries, services
from commissioning.award.forms import AnnounceForm, DecideForm, RecommendForm, SolveForm
from commissioning.award.models import AwardRun
from commissioning.award.views.frame import award_facts, blueprint, shown_table
from commissioning.competition.models import Competition
from commissioning.identity import queries as identities
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission, may, require
from commissioning.web import transaction
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.downloads import attachment
from commissioning.web.errors import shown_on
from commissioning.web.fields.base import Form


@blueprint.get("/award")
@requires(Permission.AWARD_READ)
def show(reference: str) -> ResponseReturnValue:
    """The award: the optimum beside the lot-by-lot answer, with a reason for every displacement."""
    actor = current_actor()
    competition, run, facts = award_facts(reference, clock().now())
    require(actor, Permission.AWARD_READ, facts)
    return render_template(
        "award/show.html",
        competition=competition,
        run=run,
        is_outdated=run is not None and queries.is_outdated(competition, run),
        form=SolveForm(),
        explained=None if run is None else queries.explained_award(run.problem, run.answer),
        shortfall=None if run is None else queries.shortfall_of(run.problem, run.answer),
        may_read_scenarios=may(actor, Permission.AWARD_READ_SCENARIOS, facts),
        may_study=may(actor, Permission.AWARD_STUDY_ROBUSTNESS, facts),
        may_solve=may(actor, Permission.AWARD_BUILD, facts),
        may_recommend=may(actor, Permission.AWARD_RECOMMEND, facts),
        may_decide=may(actor, Permission.AWARD_APPROVE, facts),
        may_announce=may(actor, Permission.AWARD_ANNOUNCE, facts),
        people=identities.names_of(
            [] if run is None else [one for one in (run.proposed_by, run.approved_by) if one]
        ),
        **(shown_table(queries.award_table(competition, run)) if run is not None else {}),
    )


@blueprint.post("/award/solve")
@requires(Permission.AWARD_BUILD)
def solve(reference: str) -> ResponseReturnValue:
    """Build the published problem from the record, and solve it."""
    form = SolveForm()
    if form.validate_on_submit():
        run = services.solve_award(
            current_actor(), reference, let_go=transaction.abandon, clock=clock()
        )
        flash(f"The award is solved: {run.reference}.")
    return redirect(url_for(".show", reference=reference), 303)


@blueprint.route("/award/recommend", methods=["GET", "POST"])
@requires(Permission.AWARD_RECOMMEND)
def recommend(reference: str) -> ResponseReturnValue:
    """Recommend the proven answer of the published problem."""
    competition, run, facts = award_facts(reference, clock().now())
    require(current_actor(), Permission.AWARD_RECOMMEND, facts)
    if run is None:
        raise NotFound
    form = RecommendForm(about=run.reference)
    if form.validate_on_submit():
        with shown_on(form):
            services.recommend_award(
                current_actor(), _read_on(form, run), form.text.data or "", clock=clock()
            )
            flash("The award is recommended. The approver has been told.")
            return redirect(url_for(".show", reference=reference), 303)
    return _page_of("award/recommend.html", competition, run, form)


@blueprint.route("/award/decide", methods=["GET", "POST"])
@requires(Permission.AWARD_APPROVE)
def decide(reference: str) -> ResponseReturnValue:
    """Approve a recommended award, or send it back."""
    competition, run, facts = award_facts(reference, clock().now())
    require(current_actor(), Permission.AWARD_APPROVE, facts)
    is_outdated = run is not None and queries.is_outdated(competition, run)
    if run is None or not (run.status == "recommended" or is_outdated):
        return redirect(url_for(".show", reference=reference), 303)
    form = DecideForm(about=run.reference)
    if is_outdated:
        form.decision.choices = form.decision.choices[1:]
    if form.validate_on_submit():
        with shown_on(form):
            act = (
                services.approve_award
                if form.decision.data == "approve"
                else services.send_back_award
            )
            reason = form.reason.data or ""
            act(current_actor(), reference, reason, read=_read_on(form, run), clock=clock())
            flash(
                "The award is approved."
                if form.decision.data == "approve"
                else "The award is sent back."
            )
            return redirect(url_for("competition.home", reference=reference), 303)
    people = identities.names_of([run.proposed_by] if run.proposed_by else [])
    return _page_of(
        "award/decide.html", competition, run, form, is_outdated=is_outdated, people=people
    )


@blueprint.route("/award/announce", methods=["GET", "POST"])
@requires(Permission.AWARD_ANNOUNCE)
def announce(reference: str) -> ResponseReturnValue:
    """Announce the preferred bidders of an approved award."""
    competition, run, facts = award_facts(reference, clock().now())
    require(current_actor(), Permission.AWARD_ANNOUNCE, facts)
    if run is None:
        raise NotFound
    form = AnnounceForm(about=run.reference)
    if form.validate_on_submit():
        with shown_on(form):
            services.announce_preferred_bidders(
                current_actor(), reference, read=_read_on(form, run), clock=clock()
            )
            flash("The preferred bidders are announced, and every bidder has been told.")
            return redirect(url_for(".preferred", reference=reference), 303)
    return _page_of("award/announce.html", competition, run, form)


@blueprint.get("/award/problem.json")
@requires(Permission.AWARD_READ)
def problem_file(reference: str) -> Response:
    """The award problem exactly as it was solved."""
    run = _document(reference)
    return attachment(run.problem.encode(), f"{run.reference}-problem.json", "application/json")


@blueprint.get("/award/answer.json")
@requires(Permission.AWARD_READ)
def answer_file(reference: str) -> Response:
    """The answer exactly as it was verified."""
    run = _document(reference)
    return attachment(run.answer.encode(), f"{run.reference}-award.json", "application/json")


def _read_on(form: Form, run: AwardRun) -> str:
    """The answer that stood on the page from which a form was sent."""
    return form["about"].data or run.reference


def _page_of(
    template: str, competition: Competition, run: AwardRun, form: Form, **more: object
) -> ResponseReturnValue:
    """A page that acts on the award, with its table, and the form as it was filled in."""
    form["about"].data = run.reference  # what the page shows, also to whoever read another
    page = render_template(
        template,
        competition=competition,
        run=run,
        form=form,
        **more,
        **shown_table(queries.award_table(competition, run)),
    )
    return page, form.status


def _document(reference: str) -> AwardRun:
    _competition, run, facts = award_facts(reference, clock().now())
    require(current_actor(), Permission.AWARD_READ, facts)
    if run is None:
        raise NotFound
    return run
