"""Sealing: what is put into an envelope, and how nobody learns even its length.

An envelope's document is canonical JSON, padded, and encrypted to a public key with HPKE under a
purpose that names the competition, round, lot, envelope and bid; it opens under no other. A file is
sealed in pieces while it streams in, under a key of its own that stands only inside the envelope.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from commissioning.identity.domain import keys
from commissioning.kernel.canonical import canonical_json

MINIMUM_BUCKET: Final = 4096
MINIMUM_FILE_BUCKET: Final = 1 << 16
PIECE_BYTES: Final = 1 << 16
_LENGTH_BYTES: Final = 8
_TAG_BYTES: Final = 16
FIRST_ROUND: Final = 1


class Envelope(StrEnum):
    """The two envelopes of a bid; the price stays closed until quality is locked."""

    QUALITY = "quality"
    PRICE = "price"


class SealBroken(Exception):
    """What was sealed does not open: another key, another place, or a changed byte."""


class FileRefused(Exception):
    """A file is empty or too large; `size` is what was counted up to then, in bytes."""

    def __init__(self, size: int) -> None:
        super().__init__(f"a file of {size} bytes")
        self.size = size


@dataclass(frozen=True, slots=True)
class Place:
    """Where an envelope belongs, in references; a sealed text opens nowhere else."""

    competition: str
    round: int
    lot: str
    bidder: str
    bid: str

    def purpose(self, kind: str, envelope: Envelope) -> str:
        """What HPKE binds: a list in canonical JSON, so that no two places read alike."""
        return canonical_json(
            [
                kind,
                self.competition,
                self.round,
                self.lot,
                envelope.value,
                self.bidder,
                self.bid,
            ]
        ).decode()

    def file_purpose(self, file: str) -> str:
        """What a sealed file is bound to."""
        return canonical_json(["bid file", self.competition, self.bid, file]).decode()

    def upload_purpose(self, upload: str) -> str:
        """What the announcement of a file under way is bound to."""
        return canonical_json(["file under way", self.competition, self.bid, upload]).decode()

    def piece_purpose(self, upload: str, number: int, *, size: int) -> str:
        """What one piece of a file under way is bound to: its place, and the size of the whole.

        So a piece put in another's place, or one of a file that was cut, does not open.
        """
        return canonical_json(
            ["piece of a file under way", self.competition, self.bid, upload, number, size]
        ).decode()


def bucket(length: int, *, minimum: int = MINIMUM_BUCKET) -> int:
    """The size to which something of this length is padded: the next power of two, in bytes.

    Whoever can list the stored ciphertexts would otherwise read from their lengths how far a bid
    has come, or tell bids apart. The smallest bucket is 4 KiB: a price schedule always fits, and a
    competition of a hundred bids stays quick; a longer answer shows its length to a factor of two.
    """
    size = minimum
    while size < length:
        size *= 2
    return size


def padded(plain: bytes) -> bytes:
    """The bytes with their length before them and zeros after, filled up to a bucket."""
    framed = len(plain).to_bytes(_LENGTH_BYTES, "big") + plain
    return framed.ljust(bucket(len(framed)), b"\0")


def unpadded(block: bytes) -> bytes:
    """What `padded` was given; SealBroken for any block that it cannot have made."""
    length = int.from_bytes(block[:_LENGTH_BYTES], "big")
    end = _LENGTH_BYTES + length
    if len(block) < end or len(block) != bucket(end) or block[end:].strip(b"\0"):
        raise SealBroken("the padding is not ours")
    return block[_LENGTH_BYTES:end]


def seal_document(public_key: bytes, document: Mapping[str, Any], *, purpose: str) -> bytes:
    """Seal a document for the holder of the private half, for one purpose and no other."""
    return keys.seal_to(public_key, padded(canonical_json(dict(document))), purpose=purpose)


def open_document(private_key: bytes, sealed: bytes, *, purpose: str) -> dict[str, Any]:
    """Open what was sealed for this purpose.

    Raises SealBroken for a wrong key, a wrong purpose, or a ciphertext of which one bit differs.
    """
    try:
        block = keys.open_with(private_key, sealed, purpose=purpose)
    except keys.CannotOpen as error:
        raise SealBroken("the key, the place or the ciphertext is another one") from error
    try:
        document = json.loads(unpadded(block))
    except (ValueError, RecursionError) as error:  # anybody can seal anything to a public key
        raise SealBroken("there is no document inside") from error
    if not isinstance(document, dict):
        raise SealBroken("there is no document inside")
    return document


class FileSeal:
    """Seals a file while it streams through; afterwards `size` and `sha256` are those of the file.

    Each piece is sealed by itself (AES-256-GCM), with its number and whether it is the last one in
    its nonce, so that a piece dropped, repeated, moved or cut off is found. Raises FileRefused,
    before the store has made anything durable, for a file that is empty or over `largest` bytes.
    """

    def __init__(self, key: bytes, *, purpose: str, largest: int) -> None:
        self._cipher = AESGCM(key)
        self._bound = purpose.encode()
        self._largest = largest
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        """The SHA-256 of the file in clear, as hexadecimal digits."""
        return self._hash.hexdigest()

    def pieces(self, content: Iterable[bytes]) -> Iterator[bytes]:
        """The sealed pieces of a file whose pieces, of any length, are given."""
        number = 0
        held = bytearray()
        for part in self._padded(content):
            held += part
            while len(held) > PIECE_BYTES:  # one full piece is kept back: it may be the last
                yield self._seal(bytes(held[:PIECE_BYTES]), number, is_last=False)
                del held[:PIECE_BYTES]
                number += 1
        yield self._seal(bytes(held), number, is_last=True)

    def _padded(self, content: Iterable[bytes]) -> Iterator[bytes]:
        for part in content:
            self.size += len(part)
            if self.size > self._largest:
                raise FileRefused(self.size)
            self._hash.update(part)
            yield part
        if self.size == 0:
            raise FileRefused(0)
        missing = bucket(self.size, minimum=MINIMUM_FILE_BUCKET) - self.size
        while missing > 0:
            yield bytes(min(missing, PIECE_BYTES))
            missing -= PIECE_BYTES

    def _seal(self, piece: bytes, number: int, *, is_last: bool) -> bytes:
        return self._cipher.encrypt(_nonce(number, is_last=is_last), piece, self._bound)


def opened_file(
    key: bytes, sealed: Iterable[bytes], *, purpose: str, size: int, sha256: str
) -> Iterator[bytes]:
    """The pieces of a file that FileSeal sealed; `size` and `sha256` are those of the envelope.

    Raises SealBroken as soon as a piece does not open, and at the end when one is missing.
    """
    cipher, bound = AESGCM(key), purpose.encode()
    digest = hashlib.sha256()
    left = size
    for number, (piece, is_last) in enumerate(_marked(sealed)):
        try:
            plain = cipher.decrypt(_nonce(number, is_last=is_last), piece, bound)
        except InvalidTag as error:
            raise SealBroken("a piece of the file does not open") from error
        kept = plain[:left]
        left -= len(kept)
        digest.update(kept)
        yield kept
    if left or digest.hexdigest() != sha256:
        raise SealBroken("the file is not the one that the envelope names")


def _marked(sealed: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The sealed pieces at their own lengths, each with whether it is the last."""
    whole = PIECE_BYTES + _TAG_BYTES
    held = bytearray()
    for part in sealed:
        held += part
        while len(held) > whole:
            yield bytes(held[:whole]), False
            del held[:whole]
    yield bytes(held), True


def _nonce(number: int, *, is_last: bool) -> bytes:
    # Each file has a key of its own, so the number of the piece is enough to be used only once.
    return number.to_bytes(11, "big") + (b"\1" if is_last else b"\0")
