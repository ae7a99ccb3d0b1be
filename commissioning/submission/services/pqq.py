"""The answer to the PQQ: drafted, submitted, replaced and withdrawn until its deadline.

Its acts stand in the bidder's own sealed stream, so that nobody counts the responses before the
closing, and so that the streams which an opening discloses say no more than who answered the PQQ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from commissioning.audit import services as audit
from commissioning.audit.domain.chain import instant_text
from commissioning.audit.domain.events import Event, Subject, sealed_stream
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.canonical import canonical_json, sha256_hex
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, BadInputs, NotFound
from commissioning.kernel.lifecycle import advance
from commissioning.kernel.references import new_reference
from commissioning.permissions import Permission, require
from commissioning.submission import queries
from commissioning.submission.domain import completeness
from commissioning.submission.domain.lifecycle import RESPONSE_TABLE, ResponseStatus
from commissioning.submission.models import SelectionResponse
from commissioning.submission.services.standing import (
    Standing,
    for_pqq,
    is_too_late,
    late_sentence,
    own_standing,
    require_in_time,
)

SOURCE_WORDS = 300
"""Words that may say what proves the funding."""
_MOST_PENCE = 10**15


def save_response(
    actor: Actor,
    competition: str,
    organisation: str,
    *,
    answers: Mapping[str, str] | None = None,
    lots: Sequence[str] | None = None,
    proved_funding_pence: int | None = None,
    funding_source: str | None = None,
    clock: Clock,
) -> SelectionResponse:
    """A bidder drafts its answer to the PQQ until the deadline; what is not given stays.

    `answers` is {question: text}, `lots` the references of all lots applied for, the funding in
    pence. Raises BadInput(s) with the question, `lots`, `proved_funding_pence` or `funding_source`
    as the field; TooLate.
    """
    now = clock.now()
    standing = for_pqq(competition, organisation, now, lock=True)
    require_in_time(actor, Permission.SUBMISSION_WRITE_PQQ, standing)
    completeness.check_answers(answers or {}, queries.pqq_questions(standing.competition))
    _check_particulars(standing, lots, proved_funding_pence, funding_source)

    response = queries.own_response(standing.competition, standing.organisation)
    if response is None:
        response = SelectionResponse(
            reference=new_reference("PQQ"),
            competition=standing.competition,
            organisation=standing.organisation,
            status=ResponseStatus.DRAFT.value,
            answers={},
            lots=[],
            funding_source="",
        )
        db.session.add(response)
    if answers:
        response.answers = {**response.answers, **answers}
    if lots is not None:
        chosen = set(lots)
        response.lots = [
            lot.reference for lot in standing.competition.lots if lot.reference in chosen
        ]
    if proved_funding_pence is not None:
        response.proved_funding_pence = proved_funding_pence
    if funding_source is not None:
        response.funding_source = funding_source.strip()
    db.session.flush()
    audit.record(
        actor,
        Event.PQQ_RESPONSE_SAVED,
        Subject("pqq_response", response.reference),
        {"sha256": sha256_hex(content_of(response))},
        at=now,
        stream=sealed_stream(standing.competition.reference, standing.organisation.reference),
    )
    return response


def _check_particulars(
    standing: Standing,
    lots: Sequence[str] | None,
    proved_funding_pence: int | None,
    funding_source: str | None,
) -> None:
    problems = []
    known = {lot.reference for lot in standing.competition.lots}
    if lots is not None and set(lots) - known:
        raise BadInput("lots", "Choose lots of this competition.")
    if proved_funding_pence is not None and not 0 < proved_funding_pence <= _MOST_PENCE:
        problems.append(
            ("proved_funding_pence", "The funding that you can prove must be above £0, in pounds.")
        )
    words = completeness.word_count(funding_source or "")
    if words > SOURCE_WORDS:
        problems.append(
            ("funding_source", f"Say what proves the funding in {SOURCE_WORDS} words or fewer.")
        )
    if problems:
        raise BadInputs(problems)


def submit_response(
    actor: Actor,
    competition: str,
    organisation: str,
    *,
    received_at: datetime | None = None,
    clock: Clock,
) -> SelectionResponse:
    """The signatory submits the response, or replaces the one before; everything must be answered.

    What is received before the instant of the deadline is in time. What counts is kept as it was
    submitted, with its digest, whatever is drafted later. Raises TooLate, BadInputs with what is
    missing, NotFound before the first draft.
    """
    now = clock.now()
    received = now if received_at is None else min(received_at, now)
    standing = for_pqq(competition, organisation, received, lock=True)
    require_in_time(actor, Permission.SUBMISSION_SUBMIT_PQQ, standing)
    response = queries.own_response(standing.competition, standing.organisation)
    if response is None:
        raise NotFound
    gaps = gaps_of(response)
    if gaps:
        raise BadInputs([(gap.place, gap.sentence) for gap in gaps])
    move = advance(
        RESPONSE_TABLE, response.status, "pqq_response_submitted", {"is_complete": not gaps}
    )
    content = content_of(response)
    response.status = move.target.value
    response.submitted_at = received
    response.submitted_by = actor.reference
    response.snapshot = canonical_json(content).decode()
    response.snapshot_sha256 = sha256_hex(content)
    db.session.flush()
    audit.record(
        actor,
        Event.PQQ_RESPONSE_SUBMITTED,
        Subject("pqq_response", response.reference),
        {"sha256": response.snapshot_sha256, "received_at": instant_text(received)},
        at=now,
        stream=sealed_stream(standing.competition.reference, standing.organisation.reference),
    )
    return response


def withdraw_response(
    actor: Actor,
    competition: str,
    organisation: str,
    *,
    received_at: datetime | None = None,
    clock: Clock,
) -> SelectionResponse:
    """The signatory takes a submitted response back before the deadline; the draft stays.

    `received_at` is when the request had arrived, by default now: it decides, as for what is
    submitted. Raises TooLate, NotFound, IllegalTransition where nothing is submitted.
    """
    now = clock.now()
    received = now if received_at is None else min(received_at, now)
    standing = for_pqq(competition, organisation, received, lock=True)
    require_in_time(actor, Permission.SUBMISSION_SUBMIT_PQQ, standing)
    response = queries.own_response(standing.competition, standing.organisation)
    if response is None:
        raise NotFound
    response.status = advance(
        RESPONSE_TABLE, response.status, "pqq_response_withdrawn"
    ).target.value
    response.submitted_at = None
    response.submitted_by = None
    response.snapshot = None
    response.snapshot_sha256 = None
    db.session.flush()
    audit.record(
        actor,
        Event.PQQ_RESPONSE_WITHDRAWN,
        Subject("pqq_response", response.reference),
        {"received_at": instant_text(received)},
        at=now,
        stream=sealed_stream(standing.competition.reference, standing.organisation.reference),
    )
    return response


def pqq_refusal_if_late(
    actor: Actor, competition: str, organisation: str, *, received_at: datetime, clock: Clock
) -> str | None:
    """What arrives at the PQQ deadline or later is refused in a sentence, and recorded.

    None for what is in time, and for whoever could not have done it in time either.
    """
    now = clock.now()
    received = min(received_at, now)
    standing = for_pqq(competition, organisation, received, lock=True)
    require(actor, Permission.COMPETITION_READ_PUBLISHED, standing.facts)
    require(actor, Permission.SUBMISSION_READ_OWN_PQQ, standing.facts)
    if not is_too_late(actor, Permission.SUBMISSION_SUBMIT_PQQ, standing):
        return None
    audit.record(
        actor,
        Event.SUBMISSION_REFUSED_AS_LATE,
        Subject("competition", standing.competition.reference),
        {"received_at": instant_text(received)},
        at=now,
        stream=sealed_stream(standing.competition.reference, standing.organisation.reference),
    )
    return late_sentence(standing)


def read_own_response(
    actor: Actor, competition: str, organisation: str, *, at: datetime
) -> tuple[Standing, SelectionResponse | None]:
    """A bidder's own people read its response at any time; Forbidden for anybody else.

    Returns where the bidder stands at the instant `at`, and the response if one is begun.
    """
    standing = own_standing(actor, competition, organisation, at=at)
    return standing, queries.own_response(standing.competition, standing.organisation)


def gaps_of(response: SelectionResponse) -> tuple[completeness.Gap, ...]:
    """What a response lacks before it can be submitted."""
    return completeness.response_gaps(
        response.answers,
        queries.pqq_questions(response.competition),
        lots=response.lots,
        proved_funding_pence=response.proved_funding_pence,
        funding_source=response.funding_source,
    )


def has_changed_since(response: SelectionResponse) -> bool:
    """Whether the draft differs from what was submitted and counts now."""
    return response.snapshot_sha256 is not None and response.snapshot_sha256 != sha256_hex(
        content_of(response)
    )


def content_of(response: SelectionResponse) -> dict[str, object]:
    """The response as it would be submitted now."""
    return {
        "reference": response.reference,
        "competition": response.competition.reference,
        "bidder": response.organisation.reference,
        "answers": dict(response.answers),
        "lots": list(response.lots),
        "proved_funding_pence": response.proved_funding_pence,
        "funding_source": response.funding_source,
    }
