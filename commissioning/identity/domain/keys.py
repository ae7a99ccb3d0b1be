"""Keys: who can open what an organisation seals.

An organisation has a pair of keys, and so has each of its people. What is sealed to the
organisation is opened with its private key, which is kept only in sealed form: once for each member
(sealed to the member's public key) and once under a recovery code on paper. A member's own private
key is wrapped under a key that only the password yields. So no row opens anything by itself.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_NONCE_BYTES = 12
_KEY_BYTES = 32
# Letters and digits that are not misread on paper; 25 of them carry 125 bits.
_CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH = 25
_CODE_GROUP = 5
_MISREAD = str.maketrans("OIL", "011")


class CannotOpen(Exception):
    """The key is not the one that fits, the purpose is another, or what was sealed was changed."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A pair of X25519 keys, 32 bytes each; the private half is never printed or compared."""

    private: bytes = field(repr=False, compare=False)
    public: bytes


def new_key_pair() -> KeyPair:
    """A fresh pair of keys, for a person, an organisation or an envelope of a round."""
    private = _clamped(X25519PrivateKey.generate().private_bytes_raw())
    return KeyPair(private, public_half(private))


def public_half(private_key: bytes) -> bytes:
    """The public key that belongs to a private one, so that a recovered key can be checked."""
    return X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def belong_together(private_key: bytes, public_key: bytes) -> bool:
    """Whether this is the private half of a pair that `new_key_pair` made, to the last bit.

    X25519 passes over five bits of a private key, so 32 different keys have one public half; only
    the one in which they are set as RFC 7748 sets them counts here.
    """
    is_whole = len(private_key) == _KEY_BYTES and private_key == _clamped(private_key)
    return is_whole and public_half(private_key) == public_key


def _clamped(private_key: bytes) -> bytes:
    """The key with the bits set that X25519 sets in any case (RFC 7748, section 5)."""
    bits = bytearray(private_key)
    bits[0] &= 248
    bits[31] = bits[31] & 127 | 64
    return bytes(bits)


def seal_to(public_key: bytes, plain: bytes, *, purpose: str) -> bytes:
    """Anybody may seal for an organisation, a person or an opening; only its private key opens.

    HPKE (RFC 9180): X25519, HKDF-SHA256, AES-256-GCM; 48 bytes longer than `plain`. `purpose` says
    what is sealed for whom, and must be the same at the opening.
    """
    return _SUITE.encrypt(
        plain, X25519PublicKey.from_public_bytes(public_key), info=purpose.encode()
    )


def open_with(private_key: bytes, sealed: bytes, *, purpose: str) -> bytes:
    """What was sealed to the public half of this key for this purpose; CannotOpen otherwise."""
    try:
        return _SUITE.decrypt(
            sealed, X25519PrivateKey.from_private_bytes(private_key), info=purpose.encode()
        )
    except (InvalidTag, ValueError) as error:
        raise CannotOpen("This key does not open what was sealed.") from error


def new_wrapping_key() -> bytes:
    """A fresh key of 32 bytes for one document, to be sealed to whoever may open it."""
    return secrets.token_bytes(_KEY_BYTES)


def wrap(key: bytes, plain: bytes, purpose: str) -> bytes:
    """Close bytes under a shared key of 32 bytes for one purpose: AES-256-GCM, nonce first."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, purpose.encode())


def unwrap(key: bytes, wrapped: bytes, purpose: str) -> bytes:
    """What was wrapped under this key for this purpose; CannotOpen otherwise."""
    try:
        return AESGCM(key).decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], purpose.encode())
    except (InvalidTag, ValueError) as error:
        raise CannotOpen("This key does not open what was wrapped.") from error


def key_from_secret(secret: str, *, purpose: str, salt: bytes = b"") -> bytes:
    """A key of 32 bytes from a random secret, such as a session's token or a recovery code.

    HKDF-SHA256. Never for a password: people choose those, and they need a function that is slow.
    """
    return HKDF(
        algorithm=SHA256(), length=_KEY_BYTES, salt=salt or None, info=purpose.encode()
    ).derive(secret.encode())


def new_recovery_code() -> str:
    """A code to keep on paper: 25 letters and digits in groups of five, 125 random bits."""
    signs = "".join(secrets.choice(_CODE_ALPHABET) for _ in range(_CODE_LENGTH))
    return "-".join(
        signs[start : start + _CODE_GROUP] for start in range(0, _CODE_LENGTH, _CODE_GROUP)
    )


def recovery_code_signs(typed: str) -> str | None:
    """The 25 signs of a code as somebody typed it, or None when it cannot be one.

    Spaces, hyphens and small letters are forgiven, and so are O for 0, I and L for 1.
    """
    signs = "".join(typed.upper().replace("-", " ").split()).translate(_MISREAD)
    if len(signs) != _CODE_LENGTH or set(signs) - set(_CODE_ALPHABET):
        return None
    return signs


# What each key is for. A wrap of one kind, or of one person, never opens as another.


def personal_key_purpose(user: str) -> str:
    """Under the password: the private key of a person."""
    return f"personal key of {user}"


def member_purpose(organisation: str, user: str) -> str:
    """Sealed to a member: the private key of an organisation."""
    return f"key of {organisation} for {user}"


def recovery_purpose(organisation: str) -> str:
    """Under the recovery code: the private key of an organisation."""
    return f"key of {organisation} under its recovery code"


def session_purpose(user: str) -> str:
    """Under a session's token: the private key of a person."""
    return f"personal key of {user} in a session"


def entries_purpose(user: str, address: str) -> str:
    """Sealed to a person: what they sent to an address after their session had ended."""
    return f"entries of {user} for {address}"
