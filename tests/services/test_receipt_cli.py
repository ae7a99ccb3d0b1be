"""A bidder checks its receipt offline, with the command and with a script that shares no code."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from commissioning.cli import run
from commissioning.static import verify_receipt
from commissioning.submission.domain import closing, receipts
from tests.support.receipts import PUBLIC, genuine
from tests.support.source import ROOT

WRONG_USAGE = (64, 2)
"""Of the command, and of a script that reads its arguments with the standard library."""
SCRIPT = ROOT / "commissioning" / "static" / "verify_receipt.py"


@pytest.fixture
def files(tmp_path):
    receipt = genuine()
    sha256 = receipts.receipt_sha256(receipt)
    tree = closing.close([sha256, "ab" * 32], most=20, seed=bytes(32))
    (tmp_path / "receipt.json").write_text(json.dumps(receipt, indent=1), encoding="utf-8")
    (tmp_path / "proof.json").write_text(json.dumps(closing.proof(tree, sha256)), encoding="utf-8")
    return tmp_path, tree.root


def by_command(capsys, *arguments):
    code = run(["receipt", "verify", *map(str, arguments)])
    return code, capsys.readouterr().out


def by_script(_capsys, *arguments):
    ended = subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout


@pytest.fixture(params=[by_command, by_script])
def check(request, capsys):
    def ask(*arguments):
        return request.param(capsys, *arguments)

    return ask


def changed(folder, name, change):
    path = folder / name
    stated = json.loads(path.read_text(encoding="utf-8"))
    change(stated)
    path.write_text(json.dumps(stated), encoding="utf-8")


def test_a_genuine_receipt_is_called_so(files, check):
    folder, root = files
    code, said = check(folder / "receipt.json", "--key", PUBLIC.hex())
    assert (code, said.splitlines()[0]) == (0, "GENUINE")
    assert "BID-1" in said
    proof = ["--proof", folder / "proof.json", "--root", root]
    code, said = check(folder / "receipt.json", *proof)
    assert code == 0
    # Without the published key nobody can say who signed.
    assert said.splitlines()[0] == "WHOLE, but not yet known to be genuine: give --key"


def test_the_receipt_of_a_late_bid_is_said_to_be_one(files, check):
    folder, _root = files
    assert "LATE" not in check(folder / "receipt.json")[1]
    late = folder / "late.json"
    late.write_text(json.dumps(genuine(is_late=True)), encoding="utf-8")
    code, said = check(late, "--key", PUBLIC.hex())
    assert (code, said.splitlines()[:2]) == (0, ["GENUINE", f"LATE: {receipts.LATE}."])
    changed(folder, "late.json", lambda receipt: receipt.pop("late"))
    assert check(late)[0] == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda receipt: receipt.update(received_at="2014-06-30T10:59:59.000000Z"),
        lambda receipt: receipt["sha256"].update(price="c" * 64),
        lambda receipt: receipt["event"].update(position=5),
        lambda receipt: receipt["signature"].update(value="00" * 64),
        lambda receipt: receipt["signature"].update(value="zz"),
        lambda receipt: receipt["signature"].update(algorithm="none"),
        lambda receipt: receipt["signature"].update(public_key="01" + "00" * 31),
        lambda receipt: receipt.pop("signature"),
        lambda receipt: receipt.pop("event"),
        lambda receipt: receipt.clear(),
    ],
)
def test_a_receipt_that_was_changed_is_not_genuine(files, check, change):
    folder, _ = files
    changed(folder, "receipt.json", change)
    code, said = check(folder / "receipt.json")
    assert (code, said.splitlines()[0]) == (1, "NOT GENUINE")


def test_the_key_the_proof_and_the_root_must_fit(files, check):
    folder, root = files
    receipt, proof = folder / "receipt.json", folder / "proof.json"
    assert check(receipt, "--key", "00" * 32)[0] == 1
    assert check(receipt, "--proof", proof, "--root", "00" * 32)[0] == 1
    changed(folder, "proof.json", lambda stated: stated.update(place=stated["place"] ^ 1))
    assert check(receipt, "--proof", proof, "--root", root)[0] == 1


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff\xfe", b'{"kind": "receipt of a bid"}'])
def test_what_is_no_receipt_is_not_genuine(tmp_path, check, content):
    (tmp_path / "receipt.json").write_bytes(content)
    assert check(tmp_path / "receipt.json")[0] == 1


def test_what_is_asked_wrongly_is_told_from_what_is_not_genuine(files, check):
    folder, root = files
    receipt, proof = folder / "receipt.json", folder / "proof.json"
    nowhere = folder / "nowhere.json"
    assert check(nowhere)[0] in WRONG_USAGE
    assert check(receipt, "--key", PUBLIC.hex()[:-1])[0] in WRONG_USAGE
    assert check(receipt, "--key", PUBLIC.hex(), "--price", nowhere)[0] in WRONG_USAGE
    assert check(receipt, "--proof", nowhere, "--root", root)[0] in WRONG_USAGE
    assert check(receipt, "--proof", proof)[0] in WRONG_USAGE
    assert check(receipt, "--proof", proof, "--root", "x" * 64)[0] in WRONG_USAGE


def test_both_verifiers_agree_about_signatures():
    """The script's own arithmetic against a library's, on good signatures and on changed ones."""
    for number in range(12):
        private = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
        public = private.public_key().public_bytes_raw()
        message = b"message" * number
        signature = bytearray(private.sign(message))
        assert verify_receipt.is_signed(public, message, bytes(signature))
        assert not verify_receipt.is_signed(public, message + b"x", bytes(signature))
        signature[number * 5 % 64] ^= 1
        assert not verify_receipt.is_signed(public, message, bytes(signature))


# RFC 8032, section 7.1, test 2: one byte, 0x72.
PUBLISHED = {
    "key": "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "signature": "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
}


def test_the_published_signature_is_accepted():
    key, signature = bytes.fromhex(PUBLISHED["key"]), bytes.fromhex(PUBLISHED["signature"])
    assert verify_receipt.is_signed(key, b"\x72", signature)
    # A factor over the order of the curve would make a second signature of one message.
    factor = int.from_bytes(signature[32:], "little") + verify_receipt.ORDER
    twin = signature[:32] + factor.to_bytes(32, "little")
    assert not verify_receipt.is_signed(key, b"\x72", twin)


def test_documents_are_compared_with_the_receipt(files, check, tmp_path):
    folder, _root = files
    document = tmp_path / "quality.json"
    document.write_bytes(b'{"what":"was sealed"}')
    named = hashlib.sha256(document.read_bytes()).hexdigest()
    receipt = folder / "own.json"
    receipt.write_text(json.dumps(genuine(quality=named)), encoding="utf-8")
    code, said = check(receipt, "--key", PUBLIC.hex(), "--quality", document)
    assert (code, said.splitlines()[-1]) == (0, "The quality document is the one received.")

    code, said = check(receipt, "--key", PUBLIC.hex(), "--price", document)
    assert (code, "The price document is not the one that was received." in said) == (1, True)
    document.write_bytes(b'{"what":"was sealed" }')
    assert check(receipt, "--key", PUBLIC.hex(), "--quality", document)[0] == 1
