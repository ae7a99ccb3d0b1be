"""`commissioning receipt`: check the receipt of a bid, offline.

It needs no database and no web server, and imports neither. Exit codes: 0 nothing is wrong, 1
something is.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import click

from commissioning.submission.domain import closing, receipts

NOT_GENUINE = 1
_LARGEST_BYTES = 1_000_000
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _digits(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """A key or a digest as it is published."""
    if value is not None and not re.fullmatch("[0-9a-fA-F]{64}", value):
        raise click.BadParameter("It has 64 digits and letters from a to f.")
    return value


@click.group()
def receipt() -> None:
    """Check what a bidder holds in hand."""


@receipt.command()
@click.argument("file", metavar="RECEIPT.json", type=_FILE)
@click.option(
    "--key", metavar="HEX", callback=_digits, help="The public key that the platform publishes."
)
@click.option(
    "--proof", metavar="PROOF.json", type=_FILE, help="The proof that the receipt was counted."
)
@click.option(
    "--root", metavar="HEX", callback=_digits, help="The root that was published at the closing."
)
@click.option(
    "--quality", metavar="QUALITY.json", type=_FILE, help="The quality document, as downloaded."
)
@click.option("--price", metavar="PRICE.json", type=_FILE, help="The price document, likewise.")
@click.pass_context
def verify(
    context: click.Context,
    *,
    file: Path,
    key: str | None,
    proof: Path | None,
    root: str | None,
    quality: Path | None,
    price: Path | None,
) -> None:
    """Check a receipt's event and signature and, with a proof, that the bid was counted.

    With the documents as they were downloaded, also that they are what was received.

    Exits with 0 where nothing is wrong, with 1 where something is, and with 64 where it was asked
    wrongly or a file is not there. Without the published key it says WHOLE instead of GENUINE, as
    anybody can sign with a key of their own.
    """
    if (proof is None) != (root is None):
        raise click.UsageError("Give the proof and the published root together.")
    stated = _read(file)
    found = ["There is no receipt in this file."] if stated is None else []
    if stated is not None:
        found = receipts.problems(stated, public_key=key)
    if stated is not None and not found and proof is not None and root is not None:
        sha256 = receipts.receipt_sha256(stated)
        found = closing.problems(_read(proof) or {}, receipt_sha256=sha256, root=root)
    documents = {"quality": quality, "price": price}
    for envelope, path in documents.items():
        if stated is not None and not found and path is not None:
            found = receipts.document_problems(stated, envelope, _sha256(path))
    if found or stated is None:
        click.echo("NOT GENUINE\n" + "\n".join(f"- {sentence}" for sentence in found))
        context.exit(NOT_GENUINE)
    click.echo(_in_words(stated, has_key=key is not None, is_counted=proof is not None))
    for envelope, path in documents.items():
        if path is not None:
            click.echo(f"The {envelope} document is the one received.")


def _in_words(stated: dict[str, Any], *, has_key: bool, is_counted: bool) -> str:
    lines = [
        "GENUINE" if has_key else "WHOLE, but not yet known to be genuine: give --key",
        f"Receipt {stated['receipt']}: bid {stated['bid']} of {stated['bidder']}",
        f"for lot {stated['lot']} of {stated['competition']}, round {stated['round']}",
        f"received {stated['received_at']}, deadline {stated['deadline']}",
        *(
            f"SHA-256 of the {envelope} document".ljust(31) + f" {digest}"
            for envelope, digest in sorted(stated.get("sha256", {}).items(), reverse=True)
        ),
        f"signed with {stated['signature']['public_key']}",
    ]
    if "withdraws" in stated:
        lines.insert(1, f"WITHDRAWN: what receipt {stated['withdraws']} names counts no more.")
    if "late" in stated:
        lines.insert(1, f"LATE: {stated['late']}.")
    if not has_key:
        lines.append("Anybody can sign with a key of their own. Give the one that was published.")
    if is_counted:
        lines.append("It is under the root that was published at the closing.")
    return "\n".join(lines)


def _sha256(path: Path) -> str:
    """The digest of a file, byte by byte; of nothing where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _read(path: Path) -> dict[str, Any] | None:
    """The JSON object in a file; None where there is none, or far more than a receipt has."""
    try:
        with path.open("rb") as handle:
            block = handle.read(_LARGEST_BYTES + 1)
        found = json.loads(block) if len(block) <= _LARGEST_BYTES else None
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
