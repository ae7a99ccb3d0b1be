"""Late bids in quarantine: the lead proposes what happens to each, and an approver decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from commissioning.competition import queries as competitions
from commissioning.competition import services as competing
from commissioning.competition.domain.lifecycle import LATE_BID
from commissioning.competition.domain.timetable import TimetableEvent
from commissioning.competition.models import Competition
from commissioning.identity import queries as identities
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Facts, Permission, may, require
from commissioning.submission import queries, services
from commissioning.submission.domain.lateness import Verdict, lateness
from commissioning.submission.forms import LateDecisionForm, LateProposalForm
from commissioning.submission.models import LateBid
from commissioning.submission.views.frame import blueprint
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on

_READ = Permission.SUBMISSION_READ_LATE_BID_PROPOSALS
_READ_ALL = Permission.SUBMISSION_READ_LATE_BIDS
_PROPOSE = Permission.SUBMISSION_PROPOSE_LATE_BID
_APPROVE = Permission.SUBMISSION_APPROVE_LATE_BID
_URL = "/competitions/<string:reference>/late-bids"


@dataclass(frozen=True, slots=True)
class Line:
    """A late bid as the lead and the approver see it: nothing of what is in it."""

    row: LateBid
    received: str
    late_by: str
    panel: dict[str, Any] | None
    may_propose: bool
    may_decide: bool


@blueprint.get(_URL)
@requires(_READ)
def late_bids(reference: str) -> str:
    competition, facts = _readable(reference, _READ)
    return render_template(
        "submission/late_bids.html",
        competition=competition,
        lines=_lines(competition, _shown_to(competition, facts), facts),
        reads_all=may(current_actor(), _READ_ALL, facts),
    )


@blueprint.route(f"{_URL}/<string:late_bid>/propose", methods=["GET", "POST"])
@requires(_PROPOSE)
def propose_late_bid(reference: str, late_bid: str) -> ResponseReturnValue:
    competition, facts = _readable(reference, _PROPOSE)
    row = queries.late_bid_by_reference(competition, late_bid)
    (line,) = _lines(competition, [row], facts)
    form = LateProposalForm()
    if form.validate_on_submit():
        with shown_on(form):
            services.propose_late_bid(
                current_actor(),
                reference,
                late_bid,
                Verdict(form.verdict.data),
                reason=form.reason.data or "",
                clock=clock(),
            )
            flash("It is proposed. An approver decides on it.")
            return redirect(url_for(".late_bids", reference=reference), 303)
    page = render_template(
        "submission/propose_late_bid.html",
        competition=competition,
        line=line,
        form=form,
    )
    return page, form.status


@blueprint.route(f"{_URL}/<string:late_bid>/decide", methods=["GET", "POST"])
@requires(_APPROVE)
def decide_late_bid(reference: str, late_bid: str) -> ResponseReturnValue:
    competition, facts = _readable(reference, _READ)
    row = queries.late_bid_by_reference(competition, late_bid)
    (line,) = _lines(competition, [row], facts)
    form = LateDecisionForm()
    # What is sent by somebody who may not decide goes on to the service, whose refusal is kept.
    if row.decision is None or not (line.may_decide or form.is_submitted()):
        raise NotFound
    if form.validate_on_submit():
        with shown_on(form):
            reason, decision = form.reason.data or "", row.decision.reference
            if form.decision.data == "send_back":
                competing.send_back(current_actor(), decision, reason=reason, clock=clock())
                flash("The proposal is sent back, with your reason.")
            else:
                services.approve_late_bid(current_actor(), decision, reason=reason, clock=clock())
                flash("The late bid is decided, and the bidder is told.")
            return redirect(url_for(".late_bids", reference=reference), 303)
    page = render_template(
        "submission/decide_late_bid.html",
        competition=competition,
        line=line,
        form=form,
        consequences=_CONSEQUENCES[Verdict(row.decision.payload["verdict"])],
    )
    return page, form.status


_CONSEQUENCES = {
    Verdict.ACCEPT: [
        "The bid is put beside those in time, and the key holders open it with them.",
        "It is not under the root of the closing; the record names the SHA-256 of its receipt.",
        "The bidder is told to sign in, and reads the outcome and the lead’s reason.",
        "This cannot be undone.",
    ],
    Verdict.REFUSE: [
        "The bid stays sealed for ever, and nobody opens it.",
        "The bidder is told to sign in, and reads the outcome and the lead’s reason.",
        "This cannot be undone.",
    ],
}
_PROPOSED = {Verdict.ACCEPT: "accept the late bid", Verdict.REFUSE: "refuse the late bid"}


def _readable(reference: str, permission: Permission) -> tuple[Competition, Facts]:
    now = clock().now()
    competition = competitions.readable_competition(current_actor(), reference, now=now)
    facts = competitions.facts(competition, now)
    require(current_actor(), permission, facts)
    return competition, facts


def _shown_to(competition: Competition, facts: Facts) -> list[LateBid]:
    """All of them to the lead; to the approver those about which something was proposed."""
    reads_all = may(current_actor(), _READ_ALL, facts)
    return [row for row in queries.late_bids(competition) if reads_all or row.decision is not None]


def _lines(competition: Competition, rows: list[LateBid], facts: Facts) -> list[Line]:
    """The late bids as they are shown, in as many queries for many as for one."""
    if not rows:
        return []
    deadline = competitions.deadline_of(competition, TimetableEvent.ITN_DEADLINE)
    if deadline is None:
        raise NotFound
    actor, now = current_actor(), clock().now()
    is_proposed = competitions.open_decision_for(competition, LATE_BID) is not None
    may_propose = may(actor, _PROPOSE, facts) and not is_proposed
    people = {
        person
        for row in rows
        if row.decision is not None
        for person in (row.decision.proposed_by, row.decision.decided_by)
        if person is not None
    }
    names = identities.names_of(people)
    return [
        Line(
            row,
            services.instant_in_words(row.received_at),
            lateness(row.received_at - deadline.instant_utc),
            _panel(row, names),
            may_propose=row.status == "waiting" and may_propose,
            may_decide=row.status == "waiting"
            and row.decision is not None
            and competitions.may_decide(actor, row.decision, now, facts),
        )
        for row in rows
    ]


def _panel(row: LateBid, names: Mapping[str, str]) -> dict[str, Any] | None:
    """The newest proposal as the component of two people shows it."""
    decision = row.decision
    if decision is None:
        return None
    told: dict[str, Any] = {
        "id": decision.reference,
        "what": _PROPOSED[Verdict(decision.payload["verdict"])],
        "proposed_by": names.get(decision.proposed_by, "somebody"),
        "proposed_at": decision.proposed_at,
        "reason": decision.reason,
        "second_role": "the approver",
    }
    if decision.decided_by is not None:
        told["seconded_by"] = names.get(decision.decided_by, "the platform")
        told["seconded_at"] = decision.decided_at
    if decision.status == "sent_back":
        told["sent_back_reason"] = decision.decision_reason
    return told
