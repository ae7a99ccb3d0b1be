"""Receipts of bids that never were."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from commissioning.audit.domain.chain import GENESIS, Link, instant_text, link_hash
from commissioning.submission.domain import receipts
from commissioning.submission.domain.receipts import Digests
from commissioning.submission.domain.sealing import Place

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = PRIVATE.public_key().public_bytes_raw()
NOON = datetime(2014, 6, 30, 11, 0, tzinfo=UTC)


def genuine(*, is_late: bool = False, quality: str = "a" * 64) -> dict[str, Any]:
    """A receipt as the platform gives it out, signed with a key of the tests' own."""
    stated = receipts.statement(
        receipt="RCT-1",
        place=Place("TR-2013", 1, "London", "ORG-1", "BID-1"),
        digests=Digests(quality, "b" * 64),
        received_at=NOON,
        deadline=NOON,
        model_sha256="c" * 64,
        opening_keys_sha256="d" * 64,
        replaces=None,
        is_late=is_late,
    )
    event = {
        "stream": "sealed:TR-2013:ORG-1",
        "position": 4,
        "at": instant_text(NOON),
        "actor": "USR-1",
        "event": "bid_submitted",
        "subject_type": "bid",
        "subject": "BID-1",
        "changes": stated,
        "previous_hash": GENESIS,
    }
    link = Link(**event, hash=link_hash(**event))
    return receipts.body(stated, link, public_key=PUBLIC, sign=PRIVATE.sign)
