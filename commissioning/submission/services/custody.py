"""Where the private half of an opening key is, and how it comes out: in this module alone.

The installation's vault holds it, and gives it to an opening that the threshold of holders has
joined. A stolen database opens no bid; the running installation itself is trusted not to. Whoever
replaces the vault by shares that the holders keep changes this module and nothing else.
"""

from __future__ import annotations

from collections.abc import Collection

from cryptography.exceptions import InvalidTag

from commissioning.identity.domain import keys
from commissioning.infrastructure import vault
from commissioning.kernel.canonical import canonical_json
from commissioning.kernel.errors import Conflict
from commissioning.submission.domain.sealing import Envelope
from commissioning.submission.models import OpeningKey


def keep(private_key: bytes, *, competition: str, round_number: int, envelope: Envelope) -> bytes:
    """Take a private key into custody; what is returned may be stored."""
    return vault.seal(private_key, purpose=_purpose(competition, round_number, envelope))


def release(row: OpeningKey, *, competition: str, present: Collection[str]) -> bytes:
    """The private key, once as many different holders are present as the key's threshold says.

    Raises Conflict below the threshold, and where what is kept is not this key's private half.
    """
    if len(set(present)) < row.threshold:
        raise Conflict(f"{row.threshold} key holders must join before the envelopes can be opened.")
    try:
        private_key = vault.unseal(
            row.sealed_private_key,
            purpose=_purpose(competition, row.round, Envelope(row.envelope)),
        )
    except InvalidTag as error:
        raise _lost() from error
    if keys.public_half(private_key) != row.public_key:
        raise _lost()
    return private_key


def _lost() -> Conflict:
    return Conflict(
        "The opening key that is kept does not belong to the one that bids were sealed to. Stop "
        "the opening and call the operator and the auditor."
    )


def _purpose(competition: str, round_number: int, envelope: Envelope) -> str:
    return canonical_json(["opening key", competition, round_number, envelope.value]).decode()
