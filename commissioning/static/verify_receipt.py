"""Check the receipt of a bid with nothing but Python 3.11 and its standard library.

    python3 verify_receipt.py receipt.json --key HEX [--proof proof.json --root HEX]
        [--quality quality.json] [--price price.json]

It says GENUINE and exits with 0, or says what is wrong and exits with 1. Without the published key
it says WHOLE, also with 0: nothing in the receipt is wrong, but anybody can sign with a key of
their own. Where it was asked wrongly, or a file is not there, it exits with 2. It shares no code
with the platform: the formats are described below, and anybody can write the same check anew.

A receipt is a JSON object. Its "event" is the line that the submission left in the bidder's own
trail, whose "changes" repeat what the receipt states, and whose "hash" is the SHA-256 over the
canonical JSON (sorted keys, no spaces, UTF-8) of the event without "hash". Its "signature" is
Ed25519 (RFC 8032) over the canonical JSON of the receipt without "signature". A proof leads from
SHA-256 (0x00, "receipt", SHA-256 of the canonical receipt) up to the published root; a node is
SHA-256 (0x01, left, right). The documents of a bid are what was sealed, byte by byte: their SHA-256
stands under "sha256" in the receipt, and that of each file in the quality document.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

Point = tuple[int, int]

# The curve of RFC 8032, section 5.1: -x^2 + y^2 = 1 + d x^2 y^2 over the integers modulo P.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
NEUTRAL: Point = (0, 1)


def added(one: Point, other: Point) -> Point:
    """The sum of two points of the curve."""
    (x1, y1), (x2, y2) = one, other
    product = D * x1 * x2 * y1 * y2 % P
    x3 = (x1 * y2 + x2 * y1) * pow(1 + product, P - 2, P)
    y3 = (y1 * y2 + x1 * x2) * pow(1 - product, P - 2, P)
    return x3 % P, y3 % P


def times(number: int, point: Point) -> Point:
    """A point added to itself so many times."""
    total = NEUTRAL
    while number:
        if number & 1:
            total = added(total, point)
        point = added(point, point)
        number >>= 1
    return total


def point_from(block: bytes) -> Point:
    """The point that 32 bytes stand for; ValueError for what is none."""
    number = int.from_bytes(block, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if len(block) != 32 or y >= P:
        raise ValueError
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        raise ValueError
    return (P - x if x & 1 != sign else x), y


BASE = point_from((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether this is the Ed25519 signature of the message by the holder of the key."""
    try:
        key, start = point_from(public_key), point_from(signature[:32])
    except ValueError:
        return False
    factor = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or factor >= ORDER:
        return False
    challenge = hashlib.sha512(signature[:32] + public_key + message).digest()
    number = int.from_bytes(challenge, "little") % ORDER
    return times(factor, BASE) == added(start, times(number, key))


def canonical(value: Any) -> bytes:
    """The bytes of a value in canonical JSON."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def without(value: dict[str, Any], name: str) -> dict[str, Any]:
    """A mapping without one of its names."""
    return {key: held for key, held in value.items() if key != name}


def receipt_problems(receipt: dict[str, Any], key: str | None) -> list[str]:
    """What is wrong with a receipt."""
    event, signature = receipt["event"], receipt["signature"]
    unsigned = without(receipt, "signature")
    found = []
    if receipt.get("kind") not in {"receipt of a bid", "receipt of a withdrawal"}:
        found.append("This is not the receipt of a bid.")
    if event["changes"] != without(unsigned, "event"):
        found.append("The event says something else than the receipt.")
    if hashlib.sha256(canonical(without(event, "hash"))).hexdigest() != event["hash"]:
        found.append("The event was changed.")
    if key is not None and signature["public_key"] != key.lower():
        found.append("It is signed with another key than the one that you gave.")
    public_key, value = bytes.fromhex(signature["public_key"]), bytes.fromhex(signature["value"])
    is_ours = signature["algorithm"] == "Ed25519"
    if not is_ours or not is_signed(public_key, canonical(unsigned), value):
        found.append("The signature does not belong to this receipt.")
    return found


def proof_problems(receipt: dict[str, Any], proof: dict[str, Any], root: str) -> list[str]:
    """What is wrong with a proof that the receipt was counted."""
    sha256 = hashlib.sha256(canonical(receipt)).digest()
    reached = hashlib.sha256(b"\0receipt" + sha256).digest()
    place = proof["place"]
    for beside in map(bytes.fromhex, proof["path"]):
        pair = beside + reached if place & 1 else reached + beside
        reached = hashlib.sha256(b"\1" + pair).digest()
        place >>= 1
    if place or proof["receipt_sha256"] != sha256.hex() or reached.hex() != root.lower():
        return ["The receipt is not under the root that was published."]
    return []


def document_problems(receipt: dict[str, Any], envelope: str, path: str) -> list[str]:
    """Why a document is not the one that the receipt names."""
    if hashlib.sha256(Path(path).read_bytes()).hexdigest() == receipt["sha256"][envelope]:
        return []
    return [f"The {envelope} document is not the one that was received."]


def main() -> int:
    """Check the files that the command line names."""
    parser = argparse.ArgumentParser(description="Check the receipt of a bid.")
    parser.add_argument("receipt")
    parser.add_argument("--key", help="the public key that the platform publishes, in hexadecimal")
    parser.add_argument("--proof", help="the proof that the receipt was counted")
    parser.add_argument("--root", help="the root that was published at the closing")
    parser.add_argument("--quality", help="the quality document, as it was downloaded")
    parser.add_argument("--price", help="the price document, as it was downloaded")
    given = parser.parse_args()
    if bool(given.proof) != bool(given.root):
        parser.error("give the proof and the published root together")
    for name in ("key", "root"):
        if not re.fullmatch("|[0-9a-fA-F]{64}", getattr(given, name) or ""):
            parser.error(f"--{name} has 64 digits and letters from a to f")
    for path in (given.receipt, given.proof, given.quality, given.price):
        if path and not Path(path).is_file():
            parser.error(f"there is no file {path}")
    try:
        receipt = json.loads(Path(given.receipt).read_text(encoding="utf-8"))
        found = receipt_problems(receipt, given.key)
        if given.proof:
            proof = json.loads(Path(given.proof).read_text(encoding="utf-8"))
            found += proof_problems(receipt, proof, given.root)
        for envelope in ("quality", "price"):
            if getattr(given, envelope):
                found += document_problems(receipt, envelope, getattr(given, envelope))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        receipt = {}
        found = ["A file cannot be read, or has not the shape of a receipt or of a proof."]
    if found:
        sys.stdout.write("NOT GENUINE\n" + "".join(f"- {sentence}\n" for sentence in found))
        return 1
    said = "GENUINE" if given.key else "WHOLE, but not yet known to be genuine: give --key"
    sys.stdout.write(
        f"{said}\n"
        + (f"LATE: {receipt['late']}.\n" if "late" in receipt else "")
        + ("WITHDRAWN: the bid counts no more.\n" if "withdraws" in receipt else "")
        + f"Received {receipt['received_at']}: bid {receipt['bid']} for {receipt['lot']}\n"
        f"Signed with {receipt['signature']['public_key']}\n"
        + ("It is under the root that was published.\n" if given.proof else "")
        + ("The quality document is the one received.\n" if given.quality else "")
        + ("The price document is the one received.\n" if given.price else "")
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
