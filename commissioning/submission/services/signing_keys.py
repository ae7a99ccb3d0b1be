"""The keys with which receipts are signed, with the day from which each was used."""

from __future__ import annotations

from commissioning.audit import services as audit
from commissioning.audit.domain.events import SIGNING_KEYS_STREAM, Event, Subject
from commissioning.infrastructure import signing
from commissioning.kernel.actor import SYSTEM
from commissioning.kernel.clock import Clock
from commissioning.submission import queries


def note_signing_key(*, clock: Clock) -> bool:
    """A receipt can be checked for good: the trail keeps every key that signed, and since when.

    The platform's own act, done at every look at what is due. Returns whether the key is new; an
    earlier one that is used again is new again.
    """
    key = signing.public_key().hex()
    known = queries.signing_keys()
    if known and known[-1].public_key == key:
        return False
    audit.record(
        SYSTEM,
        Event.SIGNING_KEY_FIRST_USED,
        Subject("signing key", key),
        {"public_key": key},
        at=clock.now(),
        stream=SIGNING_KEYS_STREAM,
    )
    return True
