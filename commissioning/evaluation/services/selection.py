"""Selection: parts of the PQQ are assessed, and two people decide the shortlist."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.competition import queries as competition_queries
from commissioning.competition import services as competition_services
from commissioning.competition.domain.selection_rules import Finding, FindingResult
from commissioning.competition.models import Competition, Decision
from commissioning.competition.services.mail import tell
from commissioning.evaluation import queries
from commissioning.evaluation.domain.selection import part_findings
from commissioning.evaluation.models import PartAssessment, PartAssignment, SelectionOutcome
from commissioning.identity import queries as identity_queries
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor, Role
from commissioning.kernel.canonical import sha256_hex
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import (
    BadInput,
    BadInputs,
    IllegalTransition,
    MoveRefused,
)
from commissioning.permissions import Permission, require
from commissioning.submission import queries as submission_queries

SHORTLIST = "shortlist_confirmed"


def assign_part(
    actor: Actor, competition: str, part: str, assessor: str, *, clock: Clock
) -> PartAssignment:
    """The lead gives a part of the PQQ to an assessor, over all responses.

    Several assessors may have one part; each response is assessed once on it. Raises BadInput at
    `part` or `assessor`.
    """
    now = clock.now()
    row = competition_queries.competition_for_change(competition)
    require(actor, Permission.EVALUATION_ASSIGN_PQQ_PART, competition_queries.facts(row, now))
    if part not in queries.parts_of(row):
        raise BadInput("part", "Choose one of the parts of this PQQ.")
    if assessor not in queries.role_holders(row)[Role.ASSESSOR]:
        raise BadInput("assessor", "Choose somebody who is an assessor on this competition.")
    if queries.has_part(row, part, assessor):
        raise BadInput("assessor", "This person already has this part.")
    if queries.has_conflict(row, assessor, ()):
        raise BadInput(
            "assessor", "This person declared an interest in this competition. Choose another."
        )
    assignment = PartAssignment(
        competition_id=row.id, part=part, assessor=assessor, assigned_at=now
    )
    db.session.add(assignment)
    db.session.flush()
    audit.record(
        actor,
        Event.PQQ_PART_ASSIGNED,
        Subject("competition", competition),
        {"part": part, "assessor": assessor},
        at=now,
        stream=competition_stream(competition),
    )
    return assignment


def assess_part(
    actor: Actor,
    response: str,
    part: str,
    *,
    findings: Mapping[str, Mapping[str, Any]],
    reason: str,
    clock: Clock,
) -> PartAssessment:
    """An assessor finds, question by question, what a response says on a part, with the reason.

    `findings` is {question: {"result": "pass" | "fail" | "noted", "score": int or None}}; what
    follows from the answer by the published rule may be left out and cannot be found otherwise.
    Until the shortlist is decided an assessment can be made again; the trail keeps the digest of
    the one before. Raises BadInputs with the questions, or `reason`, as the fields.
    """
    now = clock.now()
    submitted = queries.response_by_reference(response)
    row = competition_queries.competition_for_change(submitted.competition.reference)
    require(
        actor,
        Permission.EVALUATION_ASSESS_PQQ_PART,
        competition_queries.facts(
            row,
            now,
            is_assigned=queries.has_part(row, part, actor.reference),
            bidders=frozenset({submitted.organisation.reference}),
        ),
    )
    answers = submission_queries.response_snapshot(submitted)["answers"]
    questions = queries.questions_of_part(row, part)
    no_reason = [] if reason.strip() else [("reason", "Give the reason for these findings.")]
    try:
        found = part_findings(questions, answers, _given(findings))
    except BadInputs as error:
        raise BadInputs([*error.problems, *no_reason]) from None
    if no_reason:
        raise BadInputs(no_reason)
    stated = {
        question: {"result": finding.result.value, "score": finding.score}
        for question, finding in found.items()
    }
    assessment = queries.assessment_of(submitted, part)
    before = None if assessment is None else _digest(assessment.findings, assessment.reason)
    if assessment is None:
        assessment = PartAssessment(response_id=submitted.id, part=part)
        db.session.add(assessment)
    assessment.assessor = actor.reference
    assessment.findings = stated
    assessment.reason = reason.strip()
    assessment.assessed_at = now
    db.session.flush()
    audit.record(
        actor,
        Event.PQQ_PART_ASSESSED,
        Subject("pqq_response", response),
        {"part": part, "sha256": _digest(stated, assessment.reason), "before_sha256": before},
        at=now,
        stream=competition_stream(row.reference),
    )
    return assessment


def _given(findings: Mapping[str, Mapping[str, Any]]) -> dict[str, Finding]:
    given: dict[str, Finding] = {}
    problems = []
    for question, finding in findings.items():
        try:
            given[question] = Finding(FindingResult(finding["result"]), finding.get("score"))
        except (KeyError, ValueError):
            problems.append((question, "A finding is pass, fail or noted."))
    if problems:
        raise BadInputs(problems)
    return given


def _digest(findings: Mapping[str, Any], reason: str) -> str:
    return sha256_hex({"findings": dict(findings), "reason": reason})


def propose_shortlist(
    actor: Actor, competition: str, *, reason: str = "", clock: Clock
) -> Decision:
    """The lead proposes the shortlist as it follows from the findings; a second person decides.

    Who passes is computed, never chosen. Raises IllegalTransition, naming what is missing, while a
    part of a response is not assessed.
    """
    now = clock.now()
    row = competition_queries.competition_for_change(competition)
    require(actor, Permission.EVALUATION_PROPOSE_SHORTLIST, competition_queries.facts(row, now))
    found = _complete_outcomes(row)
    return competition_services.open_decision(
        actor,
        row,
        SHORTLIST,
        payload={
            "outcomes_sha256": queries.outcomes_digest(found),
            "responses": len(found),
            "passed": sum(bool(outcome.passed_lots) for outcome in found),
        },
        reason=reason,
        clock=clock,
    )


def approve_shortlist(actor: Actor, decision: str, *, reason: str = "", clock: Clock) -> Decision:
    """A second person confirms the shortlist: bidders are admitted lot by lot, and are told.

    Each outcome is kept with its reasons, the funding proved goes with the admission, and the
    competition is shortlisted. `decision` is the reference of the proposal. Raises Conflict where
    it is decided already, or where the findings have changed since.
    """
    now = clock.now()
    taken = competition_services.take_up_decision(actor, decision, SHORTLIST, clock=clock)
    row = taken.competition
    found = _complete_outcomes(row)
    if queries.outcomes_digest(found) != taken.payload["outcomes_sha256"]:
        raise MoveRefused(
            "The findings have changed since the shortlist was proposed. Send it back, so that the "
            "lead looks at it again."
        )
    competition_services.close_decision(actor, taken, approved=True, reason=reason, clock=clock)
    _keep_outcomes(row, found, now)
    competition_services.record_admissions(
        actor,
        row,
        [
            (lot.lot, outcome.response.organisation.reference, outcome.funding_pence)
            for outcome in found
            for lot in outcome.passed_lots
        ],
        how="shortlist",
        at=now,
    )
    # Whoever responded is told that there is an outcome, in the same words whatever it is.
    tell(
        identity_queries.emails_of([o.response.organisation.reference for o in found]),
        row,
        "has an outcome of the selection for your organisation",
        at=now,
    )
    competition_services.advance_stage(
        actor,
        row,
        SHORTLIST,
        {"every_part_assessed": True},
        at=now,
        decision=taken,
        changes=dict(taken.payload),
    )
    return taken


def _complete_outcomes(competition: Competition) -> list[queries.ResponseOutcome]:
    found = queries.outcomes(competition)
    missing = [
        f"{outcome.response.organisation.name}: {', '.join(outcome.missing)}"
        for outcome in found
        if outcome.missing
    ]
    if missing:
        raise IllegalTransition(
            "These parts are not assessed yet: " + "; ".join(missing) + ". Assess them first."
        )
    return found


def _keep_outcomes(
    competition: Competition, found: list[queries.ResponseOutcome], now: datetime
) -> None:
    lots, _criteria = queries.lots_and_criteria(competition)
    ids = {lot.reference: lot.id for lot in lots}
    db.session.add_all(
        SelectionOutcome(
            response_id=outcome.response.id,
            lot_id=ids[lot.lot],
            passed=lot.passed,
            reasons=list(lot.reasons),
            decided_at=now,
        )
        for outcome in found
        for lot in outcome.lots
    )
    db.session.flush()
