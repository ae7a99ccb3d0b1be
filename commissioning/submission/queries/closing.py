"""The closing of a round, and the proof that a receipt is in it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from commissioning.competition.models import Competition
from commissioning.infrastructure.database import db
from commissioning.submission.domain import closing
from commissioning.submission.domain.closing import Closing
from commissioning.submission.domain.receipts import receipt_sha256
from commissioning.submission.domain.sealing import FIRST_ROUND
from commissioning.submission.models import Receipt, RoundClosing
from commissioning.submission.queries.own import receipt_body


def round_closing(competition: Competition) -> RoundClosing | None:
    """The closing of the round; None before its deadline."""
    return db.session.scalar(
        select(RoundClosing).where(
            RoundClosing.competition_id == competition.id, RoundClosing.round == FIRST_ROUND
        )
    )


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
        return closing.proof(tree, receipt_sha256(receipt_body(receipt)))
    except KeyError:
        return None
