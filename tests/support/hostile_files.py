"""Files that somebody could send to hurt whoever opens them: each is made here, none is kept."""

from __future__ import annotations

import io
import random
import stat
import struct
import zipfile

XXE = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>"""
BILLION = (
    b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><d>&j;</d>"
)


def packed(entries, *, comment=b"", compression=zipfile.ZIP_DEFLATED):
    """A ZIP file of {name or ZipInfo: content}."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", compression) as file:
        file.comment = comment
        for name, content in entries.items():
            file.writestr(name, content)
    return written.getvalue()


def office(folder="word", **more):
    """The bones of an office document."""
    parts = {"[Content_Types].xml": b"<Types/>", f"{folder}/document.xml": b"<d/>"}
    return packed(parts | more)


def office_with(name, content=b"x"):
    return packed({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<d/>", name: content})


def sheet_with_entities():
    """A workbook with a part that names a file, not packed, behind much else."""
    parts = {
        "[Content_Types].xml": b"<Types/>",
        "xl/noise.bin": random.Random(1).randbytes(200_000),
    }
    return packed(parts | {"xl/workbook.xml": XXE}, compression=zipfile.ZIP_STORED)


def link_entry():
    info = zipfile.ZipInfo("plan")
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return packed({info: b"/etc/passwd"})


def locked_archive():
    """A ZIP file that says that its entry is encrypted."""
    made = bytearray(packed({"plan.txt": b"words"}))
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        made[made.find(sign) + offset] |= 1
    return bytes(made)


def many_entries(count=100_000):
    """A ZIP file of so many empty files, written by hand: the list alone is megabytes."""
    local = b"".join(
        struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, 0, 0, 6, 0) + b"%06d" % n
        for n in range(count)
    )
    listed = b"".join(_listed(b"%06d" % n, 36 * n) for n in range(count))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(listed), len(local), 0)
    return local + listed + end


def _listed(name, start, packed=0, unpacked=0):
    return (
        struct.pack(
            "<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, 0, packed, unpacked,
            len(name), 0, 0, 0, 0, 0, start,
        )
        + name
    )  # fmt: skip


def overlapping_bomb(count=200):
    """Many entries that all name the same compressed bytes."""
    kernel = b"\x00" * 5000
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 0, 0, 5000, 5_000_000, 1, 0)
    body = local + b"a" + kernel
    listed = b"".join(_listed(b"%04d" % n, 0, 5000, 5_000_000) for n in range(count))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(listed), len(body), 0)
    return body + listed + end


def large_inside():
    return packed({"zeros.txt": b"\x00" * 120_000_000})


def stated_size(unpacked):
    """A ZIP file whose two entries say that they unpack to so many bytes each."""
    body, listed = b"", b""
    for name in (b"a", b"b"):
        start = len(body)
        head = ("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 0, 0, 10, unpacked, 1, 0)
        body += struct.pack(*head) + name + b"\x00" * 10
        listed += _listed(name, start, 10, unpacked)
    return (
        body
        + listed
        + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, len(listed), len(body), 0)
    )


def pixel_flood(width=60_000, height=60_000):
    size = struct.pack(">II5B", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + size + b"\x00" * 40


def program():
    return b"MZ\x90\x00\x03" + b"\x00" * 200 + b"PE\x00\x00"


def older_office(*words):
    """The first bytes of the older office format, with words in it as it writes them."""
    made = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 3000
    return made + b"\x00".join(word.encode("utf-16-le") for word in words) + b"\x00" * 3000


SVG = b'<?xml version="1.0"?><!-- a --><svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
HTML = b"\xef\xbb\xbf \n<!DOCTYPE html><html><script>alert(1)</script></html>"

REFUSED = {
    "a program": ("plan.pdf", program, "program"),
    "a program for another system": (
        "plan.pdf", lambda: b"\x7fELF\x02\x01" + b"\x00" * 99, "program"),
    "a shortcut": ("plan.docx", lambda: b"L\x00\x00\x00\x01\x14\x02\x00" + b"\x00" * 99, "program"),
    "a program by its suffix": ("plan.pdf.exe", lambda: b"anything", "program"),
    "a suffix with blanks after it": ("plan.EXE. ", lambda: b"anything", "program"),
    "a hidden suffix": ("plan\u202efdp.exe", lambda: b"%PDF-1.4", "program"),
    "a script": ("plan.txt", lambda: b"#!/bin/sh\nrm -rf /", "script"),
    "a script for Windows": ("plan.vbs", lambda: b"MsgBox", "program"),
    "a page": ("plan.pdf", lambda: HTML, "web page"),
    "a page in wide letters": ("plan.txt", lambda: "<html>".encode("utf-16"), "web page"),
    "a page behind comments": (
        "plan.txt", lambda: b"<!---->" * 500 + b"<script>1</script>", "web page"),
    "a page with a namespace": ("plan.xml", lambda: b"<h:html xmlns:h='x'/>", "web page"),
    "a page by its suffix": ("plan.htm", lambda: b"words", "web page"),
    "a drawing with a script": ("plan.png", lambda: SVG, "SVG drawing"),
    "a drawing behind a document type": (
        "plan.xml", lambda: b'<!DOCTYPE svg [<!ENTITY a ">">]><svg onload="1"/>', "SVG drawing"),
    "entries that share their bytes": ("plan.zip", overlapping_bomb, "would fill a computer"),
    "entries that say they are huge": (
        "plan.zip", lambda: stated_size(4_000_000_000), "would fill a computer"),
    "a page with an archive after it": (
        "plan.pdf", lambda: HTML + packed({"a.txt": b"a"}), "web page"),
}  # fmt: skip
"""What is refused: the name, the content, and a word of the sentence."""

TAKEN = {
    "macros": ("plan.docm", lambda: office_with("word/vbaProject.bin"), {"macros"}),
    "macros under another suffix": (
        "plan.docx", lambda: office_with("word/vbaProject.bin"), {"macros"}),
    "macros of the older format": ("plan.doc", lambda: older_office("_VBA_PROJECT"), {"macros"}),
    "a locked document": ("plan.docx", lambda: older_office("EncryptedPackage"), {"locked"}),
    "a locked PDF": ("plan.pdf", lambda: b"%PDF-1.7\ntrailer << /Encrypt 2 0 R >>", {"locked"}),
    "a locked archive": ("plan.zip", locked_archive, {"locked"}),
    "an archive in an archive": (
        "plan.zip", lambda: packed({"in.zip": packed({"a": b"a"})}), {"archive_inside"}),
    "a link": ("plan.zip", link_entry, {"outside"}),
    "an absolute path": ("plan.zip", lambda: packed({"/etc/passwd": b"a"}), {"outside"}),
    "a path upwards": ("plan.zip", lambda: packed({"a/../../b": b"a"}), {"outside"}),
    "a drive": ("plan.zip", lambda: packed({"C:\\a": b"a"}), {"outside"}),
    "a program inside": ("plan.zip", lambda: packed({"a/setup.exe": b"a"}), {"program_inside"}),
    "very many entries": ("plan.zip", many_entries, {"large_inside"}),
    "much air": ("plan.zip", large_inside, {"large_inside"}),
    "a PDF that is an archive": (
        "plan.pdf", lambda: b"%PDF-1.4\n" + packed({"a.txt": b"a"}), {"two_kinds"}),
    "a PDF that is a page and an archive": (
        "plan.pdf", lambda: b"%PDF-1.4\n<html><script>1</script>" + packed({"a.txt": b"a"}),
        {"two_kinds"}),
    "a picture that is a page": (
        "plan.gif", lambda: b"GIF89a\x01\x00\x01\x00<script>1</script>", {"two_kinds"}),
    "an archive cut off": ("plan.zip", lambda: packed({"a.txt": b"a" * 99})[:60], {"broken"}),
    "a PDF called a document": ("plan.docx", lambda: b"%PDF-1.4", {"mismatch"}),
    "a sheet called a document": ("plan.docx", lambda: office("xl"), {"mismatch"}),
    "an archive called a document": ("plan.docx", lambda: packed({"a.txt": b"a"}), {"mismatch"}),
    "noise called a PDF": ("plan.pdf", lambda: bytes(range(256)) * 9, {"mismatch"}),
    "a picture of very many points": ("plan.png", pixel_flood, {"large_picture"}),
    "entities inside a document": (
        "plan.docx", lambda: office_with("word/a.xml", XXE), {"entities"}),
    "an expansion inside a document": (
        "plan.docx", lambda: office_with("word/a.xml", BILLION), {"entities"}),
    "entities in a sheet": ("plan.xlsx", sheet_with_entities, {"entities"}),
    "entities in wide letters": (
        "plan.docx", lambda: office_with("word/a.xml", XXE.decode().encode("utf-16")),
        {"entities"}),
    "entities in plain words": ("plan.xml", lambda: XXE, {"entities"}),
    "a name with a path": ("../../etc/plan.pdf", lambda: b"%PDF-1.4", {"name"}),
    "a name with a drive": ("C:\\temp\\plan.pdf", lambda: b"%PDF-1.4", {"name"}),
    "a name with a NUL": ("plan.exe\x00.pdf", lambda: b"%PDF-1.4", {"name"}),
    "a name written backwards": ("\u202eplan.pdf", lambda: b"%PDF-1.4", {"name"}),
    "a name with a line break": ("plan\r\nX: y.pdf", lambda: b"%PDF-1.4", {"name"}),
    "an odd name": ("計画書 – été ½.pdf", lambda: b"%PDF-1.4", set()),
    "a name of accents alone": ("e" + "\u0301" * 100 + ".pdf", lambda: b"%PDF-1.4", set()),
    "half a letter": ("\ud800.pdf", lambda: b"%PDF-1.4", {"name"}),
    "plain words": ("plan.txt", "Wir möchten < 3 Häuser".encode, set()),
    "words of an older system": ("plan.csv", lambda: b"caf\xe9;1\n", set()),
    "a document": ("plan.docx", office, set()),
}  # fmt: skip
"""What is taken and kept as it is: the name, the content, and what is found."""
