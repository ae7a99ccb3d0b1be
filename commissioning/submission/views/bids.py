"""A bidder's lots, and the tasks of one bid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from commissioning.competition import queries as competitions
from commissioning.competition.domain.timetable import TimetableEvent
from commissioning.competition.models import Lot
from commissioning.identity import queries as identities
from commissioning.kernel.errors import NotFound
from commissioning.kernel.stage import Stage
from commissioning.permissions import Permission, may
from commissioning.submission import queries, services
from commissioning.submission.domain.completeness import Question, word_count
from commissioning.submission.domain.lifecycle import BidStatus
from commissioning.submission.models import LateBid
from commissioning.submission.views.frame import (
    BidFrame,
    bid_frame,
    blueprint,
    own_organisation,
)
from commissioning.web.access import clock, current_actor, requires

READ = Permission.SUBMISSION_READ_OWN_BID


@dataclass(frozen=True, slots=True)
class LotLine:
    """A lot that the bidder may bid for, and where its own bid stands."""

    lot: Lot
    status: str
    submitted_at: datetime | None
    late: LateBid | None


@dataclass(frozen=True, slots=True)
class AnswerTask:
    """A question of the bid, with how many words and files its answer has."""

    question: Question
    words: int
    files: int

    @property
    def status(self) -> str:
        return "Completed" if self.words else "Not started"


def shown(template: str, frame: BidFrame, **more: Any) -> str:
    return render_template(f"submission/{template}.html", frame=frame, **more)


def answer_tasks(frame: BidFrame) -> list[AnswerTask]:
    quality = frame.own.quality
    return [
        AnswerTask(
            question,
            word_count(frame.own.answers.get(question.reference, "")),
            len(quality.files_for(question.reference)) if quality is not None else 0,
        )
        for question in queries.bid_questions(frame.competition)
    ]


@blueprint.get("/competitions/<string:reference>/bids")
@requires(READ)
def bids(reference: str) -> str:
    actor, organisation, now = current_actor(), own_organisation(), clock().now()
    competition = competitions.competition_by_reference(reference)
    queries.require_own(actor, READ, competition, organisation)
    admissions = competitions.admissions_of(competition, organisation)
    if not admissions:
        raise NotFound
    deadline = competitions.deadline_of(competition, TimetableEvent.ITN_DEADLINE)
    has_begun = queries.has_reached(competition, Stage.ITN_OPEN)
    is_open = (
        competition.stage == Stage.ITN_OPEN.value
        and deadline is not None
        and now < deadline.instant_utc
    )
    bidder = identities.organisation_by_reference(organisation)
    own = {bid.lot_id: bid for bid in queries.own_bids(bidder, competition)}
    late = queries.own_late_bids(bidder, competition)
    lines = [
        LotLine(
            admission.lot,
            own[admission.lot_id].status if admission.lot_id in own else "not started",
            own[admission.lot_id].submitted_at if admission.lot_id in own else None,
            late.get(own[admission.lot_id].id) if admission.lot_id in own else None,
        )
        for admission in admissions
    ]
    return render_template(
        "submission/bids.html",
        competition=competition,
        may_ask_for_help=may(
            actor,
            Permission.SUBMISSION_ASK_FOR_HELP,
            competitions.facts(competition, now, organisation=organisation, is_admitted=True),
        ),
        unconfirmed=queries.own_unconfirmed(bidder, competition) if is_open else [],
        lapsed=[line.lot for line in lines if line.status == BidStatus.LAPSED.value],
        lines=lines,
        deadline=deadline,
        has_begun=has_begun,
        is_open=is_open,
        moved_from=competitions.moved_from(competition, TimetableEvent.ITN_DEADLINE),
        has_result=queries.has_reached(competition, Stage.PREFERRED_BIDDERS),
        proved_funding_pence=admissions[0].proved_funding_pence,
    )


@blueprint.get("/competitions/<string:reference>/bids/<string:lot>")
@requires(READ)
def bid(reference: str, lot: str) -> ResponseReturnValue:
    frame = bid_frame(reference, lot)
    return shown(
        "bid",
        frame,
        tasks=answer_tasks(frame),
        gaps=services.completeness(frame.own),
        withdrawals=queries.withdrawals_of(frame.own.bid) if frame.own.bid is not None else [],
        price_pence=evaluated_price(frame),
    )


def evaluated_price(frame: BidFrame) -> int | None:
    """The evaluated price of the drafted schedule, in pence; None without one."""
    if frame.own.price is None:
        return None
    return queries.evaluated_price(frame.competition, frame.own.price)
