"""The installation's own lock: seals what the database keeps but must not show.

It protects against a stolen database or backup, not against the running server. The key is derived
from the secret that the installation was configured with, so a change of that secret makes what
was sealed unreadable.
"""

from __future__ import annotations

import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class _Configured:
    """The key that the application was configured with; set once, by `configure`."""

    key: bytes | None = None


def configure(secret: str) -> None:
    """Derive the installation's sealing key from its secret."""
    _Configured.key = HKDF(
        algorithm=SHA256(), length=32, salt=None, info=b"commissioning installation vault"
    ).derive(secret.encode())


def seal(plain: bytes, *, purpose: str) -> bytes:
    """Seal bytes for one named purpose; they open for no other."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + _cipher().encrypt(nonce, plain, purpose.encode())


def unseal(sealed: bytes, *, purpose: str) -> bytes:
    """Open what was sealed for this purpose; InvalidTag where it was not, or was changed."""
    return _cipher().decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose.encode())


def _cipher() -> AESGCM:
    if _Configured.key is None:
        raise RuntimeError("The vault is not configured.")
    return AESGCM(_Configured.key)
