"""Kinds of files by their first bytes, as far as a bid's files need telling apart."""

from __future__ import annotations

import codecs
import re
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What the first bytes of a file say that it is."""

    PROGRAM = "program"
    SCRIPT = "script"
    HTML = "html"
    SVG = "svg"
    PDF = "pdf"
    ZIP = "zip"
    OLE = "ole"
    RTF = "rtf"
    PNG = "png"
    JPEG = "jpeg"
    GIF = "gif"
    TIFF = "tiff"
    OTHER_ARCHIVE = "other_archive"
    TEXT = "text"
    UNKNOWN = "unknown"


_SIGNS: Final = (
    (b"\x7fELF", Kind.PROGRAM),
    (b"\xfe\xed\xfa\xce", Kind.PROGRAM),
    (b"\xfe\xed\xfa\xcf", Kind.PROGRAM),
    (b"\xce\xfa\xed\xfe", Kind.PROGRAM),
    (b"\xcf\xfa\xed\xfe", Kind.PROGRAM),
    (b"\xca\xfe\xba\xbe", Kind.PROGRAM),
    (b"\x00asm", Kind.PROGRAM),
    (b"dex\n", Kind.PROGRAM),
    (b"L\x00\x00\x00\x01\x14\x02\x00", Kind.PROGRAM),  # a shortcut of Windows runs what it names
    (b"%PDF-", Kind.PDF),
    (b"PK\x03\x04", Kind.ZIP),
    (b"PK\x05\x06", Kind.ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.OLE),
    (b"{\\rtf", Kind.RTF),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"GIF87a", Kind.GIF),
    (b"GIF89a", Kind.GIF),
    (b"II*\x00", Kind.TIFF),
    (b"MM\x00*", Kind.TIFF),
    (b"7z\xbc\xaf\x27\x1c", Kind.OTHER_ARCHIVE),
    (b"Rar!\x1a\x07", Kind.OTHER_ARCHIVE),
    (b"\x1f\x8b", Kind.OTHER_ARCHIVE),
    (b"BZh", Kind.OTHER_ARCHIVE),
    (b"\xfd7zXZ\x00", Kind.OTHER_ARCHIVE),
)

_OFFICE: Final = frozenset({Kind.ZIP, Kind.OLE})  # with a password, it lies inside the older format
_OLDER: Final = frozenset({Kind.OLE})
_PACKED: Final = frozenset({Kind.ZIP})
_TEXT: Final = frozenset({Kind.TEXT})
KIND_BY_SUFFIX: Final[dict[str, frozenset[Kind]]] = {
    "pdf": frozenset({Kind.PDF}),
    **dict.fromkeys(("docx", "docm", "dotx", "xlsx", "xlsm", "xlsb", "pptx", "pptm"), _OFFICE),
    **dict.fromkeys(("odt", "ods", "odp", "zip"), _PACKED),
    **dict.fromkeys(("xls", "ppt", "msg"), _OLDER),
    "doc": frozenset({Kind.OLE, Kind.RTF}),
    "rtf": frozenset({Kind.RTF}),
    "png": frozenset({Kind.PNG}),
    **dict.fromkeys(("jpg", "jpeg"), frozenset({Kind.JPEG})),
    "gif": frozenset({Kind.GIF}),
    **dict.fromkeys(("tif", "tiff"), frozenset({Kind.TIFF})),
    **dict.fromkeys(("txt", "csv", "md", "json", "xml"), _TEXT),
    **dict.fromkeys(("7z", "rar", "gz", "bz2", "xz"), frozenset({Kind.OTHER_ARCHIVE})),
}
"""What the content of a file with a known suffix can be."""

ARCHIVES: Final = frozenset({"zip", "7z", "rar", "gz", "tgz", "tar", "bz2", "xz", "cab", "iso"})

_PROGRAMS: Final = frozenset({
    "apk", "app", "appimage", "bat", "cmd", "com", "cpl", "deb", "dll", "dmg", "elf",
    "exe", "gadget", "hta", "inf", "iso", "jar", "js", "jse", "lnk", "mjs", "msc", "msi",
    "msp", "pif", "ps1", "psm1", "py", "pyc", "reg", "rpm", "scf", "scr", "sh", "sys", "url",
    "vb", "vbe", "vbs", "wasm", "ws", "wsf", "wsh", "xll",
})  # fmt: skip
_MACROS: Final = frozenset({
    "docm", "dotm", "xlsm", "xltm", "xlam", "xlsb", "pptm", "potm", "ppsm", "ppam",
})  # fmt: skip
_HTML: Final = re.compile(
    r"<(?:html|head|body|script|iframe|meta|title|style|table|div|base|form|h1|a|img|p|br|frameset)"
    r"(?=[\s>/])",
    re.IGNORECASE,
)
_HTML_DOCTYPE: Final = re.compile(r"<!DOCTYPE\s+html\b", re.IGNORECASE)
_DOCTYPE: Final = re.compile(r"<!DOCTYPE[^>\[]*(?:\[[^\]]*\])?\s*>", re.IGNORECASE)
_SVG: Final = re.compile(r"<(?:[\w.-]+:)?svg(?=[\s>/])", re.IGNORECASE)
_XHTML_ROOT: Final = re.compile(r"<[\w.-]+:(?:html|script)(?=[\s>/])", re.IGNORECASE)


def program_suffixes() -> frozenset[str]:
    """Suffixes that a system would run rather than show."""
    return _PROGRAMS


def macro_suffixes() -> frozenset[str]:
    """Suffixes of documents that say themselves that they hold macros."""
    return _MACROS


def suffix_of(name: str) -> str:
    """The suffix of a file name in small letters, without its dot; "" where it has none."""
    stem, dot, suffix = name.rstrip(" .").rpartition(".")
    return suffix.lower() if dot and (stem or suffix) else ""


def kind_of(head: bytes) -> Kind:
    """The kind of a file by its first bytes; text where they are text, else unknown."""
    if head.startswith(b"MZ") and b"\x00" in head[:512]:
        return Kind.PROGRAM
    found = next((kind for sign, kind in _SIGNS if head.startswith(sign)), None)
    if found is not None:
        return found
    text = _text(head)
    if text is None:
        return Kind.UNKNOWN
    if re.match(r"#!\s*/", text):
        return Kind.SCRIPT
    rest = _first_tag(text)
    if _SVG.match(rest):
        return Kind.SVG
    is_page = any(page.match(rest) for page in (_HTML_DOCTYPE, _HTML, _XHTML_ROOT))
    return Kind.HTML if is_page else Kind.TEXT


def _first_tag(text: str) -> str:
    """A text from its first tag on: blanks, comments and what XML begins with are passed over."""
    rest = text.lstrip()
    while rest:
        if rest.startswith("<!--"):
            _, _, after = rest[4:].partition("-->")
        elif rest.startswith("<?"):
            _, _, after = rest[2:].partition("?>")
        elif not _HTML_DOCTYPE.match(rest) and (doctype := _DOCTYPE.match(rest)):
            after = rest[doctype.end() :]
        else:
            return rest
        rest = after.lstrip()
    return rest


def _text(head: bytes) -> str | None:
    """The first bytes as text, the last sign of which may be cut; None where they are none."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, "ignore")
    if b"\x00" in head:
        return None
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return head.decode("cp1252", "replace")
