"""What a bidder can be told of a file at once, from its name and a few of its bytes.

A file of a bid is sealed unread: nobody renders or converts it, and no part of it is written down
in clear. While it streams past, its first and its last bytes, and the beginning of each XML part of
an office document, are kept for a moment and looked at. What no evaluator could ever read is
refused; what may hurt or puzzle them is taken, and said to both sides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Final

from commissioning.submission.domain.file_kinds import (
    ARCHIVES,
    KIND_BY_SUFFIX,
    Kind,
    kind_of,
    macro_suffixes,
    program_suffixes,
    suffix_of,
)
from commissioning.submission.domain.xml_parts import PartsLook, declares_entities
from commissioning.submission.domain.zip_directory import NoDirectory, ZipDirectory, directory_of

HEAD_BYTES: Final = 4096
TAIL_BYTES: Final = 1 << 20
"""How much of a file's beginning and end is kept while it streams past."""

_BOMB_BYTES: Final = 5_000_000_000
_MUCH_BYTES: Final = 100_000_000
_MUCH_TIMES: Final = 100
_MOST_POINTS: Final = 100_000_000
_POLYGLOT_BYTES: Final = 1024
_MACROS_IN_OLE: Final = "_VBA_PROJECT".encode("utf-16-le")
_LOCKED_OLE: Final = "EncryptedPackage".encode("utf-16-le")
_WORDS: Final = (_MACROS_IN_OLE, _LOCKED_OLE)
_PAGE_INSIDE: Final = re.compile(rb"<(?:html|script|iframe|svg)[\s>/]", re.IGNORECASE)
_XML: Final = re.compile(rb"(?:[\xef\xbb\xbf\xff\xfe\x00\s])*<[\x00]?[?!]")
_MACRO_ENTRY: Final = re.compile(
    r"(?:^|/)vbaproject\.bin$|^xl/macrosheets/|^Basic/|^Scripts/", re.IGNORECASE
)


class Finding(StrEnum):
    """Something about a file that its bidder is told."""

    PROGRAM = "program"
    SCRIPT = "script"
    PAGE = "page"
    DRAWING = "drawing"
    BOMB = "bomb"
    NAME = "name"
    MACROS = "macros"
    MISMATCH = "mismatch"
    LOCKED = "locked"
    LARGE_INSIDE = "large_inside"
    OUTSIDE = "outside"
    PROGRAM_INSIDE = "program_inside"
    ARCHIVE_INSIDE = "archive_inside"
    TWO_KINDS = "two_kinds"
    BROKEN = "broken"
    LARGE_PICTURE = "large_picture"
    ENTITIES = "entities"


REFUSALS: Final[dict[Finding, str]] = {
    Finding.PROGRAM: "“{}” is a program, which nobody may open. Send a document, such as a PDF.",
    Finding.SCRIPT: "“{}” is a script, which nobody may open. Send a document, such as a PDF.",
    Finding.PAGE: "“{}” is a web page, which nobody may open. Save it as a PDF and send that.",
    Finding.DRAWING: "“{}” is an SVG drawing, which can hold a script. Save it as a PDF or PNG.",
    Finding.BOMB: (
        "“{}” would fill a computer when it is unpacked. Pack it again, or send its files."
    ),
}
"""What no evaluator could ever read, and what to send instead; "{}" is the name."""

WARNINGS: Final[dict[Finding, str]] = {
    Finding.NAME: (
        "Its name held a folder, a drive or signs that cannot be seen, which were taken out."
    ),
    Finding.MACROS: "It may hold macros. They are not run, and evaluators read it without them.",
    Finding.MISMATCH: "Its content is not of the type that its name says. It may not open.",
    Finding.LOCKED: "It asks for a password, or may. Evaluators have none and may not read it.",
    Finding.LARGE_INSIDE: "It holds very many files or unpacks to many times its size.",
    Finding.OUTSIDE: "It holds files that would be unpacked outside their folder.",
    Finding.PROGRAM_INSIDE: "It holds a program, a script or a web page, which nobody may open.",
    Finding.ARCHIVE_INSIDE: "It holds an archive inside an archive, which may not be opened.",
    Finding.TWO_KINDS: "It is two kinds of file at once. It may not open.",
    Finding.BROKEN: "It is cut off or damaged. It may not open.",
    Finding.LARGE_PICTURE: "It is a picture of so many points that it may not open.",
    Finding.ENTITIES: (
        "It tells its reader to fetch other files, or to repeat words (XML entities). Nothing of "
        "that is done here, and evaluators read it without. Save it anew, or send a PDF."
    ),
}
"""What is taken and said, on the pages of its bidder and of those who read it."""


class FileUnfit(Exception):
    """A file is of a kind that no evaluator could read; `finding` says which."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.value)
        self.finding = finding


class FirstLook:
    """Looks at a file while it streams past, and keeps no more than its two ends.

    `pieces` gives on what it is given, unchanged; it raises FileUnfit as soon as it is clear that
    the file is refused, at the latest after its last piece. Then `findings` has what else is said.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._head = bytearray()
        self._tail = bytearray()
        self._words: set[bytes] = set()
        self._parts = PartsLook()
        self._kind: Kind | None = None
        self.size = 0
        self.findings: tuple[Finding, ...] = ()

    def pieces(self, content: Iterable[bytes]) -> Iterator[bytes]:
        """The same pieces, looked at."""
        refused_by_name(self._name)
        for part in content:
            self._keep(part)
            if len(self._head) == HEAD_BYTES and self._kind is None:
                self._kind = _accepted(bytes(self._head))
            yield part
        if self.size:
            self._finish()

    @property
    def kept_bytes(self) -> int:
        """How many bytes of the file are held at this moment."""
        return len(self._head) + len(self._tail) + self._parts.kept_bytes

    def _keep(self, part: bytes) -> None:
        self.size += len(part)
        self._head += part[: HEAD_BYTES - len(self._head)]
        self._parts.keep(part)
        overlap = bytes(self._tail[-2 * len(_LOCKED_OLE) :])
        self._words |= {
            word
            for word in _WORDS
            if word in part or word in overlap + part[: 2 * len(_LOCKED_OLE)]
        }
        self._tail += part[-TAIL_BYTES:]
        if len(self._tail) > 2 * TAIL_BYTES:
            del self._tail[:-TAIL_BYTES]

    def _finish(self) -> None:
        head, tail = bytes(self._head), bytes(self._tail[-TAIL_BYTES:])
        kind = self._kind or _accepted(head)
        found = set(_of_type(self._name, kind, head))
        directory = None
        if kind is Kind.ZIP or b"PK\x05\x06" in tail[-1024:]:
            try:
                directory = directory_of(tail, self.size)
            except NoDirectory:
                found |= {Finding.BROKEN} if kind is Kind.ZIP else set()
        if directory is not None:
            found |= _of_directory(self._name, kind, directory)
        self._parts.keep(b"", is_last=True)
        found |= {Finding.ENTITIES} if self._parts.found else set()
        if kind is Kind.OLE:
            found |= {Finding.MACROS} if _MACROS_IN_OLE in self._words else set()
            found |= {Finding.LOCKED} if _LOCKED_OLE in self._words else set()
        if kind is Kind.PDF and (b"/Encrypt" in tail or b"/Encrypt" in head):
            found.add(Finding.LOCKED)
        self._head, self._tail = bytearray(), bytearray()
        self.findings = tuple(finding for finding in Finding if finding in found)


def refused_by_name(name: str) -> None:
    """A program, a script or a page is refused by its suffix, whatever it holds: FileUnfit."""
    suffix = suffix_of(name)
    if suffix in {"html", "htm", "xhtml", "mht", "mhtml"}:
        raise FileUnfit(Finding.PAGE)
    if suffix in {"svg", "svgz"}:
        raise FileUnfit(Finding.DRAWING)
    if suffix in program_suffixes():
        raise FileUnfit(Finding.PROGRAM)


def refused_by_head(head: bytes) -> None:
    """What a file's first bytes show to be a program, a script or a page is refused: FileUnfit.

    Nobody then waits for the rest of a file that will not be taken.
    """
    _accepted(head[:HEAD_BYTES])


def refusal_of_kind(name: str, finding: Finding) -> str:
    """The sentence in which a file is refused, with its name."""
    return REFUSALS[finding].format(name)


def warnings_of(findings: Sequence[str]) -> list[str]:
    """What is said of a file that was taken, a sentence for each finding that is known."""
    return [WARNINGS[finding] for finding in WARNINGS if finding.value in findings]


_REFUSED_KINDS: Final = {
    Kind.PROGRAM: Finding.PROGRAM,
    Kind.SCRIPT: Finding.SCRIPT,
    Kind.HTML: Finding.PAGE,
    Kind.SVG: Finding.DRAWING,
}


def _accepted(head: bytes) -> Kind:
    kind = kind_of(head)
    if kind in _REFUSED_KINDS:
        raise FileUnfit(_REFUSED_KINDS[kind])
    return kind


def _of_type(name: str, kind: Kind, head: bytes) -> Iterator[Finding]:
    suffix = suffix_of(name)
    if suffix in KIND_BY_SUFFIX and kind not in KIND_BY_SUFFIX[suffix]:
        # An office document that is locked with a password lies inside the older format.
        yield Finding.MISMATCH
    if suffix in macro_suffixes():
        yield Finding.MACROS
    if kind is not Kind.TEXT and _PAGE_INSIDE.search(head[:_POLYGLOT_BYTES]):
        yield Finding.TWO_KINDS
    if kind not in {Kind.PDF, Kind.TEXT} and b"%PDF-" in head[:_POLYGLOT_BYTES]:
        yield Finding.TWO_KINDS
    if kind is Kind.TEXT and _XML.match(head) and declares_entities(head):
        yield Finding.ENTITIES
    if _points(kind, head) > _MOST_POINTS:
        yield Finding.LARGE_PICTURE


def _points(kind: Kind, head: bytes) -> int:
    if kind is Kind.PNG:
        return int.from_bytes(head[16:20], "big") * int.from_bytes(head[20:24], "big")
    if kind is Kind.GIF:
        return int.from_bytes(head[6:8], "little") * int.from_bytes(head[8:10], "little")
    return 0


def _of_directory(name: str, kind: Kind, directory: ZipDirectory) -> set[Finding]:
    entries = directory.entries
    if directory.overlaps or directory.unpacked > _BOMB_BYTES:
        raise FileUnfit(Finding.BOMB)
    suffixes = {suffix_of(entry.name) for entry in entries}
    said = {
        Finding.TWO_KINDS: kind is not Kind.ZIP,
        Finding.MISMATCH: kind is Kind.ZIP and not _is_what_it_says(name, directory),
        Finding.MACROS: any(_MACRO_ENTRY.search(entry.name) for entry in entries),
        Finding.LOCKED: any(entry.is_locked for entry in entries),
        Finding.OUTSIDE: any(entry.leads_outside for entry in entries),
        Finding.ARCHIVE_INSIDE: bool(suffixes & ARCHIVES),
        Finding.PROGRAM_INSIDE: bool(suffixes & (program_suffixes() | {"html", "htm", "svg"})),
        Finding.LARGE_INSIDE: directory.has_more
        or directory.unpacked > max(_MUCH_BYTES, _MUCH_TIMES * directory.packed),
    }
    return {finding for finding, holds in said.items() if holds}


_FOLDERS: Final = {
    "docx": "word/", "docm": "word/", "dotx": "word/",
    "xlsx": "xl/", "xlsm": "xl/", "xlsb": "xl/", "xltx": "xl/",
    "pptx": "ppt/", "pptm": "ppt/", "potx": "ppt/",
}  # fmt: skip


def _is_what_it_says(name: str, directory: ZipDirectory) -> bool:
    """Whether an office document has the parts that its suffix promises."""
    folder = _FOLDERS.get(suffix_of(name))
    if folder is None or directory.has_more:
        return True
    names = [entry.name for entry in directory.entries]
    return "[Content_Types].xml" in names and any(one.startswith(folder) for one in names)
