"""The shortlist: proposed by one person from what was found, decided by another."""

from __future__ import annotations

from flask import flash, redirect
from flask.typing import ResponseReturnValue

from commissioning.competition import services as competition_services
from commissioning.evaluation import queries, services
from commissioning.evaluation.forms import DecideForm, ProposeForm
from commissioning.evaluation.views.frame import (
    blueprint,
    decision_panel,
    framed,
    latest_decision,
    shown,
)
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on
from commissioning.web.filters import count


@blueprint.get("/selection/shortlist")
@requires(Permission.EVALUATION_READ_SELECTION)
def shortlist(reference: str) -> ResponseReturnValue:
    """Who goes on, lot by lot, and what can be done about it now."""
    frame = framed(reference)
    frame.require(Permission.EVALUATION_READ_SELECTION)
    decision = latest_decision(frame.competition, services.SHORTLIST)
    is_open = decision is not None and decision.status == "proposed"
    found = queries.outcomes(frame.competition)
    missing = [outcome for outcome in found if outcome.missing]
    by_lot = [
        (
            lot,
            [
                outcome.response.organisation.name
                for outcome in found
                if any(passed.lot == lot.reference for passed in outcome.passed_lots)
            ],
        )
        for lot in frame.competition.lots
    ]
    may_propose = not is_open and not missing and frame.may(Permission.EVALUATION_PROPOSE_SHORTLIST)
    may_decide = (
        decision is not None
        and is_open
        and frame.may(Permission.EVALUATION_APPROVE_SHORTLIST, proposer=decision.proposed_by)
    )
    return shown(
        "shortlist",
        frame,
        found=found,
        missing=missing,
        by_lot=by_lot,
        panel=decision_panel(decision, "the shortlist"),
        may_propose=may_propose,
        may_decide=may_decide,
    )


@blueprint.route("/selection/shortlist/propose", methods=["GET", "POST"])
@requires(Permission.EVALUATION_PROPOSE_SHORTLIST)
def propose_shortlist(reference: str) -> ResponseReturnValue:
    frame = framed(reference)
    frame.require(Permission.EVALUATION_PROPOSE_SHORTLIST)
    form = ProposeForm()
    if form.validate_on_submit():
        with shown_on(form):
            services.propose_shortlist(
                current_actor(), reference, reason=form.reason.data, clock=clock()
            )
            flash("The shortlist is proposed. An approver has been told.")
            return redirect(frame.href("shortlist"), 303)
    found = queries.outcomes(frame.competition)
    page = shown(
        "propose",
        frame,
        form=form,
        title="Propose the shortlist",
        back=("Shortlist", frame.href("shortlist")),
        consequences=[
            *_in_numbers(found),
            "An approver is told, and confirms it or sends it back.",
            "Who passes follows from the findings and the published rules. Nobody chooses it.",
        ],
    )
    return page, form.status


@blueprint.route("/selection/shortlist/decide", methods=["GET", "POST"])
@requires(Permission.EVALUATION_APPROVE_SHORTLIST)
def decide_shortlist(reference: str) -> ResponseReturnValue:
    frame = framed(reference)
    decision = latest_decision(frame.competition, services.SHORTLIST)
    form = DecideForm(about=None if decision is None else decision.reference)
    # What is sent to one that is decided goes on to the service, whose refusal is kept.
    if decision is None or not (decision.status == "proposed" or form.is_submitted()):
        raise NotFound
    frame.require(Permission.EVALUATION_APPROVE_SHORTLIST, proposer=decision.proposed_by)
    if form.validate_on_submit():
        with shown_on(form):
            read, reason = form.about.data or decision.reference, form.reason.data
            if form.decision.data == "approve":
                services.approve_shortlist(current_actor(), read, reason=reason, clock=clock())
                flash("The shortlist is confirmed, and every bidder that responded is told.")
            else:
                competition_services.send_back(current_actor(), read, reason=reason, clock=clock())
                flash("The shortlist is sent back to the lead.")
            return redirect(frame.href("shortlist"), 303)
    form.about.data = decision.reference  # the page shows this one, also to whoever read another
    page = shown(
        "decide",
        frame,
        form=form,
        title="Decide on the shortlist",
        back=("Shortlist", frame.href("shortlist")),
        panel=decision_panel(decision, "the shortlist"),
        consequences=[
            *_in_numbers(queries.outcomes(frame.competition)),
            "If you approve, the bidders that pass may bid for their lots.",
            "Every bidder that responded is told to sign in and read its outcome.",
            "This cannot be undone.",
        ],
    )
    return page, form.status


def _in_numbers(found: list[queries.ResponseOutcome]) -> list[str]:
    passed = [outcome for outcome in found if outcome.passed_lots]
    if not passed:
        return ["Nobody passes for any lot: nobody could bid. Terminate the competition instead."]
    lots = sum(len(outcome.passed_lots) for outcome in found)
    return [
        (
            f"{count(len(found), 'response')}: {count(len(passed), 'bidder')} "
            f"{'passes' if len(passed) == 1 else 'pass'} for one lot or more."
        ),
        f"{count(lots, 'admission')} to bid for a lot.",
    ]
