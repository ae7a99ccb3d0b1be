"""The awards beside the one that stands: equally good ones, and those close to the best."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from commissioning.award import queries, services
from commissioning.award.domain.problem import parse_problem
from commissioning.award.domain.wording import OBJECTIVE_WORDS
from commissioning.award.forms import AlternativesForm, StartForm
from commissioning.award.views.frame import award_facts, blueprint, in_units
from commissioning.identity import queries as identities
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission, may, require
from commissioning.web.access import clock, current_actor, real_clock, requires
from commissioning.web.errors import shown_on


@blueprint.route("/award/alternatives", methods=["GET", "POST"])
@requires(Permission.AWARD_READ)
def alternatives(reference: str) -> ResponseReturnValue:
    """Every other optimal award, and the best awards within a percentage."""
    competition, run, facts = award_facts(reference, clock().now())
    require(current_actor(), Permission.AWARD_READ, facts)
    if run is None:
        raise NotFound
    form = AlternativesForm(data={"within": 0})
    if form.validate_on_submit():
        with shown_on(form):
            services.seek_alternatives(
                current_actor(),
                reference,
                int((form.within.data or 0) * 10_000),
                clock=clock(),
                real_clock=real_clock(),
            )
            flash("The other awards are sought. This page shows how far it is.")
            return redirect(url_for(".alternatives", reference=reference), 303)
    progress, found = queries.alternatives_standing(run, real_clock().now())
    problem = parse_problem(run.problem)
    page = render_template(
        "award/alternatives.html",
        competition=competition,
        form=form,
        start_form=StartForm(),
        may_seek=may(current_actor(), Permission.AWARD_MODEL_SCENARIOS, facts),
        progress=progress,
        people=identities.names_of([progress.asked_by] if progress else []),
        objective_name=OBJECTIVE_WORDS[problem.objective],
        found=[
            (one, in_units(problem.objective.value, [each.objective for each in one.awards]))
            for one in found
        ],
    )
    return page, form.status
