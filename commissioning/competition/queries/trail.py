"""Reading the trail of a competition, page by page."""

from __future__ import annotations

from collections.abc import Sequence

from commissioning.audit import queries as audit
from commissioning.audit.models import AuditEvent
from commissioning.infrastructure.database import db


def page_of(
    stream: str, *, offset: int, limit: int, oldest_first: bool = False
) -> Sequence[AuditEvent]:
    """The events of one page of a stream, newest first unless asked otherwise."""
    statement = audit.newest_first(stream)
    if oldest_first:
        statement = statement.order_by(None).order_by(AuditEvent.position)
    return db.session.scalars(statement.offset(offset).limit(limit)).all()
