"""The documents of a tender, their versions, and what changed after the issue."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commissioning.competition.models.decisions import Decision
from commissioning.competition.models.setup import Competition
from commissioning.infrastructure.database import Base, UtcDateTime


class TenderDocument(Base):
    """A document of the competition, in versions."""

    __tablename__ = "tender_document"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    competition_id: Mapped[int] = mapped_column(ForeignKey("competition.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    part: Mapped[str] = mapped_column(String(10))  # "pqq" or "itn": with which issue it goes out

    competition: Mapped[Competition] = relationship()
    versions: Mapped[list[DocumentVersion]] = relationship(
        back_populates="document", order_by="DocumentVersion.version"
    )


class DocumentVersion(Base):
    """One version of a document; its bytes are in the document store under `store_key`."""

    __tablename__ = "document_version"
    __table_args__ = (UniqueConstraint("document_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("tender_document.id"), index=True)
    version: Mapped[int]
    file_name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    store_key: Mapped[str] = mapped_column(String(32))
    added_by: Mapped[str] = mapped_column(String(40))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)

    document: Mapped[TenderDocument] = relationship(back_populates="versions")


class InvitationChange(Base):
    """A change of the documents after the ITN is issued: drafted, proposed, and then a version.

    `version` is that of the invitation, which is issued as version 1. `document_id` is None for a
    document that is new. `dates` is JSON: the dates that move with it, by event.
    """

    __tablename__ = "invitation_change"
    __table_args__ = (
        UniqueConstraint("competition_id", "version"),
        CheckConstraint("status IN ('drafted', 'proposed', 'published', 'dropped')", name="status"),
        CheckConstraint(
            "(status = 'published') = (version IS NOT NULL)", name="published_as_a_version"
        ),
        CheckConstraint(
            "status <> 'published' OR (decision_id IS NOT NULL AND published_at IS NOT NULL)",
            name="published_by_two",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    competition_id: Mapped[int] = mapped_column(ForeignKey("competition.id"))
    version: Mapped[int | None]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("tender_document.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    file_name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    store_key: Mapped[str] = mapped_column(String(32))
    summary: Mapped[str] = mapped_column(Text)
    alters_form: Mapped[bool]
    dates: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    status: Mapped[str] = mapped_column(String(20), default="drafted")
    drafted_by: Mapped[str] = mapped_column(String(40))
    drafted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"), index=True)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    competition: Mapped[Competition] = relationship()
    document: Mapped[TenderDocument | None] = relationship()
    decision: Mapped[Decision | None] = relationship()
