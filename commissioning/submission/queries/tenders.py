"""A bidder's own tenders, over all authorities."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Select, select

from commissioning.competition import queries as competitions
from commissioning.competition.domain.timetable import Deadline, TimetableEvent
from commissioning.competition.models import Admission, Competition
from commissioning.identity import queries as identities
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.stage import Stage
from commissioning.permissions import Facts, Permission, require
from commissioning.submission.domain.lifecycle import BidStatus, ResponseStatus
from commissioning.submission.models import Bid, SelectionResponse
from commissioning.submission.queries.reached import has_reached


@dataclass(frozen=True, slots=True)
class Tender:
    """A competition as one bidder has to do with it.

    `response` is the status of its PQQ response, or None; the lots are counted.
    """

    competition: Competition
    response: str | None
    lots_admitted: int
    lots_submitted: int
    pqq_deadline: Deadline | None
    itn_deadline: Deadline | None

    @property
    def stage(self) -> Stage:
        """Where the competition stands."""
        return Stage(self.competition.stage)

    @property
    def has_result(self) -> bool:
        """Whether preferred bidders are announced, so that a bidder can read what became of it."""
        return has_reached(self.competition, Stage.PREFERRED_BIDDERS)

    @property
    def has_outcome(self) -> bool:
        """Whether the shortlist is confirmed, so that whoever responded can read its outcome."""
        return self.response == ResponseStatus.SUBMITTED.value and has_reached(
            self.competition, Stage.SHORTLISTED
        )

    @property
    def has_pqq(self) -> bool:
        """Whether there is a PQQ to answer, or an answer to read."""
        return self.response is not None or (
            self.pqq_deadline is not None and self.stage is Stage.PQQ_OPEN
        )


def tenders_of(actor: Actor, organisation: str) -> list[Tender]:
    """The published competitions with which a bidder has to do, newest notice first.

    Those whose PQQ is open to it, those that it answered, and those in which it may bid. Raises
    Forbidden for people of any other organisation.
    """
    require(actor, Permission.SUBMISSION_READ_OWN_PQQ, Facts(organisation=organisation))
    bidder = identities.organisation_by_reference(organisation)
    responses = _responses(bidder.id)
    admitted = _count(
        select(Admission.competition_id).where(Admission.organisation_id == bidder.id)
    )
    submitted = _count(
        select(Bid.competition_id).where(
            Bid.organisation_id == bidder.id, Bid.status == BidStatus.SUBMITTED.value
        )
    )
    lines = [
        Tender(
            row,
            responses.get(row.id),
            admitted[row.id],
            submitted[row.id],
            competitions.deadline_of(row, TimetableEvent.PQQ_DEADLINE),
            competitions.deadline_of(row, TimetableEvent.ITN_DEADLINE),
        )
        for row in competitions.published_competitions()
    ]
    return [line for line in lines if line.has_pqq or line.lots_admitted]


def _responses(bidder: int) -> dict[int, str]:
    rows = db.session.execute(
        select(SelectionResponse.competition_id, SelectionResponse.status).where(
            SelectionResponse.organisation_id == bidder
        )
    )
    return dict(rows.tuples().all())


def _count(statement: Select[tuple[int]]) -> Counter[int]:
    return Counter(db.session.scalars(statement))
