"""Where a bidder finds its tenders: the PQQs that are open to it, and the lots it may bid for."""

from __future__ import annotations

from flask import render_template

from commissioning.permissions import Permission
from commissioning.submission import queries
from commissioning.submission.views.frame import blueprint, own_organisation
from commissioning.web import listing
from commissioning.web.access import current_actor, requires


@blueprint.get("/tenders")
@requires(Permission.SUBMISSION_READ_OWN_PQQ, Permission.SUBMISSION_READ_OWN_BID)
def tenders() -> str:
    lines = queries.tenders_of(current_actor(), own_organisation())
    return render_template(
        "submission/tenders.html",
        listing=listing.of(
            lines,
            sorts={
                "title": lambda line: line.competition.title.casefold(),
                "stage": lambda line: line.stage.position,
            },
            default="title",
        ),
        is_invented=any(line.competition.is_invented for line in lines),
    )
