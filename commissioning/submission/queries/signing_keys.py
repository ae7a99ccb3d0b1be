"""The public keys of receipts, as the trail keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from commissioning.audit import queries as trail
from commissioning.audit.domain.events import SIGNING_KEYS_STREAM


@dataclass(frozen=True)
class SigningKey:
    """A key as 64 hexadecimal digits, and since when receipts are signed with it."""

    public_key: str
    since: datetime


def signing_keys() -> list[SigningKey]:
    """Every key that has signed receipts, the oldest first."""
    return [
        SigningKey(link.changes["public_key"], datetime.fromisoformat(link.at))
        for link in trail.links(SIGNING_KEYS_STREAM)
    ]
