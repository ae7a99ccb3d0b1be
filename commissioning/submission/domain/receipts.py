"""Receipts: what a bidder holds in hand, and can check with no part of this platform.

A receipt names the bid, the instant of receipt and the digest of each envelope's document, and
carries the event that the submission left in the bidder's own stream of the trail. The event's hash
covers the digests, and every later event of the stream follows from it. The installation signs the
whole (Ed25519, RFC 8032), so that it cannot deny what it gave out, and nobody else can give it out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from commissioning.audit.domain.chain import Link, instant_text, link_hash
from commissioning.kernel.canonical import canonical_json, sha256_hex
from commissioning.submission.domain.sealing import Place

KIND = "receipt of a bid"
WITHDRAWAL = "receipt of a withdrawal"
"""What a bidder is given that takes its bid back: it names no document, and is never counted."""
ALGORITHM = "Ed25519"
LATE = (
    "received at the deadline or later, and kept in quarantine: it counts only if two people of "
    "the authority accept it"
)
"""What the receipt of a late bid says under "late"; no other receipt has the word."""


@dataclass(frozen=True, slots=True)
class Digests:
    """The SHA-256 of each envelope's canonical document, as hexadecimal digits."""

    quality: str
    price: str

    def to_dict(self) -> dict[str, str]:
        """The digests by envelope."""
        return {"quality": self.quality, "price": self.price}


def statement(
    *,
    receipt: str,
    place: Place,
    digests: Digests,
    received_at: datetime,
    deadline: datetime,
    model_sha256: str | None,
    opening_keys_sha256: str | None,
    replaces: str | None,
    is_late: bool = False,
) -> dict[str, Any]:
    """What a receipt states, before its place in the trail is known.

    `model_sha256` is of the evaluation model that decides, `opening_keys_sha256` of the public keys
    that the bid is sealed to, both as the ITN published them. `replaces` names the receipt whose
    submission this one takes the place of. A late bid is said to be one, and to be under decision.
    The trail's event holds exactly this as its changes.
    """
    stated = {
        "kind": KIND,
        "receipt": receipt,
        "competition": place.competition,
        "round": place.round,
        "lot": place.lot,
        "bidder": place.bidder,
        "bid": place.bid,
        "received_at": instant_text(received_at),
        "deadline": instant_text(deadline),
        "model_sha256": model_sha256,
        "opening_keys_sha256": opening_keys_sha256,
        "replaces": replaces,
        "sha256": digests.to_dict(),
    }
    return {**stated, "late": LATE} if is_late else stated


def withdrawal_statement(
    *, receipt: str, place: Place, withdraws: str | None, received_at: datetime, deadline: datetime
) -> dict[str, Any]:
    """What the receipt of a withdrawal states: which submission counts no more, and since when.

    `withdraws` names the receipt of that submission. The trail's event holds exactly this.
    """
    return {
        "kind": WITHDRAWAL,
        "receipt": receipt,
        "competition": place.competition,
        "round": place.round,
        "lot": place.lot,
        "bidder": place.bidder,
        "bid": place.bid,
        "received_at": instant_text(received_at),
        "deadline": instant_text(deadline),
        "withdraws": withdraws,
    }


def body(
    stated: Mapping[str, Any], event: Link, *, public_key: bytes, sign: Callable[[bytes], bytes]
) -> dict[str, Any]:
    """The whole receipt: what it states, the event of the trail that says the same, a signature.

    `sign` gives the Ed25519 signature of bytes by the private half of `public_key`.
    """
    unsigned = {**stated, "event": event.to_dict()}
    signature = {
        "algorithm": ALGORITHM,
        "public_key": public_key.hex(),
        "value": sign(canonical_json(unsigned)).hex(),
    }
    return {**unsigned, "signature": signature}


def digests_of(receipt: Mapping[str, Any]) -> Digests:
    """The digests that a receipt names."""
    return Digests(receipt["sha256"]["quality"], receipt["sha256"]["price"])


def problems(receipt: Mapping[str, Any], *, public_key: str | None = None) -> list[str]:
    """Why a receipt is not what this platform issued, in sentences; empty when nothing is wrong.

    It recomputes the event's hash, compares the event with what the receipt states, and checks the
    signature: by `public_key` (64 hexadecimal digits, as the platform publishes it) where it is
    given, else by the key that the receipt itself names. Whether the event still stands in the
    trail is seen by comparing its hash with the stream's export.
    """
    event, signature = receipt.get("event"), receipt.get("signature")
    if receipt.get("kind") not in {KIND, WITHDRAWAL} or not isinstance(event, Mapping):
        return ["This is not the receipt of a bid."]
    unsigned = {name: value for name, value in receipt.items() if name != "signature"}
    stated = {name: value for name, value in unsigned.items() if name != "event"}
    found = []
    if event.get("changes") != stated:
        found.append("What the receipt states is not what its event in the trail says.")
    try:
        written = {name: value for name, value in event.items() if name != "hash"}
        if link_hash(**written) != event.get("hash"):
            found.append("The event was changed after its hash was computed.")
    except (TypeError, ValueError):
        found.append("The event has not the shape of an event of the trail.")
    return [*found, *_signature_problems(unsigned, signature, public_key)]


def _signature_problems(
    unsigned: Mapping[str, Any], signature: object, public_key: str | None
) -> list[str]:
    if not isinstance(signature, Mapping) or signature.get("algorithm") != ALGORITHM:
        return ["The receipt is not signed."]
    named = signature.get("public_key")
    if public_key is not None and named != public_key.lower():
        return ["The receipt is signed with another key than the one that you gave."]
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(str(named)))
        key.verify(bytes.fromhex(str(signature.get("value"))), canonical_json(dict(unsigned)))
    except (InvalidSignature, TypeError, ValueError):
        return ["The signature does not belong to this receipt."]
    return []


def receipt_sha256(receipt: Mapping[str, Any]) -> str:
    """The SHA-256 of the whole signed receipt, by which it is counted at the closing."""
    return sha256_hex(dict(receipt))


def document_problems(receipt: Mapping[str, Any], envelope: str, document_sha256: str) -> list[str]:
    """Why a document is not the one that the receipt names; empty when it is."""
    digests = receipt.get("sha256")
    if isinstance(digests, Mapping) and digests.get(envelope) == document_sha256:
        return []
    return [f"The {envelope} document is not the one that was received."]
