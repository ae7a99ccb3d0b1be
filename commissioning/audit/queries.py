"""Reading the trail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import ColumnElement, Select, func, select

from commissioning.audit.domain.chain import Link, instant_text
from commissioning.audit.domain.events import Event
from commissioning.audit.models import AuditEvent, AuditStream
from commissioning.infrastructure.database import db


def _as_link(row: AuditEvent) -> Link:
    return Link(
        stream=row.stream,
        position=row.position,
        at=instant_text(row.at),
        actor=row.actor,
        event=row.event,
        subject_type=row.subject_type,
        subject=row.subject,
        changes=row.changes,
        previous_hash=row.previous_hash,
        hash=row.hash,
    )


def links(stream: str | None = None) -> Iterator[Link]:
    """The events of a stream in order, or of all streams one after another."""
    statement = select(AuditEvent).order_by(AuditEvent.stream, AuditEvent.position)
    if stream is not None:
        statement = statement.where(AuditEvent.stream == stream)
    for row in db.session.scalars(statement.execution_options(yield_per=1000)):
        yield _as_link(row)


def heads(stream: str | None = None) -> dict[str, tuple[int, str]]:
    """Each stream's length and head hash."""
    statement = select(AuditStream)
    if stream is not None:
        statement = statement.where(AuditStream.name == stream)
    return {row.name: (row.length, row.head) for row in db.session.scalars(statement)}


def event_count(stream: str, *, only: Mapping[str, str] | None = None) -> int:
    """How many events a stream holds, or those of them that `page_of` gives for `only`."""
    asked = _asked(stream, only or {})
    return db.session.scalar(select(func.count()).select_from(AuditEvent).where(*asked)) or 0


def newest_first(stream: str) -> Select[tuple[AuditEvent]]:
    """A statement for the events of a stream, newest first, to be paged."""
    return (
        select(AuditEvent).where(AuditEvent.stream == stream).order_by(AuditEvent.position.desc())
    )


def page_of(
    stream: str,
    *,
    offset: int,
    limit: int,
    oldest_first: bool = False,
    only: Mapping[str, str] | None = None,
) -> Sequence[AuditEvent]:
    """One page of a stream's events, newest first unless told otherwise.

    `only` may name an "event" and an "actor": the page is then of theirs alone.
    """
    statement = newest_first(stream).where(*_asked(stream, only or {}))
    if oldest_first:
        statement = statement.order_by(None).order_by(AuditEvent.position)
    return db.session.scalars(statement.offset(offset).limit(limit)).all()


def sealed_competitions(organisation: str) -> list[str]:
    """The competitions in which an organisation has a sealed stream of its own acts."""
    ending = f":{organisation}"
    names = db.session.scalars(
        select(AuditStream.name)
        .where(AuditStream.name.startswith("sealed:"), AuditStream.name.endswith(ending))
        .order_by(AuditStream.name)
    )
    return [name.removeprefix("sealed:").removesuffix(ending) for name in names]


def heads_to_export(stream: str | None = None) -> dict[str, tuple[int, str]]:
    """The heads that may leave the platform: sealed streams only once they were disclosed.

    A sealed stream's length would count a bidder's submissions before the quality opening; its
    competition's chain says when it was disclosed.
    """
    found = heads(stream)
    disclosed = set(
        db.session.scalars(
            select(AuditEvent.subject).where(
                AuditEvent.event == Event.SEALED_STREAM_DISCLOSED.value
            )
        )
    )
    return {
        name: head
        for name, head in found.items()
        if not name.startswith("sealed:") or name in disclosed
    }


def events_and_actors(stream: str) -> tuple[list[str], list[str]]:
    """What happened in a stream, and who did it: each name once, by which to ask for a page."""
    found = db.session.execute(
        select(AuditEvent.event, AuditEvent.actor).where(AuditEvent.stream == stream).distinct()
    ).all()
    return sorted({event for event, _ in found}), sorted({actor for _, actor in found})


def _asked(stream: str, only: Mapping[str, str]) -> list[ColumnElement[bool]]:
    columns = {"event": AuditEvent.event, "actor": AuditEvent.actor}
    return [
        AuditEvent.stream == stream,
        *(column == only[name] for name, column in columns.items() if name in only),
    ]
