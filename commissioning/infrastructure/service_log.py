"""When the service ran and when it failed, as rows.

While all is well one row grows: it says since when and until when. An outage is a row of its own,
written once and never changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from commissioning.infrastructure import documents
from commissioning.infrastructure.database import Base, UtcDateTime, db

PERSON = "person"
"""The source of an outage that somebody entered."""

STORE = "The store of documents took nothing in."


class ServiceRun(Base):
    """One span in which the service was seen to work, from its first sign of life to its last.

    `failed_at` is the first probe since then that failed, and `failure` what it found.
    """

    __tablename__ = "service_run"
    __table_args__ = (CheckConstraint("seen_at >= started_at", name="forward"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failure: Mapped[str] = mapped_column(Text, default="")


class OutageRow(Base):
    """The service failed between two instants: as it was found, or as somebody entered it.

    `source` is "silence" (no sign of life), "probe" (one that failed) or "person".
    """

    __tablename__ = "outage"
    __table_args__ = (
        CheckConstraint("ended_at > started_at", name="forward"),
        CheckConstraint("source IN ('silence', 'probe', 'person')", name="source"),
        CheckConstraint("source <> 'person' OR reason <> ''", name="entered_with_a_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    source: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text)
    recorded_by: Mapped[str] = mapped_column(String(40))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


def last_run(*, lock: bool = False) -> ServiceRun | None:
    """The newest span in which the service worked, or works."""
    statement = select(ServiceRun).order_by(ServiceRun.id.desc()).limit(1)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(statement)


def outages_seen_since(instant: datetime) -> Sequence[OutageRow]:
    """What the service itself saw and ended after an instant, in the order in which it began."""
    return db.session.scalars(
        select(OutageRow)
        .where(OutageRow.ended_at > instant, OutageRow.source != PERSON)
        .order_by(OutageRow.started_at, OutageRow.id)
    ).all()


def last_outages(count: int) -> Sequence[OutageRow]:
    """The outages that are newest on record."""
    return db.session.scalars(
        select(OutageRow).order_by(OutageRow.started_at.desc(), OutageRow.id.desc()).limit(count)
    ).all()


def takes_documents() -> bool:
    """Whether the store of documents takes something in and gives it back."""
    try:
        key = documents.store().put([b"probe"])
        is_whole = b"".join(documents.store().read(key)) == b"probe"
        documents.store().delete(key)
    except (OSError, KeyError):
        return False
    return is_whole
