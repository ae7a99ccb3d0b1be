"""Stopping what is worked out in the background."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from commissioning.award import queries, services
from commissioning.award.domain.work import ASKED_BY, WorkKind
from commissioning.award.forms import StartForm
from commissioning.award.models import AwardWork
from commissioning.award.views.frame import award_facts, blueprint
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission, require
from commissioning.web.access import clock, current_actor, real_clock, requires

_PAGES = {
    WorkKind.ALTERNATIVES: ".alternatives",
    WorkKind.ROBUSTNESS: ".robustness",
    WorkKind.REHEARSAL: ".rehearsal",
}


@blueprint.post("/award/work/<string:work>/stop")
@requires(Permission.AWARD_STOP_WORK)
def stop_work(reference: str, work: str) -> ResponseReturnValue:
    """Stop what is worked out in the background, as whoever may ask for it."""
    competition, _run, facts = award_facts(reference, clock().now())
    require(current_actor(), Permission.AWARD_STOP_WORK, facts)
    found = queries.work_by_reference(work)
    if found.competition_id != competition.id:
        raise NotFound
    require(current_actor(), ASKED_BY[found.kind], facts)
    page = _page_of(found)
    if StartForm().validate_on_submit():
        services.stop_work(current_actor(), work, clock=clock(), real_clock=real_clock())
        flash("It is stopped. What was solved before stands.")
    return redirect(page, 303)


def _page_of(work: AwardWork) -> str:
    """The page on which the work was asked for."""
    reference = work.competition.reference
    if work.scenario is not None:
        return url_for(".scenario", reference=reference, scenario=work.scenario.reference)
    return url_for(_PAGES[work.kind], reference=reference)
