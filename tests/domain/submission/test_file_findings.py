"""A file is looked at while it streams past, within bounds, and nobody unpacks it."""

from __future__ import annotations

import contextlib
import time
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.kernel.file_names import safe_file_name
from commissioning.submission.domain import file_findings
from commissioning.submission.domain.file_findings import (
    HEAD_BYTES,
    REFUSALS,
    TAIL_BYTES,
    WARNINGS,
    FileUnfit,
    Finding,
    FirstLook,
)
from commissioning.submission.domain.zip_directory import NoDirectory, directory_of
from tests.support import hostile_files
from tests.support.hostile_files import REFUSED, TAKEN


def look(name, content, step=1 << 16):
    seen = FirstLook(safe_file_name(name))
    parts = [content[at : at + step] for at in range(0, len(content), step)]
    assert b"".join(seen.pieces(parts)) == content
    return {finding.value for finding in seen.findings}


@pytest.fixture
def no_unpacking(monkeypatch):
    decompressobj = zlib.decompressobj

    def refuse(*args, **rest):
        raise AssertionError("something was unpacked")

    class Bounded:
        """The beginning of an XML part may be unpacked, and no more of it."""

        def __init__(self, *args):
            self._real = decompressobj(*args)

        def decompress(self, packed, most):
            assert len(packed) <= 8192
            assert most <= 16384
            return self._real.decompress(packed, most)

    def guard():
        monkeypatch.setattr(zlib, "decompress", refuse)
        monkeypatch.setattr(zlib, "decompressobj", Bounded)
        monkeypatch.setattr(zipfile, "ZipFile", refuse)

    return guard


@pytest.mark.parametrize("what", REFUSED)
def test_what_nobody_could_read_is_refused_in_a_sentence(what, no_unpacking):
    name, make, word = REFUSED[what]
    content = make()
    no_unpacking()
    with pytest.raises(FileUnfit) as refusal:
        look(name, content)

    sentence = file_findings.refusal_of_kind(safe_file_name(name), refusal.value.finding)
    assert word in sentence
    assert safe_file_name(name) in sentence
    assert sentence.endswith(".")


@pytest.mark.parametrize("what", TAKEN)
def test_what_may_puzzle_a_reader_is_taken_and_said(what, no_unpacking):
    name, make, expected = TAKEN[what]
    content = make()
    no_unpacking()

    assert look(name, content) == expected - {"name"}


@pytest.mark.parametrize("what", TAKEN)
def test_what_is_found_does_not_depend_on_how_the_file_arrives(what):
    name, make, _ = TAKEN[what]
    content = make()[:300_000]
    if len(content) < 300_000:
        assert look(name, content, step=len(content)) == look(name, content, step=7)


def test_every_finding_has_its_sentence_and_one_outcome():
    assert set(REFUSALS) | set(WARNINGS) == set(Finding)
    assert not set(REFUSALS) & set(WARNINGS)


def test_no_more_than_two_ends_of_a_file_are_held():
    seen = FirstLook("plan.pdf")
    most = 0
    for _ in seen.pieces(b"%PDF-1.4" + b"x" * 99_992 for _ in range(200)):
        most = max(most, seen.kept_bytes)

    assert seen.size == 20_000_000
    assert most <= HEAD_BYTES + 2 * TAIL_BYTES


def test_a_program_is_refused_before_more_than_its_head_has_arrived():
    taken = []

    def arriving():
        for number in range(1000):
            taken.append(number)
            yield hostile_files.program().ljust(4096, b"\x00")

    with pytest.raises(FileUnfit):
        list(FirstLook("plan.pdf").pieces(arriving()))
    assert taken == [0]


def test_of_a_hundred_thousand_entries_no_more_than_the_bound_is_looked_at():
    whole = hostile_files.many_entries()
    directory = directory_of(whole[-TAIL_BYTES:], len(whole))

    assert directory.has_more
    assert len(directory.entries) <= 5000


@pytest.mark.parametrize(
    "unit", [b"<!---->", b"<?x?>", b"<!DOCTYPE a>", b"<!DOCTYPE [", b"<!--", b" "]
)
def test_no_text_makes_the_look_slow(unit):
    begun = time.process_time()
    look("plan.txt", (unit * 4096)[:8192])

    assert time.process_time() - begun < 2  # an exponential search would never end


@given(st.binary(max_size=3000), st.sampled_from(["a.pdf", "a.zip", "a.docx", "a.doc", "a.png"]))
def test_no_content_brings_the_look_down(content, name):
    for head in (
        b"",
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"%PDF-",
        b"\x89PNG\r\n\x1a\n",
    ):
        with contextlib.suppress(FileUnfit):
            assert look(name, head + content) <= {finding.value for finding in Finding}


@given(st.binary(max_size=400), st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1))
def test_no_list_of_contents_brings_the_look_down(content, count, length):
    end = b"PK\x05\x06" + bytes(4) + count.to_bytes(2, "little") * 2
    tail = content + end + length.to_bytes(4, "little") + bytes(6)
    try:
        directory = directory_of(tail, len(tail))
    except NoDirectory:
        return
    assert len(directory.entries) <= len(tail) // 46
