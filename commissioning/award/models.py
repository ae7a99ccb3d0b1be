"""The award: problems as they were built, answers as they were verified, and who is preferred.

Beside it, and never in its place: scenarios, and what is worked out in the background.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commissioning.award.domain.work import WorkKind
from commissioning.competition.models import Competition, Lot
from commissioning.identity.models import Organisation
from commissioning.infrastructure.database import Base, UtcDateTime
from commissioning.submission.models import Bid


class AwardRun(Base):
    """One problem, as the site built it from the locked record, and its verified answer.

    `problem` and `answer` are canonical JSON; `ties_version` is that of the ties that counted.
    `proposed_by` recommended it, `approved_by` is another person.
    """

    __tablename__ = "award_run"
    __table_args__ = (
        CheckConstraint(
            "status IN ('solved', 'recommended', 'approved', 'sent_back')", name="status"
        ),
        CheckConstraint("approved_by IS NULL OR approved_by <> proposed_by", name="two_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    competition_id: Mapped[int] = mapped_column(ForeignKey("competition.id"), index=True)
    status: Mapped[str] = mapped_column(String(20), default="solved")
    model_sha256: Mapped[str] = mapped_column(String(64))
    ties_version: Mapped[int]
    problem: Mapped[str] = mapped_column(Text)
    problem_sha256: Mapped[str] = mapped_column(String(64))
    answer: Mapped[str] = mapped_column(Text)
    solved_by: Mapped[str] = mapped_column(String(40))
    solved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    proposed_by: Mapped[str | None] = mapped_column(String(40))
    proposed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    recommendation: Mapped[str] = mapped_column(Text, default="")
    approved_by: Mapped[str | None] = mapped_column(String(40))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_reason: Mapped[str] = mapped_column(Text, default="")

    competition: Mapped[Competition] = relationship()


class PreferredBidder(Base):
    """The bidder that a lot would go to; preferred is not awarded."""

    __tablename__ = "preferred_bidder"
    __table_args__ = (UniqueConstraint("lot_id", "organisation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("award_run.id"), index=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    bid_id: Mapped[int] = mapped_column(ForeignKey("bid.id"))
    announced_at: Mapped[datetime] = mapped_column(UtcDateTime)

    run: Mapped[AwardRun] = relationship()
    lot: Mapped[Lot] = relationship()
    organisation: Mapped[Organisation] = relationship()
    bid: Mapped[Bid] = relationship()


class AwardScenario(Base):
    """What if: the published problem with changes. It binds nobody and is never recommended.

    `changes` is canonical JSON, as `domain.scenario.Changes` writes it.
    """

    __tablename__ = "award_scenario"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    competition_id: Mapped[int] = mapped_column(ForeignKey("competition.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    changes: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    competition: Mapped[Competition] = relationship()


class AwardWork(Base):
    """What a process of its own works out: what it is about says of which `kind` it is.

    A scenario; beside a run the awards within a margin, or without a margin how firmly its award
    stands; with neither a rehearsal of the drafted rules. `problem` is canonical JSON: the award
    problem, or the rules. `details` is what was asked besides, `answer` what came of it once it is
    done, both canonical JSON. `seen_at` is the last sign of
    life and `ended_at` the end, both by the real clock; `asked_at` is by the clock of business.
    `says` is a sentence for people where it came to no answer.
    """

    __tablename__ = "award_work"
    __table_args__ = (
        CheckConstraint(
            "status IN ('waiting', 'running', 'done', 'stopped', 'failed')", name="status"
        ),
        CheckConstraint("scenario_id IS NULL OR run_id IS NULL", name="one_subject"),
        CheckConstraint("(status = 'done') = (answer IS NOT NULL)", name="answer"),
        CheckConstraint("margin_ppm IS NULL OR run_id IS NOT NULL", name="margin"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    competition_id: Mapped[int] = mapped_column(ForeignKey("competition.id"), index=True)
    scenario_id: Mapped[int | None] = mapped_column(ForeignKey("award_scenario.id"), index=True)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("award_run.id"), index=True)
    margin_ppm: Mapped[int | None]
    problem: Mapped[str] = mapped_column(Text)
    problem_sha256: Mapped[str] = mapped_column(String(64))
    details: Mapped[str] = mapped_column(Text, default="{}")
    status: Mapped[str] = mapped_column(String(20), default="waiting", index=True)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    asked_by: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    says: Mapped[str] = mapped_column(Text, default="")
    answer: Mapped[str | None] = mapped_column(Text)

    competition: Mapped[Competition] = relationship()
    scenario: Mapped[AwardScenario | None] = relationship()
    run: Mapped[AwardRun | None] = relationship()

    @property
    def kind(self) -> WorkKind:
        """What is worked out."""
        if self.scenario_id is not None:
            return WorkKind.SCENARIO
        if self.run_id is None:
            return WorkKind.REHEARSAL
        return WorkKind.ROBUSTNESS if self.margin_ppm is None else WorkKind.ALTERNATIVES
