"""Writing the trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from commissioning.audit.domain.chain import GENESIS, instant_text, link_hash
from commissioning.audit.domain.events import PLATFORM_STREAM, Event, Subject
from commissioning.audit.models import AuditEvent, AuditStream
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor

_HEAD = select(AuditStream).where(AuditStream.name == bindparam("stream")).with_for_update()


def record(
    actor: Actor,
    event: Event,
    subject: Subject,
    changes: dict[str, Any],
    *,
    at: datetime,
    stream: str = PLATFORM_STREAM,
) -> AuditEvent:
    """Every act leaves one event in its stream's chain, in the transaction of the act itself.

    `changes` is JSON without floats, and holds digests in place of content. `at` is the business
    instant of the act. The stream's row is locked, so that two acts never take one position.
    """
    head = db.session.scalar(_HEAD, {"stream": stream})
    if head is None:
        head = AuditStream(name=stream, length=0, head=GENESIS)
        db.session.add(head)
        db.session.flush()
    position = head.length + 1
    written_at = instant_text(at)
    digest = link_hash(
        stream=stream,
        position=position,
        at=written_at,
        actor=actor.reference,
        event=event.value,
        subject_type=subject.type,
        subject=subject.reference,
        changes=changes,
        previous_hash=head.head,
    )
    row = AuditEvent(
        stream=stream,
        position=position,
        at=at,
        actor=actor.reference,
        event=event.value,
        subject_type=subject.type,
        subject=subject.reference,
        changes=changes,
        previous_hash=head.head,
        hash=digest,
    )
    db.session.add(row)
    head.length = position
    head.head = digest
    return row
