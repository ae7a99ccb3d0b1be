"""What is read once preferred bidders are announced: by everybody, and by each bidder."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from commissioning.award import queries
from commissioning.award.domain.wording import short_codes
from commissioning.award.views.frame import blueprint, colours_of
from commissioning.competition import queries as competitions
from commissioning.competition.models import Competition
from commissioning.competition.queries import competition_by_reference
from commissioning.evaluation import queries as evaluations
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission, require
from commissioning.web.access import clock, current_actor, public, requires


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
        colours=colours_of({row.organisation.reference for row in rows}),
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
