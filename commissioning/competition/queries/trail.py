"""Reading the trail of a competition, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commissioning.audit import queries as audit
from commissioning.audit.models import AuditEvent
from commissioning.infrastructure.database import db


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One event of the trail: when, by whom, of what, what it changed, and its hash."""

    position: int
    at: datetime
    actor: str
    event: str
    subject_type: str
    subject: str
    changes: dict[str, Any]
    hash: str


def page_of(stream: str, *, offset: int, limit: int, oldest_first: bool = False) -> list[TrailLine]:
    """The events of one page of a stream, newest first unless asked otherwise."""
    statement = audit.newest_first(stream)
    if oldest_first:
        statement = statement.order_by(None).order_by(AuditEvent.position)
    return [
        TrailLine(
            position=row.position,
            at=row.at,
            actor=row.actor,
            event=row.event,
            subject_type=row.subject_type,
            subject=row.subject,
            changes=row.changes,
            hash=row.hash,
        )
        for row in db.session.scalars(statement.offset(offset).limit(limit))
    ]
