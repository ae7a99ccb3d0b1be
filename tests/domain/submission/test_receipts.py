"""A receipt can be checked by whoever holds it."""

from __future__ import annotations

import copy
from datetime import UTC, datetime

from commissioning.audit.domain.chain import GENESIS, Link, instant_text, link_hash
from commissioning.submission.domain import receipts
from commissioning.submission.domain.receipts import Digests
from commissioning.submission.domain.sealing import Place

NOON = datetime(2014, 6, 30, 11, 0, tzinfo=UTC)


def genuine():
    stated = receipts.statement(
        receipt="RCT-1",
        place=Place("TR-2013", 1, "London", "ORG-1", "BID-1"),
        digests=Digests("a" * 64, "b" * 64),
        received_at=NOON,
        deadline=NOON,
        model_sha256="c" * 64,
        replaces=None,
    )
    event = {
        "stream": "sealed:TR-2013:ORG-1",
        "position": 4,
        "at": instant_text(NOON),
        "actor": "USR-1",
        "event": "bid_submitted",
        "subject_type": "bid",
        "subject": "BID-1",
        "changes": stated,
        "previous_hash": GENESIS,
    }
    return receipts.body(stated, Link(**event, hash=link_hash(**event)))


def test_a_genuine_receipt_has_no_problems():
    assert receipts.problems(genuine()) == []


def test_any_change_to_a_receipt_is_found():
    for path in (
        ("received_at",),
        ("sha256", "price"),
        ("bid",),
        ("event", "changes", "sha256", "price"),
        ("event", "position"),
        ("event", "previous_hash"),
        ("event", "hash"),
    ):
        receipt = copy.deepcopy(genuine())
        place = receipt
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = "changed"
        assert receipts.problems(receipt), path


def test_a_change_made_in_both_places_breaks_the_hash():
    receipt = genuine()
    receipt["lot"] = receipt["event"]["changes"]["lot"] = "Kent"

    assert receipts.problems(receipt) == [
        "The event was changed after its hash was computed.",
    ]


def test_what_is_no_receipt_is_refused_in_a_sentence():
    for other in ({}, {"kind": receipts.KIND}, {"kind": receipts.KIND, "event": []}):
        assert receipts.problems(other) == ["This is not the receipt of a bid."]
    assert receipts.problems({"kind": receipts.KIND, "event": {"hash": ""}})


def test_a_document_is_compared_with_the_digest_of_its_envelope():
    receipt = genuine()

    assert receipts.document_problems(receipt, "quality", "a" * 64) == []
    assert receipts.document_problems(receipt, "price", "a" * 64)
    assert receipts.digests_of(receipt) == Digests("a" * 64, "b" * 64)
