"""The closing of a round, and the proof that a receipt is in it."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from sqlalchemy import select

from commissioning.audit.domain.events import Event, competition_stream
from commissioning.audit.models import AuditEvent
from commissioning.competition.models import Competition
from commissioning.infrastructure import vault
from commissioning.infrastructure.database import db
from commissioning.submission.domain import closing
from commissioning.submission.domain.closing import Closing
from commissioning.submission.domain.sealing import FIRST_ROUND
from commissioning.submission.models import Receipt, RoundClosing


def round_closing(competition: Competition) -> RoundClosing | None:
    """The closing of the round; None before its deadline."""
    return db.session.scalar(
        select(RoundClosing).where(
            RoundClosing.competition_id == competition.id, RoundClosing.round == FIRST_ROUND
        )
    )


def published_root(competition: Competition) -> str | None:
    """The root as the competition's record has it since the closing; None before."""
    changes = db.session.scalars(
        select(AuditEvent.changes)
        .where(
            AuditEvent.stream == competition_stream(competition.reference),
            AuditEvent.event == Event.ROUND_CLOSED.value,
        )
        .order_by(AuditEvent.position)
    ).first()
    return None if changes is None else str(changes["root"])


def leaves_as_published(competition: Competition) -> frozenset[str] | None:
    """The leaves of the closing; None where those that are kept do not give the published root."""
    closed = round_closing(competition)
    if closed is None:
        return None
    try:
        root = closing.root_of(closed.leaves)
    except (TypeError, ValueError):
        return None
    is_whole = root == closed.root == published_root(competition)
    return frozenset(closed.leaves) if is_whole else None


def stored_sha256(receipt: Receipt) -> str:
    """The SHA-256 of a receipt as it is kept, in canonical JSON, whole or not."""
    return hashlib.sha256(receipt.body.encode()).hexdigest()


def leaf_of(receipt: Receipt) -> str:
    """The leaf that a receipt has in a closing, if it was counted there."""
    return closing.receipt_leaf(stored_sha256(receipt))


def accepted_late_leaves(competition: Competition) -> frozenset[str]:
    """The leaves that the late bids would have which two people have accepted, by the trail.

    An entry counts with the installation's word alone: an entry can be appended by whoever writes
    to the database, and the word cannot.
    """
    accepted = db.session.scalars(
        select(AuditEvent.changes).where(
            AuditEvent.stream == competition_stream(competition.reference),
            AuditEvent.event == Event.LATE_BID_ACCEPTED.value,
        )
    )
    return frozenset(
        closing.receipt_leaf(changes["receipt_sha256"])
        for changes in accepted
        if hmac.compare_digest(
            str(changes.get("word")), word_of_acceptance(competition, changes["receipt_sha256"])
        )
    )


def word_of_acceptance(competition: Competition, receipt_sha256: str) -> str:
    """The installation's word that the late bid of this receipt was accepted by two people."""
    purpose = f"late bid accepted in {competition.reference}"
    return vault.fingerprint(receipt_sha256, purpose=purpose)


def number_received(closed: RoundClosing) -> int | None:
    """How many bids are under the root; None before the quality opening."""
    return None if closed.seed is None else closing.counted(closed.leaves, seed=closed.seed)


def proof_of(competition: Competition, receipt: Receipt) -> dict[str, Any] | None:
    """The proof that a receipt was counted; None before the closing, and for one that was not."""
    closed = round_closing(competition)
    if closed is None:
        return None
    tree = Closing(closed.root, tuple(closed.leaves), b"", 0)
    try:
        return closing.proof(tree, stored_sha256(receipt))
    except KeyError:
        return None
