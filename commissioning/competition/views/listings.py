"""The competitions that a person works on, and those that everybody may read."""

from __future__ import annotations

from typing import Any

from flask import render_template

from commissioning.competition import queries
from commissioning.competition.models import Competition
from commissioning.competition.views.frame import blueprint, roles_here
from commissioning.kernel.actor import Actor
from commissioning.kernel.stage import Stage
from commissioning.permissions import Facts, Permission, may
from commissioning.web import listing
from commissioning.web.access import clock, current_actor, public

SORTS = {
    "reference": lambda row: row["reference"],
    "title": lambda row: row["title"].casefold(),
    "stage": lambda row: (row["stage"].position, row["title"].casefold()),
    "next": lambda row: (row["next_at"] is None, row["next_at"] or 0),
    "start": lambda row: (row["start"], row["reference"]),
}


@blueprint.get("")
@public
def index() -> str:
    actor, now = current_actor(), clock().now()
    mine = [_row(competition, actor, now) for competition in queries.competitions_for(actor)]
    open_to_all = [_row(row, actor, now) for row in queries.published_competitions()]
    return render_template(
        "competition/index.html",
        mine=listing.of(mine, sorts=SORTS, default="stage", prefix="mine-"),
        published=listing.of(open_to_all, sorts=SORTS, default="-start", prefix="published-"),
        may_create=any(
            may(actor, Permission.COMPETITION_CREATE, Facts(authority=grant.organisation))
            for grant in actor.grants
        ),
    )


def _row(competition: Competition, actor: Actor, now: Any) -> dict[str, Any]:
    """What a list says of a competition; the timetable has come along, so it costs no query."""
    coming = [
        (event.label, deadline)
        for event, deadline in queries.current_timetable(competition).items()
        if deadline.instant_utc > now
    ]
    is_over = competition.stage == Stage.TERMINATED.value
    first = min(coming, key=lambda pair: pair[1].instant_utc) if coming and not is_over else None
    return {
        "reference": competition.reference,
        "title": competition.title,
        "authority": competition.programme.authority.name,
        "stage": Stage(competition.stage),
        "is_invented": competition.is_invented,
        "start": competition.commenced_on,
        "roles": roles_here(actor, competition),
        "next": first[0] if first else None,
        "next_at": first[1].instant_utc if first else None,
    }
