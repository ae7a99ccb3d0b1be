"""Reading when a competition came to its stages."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from commissioning.audit.domain.events import competition_stream
from commissioning.audit.models import AuditEvent
from commissioning.competition.domain.lifecycle import TABLE
from commissioning.competition.models import Competition
from commissioning.infrastructure.database import db
from commissioning.kernel.stage import Stage


def stage_times(competition: Competition) -> dict[Stage, datetime]:
    """When the competition last came to each stage that it has been at, as its trail says."""
    moves = {row.event: row.target for row in TABLE.transitions}
    times = {Stage.DRAFT: competition.created_at}
    rows = db.session.execute(
        select(AuditEvent.event, AuditEvent.at)
        .where(
            AuditEvent.stream == competition_stream(competition.reference),
            AuditEvent.event.in_(moves),
        )
        .order_by(AuditEvent.position)
    )
    for event, at in rows:
        times[Stage(moves[event])] = at
    return times
