"""The pieces of a file under way: sealed before they are stored, opened when the file is whole."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime

from commissioning.identity.domain import keys
from commissioning.infrastructure import discards, documents
from commissioning.submission import queries
from commissioning.submission.domain.file_pieces import Announced
from commissioning.submission.domain.sealing import FileSeal, opened_file
from commissioning.submission.models import FilePiece, FileUnderWay
from commissioning.submission.services.files import checked

_SALT_BYTES = 32


def sealed_piece(row: FileUnderWay, announced: Announced, number: int, content: bytes) -> FilePiece:
    """A piece in the store, sealed as any file under a key that was never used before.

    The key comes from a fresh salt: a piece whose request failed after it was stored, and came
    again, would otherwise be sealed twice under one key and nonce.
    """
    salt = secrets.token_bytes(_SALT_BYTES)
    purpose = _purpose(row, announced, number)
    seal = FileSeal(_piece_key(announced, salt, purpose), purpose=purpose, largest=len(content))
    return FilePiece(
        number=number, salt=salt, store_key=documents.store().put(seal.pieces([content]))
    )


def _purpose(row: FileUnderWay, announced: Announced, number: int) -> str:
    place = queries.place_of(row.bid)
    return place.piece_purpose(row.reference, number, size=announced.size)


def _piece_key(announced: Announced, salt: bytes, purpose: str) -> bytes:
    return keys.key_from_secret(announced.key, purpose=purpose, salt=salt)


def content_of(
    row: FileUnderWay, announced: Announced, at_hand: Mapping[int, bytes]
) -> Iterator[bytes]:
    """The whole file in its order, a part of a piece at a time; BidDamaged.

    `at_hand` are pieces that have just arrived: they are not stored first to be read again.
    """
    stored = {piece.number: piece for piece in row.pieces}
    for number, digest in enumerate(announced.digests):
        if number in at_hand:
            yield at_hand[number]
            continue
        piece = stored[number]
        purpose = _purpose(row, announced, number)
        yield from checked(
            opened_file(
                _piece_key(announced, piece.salt, purpose),
                documents.store().read(piece.store_key),
                purpose=purpose,
                size=announced.length_of(number),
                sha256=digest,
            )
        )


def discard_pieces(row: FileUnderWay, *, at: datetime) -> None:
    """The pieces go: the file is whole, or nobody goes on with it."""
    for piece in row.pieces:
        discards.discard(piece.store_key, at=at)
    row.pieces.clear()
