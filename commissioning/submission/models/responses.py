"""The answers to the PQQ, and what bidders ask of the service."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commissioning.competition.models import Competition, Lot
from commissioning.identity.models import Organisation
from commissioning.infrastructure.database import Base, UtcDateTime


class SelectionResponse(Base):
    """One bidder's answer to the PQQ; the authority sees it from the closing on."""

    __tablename__ = "selection_response"
    __table_args__ = (
        UniqueConstraint("competition_id", "organisation_id"),
        CheckConstraint("status IN ('draft', 'submitted', 'withdrawn')", name="status"),
        CheckConstraint("status <> 'submitted' OR submitted_at IS NOT NULL", name="submitted_when"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    competition_id: Mapped[int] = mapped_column(ForeignKey("competition.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    status: Mapped[str] = mapped_column(String(20), default="draft")
    proved_funding_pence: Mapped[int | None] = mapped_column(BigInteger)
    funding_source: Mapped[str] = mapped_column(Text, default="")
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # question: text
    lots: Mapped[list[Any]] = mapped_column(JSON, default=list)  # references of lots applied for
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    submitted_by: Mapped[str | None] = mapped_column(String(40))
    snapshot: Mapped[str | None] = mapped_column(Text)  # canonical JSON of what was submitted
    snapshot_sha256: Mapped[str | None] = mapped_column(String(64))

    competition: Mapped[Competition] = relationship()
    organisation: Mapped[Organisation] = relationship()


class HelpRequest(Base):
    """A bidder's person asks for help with the service, and what the duty officer answers.

    Before the quality opening the bidder's own people and the duty officers alone see that there is
    one. `deadline` is the one that stood when it came.
    """

    __tablename__ = "help_request"
    __table_args__ = (
        UniqueConstraint("organisation_id", "idempotency_key"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered_when"),
        CheckConstraint("(answer IS NULL) = (answered_by IS NULL)", name="answered_by"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    competition_id: Mapped[int] = mapped_column(ForeignKey("competition.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lot.id"), index=True)
    idempotency_key: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    phone: Mapped[str] = mapped_column(String(40), default="")
    deadline: Mapped[datetime | None] = mapped_column(UtcDateTime)
    asked_by: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[str | None] = mapped_column(String(40))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    competition: Mapped[Competition] = relationship()
    organisation: Mapped[Organisation] = relationship()
    lot: Mapped[Lot | None] = relationship()
