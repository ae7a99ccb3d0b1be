"""Whether an XML part of a packed document tells its reader to fetch or to repeat something.

An office document is a ZIP file of XML parts. A part that begins with a document type can name
entities: other files to be put in their place, or words that grow without end. No office program
writes one. A document type stands before the first element, so the first bytes of a part show it:
they alone are unpacked, within a bound, while the file streams past. What has no element so far
down hides its beginning behind comments, which no office program does either, and is named as well.
"""

from __future__ import annotations

import re
import struct
import zlib
from typing import Final

_SIGN: Final = b"PK\x03\x04"
_HEADER: Final = struct.Struct("<4s5H3L2H")
_PACKED_BYTES: Final = 8192
_UNPACKED_BYTES: Final = 16384
_MOST_PARTS: Final = 5000
_STORED, _DEFLATED = 0, 8
_LOCKED: Final = 1
_XML: Final = re.compile(rb"\.(?:xml|rels|vml|svg|xslt?)$", re.IGNORECASE)
_BEFORE_ELEMENTS: Final = re.compile(rb"<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)", re.DOTALL)
_ELEMENT: Final = re.compile(rb"<[^!?\s]")
_DOCTYPE: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)\b", re.IGNORECASE)


def declares_entities(text: bytes) -> bool:
    """Whether the first bytes of an XML text hold a document type, in whichever encoding.

    So it is, to be safe, where they are 8 KiB or more and no element begins in them.
    """
    plain = text.replace(b"\x00", b"")
    if _DOCTYPE.search(plain):
        return True
    is_cut = len(text) >= _PACKED_BYTES
    return is_cut and _ELEMENT.search(_BEFORE_ELEMENTS.sub(b"", plain)) is None


class PartsLook:
    """Looks at the beginning of each XML part while a ZIP file streams past; `found` says what.

    It holds a header and a few KiB at most, and looks at no more than 5,000 parts.
    """

    def __init__(self) -> None:
        self._held = b""
        self._parts = 0
        self.found = False

    @property
    def kept_bytes(self) -> int:
        """How many bytes are held at this moment."""
        return len(self._held)

    def keep(self, part: bytes, *, is_last: bool = False) -> None:
        """Look at the next bytes of the file."""
        if self.found or self._parts >= _MOST_PARTS:
            self._held = b""
            return
        content = self._held + part
        at = content.find(_SIGN)
        while at >= 0 and not self.found:
            if not is_last and len(content) < self._end(content, at):
                self._held = content[at:]
                return
            self._look(content, at)
            at = content.find(_SIGN, at + len(_SIGN))
        self._held = content[-len(_SIGN) + 1 :]

    def _end(self, content: bytes, at: int) -> int:
        """Up to where the file must be here before a part that begins there is looked at."""
        start = at + _HEADER.size
        if len(content) < start:
            return start
        *_, name, extra = _HEADER.unpack_from(content, at)
        return start + int(name) + int(extra) + _PACKED_BYTES

    def _look(self, content: bytes, at: int) -> None:
        if len(content) < at + _HEADER.size:
            return
        _, _, flags, method, *_, name, extra = _HEADER.unpack_from(content, at)
        start = at + _HEADER.size
        if flags & _LOCKED or not _XML.search(content[start : start + name]):
            return
        self._parts += 1
        packed = content[start + name + extra :][:_PACKED_BYTES]
        self.found = declares_entities(_beginning(packed, method))


def _beginning(packed: bytes, method: int) -> bytes:
    """The first bytes of a part; none where it is not packed in one of the two common ways."""
    if method == _STORED:
        return packed
    if method != _DEFLATED:
        return b""
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, _UNPACKED_BYTES)
    except zlib.error:
        return b""
