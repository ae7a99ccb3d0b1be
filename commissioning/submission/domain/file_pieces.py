"""A file that arrives in pieces: what is announced of it first, and what each piece must be.

The bidder's browser announces the name, the size and the SHA-256 of every piece. A piece is taken
only where it is the one that was announced, so a file that changed meanwhile, on the bidder's side
or on the way, is never put together from two versions.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from commissioning.kernel.errors import BadInput
from commissioning.kernel.file_names import safe_file_name
from commissioning.submission.domain.sealing import SealBroken

UPLOAD_PIECE_BYTES: Final = 4 * 1024 * 1024
"""The length of every piece but the last: what a broken line costs, and what is in memory."""

MOST_UNDER_WAY: Final = 8
"""Files that a bid may have under way at once."""

KEPT_UNDER_WAY: Final = timedelta(hours=24)
"""How long after its last piece a file under way is kept."""

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_LONGEST_NAME: Final = 1000
_LONGEST_TYPE: Final = 100


@dataclass(frozen=True, slots=True)
class Announced:
    """A file as it was announced: for which answer, what it is, and the digest of each piece.

    `size` is in bytes; `digests` are SHA-256 in hexadecimal digits, in the order of the pieces;
    `key` is the secret from which the keys of the pieces come, 64 hexadecimal digits.
    """

    leaf: str
    sent_name: str
    media_type: str
    size: int
    digests: tuple[str, ...]
    key: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """The name under which it is kept."""
        return safe_file_name(self.sent_name)

    def length_of(self, number: int) -> int:
        """How many bytes a piece has, by its number from 0."""
        return min(UPLOAD_PIECE_BYTES, self.size - number * UPLOAD_PIECE_BYTES)

    def arrived(self, numbers: Iterable[int]) -> int:
        """How many bytes these pieces are."""
        return sum(self.length_of(number) for number in numbers)

    def lacks(self, numbers: Collection[int]) -> bool:
        """Whether a piece is still missing."""
        return any(number not in numbers for number in range(len(self.digests)))

    def is_same(self, other: Announced) -> bool:
        """Whether both announce the same file for the same answer."""
        return self.leaf == other.leaf and not _differences(self, other)

    def to_dict(self) -> dict[str, Any]:
        """The document that is sealed to the bidder's key."""
        return {
            "leaf": self.leaf,
            "name": self.sent_name,
            "media_type": self.media_type,
            "size": self.size,
            "digests": list(self.digests),
            "key": self.key,
        }


def announced_from(document: Mapping[str, Any]) -> Announced:
    """Read an announcement that was sealed; SealBroken for a document of another shape."""
    try:
        read = Announced(
            document["leaf"],
            document["name"],
            document["media_type"],
            document["size"],
            tuple(document["digests"]),
            document["key"],
        )
        _check_shape(read)
        texts = (read.leaf, read.sent_name, read.media_type)
        if not all(isinstance(text, str) for text in texts) or not _DIGEST.fullmatch(read.key):
            raise TypeError
    except (BadInput, KeyError, TypeError, ValueError) as error:
        raise SealBroken("the announcement has another shape") from error
    return read


def announcement(
    *,
    leaf: str,
    file_name: str,
    media_type: str,
    size: int,
    digests: Sequence[str],
    key: bytes,
) -> Announced:
    """What a bidder says of a file before it sends the first piece.

    Raises BadInput at `file` where the digests are not one for each piece of a file of that size.
    """
    made = Announced(
        leaf,
        file_name[-_LONGEST_NAME:],
        media_type[:_LONGEST_TYPE],
        size,
        tuple(digests),
        key.hex(),
    )
    _check_shape(made)
    return made


def _check_shape(announced: Announced) -> None:
    pieces = -(-announced.size // UPLOAD_PIECE_BYTES)
    is_whole = len(announced.digests) == pieces and pieces > 0
    if not is_whole or not all(_DIGEST.fullmatch(digest) for digest in announced.digests):
        raise BadInput("file", "The file could not be read. Load this page again and choose it.")


def check_piece(announced: Announced, number: int, content: bytes) -> None:
    """A piece is taken only where it is the one that was announced at its place.

    `number` counts from 0. Raises BadInput at `file`.
    """
    if not 0 <= number < len(announced.digests):
        raise BadInput("file", f"“{announced.name}” has no such piece. Load this page again.")
    is_announced = (
        len(content) == announced.length_of(number)
        and hashlib.sha256(content).hexdigest() == announced.digests[number]
    )
    if not is_announced:
        raise BadInput(
            "file",
            f"A piece of “{announced.name}” arrived other than it was announced: the file has "
            "changed, or the line has spoilt it. Choose the file again to go on.",
        )


def refusal_of_another(under_way: Announced, chosen: Announced) -> str | None:
    """Why a file that was chosen does not go on with the one under way; None where it does."""
    differences = _differences(under_way, chosen)
    if not differences:
        return None
    return (
        f"“{chosen.name}” is not the file that is under way: {' and '.join(differences)}. Choose "
        "the file that is under way to go on with it, or send this one instead."
    )


def _differences(under_way: Announced, chosen: Announced) -> list[str]:
    found = []
    if under_way.sent_name != chosen.sent_name:
        found.append(f"that one is called “{under_way.name}”")
    if under_way.size != chosen.size:
        found.append(f"this one has {chosen.size:,} bytes and that one {under_way.size:,}")
    elif under_way.digests[0] != chosen.digests[0]:
        found.append("they begin differently")
    elif under_way.digests != chosen.digests:
        found.append("they begin alike and go on differently")
    return found


def check_under_way(count: int) -> None:
    """A bid has so many files under way at once and no more; BadInput at `file`."""
    if count >= MOST_UNDER_WAY:
        raise BadInput(
            "file",
            f"This bid has {count} files under way. Go on with one of them, or discard one, "
            "before you begin another.",
        )
