"""The PQQ responses of all bidders, from the closing of the PQQ on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from commissioning.competition.models import Competition
from commissioning.identity.models import Organisation
from commissioning.infrastructure.database import db
from commissioning.kernel.errors import NotFound
from commissioning.kernel.stage import Stage
from commissioning.submission.domain.lifecycle import ResponseStatus
from commissioning.submission.models import SelectionResponse
from commissioning.submission.queries.reached import has_reached


def submitted_responses(*competitions: Competition) -> Sequence[SelectionResponse]:
    """The PQQ responses that were submitted, by bidder; none before the PQQ has closed."""
    closed = [row.id for row in competitions if has_reached(row, Stage.PQQ_CLOSED)]
    if not closed:
        return []
    return db.session.scalars(
        select(SelectionResponse)
        .join(SelectionResponse.organisation)
        .where(
            SelectionResponse.competition_id.in_(closed),
            SelectionResponse.status == ResponseStatus.SUBMITTED.value,
        )
        .options(joinedload(SelectionResponse.organisation))
        .order_by(Organisation.name, SelectionResponse.id)
    ).all()


def submitted_response(competition: Competition, reference: str) -> SelectionResponse:
    """One submitted PQQ response; NotFound before the PQQ has closed, or where there is none."""
    for response in submitted_responses(competition):
        if response.reference == reference:
            return response
    raise NotFound


def response_snapshot(response: SelectionResponse) -> dict[str, Any]:
    """What was submitted, which the bidder's later changes do not touch.

    {"reference", "competition", "bidder", "answers": {question: text}, "lots": [reference],
    "proved_funding_pence", "funding_source"}. NotFound for a response that is not submitted.
    """
    if response.status != ResponseStatus.SUBMITTED.value or response.snapshot is None:
        raise NotFound
    snapshot: dict[str, Any] = json.loads(response.snapshot)
    return snapshot
