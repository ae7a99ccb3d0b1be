"""What is sealed opens for one key and one place, and its length tells little."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commissioning.identity.domain import keys
from commissioning.submission.domain.sealing import (
    MINIMUM_BUCKET,
    MINIMUM_FILE_BUCKET,
    PIECE_BYTES,
    Envelope,
    FileRefused,
    FileSeal,
    Place,
    SealBroken,
    bucket,
    open_document,
    opened_file,
    padded,
    seal_document,
    unpadded,
)

PAIR = keys.new_key_pair()
PLACE = Place("TR-2013", 1, "London", "ORG-1", "BID-1")
PURPOSE = PLACE.purpose("bid", Envelope.QUALITY)
FILE_KEY = bytes(range(32))
LARGEST = 10 * PIECE_BYTES

texts = st.text(st.characters(codec="utf-8"), max_size=60)
documents = st.dictionaries(texts, texts | st.integers() | st.lists(texts, max_size=3), max_size=5)


def flipped(sealed: bytes, position: int) -> bytes:
    at, bit = divmod(position % (len(sealed) * 8), 8)
    return sealed[:at] + bytes([sealed[at] ^ (1 << bit)]) + sealed[at + 1 :]


# Documents


@settings(deadline=None)
@given(documents)
def test_a_document_opens_as_it_was_sealed(document):
    sealed = seal_document(PAIR.public, document, purpose=PURPOSE)

    assert open_document(PAIR.private, sealed, purpose=PURPOSE) == document


@settings(max_examples=300, deadline=None)
@given(st.integers(min_value=0))
def test_a_document_does_not_open_after_any_bit_is_changed(position):
    sealed = seal_document(PAIR.public, {"fees_pence": [1]}, purpose=PURPOSE)

    with pytest.raises(SealBroken):
        open_document(PAIR.private, flipped(sealed, position), purpose=PURPOSE)


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=4200))
def test_a_document_does_not_open_when_cut_short(length):
    sealed = seal_document(PAIR.public, {}, purpose=PURPOSE)

    with pytest.raises(SealBroken):
        open_document(PAIR.private, sealed[: min(length, len(sealed) - 1)], purpose=PURPOSE)


@pytest.mark.parametrize(
    "change",
    [
        {"competition": "TR-2014"},
        {"round": 2},
        {"lot": "Thames Valley"},
        {"bidder": "ORG-2"},
        {"bid": "BID-2"},
    ],
)
def test_a_document_opens_at_no_other_place(change):
    sealed = seal_document(PAIR.public, {}, purpose=PURPOSE)
    elsewhere = replace(PLACE, **change).purpose("bid", Envelope.QUALITY)

    with pytest.raises(SealBroken):
        open_document(PAIR.private, sealed, purpose=elsewhere)


def test_a_document_opens_in_no_other_envelope_and_for_no_other_use():
    sealed = seal_document(PAIR.public, {}, purpose=PURPOSE)

    for purpose in (PLACE.purpose("bid", Envelope.PRICE), PLACE.purpose("x", Envelope.QUALITY)):
        with pytest.raises(SealBroken):
            open_document(PAIR.private, sealed, purpose=purpose)


def test_a_document_opens_with_no_other_key():
    sealed = seal_document(PAIR.public, {}, purpose=PURPOSE)

    with pytest.raises(SealBroken):
        open_document(keys.new_key_pair().private, sealed, purpose=PURPOSE)


@pytest.mark.parametrize("content", [b"", b"[1]", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_document_is_refused_when_it_is_opened(content):
    sealed = keys.seal_to(PAIR.public, padded(content), purpose=PURPOSE)

    with pytest.raises(SealBroken):
        open_document(PAIR.private, sealed, purpose=PURPOSE)


@settings(deadline=None)
@given(texts, texts)
def test_no_two_places_have_one_purpose(one, other):
    first = replace(PLACE, lot=one, bidder=other).purpose("bid", Envelope.PRICE)
    second = replace(PLACE, lot=other, bidder=one).purpose("bid", Envelope.PRICE)

    assert (first == second) == (one == other)


# Padding


@settings(deadline=None)
@given(st.binary(max_size=3 * MINIMUM_BUCKET))
def test_padding_gives_back_what_it_was_given(plain):
    assert unpadded(padded(plain)) == plain


@settings(deadline=None)
@given(st.binary(max_size=3 * MINIMUM_BUCKET))
def test_padding_leaves_a_power_of_two(plain):
    size = len(padded(plain))

    assert size >= MINIMUM_BUCKET
    assert size & (size - 1) == 0


def test_documents_of_different_lengths_are_sealed_to_one_length():
    lengths = {
        len(seal_document(PAIR.public, {"note": "x" * count}, purpose=PURPOSE))
        for count in (0, 1, 500, 3000, MINIMUM_BUCKET - 8 - len('{"note":""}'))
    }

    assert len(lengths) == 1


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"\0" * 7,
        (5).to_bytes(8, "big"),
        padded(b"abc")[:-1],
        padded(b"abc") + b"\0",
        padded(b"abc")[:-1] + b"\1",
        (2**63).to_bytes(8, "big") + b"\0" * (MINIMUM_BUCKET - 8),
    ],
)
def test_padding_that_is_not_ours_is_refused(block):
    with pytest.raises(SealBroken):
        unpadded(block)


@settings(deadline=None)
@given(st.integers(min_value=1, max_value=1 << 40))
def test_a_bucket_holds_what_it_is_for_and_wastes_less_than_half(length):
    size = bucket(length)

    assert size >= length
    assert size == MINIMUM_BUCKET or size < 2 * length


# Files


def sealed_file(content: bytes, step: int = 1000) -> tuple[list[bytes], FileSeal]:
    seal = FileSeal(FILE_KEY, purpose="file", largest=LARGEST)
    parts = [content[at : at + step] for at in range(0, len(content), step)]
    return list(seal.pieces(parts)), seal


def read_back(pieces, seal, **changes) -> bytes:
    named = {"purpose": "file", "size": seal.size, "sha256": seal.sha256} | changes
    return b"".join(opened_file(FILE_KEY, pieces, **named))


sizes = st.one_of(
    st.integers(1, 200),
    st.sampled_from([PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES]),
)


@settings(max_examples=30, deadline=None)
@given(sizes, st.integers(1, 2 * PIECE_BYTES), st.integers(1, 2 * PIECE_BYTES))
def test_a_file_opens_as_it_was_sealed_however_it_is_cut(size, step, step_back):
    content = bytes(index % 251 for index in range(size))
    pieces, seal = sealed_file(content, step)
    stored = b"".join(pieces)

    read = [stored[at : at + step_back] for at in range(0, len(stored), step_back)]
    assert read_back(read, seal) == content
    assert seal.size == size
    assert seal.sha256 == hashlib.sha256(content).hexdigest()


def test_files_of_different_sizes_are_stored_at_one_length():
    lengths = {len(b"".join(sealed_file(b"x" * size)[0])) for size in (1, 5000, PIECE_BYTES)}

    assert lengths == {MINIMUM_FILE_BUCKET + 16}


@settings(max_examples=60, deadline=None)
@given(st.integers(min_value=0))
def test_a_file_does_not_open_after_any_bit_is_changed(position):
    pieces, seal = sealed_file(b"answer" * 20_000)

    with pytest.raises(SealBroken):
        read_back([flipped(b"".join(pieces), position)], seal)


def test_a_file_does_not_open_with_pieces_dropped_moved_or_repeated():
    pieces, seal = sealed_file(bytes(4 * PIECE_BYTES))
    first, second, third, last = pieces

    for changed in (
        [first, second, third],
        [second, first, third, last],
        [first, second, third, third],
        [first, second, third, last, last],
        [first, third, second, last],
        [last],
        [],
    ):
        with pytest.raises(SealBroken):
            read_back([b"".join(changed)], seal)


def test_a_file_that_is_cut_at_a_piece_does_not_pass_as_a_shorter_one():
    pieces, _ = sealed_file(bytes(4 * PIECE_BYTES))
    shorter = bytes(2 * PIECE_BYTES)
    named = {"size": len(shorter), "sha256": hashlib.sha256(shorter).hexdigest()}

    with pytest.raises(SealBroken):
        list(opened_file(FILE_KEY, pieces[:2], purpose="file", **named))


def test_a_file_opens_for_no_other_purpose_key_size_or_digest():
    pieces, seal = sealed_file(b"answer")

    for changes in ({"purpose": "other"}, {"size": 5}, {"size": 70_000}, {"sha256": "0" * 64}):
        with pytest.raises(SealBroken):
            read_back(pieces, seal, **changes)
    with pytest.raises(SealBroken):
        list(opened_file(bytes(32), pieces, purpose="file", size=6, sha256=seal.sha256))


def test_a_file_that_is_empty_or_too_large_is_refused():
    with pytest.raises(FileRefused) as empty:
        sealed_file(b"")
    with pytest.raises(FileRefused) as large:
        sealed_file(bytes(LARGEST + 1))

    assert empty.value.size == 0
    assert large.value.size > LARGEST
    assert sealed_file(bytes(LARGEST))[1].size == LARGEST


def test_no_two_pieces_are_sealed_alike():
    pieces, _ = sealed_file(bytes(4 * PIECE_BYTES))

    assert len(set(pieces)) == 4
