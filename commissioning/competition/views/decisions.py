"""What one person has proposed, and the page on which a second one decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from commissioning.competition import queries, services
from commissioning.competition.domain.lifecycle import (
    CHANGE,
    CORRECTION,
    EXTENSION,
    INTEREST,
    LATE_BID,
)
from commissioning.competition.domain.timetable import TimetableEvent
from commissioning.competition.forms import DecideForm
from commissioning.competition.models import Competition, Decision
from commissioning.competition.views.changes import as_proposed, what_a_change_does
from commissioning.competition.views.dates import told_before
from commissioning.competition.views.frame import Frame, blueprint, shown, team_frame
from commissioning.competition.views.issue import ITN, PQQ, what_goes_out
from commissioning.competition.views.ties import correction_in_words
from commissioning.identity import queries as identity
from commissioning.kernel.actor import SYSTEM
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission, rows_for
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on
from commissioning.web.filters import moment

TITLES = {
    PQQ: "Issue of the PQQ",
    ITN: "Issue of the ITN",
    EXTENSION: "Extension of a deadline",
    CHANGE: "Change of the invitation",
    CORRECTION: "A tie that counts, or does not",
    LATE_BID: "A late bid",
    INTEREST: "A declared interest",
    "terminated": "Termination",
    "shortlist_confirmed": "Shortlist",
    "quality_locked": "Lock of the quality marks",
}
_DONE = {
    PQQ: "The PQQ is issued, and the notice is frozen.",
    ITN: "The ITN is issued, and the evaluation model is frozen.",
    EXTENSION: "The deadline is extended, and everyone is told.",
    CHANGE: "The change is published, and everyone is told.",
    CORRECTION: "The ties that count are changed. An award that was solved before is solved anew.",
    "terminated": "The competition is terminated, and every bidder is told.",
}
_APPROVE: dict[str, Callable[..., Any]] = {
    PQQ: services.approve_pqq_issue,
    ITN: services.approve_itn_issue,
    EXTENSION: services.approve_extension,
    CHANGE: services.approve_change,
    CORRECTION: services.approve_tie,
    "terminated": services.approve_termination,
}
_ELSEWHERE = {
    "shortlist_confirmed": ("evaluation.shortlist", Permission.EVALUATION_READ_SELECTION),
    "quality_locked": ("evaluation.quality_lock", Permission.EVALUATION_READ_PROGRESS),
    INTEREST: ("evaluation.interests", Permission.EVALUATION_READ_INTERESTS),
    LATE_BID: ("submission.late_bids", Permission.SUBMISSION_READ_LATE_BID_PROPOSALS),
}
"""The pages of later contexts on which their own proposals are decided, and who may read them."""

_DIGESTS = {
    "rules_sha256": "Rules: lots, limits, criteria, weights",
    "questions_sha256": "Questions",
    "documents_sha256": "Documents",
    "timetable_sha256": "Timetable",
}


def panel(decision: Decision, names: dict[str, str]) -> dict[str, Any]:
    """A decision as the component of two people shows it."""
    by = decision.decided_by
    told = {
        "id": decision.reference,
        "reference": decision.reference,
        "what": TITLES.get(decision.event, "A proposal"),
        "proposed_by": names.get(decision.proposed_by, "somebody"),
        "proposed_at": decision.proposed_at,
        "reason": decision.reason,
        "second_role": second_role(decision.event),
        "is_open": decision.status == "proposed",
    }
    if by is not None:
        told["seconded_by"] = "The platform" if by == SYSTEM.reference else names.get(by, by)
        told["seconded_at"] = decision.decided_at
    if decision.status == "sent_back":
        told["sent_back_reason"] = decision.decision_reason
    return told


def second_role(event: str) -> str:
    """Who may decide, in words."""
    rows = rows_for(queries.permission_to_decide(event))
    roles = sorted({role.label for row in rows for role in row.roles})
    return "the " + " or the ".join(roles)


def names_in(decisions: list[Decision]) -> dict[str, str]:
    """The names of everyone who proposed or decided."""
    people = {d.proposed_by for d in decisions} | {d.decided_by or "" for d in decisions}
    return identity.names_of(people - {""})


@blueprint.get("/<string:reference>/decisions")
@requires(Permission.COMPETITION_READ)
def decisions(reference: str) -> ResponseReturnValue:
    frame = team_frame(reference)
    now = clock().now()
    found = [
        one
        for one in queries.decisions_of(frame.competition)
        if queries.may_read_decision(current_actor(), one, now)
    ]
    names = names_in(found)
    return shown("decisions", frame, panels=[panel(one, names) for one in found])


@blueprint.route("/<string:reference>/decisions/<string:decision>", methods=["GET", "POST"])
@requires(Permission.COMPETITION_READ)
def decision(reference: str, decision: str) -> ResponseReturnValue:
    """Exactly what was proposed, and for whoever may decide on it, the decision."""
    frame = team_frame(reference)
    found = queries.decision_by_reference(decision)
    now = clock().now()
    if found.competition_id != frame.competition.id or not queries.may_read_decision(
        current_actor(), found, now
    ):
        raise NotFound
    may_decide = queries.may_decide(current_actor(), found, now)
    form = DecideForm()
    if form.is_submitted() and found.event not in _APPROVE:
        raise NotFound  # it is decided on the page of its own context
    elsewhere = _elsewhere(frame, found)
    if may_decide and elsewhere is not None:
        return redirect(elsewhere, 303)
    if form.validate_on_submit():
        with shown_on(form):
            flash(_decide(found, form))
            return redirect(url_for(".home", reference=reference), 303)
    page = shown(
        "decision",
        frame,
        form=form,
        decision=found,
        title=TITLES.get(found.event, "A proposal"),
        panel=panel(found, names_in([found])),
        may_decide=may_decide and found.event in _APPROVE,
        elsewhere=elsewhere,
        is_own=found.status == "proposed" and found.proposed_by == current_actor().reference,
        **_content(frame.competition, found, now),
    )
    return page, form.status


def _decide(found: Decision, form: DecideForm) -> str:
    """Approve, or send back; the service asks the policy."""
    reason, event = form.reason.data or "", found.event
    if form.decision.data == "send_back":
        services.send_back(current_actor(), found.reference, reason=reason, clock=clock())
        return "The proposal is sent back, with your reason."
    _APPROVE[event](current_actor(), found.reference, reason=reason, clock=clock())
    return _DONE[event]


def _elsewhere(frame: Frame, found: Decision) -> str | None:
    endpoint, permission = _ELSEWHERE.get(found.event, ("", None))
    if permission is None or endpoint not in current_app.view_functions:
        return None
    if not frame.may(permission):
        return None
    return url_for(endpoint, reference=frame.competition.reference)


def _content(competition: Competition, found: Decision, now: datetime) -> dict[str, Any]:
    """What exactly was proposed."""
    if found.event in {PQQ, ITN}:
        content: dict[str, Any] = {
            "digests": [(_DIGESTS.get(k, k), v) for k, v in sorted(found.payload.items())]
        }
        if found.status != "proposed":
            return content
        to_mend = queries.check_list(competition, now, event=found.event)
        return content | what_goes_out(competition, found.event) | {"to_mend": to_mend}
    if found.event == EXTENSION:
        rows = [
            [
                TimetableEvent(event).label,
                told_before(new["from"]),
                moment(datetime.fromisoformat(new["instant"]), new["zone"]),
            ]
            for event, new in found.payload.items()
        ]
        return {"moved": rows}
    if found.event == CHANGE:
        row = queries.change_by_reference(competition, found.payload["change"])
        return as_proposed(row) | {"consequences": what_a_change_does(row)}
    if found.event == CORRECTION:
        return {
            "tie": correction_in_words(found),
            "consequences": [
                "The ties that count in this competition get a new version.",
                "An award that was solved before cannot stand: it is solved anew.",
            ],
        }
    return {}
