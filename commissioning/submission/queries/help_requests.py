"""Requests for help: the bidder's own at any time, all of a competition for its duty officers.

The auditor reads them from the closing of the ITN on; nobody else of the authority does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from commissioning.competition import queries as competitions
from commissioning.competition.models import Competition
from commissioning.identity.models import Organisation
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor, Role
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission, has_conflict, may, require
from commissioning.submission.domain.help_requests import Pending, in_turn, is_urgent
from commissioning.submission.models import HelpRequest


def on_duty(competition: Competition, now: datetime) -> list[str]:
    """The addresses of the duty officers whom no declared interest keeps out."""
    facts = competitions.facts(competition, now)
    return [
        member.email
        for member in competitions.team(competition)
        if member.is_active
        and Role.DUTY_OFFICER in member.roles
        and not has_conflict(member.reference, facts)
    ]


def own_help_requests(organisation: Organisation, competition: Competition) -> list[HelpRequest]:
    """What a bidder's own people asked in a competition, newest first."""
    return list(
        db.session.scalars(
            _requests(competition)
            .where(HelpRequest.organisation_id == organisation.id)
            .order_by(HelpRequest.id.desc())
        )
    )


def help_request_by_key(organisation: Organisation, idempotency_key: str) -> HelpRequest | None:
    """What a bidder asked with this key of a page."""
    return db.session.scalar(
        select(HelpRequest).where(
            HelpRequest.organisation_id == organisation.id,
            HelpRequest.idempotency_key == idempotency_key,
        )
    )


def help_requests(
    actor: Actor, competition: Competition, *, now: datetime
) -> list[tuple[HelpRequest, bool]]:
    """Every request of a competition with whether it is urgent, in turn.

    Raises Forbidden for everybody but its duty officers and, from the closing on, the auditor.
    """
    require(actor, Permission.SUBMISSION_READ_HELP, competitions.facts(competition, now))
    return _in_turn(db.session.scalars(_requests(competition)).all(), now)


def waiting_help_requests(actor: Actor, now: datetime) -> list[tuple[HelpRequest, bool]]:
    """The unanswered requests of every competition whose duty officer the actor is, in turn."""
    mine = competitions.competitions_for(actor)
    facts = competitions.facts_of_each(mine, now)
    answered_for = [
        row for row in mine if may(actor, Permission.SUBMISSION_ANSWER_HELP, facts[row.id])
    ]
    if not answered_for:
        return []
    waiting = _requests(*answered_for).where(HelpRequest.answered_at.is_(None))
    return _in_turn(db.session.scalars(waiting).all(), now)


def readable_help_request(actor: Actor, reference: str, *, now: datetime) -> HelpRequest:
    """One request, for its duty officers and the auditor; NotFound, or Forbidden, otherwise."""
    found = help_request_by_reference(reference)
    facts = competitions.facts(found.competition, now)
    require(actor, Permission.SUBMISSION_READ_HELP, facts)
    return found


def help_request_by_reference(reference: str, *, lock: bool = False) -> HelpRequest:
    """One request; NotFound where there is none. It looks at no role."""
    statement = select(HelpRequest).where(HelpRequest.reference == reference)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = db.session.scalar(statement)
    if found is None:
        raise NotFound
    return found


def deadline_for_help(competition: Competition) -> datetime | None:
    """The deadline by which a request is sorted: of the open stage, or of the one just closed."""
    found = competitions.open_deadline(competition) or competitions.closed_deadline(competition)
    return None if found is None else found.instant_utc


def _requests(*competitions: Competition) -> Select[tuple[HelpRequest]]:
    return (
        select(HelpRequest)
        .options(
            joinedload(HelpRequest.competition).selectinload(Competition.timetable),
            joinedload(HelpRequest.organisation),
            joinedload(HelpRequest.lot),
        )
        .where(HelpRequest.competition_id.in_([row.id for row in competitions]))
        .order_by(HelpRequest.id)
    )


def _in_turn(rows: Sequence[HelpRequest], now: datetime) -> list[tuple[HelpRequest, bool]]:
    by_reference = {row.reference: row for row in rows}
    pending = [
        Pending(
            row.reference,
            row.asked_at,
            deadline_for_help(row.competition),
            row.answered_at is not None,
        )
        for row in rows
    ]
    return [(by_reference[one.reference], is_urgent(one, now)) for one in in_turn(pending, now)]
