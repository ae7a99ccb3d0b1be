"""A part of a document that names entities is found, however the file arrives."""

from __future__ import annotations

import zipfile
from random import Random

import pytest

from commissioning.submission.domain.xml_parts import PartsLook, declares_entities
from tests.support.hostile_files import XXE, locked_archive, office, office_with, packed

NOISE = Random(1).randbytes(300_000)


def found(content, size):
    look = PartsLook()
    for start in range(0, len(content), size):
        look.keep(content[start : start + size])
        assert look.kept_bytes < 200_000
    look.keep(b"", is_last=True)
    return look.found


@pytest.mark.parametrize("size", [1, 7, 100, 4096, 1 << 20])
@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_it_is_found_in_pieces_of_any_size(size, packing):
    entries = {"word/document.xml": b"<d/>", "word/styles.xml": XXE, "word/more.xml": b"<d/>" * 99}
    assert found(packed(entries, compression=packing), size)
    assert not found(packed(entries | {"word/styles.xml": b"<d/>"}, compression=packing), size)


def test_it_is_found_behind_and_before_much_else():
    whole = {"media/a.png": NOISE, "xl/workbook.xml": XXE, "media/b.png": NOISE}
    assert found(packed(whole, compression=zipfile.ZIP_STORED), 65536)
    assert found(packed({"a.xml": b"<d>" + b"words " * 50_000, "b.rels": XXE}), 65536)


def test_only_xml_parts_are_looked_at():
    assert not found(packed({"word/notes.txt": XXE}), 4096)
    assert not found(office(), 4096)
    assert found(office_with("word/_rels/document.xml.rels", XXE), 4096)


def test_what_cannot_be_unpacked_is_passed_over():
    damaged = bytearray(packed({"a.xml": b"<d/>" * 50, "b.xml": XXE}))
    damaged[35:42] = b"\xff" * 7
    assert found(bytes(damaged), 4096)
    assert not found(locked_archive(), 4096)
    for end in range(120):
        found(packed({"a.xml": XXE})[:end], 50)


def test_a_document_type_is_found_in_wide_letters():
    assert declares_entities(XXE.decode().encode("utf-16-be"))
    assert not declares_entities(b"<?xml version='1.0'?><d/>")


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize(
    "before", [b" " * 40_000, b"<!-- x -->" * 4_000, b"<!--" + b"<d> " * 9_000]
)
def test_a_document_type_far_down_hides_nothing(packing, before):
    hidden = b"<?xml version='1.0'?>" + before + (b"-->" if before[-1:] == b" " else b"") + XXE
    assert found(packed({"a.xml": hidden}, compression=packing), 4096)
    plain = b"<?xml version='1.0'?><!-- by hand --><d>" + before.replace(b"<", b"") + b"</d>"
    assert not found(packed({"a.xml": plain}, compression=packing), 4096)
