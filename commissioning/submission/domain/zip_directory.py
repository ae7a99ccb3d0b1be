"""The list of contents at the end of a ZIP file, read from its last bytes and never unpacked."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Final

MOST_ENTRIES: Final = 5000
"""Entries that are looked at; a file with more says so and is not looked through."""

_END: Final = struct.Struct("<4s4H2LH")
_END_SIGN: Final = b"PK\x05\x06"
_LONGEST_COMMENT: Final = 0xFFFF
_ENTRY: Final = struct.Struct("<4s6H3L5H2L")
_ENTRY_SIGN: Final = b"PK\x01\x02"
_LOCAL_BYTES: Final = 30
_IN_ZIP64: Final = 0xFFFFFFFF
_MANY_IN_ZIP64: Final = 0xFFFF
_LINK: Final = 0o120000
_KIND_MASK: Final = 0o170000
_OUTSIDE: Final = re.compile(r"^[/\\]|^[A-Za-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)|\x00")


class NoDirectory(ValueError):
    """The end of the file has no list of contents that holds together."""


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """One line of the list: what it says of itself, which nothing here believes."""

    name: str
    packed: int
    unpacked: int
    start: int
    is_locked: bool
    is_link: bool

    @property
    def leads_outside(self) -> bool:
        """Whether it would be unpacked outside its folder, or points there."""
        return self.is_link or bool(_OUTSIDE.search(self.name))


@dataclass(frozen=True, slots=True)
class ZipDirectory:
    """The contents of a ZIP file as its end lists them; `count` is what it says there are."""

    count: int
    entries: tuple[ZipEntry, ...]

    @property
    def has_more(self) -> bool:
        """Whether there are more entries than were looked at."""
        return self.count > len(self.entries)

    @property
    def packed(self) -> int:
        """Bytes of all entries as they lie in the file."""
        return sum(entry.packed for entry in self.entries)

    @property
    def unpacked(self) -> int:
        """Bytes of all entries once unpacked, as they say."""
        return sum(entry.unpacked for entry in self.entries)

    @property
    def overlaps(self) -> bool:
        """Whether two entries share bytes of the file, which no honest program writes."""
        after = -1
        placed = [entry for entry in self.entries if entry.start != _IN_ZIP64]
        for entry in sorted(placed, key=lambda one: one.start):
            if entry.start < after:
                return True
            after = entry.start + _LOCAL_BYTES + entry.packed
        return False


def directory_of(tail: bytes, size: int) -> ZipDirectory:
    """The list of contents of a ZIP file, from its last bytes.

    `tail` is the end of the file and `size` the length of the whole. Reads at most MOST_ENTRIES
    entries, and none where the list is longer than the tail. Raises NoDirectory.
    """
    at = tail.rfind(_END_SIGN, max(0, len(tail) - _END.size - _LONGEST_COMMENT))
    if at < 0 or len(tail) - at < _END.size:
        raise NoDirectory
    _, _, _, _, count, length, _, _ = _END.unpack_from(tail, at)
    if count == _MANY_IN_ZIP64 or length == _IN_ZIP64 or length > at:
        # The list is longer than what was kept, or of the larger format: it is not looked through.
        return ZipDirectory(max(count, MOST_ENTRIES + 1), ())
    entries: list[ZipEntry] = []
    place = at - length
    for _ in range(min(count, MOST_ENTRIES)):
        entry, place = _entry(tail, place, at)
        if entry.start >= size and entry.start != _IN_ZIP64:
            raise NoDirectory
        entries.append(entry)
    return ZipDirectory(count, tuple(entries))


def _entry(tail: bytes, place: int, end: int) -> tuple[ZipEntry, int]:
    if place + _ENTRY.size > end:
        raise NoDirectory
    sign, made_by, _, flags, *_, packed, unpacked, name, extra, comment, _, _, mode, start = (
        _ENTRY.unpack_from(tail, place)
    )
    after = place + _ENTRY.size + name + extra + comment
    if sign != _ENTRY_SIGN or after > end:
        raise NoDirectory
    raw = tail[place + _ENTRY.size : place + _ENTRY.size + name]
    is_unix = made_by >> 8 in {3, 19}
    entry = ZipEntry(
        raw.decode("utf-8", "replace"),
        packed,
        unpacked,
        start,
        bool(flags & 1),
        is_unix and (mode >> 16) & _KIND_MASK == _LINK,
    )
    return entry, after
