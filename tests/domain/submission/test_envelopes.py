"""The documents of the two envelopes, and their digests."""

from __future__ import annotations

from dataclasses import replace

import pytest

from commissioning.submission.domain.envelopes import (
    FileEntry,
    PriceDocument,
    QualityDocument,
    price_from,
    quality_from,
)
from commissioning.submission.domain.sealing import Place, SealBroken

PLACE = Place("TR-2013", 1, "London", "ORG-1", "BID-1")
FILE = FileEntry("FIL-1", "Q1", "plan.pdf", "application/pdf", 10, "a" * 64, "b" * 64)
QUALITY = QualityDocument(PLACE, "salt", {"Q1": "We will."}, (FILE,))
PRICE = PriceDocument(PLACE, "salt", (100, 200), -5, "note")


def test_documents_are_read_back_as_they_were_written():
    assert quality_from(QUALITY.to_dict(), PLACE) == QUALITY
    assert price_from(PRICE.to_dict(), PLACE) == PRICE


def test_a_document_of_another_place_is_refused():
    for elsewhere in (replace(PLACE, bid="BID-2"), replace(PLACE, lot="Kent")):
        with pytest.raises(SealBroken):
            quality_from(QUALITY.to_dict(), elsewhere)
        with pytest.raises(SealBroken):
            price_from(PRICE.to_dict(), elsewhere)


def test_one_envelope_is_not_read_as_the_other():
    with pytest.raises(SealBroken):
        price_from(QUALITY.to_dict(), PLACE)
    with pytest.raises(SealBroken):
        quality_from(PRICE.to_dict(), PLACE)


@pytest.mark.parametrize(
    "change",
    [
        {"answers": ["x"]},
        {"answers": {"Q1": 5}},
        {"files": [{"reference": "FIL-1"}]},
        {"files": 5},
        {"salt": None},
    ],
)
def test_a_quality_document_of_another_shape_is_refused(change):
    with pytest.raises(SealBroken):
        quality_from(QUALITY.to_dict() | change, PLACE)


@pytest.mark.parametrize(
    "change",
    [{"fees_pence": ["1"]}, {"fees_pence": 5}, {"adjustments_pence": 0.5}, {"note": None}],
)
def test_a_price_document_of_another_shape_is_refused(change):
    with pytest.raises(SealBroken):
        price_from(PRICE.to_dict() | change, PLACE)


def test_an_answer_replaces_the_one_to_the_same_question_only():
    changed = QUALITY.answering({"Q2": "Also."}, salt="new")

    assert changed.answers == {"Q1": "We will.", "Q2": "Also."}
    assert changed.files == (FILE,)


def test_an_empty_answer_is_left_out_of_the_document():
    assert "Q1" not in QUALITY.answering({"Q1": ""}, salt="new").to_dict()["answers"]


def test_the_salt_keeps_a_digest_from_being_guessed():
    same_prices = replace(PRICE, salt="another")

    assert PRICE.sha256 != same_prices.sha256


def test_a_file_is_added_found_and_removed():
    other = replace(FILE, reference="FIL-2", leaf="Q2")
    changed = QUALITY.with_file(other, salt="new")

    assert changed.file("FIL-2") == other
    assert changed.files_for("Q1") == (FILE,)
    assert changed.without_file("FIL-1", salt="newer").files == (other,)
    assert changed.file("FIL-3") is None


def test_nothing_of_the_content_is_printed():
    printed = repr(QUALITY) + repr(PRICE)

    for secret in ("We will.", "b" * 64, "200", "note="):
        assert secret not in printed
