"""Selection: which parts are assessed, and for which lots each response passes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from commissioning.competition import queries as competition_queries
from commissioning.competition.domain.selection_rules import (
    Finding,
    FindingResult,
    LotAskedFor,
    LotOutcome,
    Question,
    QuestionKind,
    question_with_rule,
    selection_outcome,
)
from commissioning.competition.models import Competition, Lot, SelectionQuestion
from commissioning.evaluation.models import PartAssessment, PartAssignment, SelectionOutcome
from commissioning.identity.models import Organisation
from commissioning.infrastructure.database import db
from commissioning.kernel.canonical import sha256_hex
from commissioning.kernel.errors import NotFound
from commissioning.submission import queries as submission_queries
from commissioning.submission.models import SelectionResponse


def parts_of(competition: Competition) -> list[str]:
    """The parts of the PQQ, in the order in which their questions stand."""
    return list(dict.fromkeys(row.part for row in competition.questions))


def parts_of_each(*competitions: Competition) -> dict[int, list[str]]:
    """The parts of each PQQ, in the order in which their questions stand."""
    found: dict[int, dict[str, None]] = {row.id: {} for row in competitions}
    for competition, part in db.session.execute(
        select(SelectionQuestion.competition_id, SelectionQuestion.part)
        .where(SelectionQuestion.competition_id.in_(found))
        .order_by(SelectionQuestion.position)
    ):
        found[competition][part] = None
    return {competition: list(parts) for competition, parts in found.items()}


def questions_of_part(competition: Competition, part: str) -> tuple[Question, ...]:
    """The questions of one part with their rules; NotFound where the PQQ has no such part."""
    found = tuple(
        question_with_rule(row.reference, QuestionKind(row.kind), row.question, row.rule)
        for row in competition.questions
        if row.part == part
    )
    if not found:
        raise NotFound
    return found


def response_by_reference(reference: str) -> SelectionResponse:
    """A submitted response, once the PQQ is closed; NotFound before, and for a draft."""
    found = db.session.scalar(
        select(SelectionResponse)
        .where(SelectionResponse.reference == reference)
        .options(
            joinedload(SelectionResponse.competition), joinedload(SelectionResponse.organisation)
        )
    )
    if found is None:
        raise NotFound
    return submission_queries.submitted_response(found.competition, reference)


def assessors_of(competition: Competition) -> dict[str, list[PartAssignment]]:
    """Who was given which part of the PQQ."""
    return assessors_of_each(competition)[competition.id]


def assessors_of_each(*competitions: Competition) -> dict[int, dict[str, list[PartAssignment]]]:
    """Who was given which part of the PQQ, by competition."""
    found: dict[int, dict[str, list[PartAssignment]]] = {row.id: {} for row in competitions}
    for row in db.session.scalars(
        select(PartAssignment)
        .where(PartAssignment.competition_id.in_(found))
        .order_by(PartAssignment.id)
    ):
        found[row.competition_id].setdefault(row.part, []).append(row)
    return found


def has_part(competition: Competition, part: str, person: str) -> bool:
    """Whether a person was given a part of the PQQ."""
    return any(row.assessor == person for row in assessors_of(competition).get(part, []))


def assessment_of(response: SelectionResponse, part: str) -> PartAssessment | None:
    """What was found on one part of one response."""
    return db.session.scalar(
        select(PartAssessment).where(
            PartAssessment.response_id == response.id, PartAssessment.part == part
        )
    )


def assessments_in(*competitions: Competition) -> dict[int, dict[str, PartAssessment]]:
    """What was found, by the id of the response and by part."""
    found: dict[int, dict[str, PartAssessment]] = {}
    for row in db.session.scalars(
        select(PartAssessment)
        .join(PartAssessment.response)
        .where(SelectionResponse.competition_id.in_([row.id for row in competitions]))
    ):
        found.setdefault(row.response_id, {})[row.part] = row
    return found


@dataclass(frozen=True, slots=True)
class ResponseOutcome:
    """What selection comes to for one response.

    `missing` names the parts that are not assessed; while there are some, `lots` is empty.
    """

    response: SelectionResponse
    assessments: Mapping[str, PartAssessment]
    missing: tuple[str, ...]
    lots: tuple[LotOutcome, ...]
    funding_pence: int

    @property
    def passed_lots(self) -> tuple[LotOutcome, ...]:
        """The lots for which the bidder goes on."""
        return tuple(lot for lot in self.lots if lot.passed)


def outcomes(competition: Competition) -> list[ResponseOutcome]:
    """What selection comes to for every submitted response, by name of the bidder.

    Computed anew from the findings and the published rules, in a fixed number of queries.
    """
    rules = competition_queries.selection_rules(competition)
    parts = parts_of(competition)
    values = {
        row.reference: row.annual_value_pence
        for row in db.session.scalars(select(Lot).where(Lot.competition_id == competition.id))
    }
    found = assessments_in(competition)
    outcomes = []
    for response in submission_queries.submitted_responses(competition):
        snapshot = submission_queries.response_snapshot(response)
        assessed = found.get(response.id, {})
        missing = tuple(part for part in parts if part not in assessed)
        funding = snapshot["proved_funding_pence"] or 0
        lots = [LotAskedFor(lot, values[lot]) for lot in snapshot["lots"] if lot in values]
        outcomes.append(
            ResponseOutcome(
                response,
                assessed,
                missing,
                () if missing else selection_outcome(rules, _findings(assessed), funding, lots),
                funding,
            )
        )
    return outcomes


def _findings(assessed: Mapping[str, PartAssessment]) -> dict[str, Finding]:
    return {
        question: Finding(FindingResult(finding["result"]), finding["score"])
        for assessment in assessed.values()
        for question, finding in assessment.findings.items()
    }


def outcomes_digest(found: list[ResponseOutcome]) -> str:
    """The SHA-256 of a set of outcomes, so that what is approved is what was proposed."""
    stated: list[dict[str, Any]] = [
        {
            "response": outcome.response.reference,
            "snapshot_sha256": outcome.response.snapshot_sha256,
            "missing": list(outcome.missing),
            "lots": [
                {"lot": lot.lot, "passed": lot.passed, "reasons": list(lot.reasons)}
                for lot in outcome.lots
            ],
        }
        for outcome in found
    ]
    return sha256_hex(stated)


def outcome_rows_of(competition: Competition, organisation: Organisation) -> list[SelectionOutcome]:
    """What the shortlist decided for one bidder, lot by lot; empty before the decision."""
    return list(
        db.session.scalars(
            select(SelectionOutcome)
            .join(SelectionOutcome.response)
            .join(SelectionOutcome.lot)
            .where(
                SelectionResponse.competition_id == competition.id,
                SelectionResponse.organisation_id == organisation.id,
            )
            .options(joinedload(SelectionOutcome.lot))
            .order_by(Lot.position)
        )
    )
