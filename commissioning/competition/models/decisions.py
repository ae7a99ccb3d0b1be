"""What people decide and declare in a competition, and who is admitted to its lots."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commissioning.competition.models.setup import Competition, Lot
from commissioning.identity.models import Organisation
from commissioning.infrastructure.database import Base, UtcDateTime


class Decision(Base):
    """An act that takes two people: proposed by one, approved or sent back by another.

    `event` is the lifecycle event (or `deadline_extended`) that the approval makes. `payload` is
    JSON that the act needs and that the second person approves with it.
    """

    __tablename__ = "decision"
    __table_args__ = (
        CheckConstraint("status IN ('proposed', 'approved', 'sent_back')", name="status"),
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="two_people"),
        CheckConstraint("(status = 'proposed') = (decided_by IS NULL)", name="decided_by_somebody"),
        Index(
            "ix_decision_one_open",
            "competition_id",
            "event",
            unique=True,
            sqlite_where=text("status = 'proposed'"),
            postgresql_where=text("status = 'proposed'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    competition_id: Mapped[int] = mapped_column(ForeignKey("competition.id"), index=True)
    event: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    reason: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(String(20), default="proposed")
    proposed_by: Mapped[str] = mapped_column(String(40))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_reason: Mapped[str] = mapped_column(Text, default="")

    competition: Mapped[Competition] = relationship()


class TieRecord(Base):
    """The ties between organisations that count in a competition; nothing is overwritten.

    The first version is made at the deadline for bids, each later one by a decision of two people.
    `content` is canonical JSON (see `competition.domain.ties.TiesOfRecord`).
    """

    __tablename__ = "tie_record"
    __table_args__ = (
        UniqueConstraint("competition_id", "version"),
        CheckConstraint("(version = 1) = (decision_id IS NULL)", name="corrected_by_two"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(ForeignKey("competition.id"), index=True)
    version: Mapped[int]
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"))
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime)

    decision: Mapped[Decision | None] = relationship()


class Interest(Base):
    """A person's interest in a bidder, declared; access ends at once.

    Whoever evaluates declares it; it stands here because every act on a competition asks for it.
    """

    __tablename__ = "interest"

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(ForeignKey("competition.id"), index=True)
    person: Mapped[str] = mapped_column(String(40), index=True)
    organisation: Mapped[str | None] = mapped_column(String(40))  # None: in the competition
    statement: Mapped[str] = mapped_column(Text)
    declared_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Admission(Base):
    """An organisation may bid for a lot: how it came to, and the funding that it proved.

    `proved_funding_pence` is the same on every row of one organisation in one competition.
    """

    __tablename__ = "admission"
    __table_args__ = (
        UniqueConstraint("lot_id", "organisation_id"),
        CheckConstraint("how IN ('shortlist', 'invitation')", name="how"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(ForeignKey("competition.id"), index=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    how: Mapped[str] = mapped_column(String(20))
    proved_funding_pence: Mapped[int | None] = mapped_column(BigInteger)
    admitted_at: Mapped[datetime] = mapped_column(UtcDateTime)

    lot: Mapped[Lot] = relationship()
    organisation: Mapped[Organisation] = relationship()
