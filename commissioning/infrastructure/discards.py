"""Documents that nobody needs any more: named in the transaction of the act, deleted after it.

A store cannot take part in a rollback. What is to go is therefore a row first, and the bytes go
once that row is committed; a crash in between leaves the row, and the next look tries again.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from commissioning.infrastructure import documents
from commissioning.infrastructure.database import Base, UtcDateTime, db


class DiscardedDocument(Base):
    """A document of the store that is to be deleted."""

    __tablename__ = "discarded_document"

    id: Mapped[int] = mapped_column(primary_key=True)
    store_key: Mapped[str] = mapped_column(String(32), unique=True)
    discarded_at: Mapped[datetime] = mapped_column(UtcDateTime)


def discard(store_key: str, *, at: datetime) -> None:
    """Say that a document is to be deleted; it stays if the transaction does not commit."""
    db.session.add(DiscardedDocument(store_key=store_key, discarded_at=at))


def delete_discarded() -> int:
    """Delete what was discarded in transactions that are committed; returns how many documents.

    Begins its own transaction, which its caller commits. Raises RuntimeError inside another.
    """
    if db.session().in_transaction():
        raise RuntimeError("Documents are deleted after the commit of what discarded them.")
    rows = db.session.scalars(
        select(DiscardedDocument)
        .order_by(DiscardedDocument.id)
        .with_for_update(skip_locked=True)  # two servers may look at once
    ).all()
    for row in rows:
        documents.store().delete(row.store_key)
        db.session.delete(row)
    return len(rows)
