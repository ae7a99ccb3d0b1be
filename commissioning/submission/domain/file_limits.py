"""How many files a bid may have, and how large: what is stored for one bidder is bounded.

Sizes are in bytes of the file in clear; what is stored is a little more, up to twice as much.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from commissioning.kernel.errors import BadInput
from commissioning.submission.domain.envelopes import FileEntry

LARGEST_FILE_BYTES: Final = 50 * 1024 * 1024
MOST_FILES_PER_ANSWER: Final = 5
MOST_FILES_PER_BID: Final = 40
MOST_BYTES_PER_BID: Final = 400_000_000
_MEGABYTE: Final = 1_000_000


def require_room(files: Sequence[FileEntry], leaf: str) -> int:
    """One more file is taken while neither the answer nor the bid is full.

    `files` are those of the draft. Gives the most bytes that the file may have. Raises BadInput at
    `file`, saying what to remove.
    """
    if sum(file.leaf == leaf for file in files) >= MOST_FILES_PER_ANSWER:
        raise BadInput(
            "file",
            f"An answer takes up to {MOST_FILES_PER_ANSWER} files. Remove one before you add "
            "another.",
        )
    if len(files) >= MOST_FILES_PER_BID:
        raise BadInput(
            "file",
            f"A bid takes up to {MOST_FILES_PER_BID} files. Remove one from this or another "
            "answer before you add another.",
        )
    left = MOST_BYTES_PER_BID - bytes_of(files)
    if left <= 0:
        raise _no_room()
    return min(LARGEST_FILE_BYTES, left)


def refusal_of_size(name: str, size: int, most: int) -> BadInput:
    """Why a file of this size was refused where `most` bytes were left for it; at `file`."""
    if size == 0:
        return BadInput("file", f"“{name}” is empty. Choose the file again.")
    if most < LARGEST_FILE_BYTES:
        return _no_room()
    largest = LARGEST_FILE_BYTES // _MEGABYTE
    return BadInput("file", f"“{name}” is larger than {largest} MB. Choose a smaller file.")


def bytes_of(files: Sequence[FileEntry]) -> int:
    """The bytes of all these files together."""
    return sum(file.size for file in files)


def _no_room() -> BadInput:
    return BadInput(
        "file",
        f"The files of a bid have up to {MOST_BYTES_PER_BID // _MEGABYTE} MB together, and with "
        "this one there would be more. Choose a smaller file, or remove another first.",
    )
