"""How far the marking has come, the quality lock, and the points that follow from it."""

from __future__ import annotations

from flask import flash, redirect
from flask.typing import ResponseReturnValue

from commissioning.competition import services as competition_services
from commissioning.competition.models import Decision
from commissioning.evaluation import queries, services
from commissioning.evaluation.forms import DecideForm, ProposeForm
from commissioning.evaluation.models import BidResult
from commissioning.evaluation.queries import SheetProgress
from commissioning.evaluation.views.frame import (
    Frame,
    blueprint,
    decision_panel,
    framed,
    latest_decision,
    shown,
)
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission
from commissioning.web import listing
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on
from commissioning.web.filters import count

_STATUSES = ("Not assigned", "Marking", "Consensus", "Agreement", "Complete")
_SORTS = {
    "lot": lambda row: (row.lot.position, row.criterion.position),
    "criterion": lambda row: (row.criterion.position, row.lot.position),
    "submitted": lambda row: row.team.submitted,
    "closed": lambda row: (row.closed, row.agreed),
    "status": lambda row: _STATUSES.index(row.status),
}
_MOST_NAMED = 50


@blueprint.get("/evaluation/progress")
@requires(Permission.EVALUATION_READ_PROGRESS)
def progress(reference: str) -> ResponseReturnValue:
    frame = framed(reference)
    frame.require(Permission.EVALUATION_READ_PROGRESS)
    rows = queries.sheet_progress(frame.competition)
    asked = listing.filters_asked("lot", "criterion", "status")
    chosen = [
        row
        for row in rows
        if asked.get("lot", row.lot.reference) == row.lot.reference
        and asked.get("criterion", row.criterion.reference) == row.criterion.reference
        and asked.get("status", row.status) == row.status
    ]
    lots, criteria = queries.lots_and_criteria(frame.competition)
    return shown(
        "progress",
        frame,
        rows=rows,
        listing=listing.of(chosen, sorts=_SORTS, default="lot", per_page=30),
        asked=asked,
        lots=lots,
        criteria=criteria,
        statuses=_STATUSES,
        totals=_totals(rows),
        open_hrefs=_open_hrefs(frame, rows),
        may_read_points=frame.may(Permission.EVALUATION_READ_POINTS),
    )


@blueprint.get("/evaluation/quality-lock")
@requires(Permission.EVALUATION_READ_PROGRESS)
def quality_lock(reference: str) -> ResponseReturnValue:
    """What is missing, who has proposed the lock, and what can be done about it now."""
    frame = framed(reference)
    frame.require(Permission.EVALUATION_READ_PROGRESS)
    decision = latest_decision(frame.competition, services.LOCK)
    is_open = decision is not None and decision.status == "proposed"
    missing = queries.missing_records(frame.competition)
    return shown(
        "quality_lock",
        frame,
        digests=_digests(frame, decision),
        missing=missing[:_MOST_NAMED],
        total_missing=len(missing),
        panel=decision_panel(decision, "the quality lock"),
        may_propose=not is_open
        and not missing
        and frame.may(Permission.EVALUATION_PROPOSE_QUALITY_LOCK),
        may_decide=decision is not None
        and is_open
        and frame.may(Permission.EVALUATION_APPROVE_QUALITY_LOCK, proposer=decision.proposed_by),
        may_read_points=frame.may(Permission.EVALUATION_READ_POINTS),
    )


@blueprint.route("/evaluation/quality-lock/propose", methods=["GET", "POST"])
@requires(Permission.EVALUATION_PROPOSE_QUALITY_LOCK)
def propose_quality_lock(reference: str) -> ResponseReturnValue:
    frame = framed(reference)
    frame.require(Permission.EVALUATION_PROPOSE_QUALITY_LOCK)
    form = ProposeForm()
    if form.validate_on_submit():
        with shown_on(form):
            services.propose_quality_lock(
                current_actor(), reference, reason=form.reason.data, clock=clock()
            )
            flash("The quality lock is proposed. An approver has been told.")
            return redirect(frame.href("quality_lock"), 303)
    page = shown(
        "propose",
        frame,
        form=form,
        title="Propose the quality lock",
        back=("Quality lock", frame.href("quality_lock")),
        digests=_digests(frame, None),
        consequences=[
            "An approver is told, and locks quality or sends it back.",
            "With the lock, quality points are computed from the agreed marks.",
            "After the lock no mark and no agreed mark changes any more.",
        ],
    )
    return page, form.status


@blueprint.route("/evaluation/quality-lock/decide", methods=["GET", "POST"])
@requires(Permission.EVALUATION_APPROVE_QUALITY_LOCK)
def decide_quality_lock(reference: str) -> ResponseReturnValue:
    frame = framed(reference)
    decision = latest_decision(frame.competition, services.LOCK)
    form = DecideForm(about=None if decision is None else decision.reference)
    # What is sent to one that is decided goes on to the service, whose refusal is kept.
    if decision is None or not (decision.status == "proposed" or form.is_submitted()):
        raise NotFound
    frame.require(Permission.EVALUATION_APPROVE_QUALITY_LOCK, proposer=decision.proposed_by)
    if form.validate_on_submit():
        with shown_on(form):
            read, reason = form.about.data or decision.reference, form.reason.data
            if form.decision.data == "approve":
                services.approve_quality_lock(current_actor(), read, reason=reason, clock=clock())
                flash("Quality is locked, and the points are computed.")
            else:
                competition_services.send_back(current_actor(), read, reason=reason, clock=clock())
                flash("The quality lock is sent back to the lead.")
            return redirect(frame.href("quality_lock"), 303)
    form.about.data = decision.reference  # the page shows this one, also to whoever read another
    rows = queries.sheet_progress(frame.competition)
    page = shown(
        "decide",
        frame,
        form=form,
        title="Decide on the quality lock",
        back=("Quality lock", frame.href("quality_lock")),
        panel=decision_panel(decision, "the quality lock"),
        digests=_digests(frame, decision),
        consequences=[
            (
                f"{count(sum(row.closed for row in rows), 'agreed mark')} on "
                f"{count(len(rows), 'sheet')} are closed; every record is complete."
            ),
            "If you approve, quality points are computed and no mark changes any more.",
            "Then the key holders may open the price envelopes. This cannot be undone.",
        ],
    )
    return page, form.status


@blueprint.get("/evaluation/points")
@requires(Permission.EVALUATION_READ_POINTS)
def points(reference: str) -> ResponseReturnValue:
    """Quality points by lot, with who is out and why; prices are not among them."""
    frame = framed(reference)
    frame.require(Permission.EVALUATION_READ_POINTS)
    by_lot: dict[str, list[BidResult]] = {}
    for result in sorted(
        queries.results(frame.competition),
        key=lambda row: (
            row.bid.lot.position,
            -row.quality_millipoints,
            row.bid.organisation.name,
        ),
    ):
        by_lot.setdefault(result.bid.lot.name, []).append(result)
    return shown("points", frame, by_lot=by_lot, model_sha256=frame.competition.model_sha256)


def _digests(frame: Frame, decision: Decision | None) -> dict[str, str | None]:
    """The digest of the agreed marks as they stand, and of those that the proposal is about."""
    return {
        "now": queries.agreed_marks_sha256(frame.competition),
        "proposed": decision.payload.get(services.AGREED)
        if decision is not None and decision.status != "sent_back"
        else None,
        "changed": services.CHANGED_SINCE,
    }


def _totals(rows: list[SheetProgress]) -> dict[str, int]:
    return {
        "sheets": sum(len(row.team.evaluators) for row in rows),
        "submitted": sum(row.team.submitted for row in rows),
        "answers": sum(row.answers for row in rows),
        "agreed": sum(row.agreed for row in rows),
        "closed": sum(row.closed for row in rows),
        "complete": sum(row.is_complete for row in rows),
    }


def _open_hrefs(frame: Frame, rows: list[SheetProgress]) -> dict[tuple[int, int], str]:
    """Where each sheet's marks can be read, for whoever may: never before all have submitted."""
    facts = {"is_assigned": False, "all_submitted": True}
    found = {}
    reads_all = frame.may(Permission.EVALUATION_READ_MARKS, **facts)
    for row in rows:
        is_in = bool(row.team.evaluators) and row.team.submitted == len(row.team.evaluators)
        is_own = any(a.person == frame.actor.reference for a in row.team.moderators)
        if is_in and (reads_all or is_own):
            found[row.lot.id, row.criterion.id] = frame.href(
                "consensus", lot=row.lot.reference, criterion=row.criterion.reference
            )
    return found
