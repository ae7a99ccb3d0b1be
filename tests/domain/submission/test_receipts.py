"""A receipt can be checked by whoever holds it."""

from __future__ import annotations

import copy

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from commissioning.audit.domain.chain import Link, link_hash
from commissioning.submission.domain import receipts
from commissioning.submission.domain.receipts import Digests
from tests.support.receipts import PUBLIC, genuine


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
        ("signature", "value"),
        ("signature", "public_key"),
        ("signature", "algorithm"),
        ("signature",),
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
        "The signature does not belong to this receipt.",
    ]


def test_whoever_computes_the_hash_anew_still_cannot_sign():
    receipt = genuine()
    receipt["lot"] = receipt["event"]["changes"]["lot"] = "Kent"
    written = {name: value for name, value in receipt["event"].items() if name != "hash"}
    receipt["event"]["hash"] = link_hash(**written)

    assert receipts.problems(receipt) == ["The signature does not belong to this receipt."]


def test_a_receipt_that_somebody_else_signed_does_not_fit_the_published_key():
    other = Ed25519PrivateKey.generate()
    theirs = other.public_key().public_bytes_raw()
    link = Link(**genuine()["event"])
    forged = receipts.body(link.changes, link, public_key=theirs, sign=other.sign)

    assert receipts.problems(forged) == []
    assert receipts.problems(forged, public_key=PUBLIC.hex()) == [
        "The receipt is signed with another key than the one that you gave."
    ]
    assert receipts.problems(genuine(), public_key=PUBLIC.hex().upper()) == []


def test_what_is_no_receipt_is_refused_in_a_sentence():
    for other in ({}, {"kind": receipts.KIND}, {"kind": receipts.KIND, "event": []}):
        assert receipts.problems(other) == ["This is not the receipt of a bid."]
    assert receipts.problems({"kind": receipts.KIND, "event": {"hash": ""}})


def test_a_document_is_compared_with_the_digest_of_its_envelope():
    receipt = genuine()

    assert receipts.document_problems(receipt, "quality", "a" * 64) == []
    assert receipts.document_problems(receipt, "price", "a" * 64)
    assert receipts.digests_of(receipt) == Digests("a" * 64, "b" * 64)
