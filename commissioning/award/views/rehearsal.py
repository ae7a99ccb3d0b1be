"""The rehearsal of drafted rules on invented markets."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from commissioning.award import queries, services
from commissioning.award.domain.rehearsal import Between, plausible_assumptions
from commissioning.award.forms import RehearsalForm, StartForm
from commissioning.award.views.frame import award_facts, blueprint
from commissioning.identity import queries as identities
from commissioning.kernel.stage import Stage
from commissioning.permissions import Permission, may, require
from commissioning.web.access import clock, current_actor, real_clock, requires
from commissioning.web.errors import shown_on

_MARKETS = 200


@blueprint.route("/award-rules/rehearsal", methods=["GET", "POST"])
@requires(Permission.AWARD_READ_REHEARSAL)
def rehearsal(reference: str) -> ResponseReturnValue:
    """Rehearse the rules as they are drafted, see how far it is, and read what came of it."""
    competition, _run, facts = award_facts(reference, clock().now())
    require(current_actor(), Permission.AWARD_READ_REHEARSAL, facts)
    plausible = plausible_assumptions(reference)
    kinds = [kind.id for kind in plausible.kinds]
    form = RehearsalForm(
        data={
            "markets": _MARKETS,
            "seed": reference,
            **{f"{kind.id}_least": kind.count.low for kind in plausible.kinds},
            **{f"{kind.id}_most": kind.count.high for kind in plausible.kinds},
        }
    )
    if form.validate_on_submit():
        with shown_on(form):
            services.rehearse_rules(
                current_actor(),
                reference,
                _plan(form, kinds),
                clock=clock(),
                real_clock=real_clock(),
            )
            flash("The rehearsal has begun. This page shows how far it is.")
            return redirect(url_for(".rehearsal", reference=reference), 303)
    standing = queries.rehearsal_standing(competition, real_clock().now())
    people = {standing.asked_by, standing.progress.asked_by if standing.progress else None}
    page = render_template(
        "award/rehearsal.html",
        competition=competition,
        form=form,
        start_form=StartForm(),
        standing=standing,
        progress=standing.progress,
        shown=standing.shown,
        is_draft=Stage(competition.stage) is Stage.DRAFT,
        may_rehearse=may(current_actor(), Permission.AWARD_REHEARSE, facts),
        people=identities.names_of([one for one in people if one]),
    )
    return page, form.status


def _plan(form: RehearsalForm, kinds: list[str]) -> services.Plan:
    return services.Plan(
        form.markets.data or 0,
        form.seed.data or "",
        {
            kind: Between(form[f"{kind}_least"].data or 0, form[f"{kind}_most"].data or 0)
            for kind in kinds
        },
    )
