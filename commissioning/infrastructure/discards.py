"""Documents that nobody needs any more: named in the transaction of the act, deleted after it.

A store cannot take part in a rollback. What is to go is therefore a row first, and the bytes go
once that row is committed; a crash in between leaves the row, and the next look tries again. What a
crash leaves in the store before any row names it is an orphan, and is set aside a day later: never
deleted, because an older copy of the database knows nothing of newer documents.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import String, select, union_all
from sqlalchemy.orm import Mapped, mapped_column

from commissioning.infrastructure import documents
from commissioning.infrastructure.database import Base, UtcDateTime, db

OLDEST_ORPHAN = timedelta(hours=24)
"""Far longer than a request may take between the store and its commit."""


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


class NotItsStore(Exception):
    """No row names any document of the store: it is hardly the store of this database."""


def set_aside_orphans(*, real_now: datetime) -> int:
    """Set documents aside, older than a day, that no row names; returns how many.

    Every column called `store_key` names documents. Reads only what is committed. Raises
    NotItsStore, with nothing moved, where the database names none of what is there.
    """
    found = set(documents.store().keys_before(real_now - OLDEST_ORPHAN))
    named = union_all(
        *(
            select(table.c.store_key)
            for table in Base.metadata.sorted_tables
            if "store_key" in table.c
        )
    )
    orphans = found - set(db.session.scalars(named))
    if found and orphans == found:
        raise NotItsStore(
            f"None of the {len(found)} documents that are older than a day is named in the "
            "database. Nothing was moved. Is DATABASE_URL that of this installation?"
        )
    for key in orphans:
        documents.store().set_aside(key)
    return len(orphans)
