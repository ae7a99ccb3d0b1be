"""What bidders hold in hand, and what was received: in time, confirmed again, or late."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commissioning.competition.models import Decision
from commissioning.infrastructure.database import Base, UtcDateTime
from commissioning.submission.models.bids import Bid


class Receipt(Base):
    """What the bidder holds in hand: the digests, the time and the place in its own stream."""

    __tablename__ = "receipt"
    __table_args__ = (UniqueConstraint("bid_id", "idempotency_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    bid_id: Mapped[int] = mapped_column(ForeignKey("bid.id"), index=True)
    idempotency_key: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)  # canonical JSON
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)

    bid: Mapped[Bid] = relationship()


class WithdrawalReceipt(Base):
    """What a bidder holds in hand that has taken its bid back; never counted with receipts of bids.

    Signed once, with the withdrawal itself.
    """

    __tablename__ = "withdrawal_receipt"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    bid_id: Mapped[int] = mapped_column(ForeignKey("bid.id"), index=True)
    body: Mapped[str] = mapped_column(Text)  # canonical JSON
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)

    bid: Mapped[Bid] = relationship()


class BidConfirmation(Base):
    """The signatory has said that a submitted bid stands under a later version of the invitation.

    Nobody else sees it before the quality opening.
    """

    __tablename__ = "bid_confirmation"
    __table_args__ = (UniqueConstraint("receipt_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    receipt_id: Mapped[int] = mapped_column(ForeignKey("receipt.id"))
    version: Mapped[int]
    confirmed_by: Mapped[str] = mapped_column(String(40))
    confirmed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    receipt: Mapped[Receipt] = relationship()


class LateBid(Base):
    """A bid received at the deadline or later: sealed like any other, and in quarantine.

    One for each bid. Its envelopes are put in place when it is accepted; one that is refused keeps
    them here and is never opened. `decision` is the newest proposal about it. `reason` is the
    bidder's own, for the lead and the approver to read.
    """

    __tablename__ = "late_bid"
    __table_args__ = (
        UniqueConstraint("bid_id"),
        UniqueConstraint("receipt_id"),
        CheckConstraint("status IN ('waiting', 'accepted', 'refused')", name="status"),
        CheckConstraint("status = 'waiting' OR decision_id IS NOT NULL", name="decided_by_two"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    bid_id: Mapped[int] = mapped_column(ForeignKey("bid.id"))
    receipt_id: Mapped[int] = mapped_column(ForeignKey("receipt.id"))
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"), index=True)
    status: Mapped[str] = mapped_column(String(20), default="waiting")
    reason: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sealed_quality: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_price: Mapped[bytes] = mapped_column(LargeBinary)
    own_quality: Mapped[bytes] = mapped_column(LargeBinary)
    own_price: Mapped[bytes] = mapped_column(LargeBinary)
    quality_sha256: Mapped[str] = mapped_column(String(64))
    price_sha256: Mapped[str] = mapped_column(String(64))

    bid: Mapped[Bid] = relationship()
    receipt: Mapped[Receipt] = relationship()
    decision: Mapped[Decision | None] = relationship()


class RoundClosing(Base):
    """The root over every receipt that counted at the deadline of a round, and its leaves.

    `seed` tells receipts from padding; it lies sealed by the installation until the quality opening
    publishes it.
    """

    __tablename__ = "round_closing"
    __table_args__ = (UniqueConstraint("competition_id", "round"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(ForeignKey("competition.id"), index=True)
    round: Mapped[int] = mapped_column(default=1)
    root: Mapped[str] = mapped_column(String(64))
    leaves: Mapped[list[Any]] = mapped_column(JSON)
    sealed_seed: Mapped[bytes] = mapped_column(LargeBinary)
    seed: Mapped[bytes | None] = mapped_column(LargeBinary)
    closed_at: Mapped[datetime] = mapped_column(UtcDateTime)
