"""Issue of the PQQ and of the ITN: what is still to mend, then what exactly goes out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from commissioning.competition import queries, services
from commissioning.competition.forms import ProposeForm
from commissioning.competition.models import Competition, Decision
from commissioning.competition.queries.soundness import PARTS
from commissioning.competition.views import tables
from commissioning.competition.views.asked import asked_in_itn, asked_in_pqq
from commissioning.competition.views.frame import blueprint, shown, team_frame
from commissioning.competition.views.mending import problem_href
from commissioning.competition.views.rules import in_words
from commissioning.permissions import Permission
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on

PQQ, ITN = "pqq_issued", "itn_issued"
_NAMES = {PQQ: "the PQQ", ITN: "the ITN"}
_CONSEQUENCES = {
    PQQ: (
        "The PQQ is issued at that moment, and its notice bears the date of that day.",
        "The notice is frozen: lots, values, limits, award rule, criteria and weights stay.",
        "The PQQ questions and the documents that go with the PQQ are published.",
        "Every registered bidder gets an email that the PQQ is published.",
    ),
    ITN: (
        "The whole evaluation model is frozen: only terminating and issuing again changes it.",
        "The seed that decides ties is drawn at that moment.",
        "The questions and documents of the ITN are published.",
        "The shortlisted bidders get an email that the ITN is published.",
    ),
}


def what_goes_out(competition: Competition, event: str) -> dict[str, Any]:
    """What the second person approves, as the tables of a page show it."""
    model = queries.drafted_model(competition)
    part = "pqq" if event == PQQ else "itn"
    return {
        "event": event,
        "name": _NAMES[event],
        "consequences": _CONSEQUENCES[event],
        "headers": tables.lot_headers(competition),
        "lot_rows": tables.lot_rows(competition),
        "criterion_rows": tables.criterion_rows(competition.criteria),
        "words": in_words(model),
        "descriptors": model.descriptors if event == ITN else (),
        "date_rows": tables.date_rows(queries.current_timetable(competition)),
        "asked_title": "PQQ questions" if event == PQQ else "Questions of the ITN",
        "questions": asked_in_pqq(competition) if event == PQQ else asked_in_itn(competition),
        "documents": queries.documents_of(competition, part),
        "to_look_at": queries.to_look_at(competition, event=event),
    }


@blueprint.route("/<string:reference>/issue-pqq", methods=["GET", "POST"])
@requires(Permission.COMPETITION_PROPOSE_ISSUE_PQQ)
def issue_pqq(reference: str) -> ResponseReturnValue:
    return _propose(
        reference,
        PQQ,
        Permission.COMPETITION_PROPOSE_ISSUE_PQQ,
        services.propose_pqq_issue,
    )


@blueprint.route("/<string:reference>/issue-itn", methods=["GET", "POST"])
@requires(Permission.COMPETITION_PROPOSE_ISSUE_ITN)
def issue_itn(reference: str) -> ResponseReturnValue:
    return _propose(
        reference,
        ITN,
        Permission.COMPETITION_PROPOSE_ISSUE_ITN,
        services.propose_itn_issue,
    )


def _propose(
    reference: str, event: str, permission: Permission, propose: Callable[..., Decision]
) -> ResponseReturnValue:
    frame = team_frame(reference, permission)
    competition = frame.competition
    waiting = queries.open_decision_for(competition, event)
    form = ProposeForm()
    if waiting is not None and not form.is_submitted():
        return redirect(url_for(".decision", reference=reference, decision=waiting.reference), 303)
    found = queries.check_list(competition, clock().now(), event=event)
    if not found and form.validate_on_submit():
        with shown_on(form):
            made = propose(current_actor(), reference, reason=form.reason.data, clock=clock())
            flash(f"The issue of {_NAMES[event]} is proposed. An approver decides on it.")
            return redirect(url_for(".decision", reference=reference, decision=made.reference), 303)
    if found:
        to_mend: dict[str, list[tuple[str, str | None]]] = {}
        for problem in found:
            line = (problem.sentence, problem_href(competition, problem))
            to_mend.setdefault(PARTS[problem.part], []).append(line)
        return shown("issue_problems", frame, name=_NAMES[event], to_mend=to_mend, count=len(found))
    page = shown("issue", frame, form=form, **what_goes_out(competition, event))
    return page, form.status
