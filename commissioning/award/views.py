"""The pages of the award."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from commissioning.award import queries, services
from commissioning.award.domain.wording import short_codes
from commissioning.award.forms import AnnounceForm, DecideForm, RecommendForm, SolveForm
from commissioning.award.models import AwardRun
from commissioning.award.queries import AwardTable
from commissioning.competition import queries as competitions
from commissioning.competition.models import Competition
from commissioning.competition.queries import competition_by_reference
from commissioning.evaluation import queries as evaluations
from commissioning.identity import queries as identities
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Facts, Permission, may, require
from commissioning.web import transaction
from commissioning.web.access import clock, current_actor, public, requires
from commissioning.web.downloads import attachment
from commissioning.web.errors import shown_on

blueprint = Blueprint("award", __name__, url_prefix="/competitions/<string:reference>")


def _facts(reference: str, now: datetime) -> tuple[Competition, AwardRun | None, Facts]:
    competition = competition_by_reference(reference)
    run = queries.latest_run(competition)
    return competition, run, queries.facts(competition, current_actor(), now, run)


def _shown(table: AwardTable) -> dict[str, object]:
    codes = short_codes({one: table.names.get(one, one) for one in table.bidders})
    winners = {row.winner for row in table.lots if row.winner is not None}
    return {"table": table, "codes": codes, "colours": _colours(winners)}


def _colours(winners: Iterable[str]) -> dict[str, int]:
    """A colour for each winner, by its reference: the same on every page of one award."""
    return {one: place % 24 for place, one in enumerate(sorted(winners))}


@blueprint.get("/award")
@requires(Permission.AWARD_READ)
def show(reference: str) -> ResponseReturnValue:
    """The award: the optimum beside the lot-by-lot answer, with a reason for every displacement."""
    actor = current_actor()
    competition, run, facts = _facts(reference, clock().now())
    require(actor, Permission.AWARD_READ, facts)
    return render_template(
        "award/show.html",
        competition=competition,
        run=run,
        is_outdated=run is not None and queries.is_outdated(competition, run),
        form=SolveForm(),
        may_solve=may(actor, Permission.AWARD_BUILD, facts),
        may_recommend=may(actor, Permission.AWARD_RECOMMEND, facts),
        may_decide=may(actor, Permission.AWARD_APPROVE, facts),
        may_announce=may(actor, Permission.AWARD_ANNOUNCE, facts),
        people=identities.names_of(
            [] if run is None else [one for one in (run.proposed_by, run.approved_by) if one]
        ),
        **(_shown(queries.award_table(competition, run)) if run is not None else {}),
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
    competition, run, facts = _facts(reference, clock().now())
    require(current_actor(), Permission.AWARD_RECOMMEND, facts)
    if run is None:
        raise NotFound
    form = RecommendForm()
    if form.validate_on_submit():
        with shown_on(form):
            services.recommend_award(
                current_actor(), run.reference, form.text.data or "", clock=clock()
            )
            flash("The award is recommended. The approver has been told.")
            return redirect(url_for(".show", reference=reference), 303)
    page = render_template(
        "award/recommend.html",
        competition=competition,
        run=run,
        form=form,
        **_shown(queries.award_table(competition, run)),
    )
    return page, form.status


@blueprint.route("/award/decide", methods=["GET", "POST"])
@requires(Permission.AWARD_APPROVE)
def decide(reference: str) -> ResponseReturnValue:
    """Approve a recommended award, or send it back."""
    competition, run, facts = _facts(reference, clock().now())
    require(current_actor(), Permission.AWARD_APPROVE, facts)
    is_outdated = run is not None and queries.is_outdated(competition, run)
    if run is None or not (run.status == "recommended" or is_outdated):
        return redirect(url_for(".show", reference=reference), 303)
    form = DecideForm()
    if is_outdated:
        form.decision.choices = form.decision.choices[1:]
    if form.validate_on_submit():
        with shown_on(form):
            act = (
                services.approve_award
                if form.decision.data == "approve"
                else services.send_back_award
            )
            act(current_actor(), reference, form.reason.data or "", clock=clock())
            flash(
                "The award is approved."
                if form.decision.data == "approve"
                else "The award is sent back."
            )
            return redirect(url_for("competition.home", reference=reference), 303)
    page = render_template(
        "award/decide.html",
        competition=competition,
        run=run,
        form=form,
        is_outdated=is_outdated,
        people=identities.names_of([run.proposed_by] if run.proposed_by else []),
        **_shown(queries.award_table(competition, run)),
    )
    return page, form.status


@blueprint.route("/award/announce", methods=["GET", "POST"])
@requires(Permission.AWARD_ANNOUNCE)
def announce(reference: str) -> ResponseReturnValue:
    """Announce the preferred bidders of an approved award."""
    competition, run, facts = _facts(reference, clock().now())
    require(current_actor(), Permission.AWARD_ANNOUNCE, facts)
    if run is None:
        raise NotFound
    form = AnnounceForm()
    if form.validate_on_submit():
        with shown_on(form):
            services.announce_preferred_bidders(current_actor(), reference, clock=clock())
            flash("The preferred bidders are announced, and every bidder has been told.")
            return redirect(url_for(".preferred", reference=reference), 303)
    page = render_template(
        "award/announce.html",
        competition=competition,
        run=run,
        form=form,
        **_shown(queries.award_table(competition, run)),
    )
    return page, form.status


@blueprint.get("/preferred-bidders")
@public
def preferred(reference: str) -> ResponseReturnValue:
    """Who is preferred for each lot: public from the announcement on."""
    competition = competition_by_reference(reference)
    require(
        current_actor(),
        Permission.AWARD_READ_PREFERRED,
        competitions.facts(competition, clock().now()),
    )
    rows = queries.preferred_bidders(competition)
    # Codes are given among all who bid, so that they are those of the award's own page.
    bidders = {
        result.bid.organisation.reference: result.bid.organisation.name
        for result in evaluations.results(competition)
    }
    return render_template(
        "award/preferred.html",
        competition=competition,
        rows=rows,
        by_lot={row.lot_id: row for row in rows},
        winners={row.organisation.reference: row.organisation.name for row in rows},
        colours=_colours({row.organisation.reference for row in rows}),
        codes=short_codes(bidders),
    )


@blueprint.get("/your-result")
@requires(Permission.AWARD_READ_OWN_RESULT)
def own_result(reference: str) -> ResponseReturnValue:
    """A bidder's own result over all the lots that it bid for."""
    competition, outcomes = _own_outcomes(reference)
    return render_template("award/own_result.html", competition=competition, outcomes=outcomes)


@blueprint.get("/your-result/<string:lot>")
@requires(Permission.AWARD_READ_OWN_RESULT)
def own_lot_result(reference: str, lot: str) -> ResponseReturnValue:
    """A bidder's own result for one lot: its points by criterion, with the reasons."""
    competition, outcomes = _own_outcomes(reference)
    for outcome in outcomes:
        if outcome.lot == lot:
            return render_template(
                "award/own_lot_result.html", competition=competition, outcome=outcome
            )
    raise NotFound


def _own_outcomes(reference: str) -> tuple[Competition, list[queries.LotOutcome]]:
    actor = current_actor()
    own = actor.organisation
    competition = competition_by_reference(reference)
    if own is None:
        raise NotFound
    require(
        actor,
        Permission.AWARD_READ_OWN_RESULT,
        queries.own_result_facts(competition, own, clock().now()),
    )
    if not competitions.admissions_of(competition, own):
        raise NotFound
    return competition, queries.own_outcomes(competition, own)


@blueprint.get("/award/problem.json")
@requires(Permission.AWARD_READ)
def problem_file(reference: str) -> Response:
    """The award problem exactly as it was solved."""
    return attachment(_document(reference).problem.encode(), "problem.json", "application/json")


@blueprint.get("/award/answer.json")
@requires(Permission.AWARD_READ)
def answer_file(reference: str) -> Response:
    """The answer exactly as it was verified."""
    return attachment(_document(reference).answer.encode(), "award.json", "application/json")


def _document(reference: str) -> AwardRun:
    _competition, run, facts = _facts(reference, clock().now())
    require(current_actor(), Permission.AWARD_READ, facts)
    if run is None:
        raise NotFound
    return run
