"""Bids, their envelopes and files. Nothing here looks inside."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commissioning.competition.models import Competition, Lot
from commissioning.identity.models import Organisation
from commissioning.infrastructure.database import Base, UtcDateTime


class Bid(Base):
    """One bidder's bid for one lot in one round. Nothing here looks inside an envelope."""

    __tablename__ = "bid"
    __table_args__ = (
        UniqueConstraint("lot_id", "organisation_id", "round"),
        CheckConstraint("status IN ('draft', 'submitted', 'withdrawn', 'lapsed')", name="status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    competition_id: Mapped[int] = mapped_column(ForeignKey("competition.id"), index=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    round: Mapped[int] = mapped_column(default=1)
    status: Mapped[str] = mapped_column(String(20), default="draft")
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    competition: Mapped[Competition] = relationship()
    lot: Mapped[Lot] = relationship()
    organisation: Mapped[Organisation] = relationship()
    envelopes: Mapped[list[BidEnvelope]] = relationship(back_populates="bid")


class BidEnvelope(Base):
    """One envelope of a bid: the draft under the bidder's key, the submission under both keys.

    `draft` and `own_copy` open with the organisation's key; `sealed` opens with the competition's.
    `sha256` is that of the canonical document that was submitted, and stands on the receipt.
    """

    __tablename__ = "bid_envelope"
    __table_args__ = (
        UniqueConstraint("bid_id", "envelope"),
        CheckConstraint("envelope IN ('quality', 'price')", name="envelope"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    bid_id: Mapped[int] = mapped_column(ForeignKey("bid.id"), index=True)
    envelope: Mapped[str] = mapped_column(String(10))
    draft: Mapped[bytes | None] = mapped_column(LargeBinary)
    own_copy: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    sha256: Mapped[str | None] = mapped_column(String(64))
    opened: Mapped[str | None] = mapped_column(Text)  # canonical JSON, from the opening on

    bid: Mapped[Bid] = relationship(back_populates="envelopes")


class BidFile(Base):
    """A file of a bid, sealed under a key of its own that stands only inside the envelope.

    `removed_at`: out of the draft since then, and kept only because what counts as submitted names
    it.
    """

    __tablename__ = "bid_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    bid_id: Mapped[int] = mapped_column(ForeignKey("bid.id"), index=True)
    store_key: Mapped[str] = mapped_column(String(32))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    bid: Mapped[Bid] = relationship()


class FileUnderWay(Base):
    """A file that arrives in pieces: what was announced of it, sealed to the bidder's key.

    The announcement holds its name, its size and the key of its pieces; the server cannot read it
    between two requests. `touched_at` is when the last piece came; `became` is the file that it is,
    once the last piece is in.
    """

    __tablename__ = "file_under_way"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    bid_id: Mapped[int] = mapped_column(ForeignKey("bid.id"), index=True)
    announced: Mapped[bytes] = mapped_column(LargeBinary)
    touched_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    became: Mapped[str | None] = mapped_column(String(40))

    bid: Mapped[Bid] = relationship()
    pieces: Mapped[list[FilePiece]] = relationship(
        back_populates="upload", cascade="all, delete-orphan", order_by="FilePiece.number"
    )


class FilePiece(Base):
    """One piece of a file under way, sealed under a key of its own, which `salt` gives."""

    __tablename__ = "file_piece"
    __table_args__ = (UniqueConstraint("upload_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    upload_id: Mapped[int] = mapped_column(ForeignKey("file_under_way.id"), index=True)
    number: Mapped[int]
    store_key: Mapped[str] = mapped_column(String(32))
    salt: Mapped[bytes] = mapped_column(LargeBinary)

    upload: Mapped[FileUnderWay] = relationship(back_populates="pieces")
