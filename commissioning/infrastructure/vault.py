"""The installation's own lock: seals what the database keeps but must not show, and signs links.

It protects against a stolen database or backup, not against the running server. The key is derived
from the secret that the installation was configured with, so a change of that secret makes what
was sealed unreadable, and every link that was sent useless.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


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


def _cipher() -> AESGCM:
    if _Configured.key is None:
        raise RuntimeError("The vault is not configured.")
    return AESGCM(_Configured.key)
