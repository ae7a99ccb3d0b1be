"""The installation's signature: what it signs can be checked by anybody who has the public key.

The pair is derived from the secret that the installation was configured with. Another secret makes
another pair; what was signed before is then still checked with the public key of its day.
"""

from __future__ import annotations

from collections.abc import Collection

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class _Configured:
    """The key that the application was configured with; set once, by `configure`."""

    private: Ed25519PrivateKey | None = None
    earlier: frozenset[str] = frozenset()


def configure(secret: str, earlier: Collection[str] = ()) -> None:
    """Derive the pair of the installation from its secret.

    `earlier` are public keys with which it signed under other secrets, in hexadecimal digits. They
    come from its configuration alone: whoever writes to the database can add none.
    """
    info = b"commissioning receipt signature"
    seed = HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret.encode())
    _Configured.private = Ed25519PrivateKey.from_private_bytes(seed)
    _Configured.earlier = frozenset(earlier)


def sign(message: bytes) -> bytes:
    """The Ed25519 signature of a message, 64 bytes (RFC 8032)."""
    return _private().sign(message)


def public_key() -> bytes:
    """The public key that checks what this installation signs now, 32 bytes."""
    return _private().public_key().public_bytes_raw()


def is_own(key: object) -> bool:
    """Whether the installation signs with this key (64 hexadecimal digits), or once did."""
    return key == public_key().hex() or key in _Configured.earlier


def _private() -> Ed25519PrivateKey:
    if _Configured.private is None:
        raise RuntimeError("No signing key is configured.")
    return _Configured.private
