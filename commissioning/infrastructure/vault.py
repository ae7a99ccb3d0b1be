"""The installation's own lock: seals what the database keeps but must not show, and signs links.

It protects against a stolen database or backup, not against the running server. The key is derived
from the secret that the installation was configured with, so a change of that secret makes what
was sealed unreadable, and every link that was sent useless.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from commissioning.kernel.errors import Conflict

_log = logging.getLogger(__name__)
_NONCE_BYTES = 12
_PUBLIC_KEY_BYTES = 32


class _Configured:
    """The keys that the application was configured with; set once, by `configure`."""

    key: bytes | None = None
    signing_key: bytes | None = None


def configure(secret: str) -> None:
    """Derive the installation's sealing and signing keys from its secret."""
    _Configured.key = _derive(secret, b"commissioning installation vault")
    _Configured.signing_key = _derive(secret, b"commissioning installation signature")


def _derive(secret: str, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret.encode())


def seal(plain: bytes, *, purpose: str) -> bytes:
    """Seal bytes for one named purpose; they open for no other."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + _cipher().encrypt(nonce, plain, purpose.encode())


def unseal(sealed: bytes, *, purpose: str) -> bytes:
    """Open what was sealed for this purpose; InvalidTag where it was not, or was changed."""
    return _cipher().decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose.encode())


def fingerprint(text: str, *, purpose: str) -> str:
    """64 hexadecimal digits that stand for a text; nobody without the secret can try texts out."""
    if _Configured.signing_key is None:
        raise RuntimeError("The vault is not configured.")
    message = f"{purpose}\0{text}".encode()
    return hmac.new(_Configured.signing_key, message, hashlib.sha256).hexdigest()


def sign(text: str, *, purpose: str) -> str:
    """A text with this installation's signature after it, as a link carries it."""
    return f"{text}.{fingerprint(text, purpose=purpose)}"


def signed_text(token: str, *, purpose: str) -> str | None:
    """The text of a token that this installation signed for this purpose; None for any other."""
    text, _, signature = token.rpartition(".")
    expected = fingerprint(text, purpose=purpose)
    return text if hmac.compare_digest(signature.encode(), expected.encode()) else None


class KeyNotOurs(Conflict):
    """A public key lies in the database that this installation did not put there."""

    def __init__(self) -> None:
        super().__init__(
            "A key was changed outside the platform, so nothing was sealed and nothing was saved. "
            "Tell the authority at once; its operator and auditor find the key in the log."
        )


def vouch(public_key: bytes, *, of: str) -> bytes:
    """A public key with the installation's word that it is theirs, as a row keeps it: 64 bytes.

    Whoever writes to the database without the installation's secret cannot give this word, so no
    key of theirs can take the place of another's.
    """
    return public_key + _word(public_key, of)


def vouched(kept: bytes, *, of: str) -> bytes:
    """The public key that a row keeps; KeyNotOurs where this installation did not vouch for it."""
    public_key, word = kept[:_PUBLIC_KEY_BYTES], kept[_PUBLIC_KEY_BYTES:]
    if not hmac.compare_digest(word, _word(public_key, of)):
        _log.error("The public key of %s is not the one that this installation kept.", of)
        raise KeyNotOurs
    return public_key


def _word(public_key: bytes, of: str) -> bytes:
    return bytes.fromhex(fingerprint(public_key.hex(), purpose=f"public key of {of}"))


def _cipher() -> AESGCM:
    if _Configured.key is None:
        raise RuntimeError("The vault is not configured.")
    return AESGCM(_Configured.key)
