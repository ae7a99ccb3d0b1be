"""The opening keys, their shares, and the ceremonies at which holders meet."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commissioning.competition.models import Competition
from commissioning.infrastructure import vault
from commissioning.infrastructure.database import Base, UtcDateTime


class OpeningKey(Base):
    """The public half of the key pair of one envelope in one round: bids are sealed to it.

    The private half exists as the shares of its holders alone.
    """

    __tablename__ = "opening_key"
    __table_args__ = (
        UniqueConstraint("competition_id", "round", "envelope"),
        CheckConstraint("envelope IN ('quality', 'price')", name="envelope"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(ForeignKey("competition.id"), index=True)
    round: Mapped[int] = mapped_column(default=1)
    envelope: Mapped[str] = mapped_column(String(10))
    vouched_key: Mapped[bytes] = mapped_column("public_key", LargeBinary)
    threshold: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)

    competition: Mapped[Competition] = relationship()
    shares: Mapped[list[OpeningShare]] = relationship(
        back_populates="key", cascade="all, delete-orphan", order_by="OpeningShare.place"
    )

    @property
    def public_key(self) -> bytes:
        """The key that seals to this envelope; KeyNotOurs where the row's was put there."""
        return vault.vouched(self.vouched_key, of=self._place)

    @public_key.setter
    def public_key(self, key: bytes) -> None:
        self.vouched_key = vault.vouch(key, of=self._place)

    @property
    def _place(self) -> str:
        return opening_key_place(self.competition.reference, self.round, self.envelope)


def opening_key_place(competition: str, round_: int, envelope: str) -> str:
    """What an opening key is vouched for as: that of a competition, a round and an envelope."""
    return f"{competition}, round {round_}, {envelope}"


class OpeningShare(Base):
    """One holder's share of an opening key, sealed to the holder's own public key, `sealed_to`."""

    __tablename__ = "opening_share"
    __table_args__ = (
        UniqueConstraint("opening_key_id", "holder"),
        UniqueConstraint("opening_key_id", "place"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    opening_key_id: Mapped[int] = mapped_column(ForeignKey("opening_key.id"), index=True)
    holder: Mapped[str] = mapped_column(String(40))
    place: Mapped[int]
    sealed_to: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)

    key: Mapped[OpeningKey] = relationship(back_populates="shares")


class OpeningAttendance(Base):
    """One key holder has joined a ceremony, in a session of their own.

    `released` is their share while it waits for the others, under the installation's vault.
    """

    __tablename__ = "opening_attendance"
    __table_args__ = (
        UniqueConstraint("competition_id", "round", "envelope", "purpose", "holder"),
        CheckConstraint("envelope IN ('quality', 'price')", name="envelope"),
        CheckConstraint("purpose IN ('rehearsal', 'opening', 'renewal')", name="purpose"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(ForeignKey("competition.id"), index=True)
    round: Mapped[int] = mapped_column(default=1)
    envelope: Mapped[str] = mapped_column(String(10))
    purpose: Mapped[str] = mapped_column(String(10))
    holder: Mapped[str] = mapped_column(String(40))
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    released: Mapped[bytes | None] = mapped_column(LargeBinary)


class HolderReplacement(Base):
    """Fresh shares for a circle in which one holder gives way to another, or gets a fresh one.

    Proposed by the lead with a reason, approved by another person, and done when the threshold of
    holders has joined.
    """

    __tablename__ = "holder_replacement"
    __table_args__ = (CheckConstraint("approved_by <> proposed_by", name="two_people"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    competition_id: Mapped[int] = mapped_column(ForeignKey("competition.id"), index=True)
    round: Mapped[int] = mapped_column(default=1)
    leaving: Mapped[str] = mapped_column(String(40))
    joining: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(40))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approved_by: Mapped[str | None] = mapped_column(String(40))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dropped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
