"""PQQ responses, bids that nobody can look into, and the ceremonies that open them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commissioning.competition.models import Competition, Decision, Lot
from commissioning.identity.models import Organisation
from commissioning.infrastructure import vault
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
        return f"{self.competition.reference}, round {self.round}, {self.envelope}"


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
