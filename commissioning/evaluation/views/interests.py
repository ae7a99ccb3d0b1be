"""Interests: each declares their own; lead, approver and auditor read them, and two decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect
from flask.typing import ResponseReturnValue

from commissioning.competition import queries as competition_queries
from commissioning.competition import services as competition_services
from commissioning.competition.domain.interests import CONSEQUENCES, OUTCOMES, Outcome
from commissioning.competition.models import Decision, Interest
from commissioning.evaluation import queries, services
from commissioning.evaluation.forms import DecideForm, InterestDecisionForm, InterestForm
from commissioning.evaluation.views.frame import (
    Frame,
    blueprint,
    decision_panel,
    framed,
    shown,
)
from commissioning.identity import queries as identity_queries
from commissioning.kernel.errors import NotFound
from commissioning.kernel.stage import Stage
from commissioning.permissions import Permission
from commissioning.submission import queries as submission_queries
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on


@blueprint.get("/evaluation/interests")
@requires(Permission.EVALUATION_DECLARE_INTEREST, Permission.EVALUATION_READ_INTERESTS)
def interests(reference: str) -> ResponseReturnValue:
    frame = framed(reference)
    frame.require_one_of(
        Permission.EVALUATION_DECLARE_INTEREST, Permission.EVALUATION_READ_INTERESTS
    )
    may_read = frame.may(Permission.EVALUATION_READ_INTERESTS)
    own = queries.interests_of(frame.actor.reference, frame.competition)
    register = queries.interests_in(frame.competition) if may_read else []
    decisions = competition_queries.interest_decisions(frame.competition)
    is_proposed = any(row.status == "proposed" for found in decisions.values() for row in found)
    words = _Words(frame, [*own, *register], decisions)
    return shown(
        "interests",
        frame,
        own=[words.line(row) for row in own],
        register=[
            words.line(row)
            | {
                "may_propose": not is_proposed
                and frame.may(Permission.EVALUATION_PROPOSE_INTEREST, person=row.person),
                "may_decide": _may_decide(frame, decisions.get(row.id, [])),
            }
            for row in register
        ],
        may_read=may_read,
        may_declare=frame.may(Permission.EVALUATION_DECLARE_INTEREST),
    )


def _may_decide(frame: Frame, decisions: Sequence[Decision]) -> bool:
    return any(
        competition_queries.may_decide(frame.actor, row, frame.now, frame.facts)
        for row in decisions
    )


class _Words:
    """Interests and what was decided of them, in words; all names in one query."""

    def __init__(
        self, frame: Frame, rows: Sequence[Interest], decisions: Mapping[int, Sequence[Decision]]
    ) -> None:
        self.decisions = decisions
        self.lots = {lot.reference: lot.name for lot in frame.competition.lots}
        self.names = identity_queries.names_of(
            reference
            for reference in (
                *(each for row in rows for each in (row.person, row.organisation)),
                *(each for row in rows for each in self._named_in(row)),
            )
            if reference
        )

    def _named_in(self, row: Interest) -> list[str]:
        found = self.decisions.get(row.id, ())
        return [bidder for decision in found for bidder in decision.payload["bidders"]]

    def line(self, row: Interest) -> dict[str, Any]:
        """One declaration: whom and what it concerns, where it stands, and why."""
        found = self.decisions.get(row.id, ())
        approved = next((each for each in reversed(found) if each.status == "approved"), None)
        return {
            "id": row.id,
            "person": self.names[row.person],
            "concerns": self.names[row.organisation]
            if row.organisation
            else "The competition as a whole",
            "statement": row.statement,
            "declared_at": row.declared_at,
            "tag": "undecided" if approved is None else _TAGS[approved.payload["outcome"]],
            "stands": "Barred until it is decided" if approved is None else self.outcome(approved),
            "colour": _COLOURS[approved.payload["outcome"] if approved else None],
            "reason": approved.reason if approved else "",
            "proposed": next(
                (self.outcome(each) for each in found if each.status == "proposed"), None
            ),
        }

    def outcome(self, decision: Decision) -> str:
        """What is proposed, or was approved, in words."""
        told = decision.payload
        text = OUTCOMES[Outcome(told["outcome"])][0]
        named = [
            *(self.lots.get(lot, lot) for lot in told["lots"]),
            *(self.names.get(bidder, bidder) for bidder in told["bidders"]),
        ]
        return f"{text}: {', '.join(named)}" if named else text


def _begun_small(text: str) -> str:
    return text[:1].lower() + text[1:]


_TAGS = {Outcome.STAYS: "barred", Outcome.PART: "lifted in part", Outcome.LIFTED: "lifted"}
_COLOURS = {
    None: "yellow",
    Outcome.STAYS.value: "red",
    Outcome.PART.value: "blue",
    Outcome.LIFTED.value: "green",
}


@blueprint.route("/evaluation/interests/<int:interest>/propose", methods=["GET", "POST"])
@requires(Permission.EVALUATION_PROPOSE_INTEREST)
def propose_interest_decision(reference: str, interest: int) -> ResponseReturnValue:
    frame = framed(reference)
    row = competition_queries.interest_by_id(frame.competition, interest)
    frame.require(Permission.EVALUATION_PROPOSE_INTEREST, person=row.person)
    form = InterestDecisionForm()
    bidders = {
        admission.organisation.reference: admission.organisation.name
        for admission in competition_queries.admissions_of(frame.competition)
        if row.organisation is None
    }
    form.offer([(lot.reference, lot.name) for lot in frame.competition.lots], list(bidders.items()))
    if form.validate_on_submit():
        with shown_on(form):
            services.propose_interest_decision(
                current_actor(),
                reference,
                interest,
                Outcome(form.outcome.data),
                lots=form.lots.data or [],
                bidders=(form.bidders.data or []) if "bidders" in form else [],
                reason=form.reason.data,
                clock=clock(),
            )
            flash("It is proposed. An approver decides on it; until then the person is barred.")
            return redirect(frame.href("interests"), 303)
    decisions = competition_queries.interest_decisions(frame.competition)
    line = _Words(frame, [row], decisions).line(row)
    return shown("propose_interest", frame, form=form, line=line), form.status


@blueprint.route("/evaluation/interests/<int:interest>/decide", methods=["GET", "POST"])
@requires(Permission.EVALUATION_APPROVE_INTEREST)
def decide_interest(reference: str, interest: int) -> ResponseReturnValue:
    frame = framed(reference)
    row = competition_queries.interest_by_id(frame.competition, interest)
    decisions = competition_queries.interest_decisions(frame.competition)
    decision = next(iter(reversed(decisions.get(interest, []))), None)
    form = DecideForm()
    # What is sent to one that is decided goes on to the service, whose refusal is kept.
    if decision is None or not (decision.status == "proposed" or form.is_submitted()):
        raise NotFound
    frame.require(
        Permission.EVALUATION_APPROVE_INTEREST, person=row.person, proposer=decision.proposed_by
    )
    if form.validate_on_submit():
        with shown_on(form):
            act = (
                services.approve_interest_decision
                if form.decision.data == "approve"
                else competition_services.send_back
            )
            act(current_actor(), decision.reference, reason=form.reason.data, clock=clock())
            flash(
                "The interest is decided."
                if form.decision.data == "approve"
                else "The proposal is sent back to the lead."
            )
            return redirect(frame.href("interests"), 303)
    words = _Words(frame, [row], decisions)
    page = shown(
        "decide_interest",
        frame,
        form=form,
        line=words.line(row),
        panel=decision_panel(decision, _begun_small(words.outcome(decision))),
        consequences=[
            CONSEQUENCES[Outcome(decision.payload["outcome"])],
            "The person concerned reads the outcome and the lead’s reason.",
            "A later decision can take its place. A new declaration bars anew.",
        ],
    )
    return page, form.status


@blueprint.route("/evaluation/interests/declare", methods=["GET", "POST"])
@requires(Permission.EVALUATION_DECLARE_INTEREST)
def declare_interest(reference: str) -> ResponseReturnValue:
    frame = framed(reference)
    frame.require(Permission.EVALUATION_DECLARE_INTEREST)
    form = InterestForm()
    form.offer(_organisations(frame))
    if form.validate_on_submit():
        with shown_on(form):
            chosen = form.organisation.data
            services.declare_interest(
                current_actor(),
                reference,
                organisation=None if chosen == "*" else chosen,
                statement=form.statement.data,
                clock=clock(),
            )
            flash("Your interest is declared. Access has ended where it must.")
            return redirect(frame.href("interests"), 303)
    return shown("declare_interest", frame, form=form), form.status


def _organisations(frame: Frame) -> list[tuple[str, str]]:
    """Those that may be named here without telling who bids: shortlisted, or read by the person.

    Before the shortlist only whoever reads the PQQ responses knows who responded.
    """
    known: dict[str, str] = {}
    if frame.may(Permission.SUBMISSION_READ_PQQ):
        for response in submission_queries.submitted_responses(frame.competition):
            known[response.organisation.reference] = response.organisation.name
    if (frame.facts.reached or frame.stage).is_at_or_after(Stage.SHORTLISTED):
        for admission in competition_queries.admissions_of(frame.competition):
            known[admission.organisation.reference] = admission.organisation.name
    return sorted(known.items(), key=lambda pair: pair[1].casefold())
