"""The chain: each event of a stream carries the hash of the one before it.

Whoever changes, drops, inserts or reorders an event breaks every hash after it. What the chain
alone cannot show is a cut tail; for that the head is kept with its length, and published.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from commissioning.kernel.canonical import sha256_hex

GENESIS = "0" * 64
"""What stands before the first event of every stream."""


@dataclass(frozen=True, slots=True)
class Link:
    """One event as the chain sees it; `at` is an ISO 8601 instant in UTC with microseconds."""

    stream: str
    position: int
    at: str
    actor: str
    event: str
    subject_type: str
    subject: str
    changes: dict[str, Any]
    previous_hash: str
    hash: str

    def to_dict(self) -> dict[str, Any]:
        """The event as a line of an export."""
        return {
            "stream": self.stream,
            "position": self.position,
            "at": self.at,
            "actor": self.actor,
            "event": self.event,
            "subject_type": self.subject_type,
            "subject": self.subject,
            "changes": self.changes,
            "previous_hash": self.previous_hash,
            "hash": self.hash,
        }


@dataclass(frozen=True, slots=True)
class Break:
    """Where a stream is broken, and how, in a sentence."""

    stream: str
    position: int
    sentence: str


def instant_text(at: datetime) -> str:
    """An instant as the chain writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def link_hash(
    *,
    stream: str,
    position: int,
    at: str,
    actor: str,
    event: str,
    subject_type: str,
    subject: str,
    changes: dict[str, Any],
    previous_hash: str,
) -> str:
    """SHA-256 over the canonical JSON of an event together with the hash before it."""
    return sha256_hex(
        {
            "stream": stream,
            "position": position,
            "at": at,
            "actor": actor,
            "event": event,
            "subject_type": subject_type,
            "subject": subject,
            "changes": changes,
            "previous_hash": previous_hash,
        }
    )


def breaks(
    links: Iterable[Link], *, heads: dict[str, tuple[int, str]] | None = None
) -> list[Break]:
    """Every place where a chain is broken; an empty list when all streams are whole.

    `links` come ordered by position within each stream (streams may interleave). `heads` gives
    {stream: (length, hash)}: with it, a cut tail and a missing stream are found too.
    """
    found: list[Break] = []
    last: dict[str, tuple[int, str]] = {}
    for link in links:
        length, head = last.get(link.stream, (0, GENESIS))
        if link.position != length + 1:
            found.append(
                Break(
                    link.stream,
                    link.position,
                    f"position {length + 1} was expected here, {link.position} stands here",
                )
            )
        if link.previous_hash != head:
            found.append(
                Break(link.stream, link.position, "does not follow from the event before it")
            )
        expected = link_hash(
            stream=link.stream,
            position=link.position,
            at=link.at,
            actor=link.actor,
            event=link.event,
            subject_type=link.subject_type,
            subject=link.subject,
            changes=link.changes,
            previous_hash=link.previous_hash,
        )
        if expected != link.hash:
            found.append(Break(link.stream, link.position, "was changed after it was written"))
        last[link.stream] = (link.position, link.hash)
    for stream, (length, head) in (heads or {}).items():
        reached, digest = last.get(stream, (0, GENESIS))
        if reached != length or digest != head:
            found.append(
                Break(stream, length, f"the head says {length} events, {reached} are here")
            )
    return found
