"""The outbox: mail as rows of the same transaction, delivered afterwards.

A message says that something waits and where to sign in. It never carries content.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy import String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from commissioning.infrastructure.database import Base, UtcDateTime, db


class OutboxMessage(Base):
    """One message to one address."""

    __tablename__ = "outbox_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def post(recipient: str, subject: str, body: str, *, at: datetime) -> OutboxMessage:
    """Queue a message; it leaves only if the transaction commits."""
    message = OutboxMessage(recipient=recipient, subject=subject, body=body, queued_at=at)
    db.session.add(message)
    return message


def waiting_messages() -> Sequence[OutboxMessage]:
    """The messages that have not left yet, oldest first."""
    return db.session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.delivered_at.is_(None), OutboxMessage.failed_at.is_(None))
        .order_by(OutboxMessage.id)
    ).all()


def deliver_to_folder(folder: Path, *, at: datetime) -> int:
    """Write each waiting message to a folder as an .eml file, and mark it as delivered.

    Only what is committed leaves: it begins its own transaction, which its caller commits, and
    raises RuntimeError inside another. A letter is written again, under the same name, where that
    commit fails.

    The embedded installation has no mail server; its operator, or the person who tries it, reads
    the folder. A message that cannot be written as a letter is marked as failed and keeps no other
    back. Returns how many left.
    """
    if db.session().in_transaction():
        raise RuntimeError("Mail leaves after the commit of what it tells of.")
    messages = waiting_messages()
    if messages:
        folder.mkdir(parents=True, exist_ok=True)
    left = 0
    for message in messages:
        try:
            letter = _letter(message)
        except (ValueError, AttributeError, LookupError, IndexError):
            # the header parser of the standard library answers an odd address with any of these
            message.failed_at = at
            continue
        (folder / f"{message.id:06d}.eml").write_bytes(letter)
        message.delivered_at = at
        left += 1
    return left


def _letter(message: OutboxMessage) -> bytes:
    letter = EmailMessage()
    letter["To"] = message.recipient
    letter["Subject"] = message.subject
    letter["Date"] = message.queued_at
    letter.set_content(message.body)
    return bytes(letter)
