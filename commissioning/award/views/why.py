"""Why the award is as it is: what each limit costs, each award rule, and each lot."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from commissioning.award import queries
from commissioning.award.models import AwardRun
from commissioning.award.views.frame import award_facts, blueprint, in_units
from commissioning.competition.models import Competition
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission, require
from commissioning.web.access import clock, current_actor, requires


def _read(reference: str) -> tuple[Competition, AwardRun]:
    competition, run, facts = award_facts(reference, clock().now())
    require(current_actor(), Permission.AWARD_READ, facts)
    if run is None:
        raise NotFound
    return competition, run


@blueprint.get("/award/why")
@requires(Permission.AWARD_READ)
def why(reference: str) -> ResponseReturnValue:
    """What each limit costs, what each award rule gives, and how each lot was won."""
    competition, run = _read(reference)
    explained = queries.explained_award(run.problem, run.answer)
    if explained is None:
        return redirect(url_for(".show", reference=reference), 303)
    return render_template(
        "award/why.html",
        competition=competition,
        run=run,
        table=queries.award_table(competition, run),
        explained=explained,
        **figures_of(explained),
    )


def figures_of(explained: queries.ExplainedAward) -> dict[str, object]:
    """The figures of an explanation as they are shown."""
    kind = explained.objective_kind
    return {
        "optimum_figure": in_units(kind, [explained.optimum])[0],
        "cost_figures": in_units(kind, [row.cost for row in explained.costs]),
        "without_figures": in_units(kind, [row.objective_without for row in explained.costs]),
        "rule_figures": in_units(kind, [row.objective for row in explained.rules]),
        "rule_costs": in_units(kind, [row.cost for row in explained.rules]),
    }


@blueprint.get("/award/why/<string:lot>")
@requires(Permission.AWARD_READ)
def why_lot(reference: str, lot: str) -> ResponseReturnValue:
    """How one lot was won, and why each other bid lost it."""
    competition, run = _read(reference)
    explained, story = queries.lot_story(run.problem, run.answer, lot)
    kind = explained.objective_kind
    # Bids are measured gross on their lot: price, price per quality point, or quality.
    figures = in_units(kind, [story.figure, *(one.figure for one in story.losers)])
    table = queries.award_table(competition, run)
    return render_template(
        "award/why_lot.html",
        competition=competition,
        run=run,
        story=story,
        names=table.names,
        row=next(row for row in table.lots if row.lot == lot),
        explained=explained,
        winning_figure=figures[0],
        losing_figures=figures[1:],
        costs=in_units(kind, [one.cost for one in story.losers]),
        lots=list(explained.lots),
    )
