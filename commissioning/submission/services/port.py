"""The one port to what lies in a bid: put, read, seal, open. Nothing else looks inside.

A draft and the bidder's own copy are sealed to the bidder's key, the submission to the
competition's key of the round. Rows, queries, lists, logs and the trail hold ciphertexts and
digests only.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from commissioning.identity import services as identity
from commissioning.identity.models import Organisation
from commissioning.kernel.actor import Actor
from commissioning.kernel.canonical import canonical_json
from commissioning.kernel.errors import Conflict
from commissioning.submission import queries
from commissioning.submission.domain.envelopes import (
    PriceDocument,
    QualityDocument,
    price_from,
    quality_from,
)
from commissioning.submission.domain.file_pieces import Announced, announced_from
from commissioning.submission.domain.sealing import (
    Envelope,
    SealBroken,
    open_document,
    seal_document,
)
from commissioning.submission.models import Bid, FileUnderWay

_DRAFT = "draft of a bid"
_OWN_COPY = "own copy of a bid"
_SUBMISSION = "bid"
"""What a ciphertext is for; it opens for no other purpose."""


class BidDamaged(Conflict):
    """What the bidder's own key should open does not open."""

    def __init__(self) -> None:
        super().__init__(
            "This bid was changed outside the platform and cannot be opened. Tell the authority "
            "at once, and keep your receipt."
        )


def unlock(actor: Actor, organisation: Organisation) -> bytes:
    """The bidder's private key, through the session of one of its people; KeyLocked without it."""
    return identity.organisation_private_key(actor, organisation.reference)


def new_salt() -> str:
    """A fresh salt for a document, so that its digest tells nothing of its content."""
    return secrets.token_hex(16)


def put_quality(bid: Bid, document: QualityDocument) -> None:
    """Keep a quality document as the bid's draft, sealed to the bidder's key."""
    _put(bid, Envelope.QUALITY, document.to_dict())


def put_price(bid: Bid, document: PriceDocument) -> None:
    """Keep a price document as the bid's draft, sealed to the bidder's key."""
    _put(bid, Envelope.PRICE, document.to_dict())


def _put(bid: Bid, envelope: Envelope, document: Mapping[str, Any]) -> None:
    purpose = queries.place_of(bid).purpose(_DRAFT, envelope)
    row = queries.envelope_of(bid, envelope)
    row.draft = seal_document(bid.organisation.public_key, document, purpose=purpose)


def read_quality(key: bytes, bid: Bid) -> QualityDocument | None:
    """The quality draft, opened with the bidder's key; None before the first draft."""
    sealed = queries.envelope_of(bid, Envelope.QUALITY).draft
    if sealed is None:
        return None
    return _own_quality(key, bid, sealed, _DRAFT)


def read_price(key: bytes, bid: Bid) -> PriceDocument | None:
    """The price draft, opened with the bidder's key; None before the first draft."""
    sealed = queries.envelope_of(bid, Envelope.PRICE).draft
    if sealed is None:
        return None
    return _own_price(key, bid, sealed, _DRAFT)


def read_submitted(key: bytes, bid: Bid) -> tuple[QualityDocument, PriceDocument] | None:
    """What was submitted last, opened with the bidder's key; None when nothing ever was."""
    quality = queries.envelope_of(bid, Envelope.QUALITY).own_copy
    price = queries.envelope_of(bid, Envelope.PRICE).own_copy
    if quality is None or price is None:
        return None
    return _own_quality(key, bid, quality, _OWN_COPY), _own_price(key, bid, price, _OWN_COPY)


def _own_quality(key: bytes, bid: Bid, sealed: bytes, kind: str) -> QualityDocument:
    place = queries.place_of(bid)
    try:
        purpose = place.purpose(kind, Envelope.QUALITY)
        return quality_from(open_document(key, sealed, purpose=purpose), place)
    except SealBroken as error:
        raise BidDamaged from error


def _own_price(key: bytes, bid: Bid, sealed: bytes, kind: str) -> PriceDocument:
    place = queries.place_of(bid)
    try:
        purpose = place.purpose(kind, Envelope.PRICE)
        return price_from(open_document(key, sealed, purpose=purpose), place)
    except SealBroken as error:
        raise BidDamaged from error


def seal_announced(bid: Bid, upload: str, announced: Announced) -> bytes:
    """What was announced of a file under way, sealed to the bidder's key."""
    purpose = queries.place_of(bid).upload_purpose(upload)
    return seal_document(bid.organisation.public_key, announced.to_dict(), purpose=purpose)


def read_announced(key: bytes, row: FileUnderWay) -> Announced:
    """What was announced of a file under way, opened with the bidder's key; BidDamaged."""
    purpose = queries.place_of(row.bid).upload_purpose(row.reference)
    try:
        return announced_from(open_document(key, row.announced, purpose=purpose))
    except SealBroken as error:
        raise BidDamaged from error


@dataclass(frozen=True, slots=True)
class SealedEnvelope:
    """An envelope as it is submitted: sealed to the competition, and to the bidder."""

    sealed: bytes
    own_copy: bytes
    sha256: str


def seal(
    bid: Bid,
    quality: QualityDocument,
    price: PriceDocument,
    opening_keys: Mapping[Envelope, bytes],
) -> dict[Envelope, SealedEnvelope]:
    """Seal what is sent: to the competition's public key of each envelope, and to the bidder."""
    place = queries.place_of(bid)
    sealed = {}
    for envelope, document in ((Envelope.QUALITY, quality), (Envelope.PRICE, price)):
        content = document.to_dict()
        sealed[envelope] = SealedEnvelope(
            sealed=seal_document(
                opening_keys[envelope], content, purpose=place.purpose(_SUBMISSION, envelope)
            ),
            own_copy=seal_document(
                bid.organisation.public_key, content, purpose=place.purpose(_OWN_COPY, envelope)
            ),
            sha256=document.sha256,
        )
    return sealed


def put_in_place(bid: Bid, envelopes: Mapping[Envelope, SealedEnvelope]) -> None:
    """What is sealed becomes what the bid's envelopes hold, for the openings to open."""
    for envelope, given in envelopes.items():
        row = queries.envelope_of(bid, envelope)
        row.own_copy, row.sealed, row.sha256 = given.own_copy, given.sealed, given.sha256


def open_sealed(private_key: bytes, bid: Bid, envelope: Envelope, *, sha256: str) -> str:
    """What a bid's envelope holds, in canonical JSON, opened with the competition's key.

    `sha256` is the digest on the receipt of what was submitted last. Raises SealBroken for another
    key, a changed ciphertext, an envelope put in another's place, or content other than received.
    """
    place = queries.place_of(bid)
    sealed = queries.envelope_of(bid, envelope).sealed
    if sealed is None:
        raise SealBroken("there is no sealed envelope")
    purpose = place.purpose(_SUBMISSION, envelope)
    content = open_document(private_key, sealed, purpose=purpose)
    read = quality_from if envelope is Envelope.QUALITY else price_from
    document = read(content, place)
    if document.sha256 != sha256:
        raise SealBroken("the content is not what the receipt names")
    return canonical_json(document.to_dict()).decode()
