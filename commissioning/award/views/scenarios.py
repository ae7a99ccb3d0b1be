"""Scenarios: make, change, solve, stop, and compare. None of them is the published award."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from commissioning.award import queries, services
from commissioning.award.domain.problem import AwardRule, Limits, Objective, Problem, parse_problem
from commissioning.award.domain.scenario import MOST_COMPARED, Changes, as_published
from commissioning.award.forms import ScenarioForm, StartForm, pair_lines, pair_of
from commissioning.award.models import AwardScenario
from commissioning.award.views.frame import award_facts, blueprint, in_units, shown_table
from commissioning.award.views.why import figures_of
from commissioning.competition.domain.criteria import decimal_text
from commissioning.competition.models import Competition
from commissioning.identity import queries as identities
from commissioning.kernel.errors import Conflict, NotFound
from commissioning.permissions import Facts, Permission, may, require
from commissioning.web import transaction
from commissioning.web.access import clock, current_actor, real_clock, requires
from commissioning.web.errors import shown_on

_SHARES = ("max_value_share_per_bidder_ppm", "max_value_share_per_group_ppm")
_PLAIN = ("max_lots_per_bidder", "max_lots_per_group", "min_distinct_winners", "budget")


def _open(reference: str, permission: Permission) -> tuple[Competition, Facts]:
    competition, _run, facts = award_facts(reference, clock().now())
    require(current_actor(), permission, facts)
    return competition, facts


def _scenario(competition: Competition, scenario: str) -> AwardScenario:
    found = queries.scenario_by_reference(scenario)
    if found.competition_id != competition.id:
        raise NotFound
    return found


def _published(competition: Competition) -> Problem:
    return parse_problem(queries.problem_of_record(competition))


@blueprint.get("/award/scenarios")
@requires(Permission.AWARD_READ_SCENARIOS)
def scenarios(reference: str) -> ResponseReturnValue:
    """Every scenario with what it changes, and which of them to compare."""
    competition, facts = _open(reference, Permission.AWARD_READ_SCENARIOS)
    now = real_clock().now()
    return render_template(
        "award/scenarios.html",
        competition=competition,
        rows=queries.scenario_standings(competition, queries.scenarios_of(competition), now),
        most=MOST_COMPARED,
        may_model=may(current_actor(), Permission.AWARD_MODEL_SCENARIOS, facts),
    )


@blueprint.route("/award/scenarios/new", methods=["GET", "POST"])
@requires(Permission.AWARD_MODEL_SCENARIOS)
def new_scenario(reference: str) -> ResponseReturnValue:
    """Copy the published problem, and change its rules."""
    competition, _facts = _open(reference, Permission.AWARD_MODEL_SCENARIOS)
    published = _published(competition)
    form = _form(published, as_published(published), "")
    if form.validate_on_submit():
        with shown_on(form):
            made = services.make_scenario(
                current_actor(), reference, form.name.data or "", _typed(form), clock=clock()
            )
            flash("The scenario is made. Solve it to see what would come out.")
            return redirect(url_for(".scenario", reference=reference, scenario=made.reference), 303)
    return render_template(
        "award/scenario_form.html", competition=competition, form=form, scenario=None
    ), form.status


@blueprint.route("/award/scenarios/<string:scenario>/change", methods=["GET", "POST"])
@requires(Permission.AWARD_MODEL_SCENARIOS)
def change_scenario(reference: str, scenario: str) -> ResponseReturnValue:
    """Give a scenario other rules."""
    competition, _facts = _open(reference, Permission.AWARD_MODEL_SCENARIOS)
    found = _scenario(competition, scenario)
    form = _form(_published(competition), queries.changes_of(found), found.name)
    if form.validate_on_submit():
        with shown_on(form):
            services.change_scenario(
                current_actor(), scenario, form.name.data or "", _typed(form), clock=clock()
            )
            flash("The scenario is changed. Solve it again to see what would come out.")
            return redirect(url_for(".scenario", reference=reference, scenario=scenario), 303)
    return render_template(
        "award/scenario_form.html", competition=competition, form=form, scenario=found
    ), form.status


@blueprint.get("/award/scenarios/<string:scenario>")
@requires(Permission.AWARD_READ_SCENARIOS)
def scenario(reference: str, scenario: str) -> ResponseReturnValue:
    """One scenario: what it changes, how far its solving is, and its last answer."""
    competition, facts = _open(reference, Permission.AWARD_READ_SCENARIOS)
    standing = queries.scenario_standing(
        competition, _scenario(competition, scenario), real_clock().now()
    )
    shown: dict[str, Any] = {}
    if standing.solved is not None:
        solved = standing.solved
        explained = queries.explained_award(solved.problem, solved.answer)
        shown = {
            **shown_table(queries.award_table(competition, solved, is_published=False)),
            "explained": explained,
            "shortfall": queries.shortfall_of(solved.problem, solved.answer),
            **(figures_of(explained) if explained is not None else {}),
        }
    return render_template(
        "award/scenario.html",
        competition=competition,
        scenario=standing,
        form=StartForm(),
        may_model=may(current_actor(), Permission.AWARD_MODEL_SCENARIOS, facts),
        people=identities.names_of([standing.progress.asked_by] if standing.progress else []),
        **shown,
    )


@blueprint.post("/award/scenarios/<string:scenario>/solve")
@requires(Permission.AWARD_MODEL_SCENARIOS)
def solve_scenario(reference: str, scenario: str) -> ResponseReturnValue:
    """Have a scenario solved in the background."""
    competition, _facts = _open(reference, Permission.AWARD_MODEL_SCENARIOS)
    _scenario(competition, scenario)
    if StartForm().validate_on_submit():
        try:
            services.solve_scenario(
                current_actor(), scenario, clock=clock(), real_clock=real_clock()
            )
        except Conflict as refusal:
            transaction.abandon()
            flash(refusal.sentence, "warning")
    return redirect(url_for(".scenario", reference=reference, scenario=scenario), 303)


@blueprint.get("/award/scenarios/compare")
@requires(Permission.AWARD_READ_SCENARIOS)
def compare_scenarios(reference: str) -> ResponseReturnValue:
    """Up to four scenarios beside the published award."""
    competition, _facts = _open(reference, Permission.AWARD_READ_SCENARIOS)
    chosen = list(dict.fromkeys(request.args.getlist("scenario")))
    rows = [row for row in queries.scenarios_of(competition) if row.reference in chosen]
    compared = queries.compared_scenarios(competition, rows[:MOST_COMPARED], real_clock().now())
    return render_template(
        "award/compare.html",
        competition=competition,
        compared=compared,
        ratios=in_units("min_portfolio_ppqp", [one.ratio for one in compared.columns]),
        sums=in_units("min_sum_ppqp", [one.sum_of_ratios for one in compared.columns]),
        costs=[
            in_units(one.objective_kind, [row.cost for row in one.costs])
            for one in compared.columns
        ],
        too_many=len(rows) > MOST_COMPARED,
        most=MOST_COMPARED,
    )


# What is typed -------------------------------------------------------------------------------


def _form(published: Problem, changes: Changes, name: str) -> ScenarioForm:
    limits = changes.limits
    form = ScenarioForm(
        data={
            "name": name,
            "award_rule": changes.award_rule.value,
            "objective": changes.objective.value,
            **{each.name: getattr(limits, each.name) for each in fields(limits)},
            **{one: _percent(getattr(limits, one)) for one in _SHARES},
            "incompatible_lots": "\n".join(", ".join(pair) for pair in limits.incompatible_lots),
            "ignores_funding": changes.ignores_funding,
            "without": list(changes.without),
        }
    )
    names = queries.names_in(published)
    bidders = sorted(published.bidders, key=lambda one: names.get(one.id, one.id))
    form.without.choices = [(one.id, names.get(one.id, one.id)) for one in bidders]
    return form


def _typed(form: ScenarioForm) -> Changes:
    limits: dict[str, Any] = {name: form[name].data for name in _PLAIN}
    for name in _SHARES:
        share = form[name].data
        limits[name] = int(share * 10_000) if share else None
    pairs = tuple((pair_of(line)[0], pair_of(line)[1])
                  for line in pair_lines(form.incompatible_lots.data))  # fmt: skip
    return Changes(
        objective=Objective(form.objective.data),
        award_rule=AwardRule(form.award_rule.data),
        limits=Limits(**limits, incompatible_lots=pairs),
        without=tuple(sorted(form.without.data or ())),
        ignores_funding=bool(form.ignores_funding.data),
    )


def _percent(ppm: int | None) -> Decimal | None:
    return None if ppm is None else Decimal(decimal_text(Decimal(ppm) / 10_000))
