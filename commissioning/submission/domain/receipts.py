"""Receipts: what a bidder holds in hand, and can check with no part of this platform.

A receipt names the bid, the instant of receipt and the digest of each envelope's document, and
carries the event that the submission left in the bidder's own stream of the trail. The event's hash
covers the digests, and every later event of the stream follows from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commissioning.audit.domain.chain import Link, instant_text, link_hash
from commissioning.submission.domain.sealing import Place

KIND = "receipt of a bid"


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
    replaces: str | None,
) -> dict[str, Any]:
    """What a receipt states, before its place in the trail is known.

    `replaces` names the receipt whose submission this one takes the place of. The trail's event
    holds exactly this as its changes.
    """
    return {
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
        "replaces": replaces,
        "sha256": digests.to_dict(),
    }


def body(stated: Mapping[str, Any], event: Link) -> dict[str, Any]:
    """The whole receipt: what it states, and the event of the trail that says the same."""
    return {**stated, "event": event.to_dict()}


def digests_of(receipt: Mapping[str, Any]) -> Digests:
    """The digests that a receipt names."""
    return Digests(receipt["sha256"]["quality"], receipt["sha256"]["price"])


def problems(receipt: Mapping[str, Any]) -> list[str]:
    """Why a receipt is not what this platform issued, in sentences; empty when nothing is wrong.

    It recomputes the event's hash and compares the event with what the receipt states. Whether the
    event still stands in the trail is seen by comparing its hash with the stream's export.
    """
    event = receipt.get("event")
    if receipt.get("kind") != KIND or not isinstance(event, Mapping):
        return ["This is not the receipt of a bid."]
    stated = {name: value for name, value in receipt.items() if name != "event"}
    found = []
    if event.get("changes") != stated:
        found.append("What the receipt states is not what its event in the trail says.")
    try:
        written = {name: value for name, value in event.items() if name != "hash"}
        if link_hash(**written) != event.get("hash"):
            found.append("The event was changed after its hash was computed.")
    except (TypeError, ValueError):
        found.append("The event has not the shape of an event of the trail.")
    return found


def document_problems(receipt: Mapping[str, Any], envelope: str, document_sha256: str) -> list[str]:
    """Why a document is not the one that the receipt names; empty when it is."""
    if receipt.get("sha256", {}).get(envelope) == document_sha256:
        return []
    return [f"The {envelope} document is not the one that was received."]
