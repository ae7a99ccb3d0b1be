"""A competition as it is set up: lots, criteria, questions and dates."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Numeric,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commissioning.competition.domain.lots import LotStatus
from commissioning.competition.domain.scale import STANDARD
from commissioning.identity.models import Organisation
from commissioning.infrastructure.database import Base, UtcDateTime
from commissioning.kernel.stage import Stage

_STAGES = ", ".join(f"'{stage.value}'" for stage in Stage)
_LOT_STATUSES = ", ".join(f"'{status.value}'" for status in LotStatus)


class Programme(Base):
    """What an authority buys, over one or several competitions."""

    __tablename__ = "programme"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    authority: Mapped[Organisation] = relationship()


class Competition(Base):
    """One tender, from its draft to its preferred bidders.

    `limits` is the JSON of the lot limits (see `competition.domain.criteria.Limits`). `notice` and
    `model` are the two frozen texts in canonical JSON, each with its SHA-256; both are null until
    the freeze. `minimum_points` is in milli-points.
    """

    __tablename__ = "competition"
    __table_args__ = (
        CheckConstraint(f"stage IN ({_STAGES})", name="stage"),
        CheckConstraint("profile IN ('full', 'short')", name="profile"),
        CheckConstraint("closing_rule IN ('all_agree', 'majority')", name="closing_rule"),
        CheckConstraint(
            "stage = 'draft' OR stage = 'terminated' OR notice_sha256 IS NOT NULL",
            name="notice_is_frozen",
        ),
        CheckConstraint(
            "stage IN ('draft', 'pqq_open', 'pqq_closed', 'shortlisted', 'terminated')"
            " OR model_sha256 IS NOT NULL",
            name="model_is_frozen",
        ),
        CheckConstraint(
            "stage <> 'terminated' OR reached_stage IS NOT NULL", name="termination_keeps_the_stage"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text, default="")
    is_invented: Mapped[bool] = mapped_column(default=False)
    stage: Mapped[str] = mapped_column(String(30), default=Stage.DRAFT.value)
    reached_stage: Mapped[str | None] = mapped_column(String(30))
    stage_since: Mapped[datetime] = mapped_column(UtcDateTime)
    regime: Mapped[str] = mapped_column(String(40))
    commenced_on: Mapped[Any] = mapped_column(Date)
    profile: Mapped[str] = mapped_column(String(10), default="full")

    max_mark: Mapped[int] = mapped_column(default=4)
    mark_descriptors: Mapped[list[Any]] = mapped_column(
        JSON, default=lambda: [descriptor.as_dict() for descriptor in STANDARD]
    )
    minimum_points: Mapped[int] = mapped_column(default=50_000)
    discount_rate: Mapped[Decimal] = mapped_column(Numeric(9, 6), default=Decimal("0.035"))
    price_base_year: Mapped[int] = mapped_column(default=1)
    price_years: Mapped[int] = mapped_column(default=7)
    objective: Mapped[str] = mapped_column(String(30), default="min_sum_ppqp")
    award_rule: Mapped[str] = mapped_column(String(30), default="optimum")
    group_rule: Mapped[str] = mapped_column(String(20), default="whole")
    closing_rule: Mapped[str] = mapped_column(String(20), default="majority")
    limits: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    funding_multiple: Mapped[int] = mapped_column(default=2)
    tie_seed: Mapped[str | None] = mapped_column(String(64))

    notice: Mapped[str | None] = mapped_column(Text)
    notice_sha256: Mapped[str | None] = mapped_column(String(64))
    model: Mapped[str | None] = mapped_column(Text)
    model_sha256: Mapped[str | None] = mapped_column(String(64))

    opening_keys_sha256: Mapped[str | None] = mapped_column(String(64))
    rehearsed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    programme: Mapped[Programme] = relationship()
    lots: Mapped[list[Lot]] = relationship(back_populates="competition", order_by="Lot.position")
    criteria: Mapped[list[Criterion]] = relationship(
        back_populates="competition", order_by="Criterion.position"
    )
    questions: Mapped[list[SelectionQuestion]] = relationship(
        back_populates="competition", order_by="SelectionQuestion.position"
    )
    timetable: Mapped[list[TimetableEntry]] = relationship(
        back_populates="competition", order_by="TimetableEntry.id"
    )


class Lot(Base):
    """A contract package area, with everything that it carries.

    `carries` is JSON: volumes, reoffending baselines as decimal strings, resettlement prisons,
    local partners, staff-transfer regime, value source. The tile is the lot's place on the map.
    """

    __tablename__ = "lot"
    __table_args__ = (
        UniqueConstraint("competition_id", "reference"),
        UniqueConstraint("competition_id", "position"),
        CheckConstraint("annual_value_pence > 0", name="value"),
        CheckConstraint("ceiling_price_pence IS NULL OR ceiling_price_pence > 0", name="ceiling"),
        CheckConstraint(
            f"status IN ({_LOT_STATUSES})",
            name="status",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(ForeignKey("competition.id"), index=True)
    position: Mapped[int]
    reference: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    annual_value_pence: Mapped[int] = mapped_column(BigInteger)
    term_years: Mapped[int] = mapped_column(default=7)
    ceiling_price_pence: Mapped[int | None] = mapped_column(BigInteger)
    carries: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    tile_column: Mapped[int | None]
    tile_row: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(20), default="open")

    competition: Mapped[Competition] = relationship(back_populates="lots")


class Criterion(Base):
    """A quality criterion with its published weight."""

    __tablename__ = "criterion"
    __table_args__ = (UniqueConstraint("competition_id", "reference"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(ForeignKey("competition.id"), index=True)
    position: Mapped[int]
    reference: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    weight: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    minimum_mark: Mapped[int]

    competition: Mapped[Competition] = relationship(back_populates="criteria")
    leaves: Mapped[list[Leaf]] = relationship(
        back_populates="criterion",
        order_by="Leaf.position",
        cascade="all, delete-orphan",
        lazy="selectin",
    )


class Leaf(Base):
    """What is answered and marked: a criterion's question or sub-criterion."""

    __tablename__ = "leaf"
    __table_args__ = (
        UniqueConstraint("criterion_id", "reference"),
        CheckConstraint("scope IN ('common', 'lot')", name="scope"),
        CheckConstraint("word_limit > 0", name="word_limit"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    criterion_id: Mapped[int] = mapped_column(ForeignKey("criterion.id"), index=True)
    position: Mapped[int]
    reference: Mapped[str] = mapped_column(String(20))
    question: Mapped[str] = mapped_column(Text)
    weight: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    scope: Mapped[str] = mapped_column(String(10), default="lot")
    word_limit: Mapped[int] = mapped_column(default=1000)
    allows_file: Mapped[bool] = mapped_column(default=True)

    criterion: Mapped[Criterion] = relationship(back_populates="leaves")


class TimetableEntry(Base):
    """One date of the timetable; a new version supersedes, nothing is overwritten.

    `instant` is the UTC instant; `zone` and `wall_text` say what people were told.
    """

    __tablename__ = "timetable_entry"
    __table_args__ = (UniqueConstraint("competition_id", "event", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(ForeignKey("competition.id"), index=True)
    event: Mapped[str] = mapped_column(String(40))
    instant: Mapped[datetime] = mapped_column(UtcDateTime)
    zone: Mapped[str] = mapped_column(String(40), default="Europe/London")
    wall_text: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(default=1)
    set_by: Mapped[str] = mapped_column(String(40))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    competition: Mapped[Competition] = relationship(back_populates="timetable")


class SelectionQuestion(Base):
    """A question of the PQQ, as content, with its pass rule.

    `rule` is JSON: {} for a question that is not scored; {"passes": ["yes"]} for pass/fail with
    the answers that pass (empty: an assessor decides); {"max_score": 4, "minimum": 2} for scored.
    """

    __tablename__ = "selection_question"
    __table_args__ = (
        UniqueConstraint("competition_id", "reference"),
        CheckConstraint("kind IN ('not_scored', 'pass_fail', 'scored')", name="kind"),
        CheckConstraint("answer IN ('text', 'yes_no')", name="answer"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(ForeignKey("competition.id"), index=True)
    position: Mapped[int]
    reference: Mapped[str] = mapped_column(String(20))
    part: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(20))
    answer: Mapped[str] = mapped_column(String(10), default="text")
    question: Mapped[str] = mapped_column(Text)
    word_limit: Mapped[int] = mapped_column(default=500)
    rule: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    competition: Mapped[Competition] = relationship(back_populates="questions")
