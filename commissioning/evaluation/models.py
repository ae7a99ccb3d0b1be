"""Assessments of PQQ parts, marks, consensus, and what is computed from them."""

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

from commissioning.competition.models import Competition, Criterion, Leaf, Lot
from commissioning.infrastructure.database import Base, UtcDateTime
from commissioning.submission.models import Bid, SelectionResponse


class PartAssignment(Base):
    """An assessor was given a part of the PQQ, over all responses."""

    __tablename__ = "part_assignment"
    __table_args__ = (UniqueConstraint("competition_id", "part", "assessor"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(ForeignKey("competition.id"), index=True)
    part: Mapped[str] = mapped_column(String(80))
    assessor: Mapped[str] = mapped_column(String(40), index=True)
    assigned_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PartAssessment(Base):
    """An assessor's findings on one part of one response.

    `findings` is JSON {question: {"result": "pass" | "fail" | "noted", "score": int | null}}.
    """

    __tablename__ = "part_assessment"
    __table_args__ = (UniqueConstraint("response_id", "part"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    response_id: Mapped[int] = mapped_column(ForeignKey("selection_response.id"), index=True)
    part: Mapped[str] = mapped_column(String(80))
    assessor: Mapped[str] = mapped_column(String(40))
    findings: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text)
    assessed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    response: Mapped[SelectionResponse] = relationship()


class SelectionOutcome(Base):
    """Whether a response passed for a lot, with the reasons in words; set by the shortlist."""

    __tablename__ = "selection_outcome"
    __table_args__ = (UniqueConstraint("response_id", "lot_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    response_id: Mapped[int] = mapped_column(ForeignKey("selection_response.id"), index=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    passed: Mapped[bool]
    reasons: Mapped[list[Any]] = mapped_column(JSON)
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)

    response: Mapped[SelectionResponse] = relationship()
    lot: Mapped[Lot] = relationship()


class Assignment(Base):
    """An evaluator, or the moderator, was given a criterion on a lot.

    It is ended, never deleted, so that the record says who could see what, and when; what the
    person wrote stays and no longer counts. Before marking has started a new team ends it without
    a word; a reassignment says why in `ended_because`.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        Index(
            "ix_assignment_one_place",
            "lot_id",
            "criterion_id",
            "person",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        CheckConstraint("role IN ('quality_evaluator', 'moderator')", name="role"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_by_somebody"),
        CheckConstraint("ended_at IS NOT NULL OR ended_because = ''", name="no_reason_to_stand"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(ForeignKey("competition.id"), index=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    criterion_id: Mapped[int] = mapped_column(ForeignKey("criterion.id"), index=True)
    person: Mapped[str] = mapped_column(String(40), index=True)
    role: Mapped[str] = mapped_column(String(30))
    assigned_by: Mapped[str] = mapped_column(String(40))
    assigned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the evaluator's sheet
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(40))
    ended_because: Mapped[str] = mapped_column(Text, default="")

    competition: Mapped[Competition] = relationship()
    lot: Mapped[Lot] = relationship()
    criterion: Mapped[Criterion] = relationship()


class Mark(Base):
    """One evaluator's mark for one leaf of one bid, with its reason; blind until submitted."""

    __tablename__ = "mark"
    __table_args__ = (
        UniqueConstraint("bid_id", "leaf_id", "evaluator"),
        CheckConstraint("mark >= 0", name="mark"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    bid_id: Mapped[int] = mapped_column(ForeignKey("bid.id"), index=True)
    leaf_id: Mapped[int] = mapped_column(ForeignKey("leaf.id"), index=True)
    evaluator: Mapped[str] = mapped_column(String(40), index=True)
    mark: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    model_sha256: Mapped[str] = mapped_column(String(64))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    bid: Mapped[Bid] = relationship()
    leaf: Mapped[Leaf] = relationship()


class Consensus(Base):
    """The agreed mark for one leaf of one bid; a change is a new version, the old one stays."""

    __tablename__ = "consensus"
    __table_args__ = (
        UniqueConstraint("bid_id", "leaf_id", "version"),
        CheckConstraint("mark >= 0", name="mark"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    bid_id: Mapped[int] = mapped_column(ForeignKey("bid.id"), index=True)
    leaf_id: Mapped[int] = mapped_column(ForeignKey("leaf.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    mark: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    moderator: Mapped[str] = mapped_column(String(40))
    model_sha256: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    bid: Mapped[Bid] = relationship()
    leaf: Mapped[Leaf] = relationship()
    agreements: Mapped[list[ConsensusAgreement]] = relationship(back_populates="consensus")


class ConsensusAgreement(Base):
    """An evaluator agrees to a consensus, or records a dissent with its reason."""

    __tablename__ = "consensus_agreement"
    __table_args__ = (
        UniqueConstraint("consensus_id", "evaluator"),
        CheckConstraint("agrees OR dissent <> ''", name="dissent_has_a_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    consensus_id: Mapped[int] = mapped_column(ForeignKey("consensus.id"), index=True)
    evaluator: Mapped[str] = mapped_column(String(40))
    agrees: Mapped[bool]
    dissent: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    consensus: Mapped[Consensus] = relationship(back_populates="agreements")


class BidResult(Base):
    """What follows from the locked marks and the opened price; computed, with no override.

    `price_per_quality_point` is "N/D" in pence a point; rank is null where the bid is excluded.
    """

    __tablename__ = "bid_result"

    id: Mapped[int] = mapped_column(primary_key=True)
    bid_id: Mapped[int] = mapped_column(ForeignKey("bid.id"), unique=True)
    model_sha256: Mapped[str] = mapped_column(String(64))
    quality_millipoints: Mapped[int]
    excluded_because: Mapped[list[Any]] = mapped_column(JSON, default=list)
    fees_pence: Mapped[list[Any] | None] = mapped_column(JSON)
    adjustments_pence: Mapped[int | None] = mapped_column(BigInteger)
    evaluated_price_pence: Mapped[int | None] = mapped_column(BigInteger)
    price_per_quality_point: Mapped[str | None] = mapped_column(String(80))
    rank: Mapped[int | None]
    computed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    bid: Mapped[Bid] = relationship()
