"""Passwords: hashed with argon2id, and turned into keys, at a price that the installation sets.

What is stored proves a password and opens nothing. The key that wraps a person's private key is
derived apart from it, with a salt of its own, so a stolen hash is no step towards the key.
"""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher, Type, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import hash_secret_raw

from commissioning.config import PasswordHashing

_KEY_BYTES = 32
_SALT_BYTES = 16
_HASHERS = {
    # The second recommended choice of RFC 9106: 3 passes over 64 MiB, about 0.15 s a try.
    PasswordHashing.STANDARD: PasswordHasher(),
    # The least that argon2 allows, for people who are invented and passwords that are printed.
    PasswordHashing.CHEAP: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1),
}


class _Configured:
    """The price that the application was configured with; the full one until then."""

    hasher = _HASHERS[PasswordHashing.STANDARD]
    nobodys: str | None = None


def configure(profile: PasswordHashing) -> None:
    """Set what a try at a password costs from now on."""
    _Configured.hasher = _HASHERS[profile]
    _Configured.nobodys = None


def hash_password(password: str) -> str:
    """The hash to store, with its salt and its price in it."""
    return _Configured.hasher.hash(password)


def is_right(password_hash: str | None, password: str) -> bool:
    """Whether a password is the one that was hashed.

    Without a hash (no such person, or one who may not sign in) the answer is no, after the same
    work: the time that an answer takes tells nobody which addresses exist.
    """
    if password_hash is None:
        if _Configured.nobodys is None:
            _Configured.nobodys = hash_password(secrets.token_hex())
        _matches(_Configured.nobodys, password)
        return False
    return _matches(password_hash, password)


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _Configured.hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Whether a hash was made at another price than the present one."""
    return _Configured.hasher.check_needs_rehash(password_hash)


def new_salt() -> bytes:
    """A fresh salt for `derive_key`."""
    return secrets.token_bytes(_SALT_BYTES)


def derive_key(password: str, salt: bytes, *, like: str) -> bytes:
    """The key of 32 bytes that a password yields with this salt, at the price of the hash `like`.

    The price is read from the person's stored hash, so that keys made before a change of price can
    still be derived after it.
    """
    price = extract_parameters(like)
    return hash_secret_raw(
        password.encode(),
        salt,
        time_cost=price.time_cost,
        memory_cost=price.memory_cost,
        parallelism=price.parallelism,
        hash_len=_KEY_BYTES,
        type=Type.ID,
    )
