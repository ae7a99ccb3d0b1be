"""What everybody may read of a competition, from the issue of its PQQ on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue

from commissioning.competition import queries
from commissioning.competition.domain import outages
from commissioning.competition.domain.changes import MINIMUMS
from commissioning.competition.domain.timetable import TimetableEvent
from commissioning.competition.models import Competition
from commissioning.competition.views import onward, tables
from commissioning.competition.views.asked import asked_in_itn, asked_in_pqq
from commissioning.competition.views.changes import published_rows
from commissioning.competition.views.documents import PARTS
from commissioning.competition.views.frame import Frame, blueprint, shown
from commissioning.competition.views.rules import award_in_words, in_words
from commissioning.kernel.actor import SYSTEM
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.downloads import attachment
from commissioning.web.filters import moment, moment_exact

_DEADLINES = (TimetableEvent.PQQ_DEADLINE, TimetableEvent.ITN_DEADLINE)


def _frame(reference: str) -> Frame:
    now = clock().now()
    competition = queries.published_competition(current_actor(), reference, now=now)
    return Frame(competition, queries.facts(competition, now))


@blueprint.get("/<string:reference>/published")
@requires(Permission.COMPETITION_READ_PUBLISHED)
def published(reference: str) -> ResponseReturnValue:
    frame = _frame(reference)
    competition = frame.competition
    queries.frozen_notice(competition)  # refuses a text that is not the one published
    model = queries.evaluation_model(competition)
    has_itn = competition.model_sha256 is not None
    frozen = _frozen_at(competition)
    issued = queries.issued_parts(competition)
    return shown(
        "published",
        frame,
        lot_headers=tables.lot_headers(competition, public=True),
        lot_rows=tables.lot_rows(competition, public=True),
        tiles=tables.tiles(competition),
        criterion_rows=[
            row if has_itn else row[:3] for row in tables.criterion_rows(competition.criteria)
        ],
        # The notice fixes the limits and the award rule; scale and price follow with the ITN.
        words=in_words(model) if has_itn else award_in_words(model),
        descriptors=model.descriptors if has_itn else (),
        has_itn=has_itn,
        dates=tables.date_rows(queries.current_timetable(competition)),
        history=_deadline_history(competition, frozen["notice"]),
        asked_in_pqq=asked_in_pqq(competition),
        asked_in_itn=asked_in_itn(competition),
        documents=[row for part in issued for row in queries.documents_of(competition, part)],
        parts=PARTS,
        frozen=frozen,
        termination=queries.termination_of(competition),
        pages=onward.pages_for(
            current_actor(), competition, clock().now(), side=onward.Side.BIDDER
        ),
        deadline=queries.open_deadline(competition),
        is_team=frame.may(Permission.COMPETITION_READ),
        changes=published_rows(competition),
        minimum=MINIMUMS[frame.regime] if has_itn else None,
        if_it_fails=outages.in_words(),
    )


@blueprint.get("/<string:reference>/notice.json")
@requires(Permission.COMPETITION_READ_PUBLISHED)
def notice_json(reference: str) -> Response:
    """The notice exactly as it was frozen, byte by byte."""
    competition = _frame(reference).competition
    queries.frozen_notice(competition)  # refuses a text that is not the one published
    return _frozen_text(competition.notice, f"{reference}-notice.json")


@blueprint.get("/<string:reference>/model.json")
@requires(Permission.COMPETITION_READ_PUBLISHED)
def model_json(reference: str) -> Response:
    """The evaluation model exactly as it was frozen, byte by byte."""
    competition = _frame(reference).competition
    queries.frozen_model(competition)  # the same
    return _frozen_text(competition.model, f"{reference}-model.json")


def _frozen_text(text: str | None, name: str) -> Response:
    if text is None:
        raise NotFound
    return attachment(text.encode("utf-8"), name, "application/json; charset=utf-8")


def _frozen_at(competition: Competition) -> dict[str, datetime | None]:
    """When each of the two freezes happened: at the approval of its issue."""
    approved = {
        decision.event: decision.decided_at
        for decision in queries.decisions_of(competition)
        if decision.status == "approved"
    }
    return {"notice": approved.get("pqq_issued"), "model": approved.get("itn_issued")}


def _deadline_history(competition: Competition, since: datetime | None) -> list[list[Any]]:
    """Every version of a deadline that the public was told; drafts before the notice were not."""
    rows = []
    for entry in queries.timetable_history(competition):
        event = TimetableEvent(entry.event)
        was_told = entry.superseded_at is None or since is None or entry.superseded_at > since
        if event in _DEADLINES and was_told:
            until = entry.superseded_at
            by_itself = entry.set_by == SYSTEM.reference
            rows.append(
                [
                    event.label + (", moved because the service failed" if by_itself else ""),
                    moment(entry.instant, entry.zone),
                    moment_exact(max(entry.set_at, since) if since else entry.set_at),
                    "Holds" if until is None else f"Replaced {moment_exact(until)}",
                ]
            )
    return rows
