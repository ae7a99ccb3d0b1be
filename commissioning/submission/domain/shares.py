"""Shares of an opening key: a threshold of holders can put it together, fewer learn nothing of it.

Shamir's scheme over GF(256) with the polynomial of AES (x^8 + x^4 + x^3 + x + 1), byte by byte:
each byte of the secret is the value at 0 of a polynomial of degree threshold - 1, and a holder's
share is its value at the holder's index. The scheme by itself notices no wrong share, so whatever
comes out is compared with the public key before it is believed.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

MOST_HOLDERS: Final = 255
_REDUCING: Final = 0x11B
_GENERATOR: Final = 3


class WrongShares(Exception):
    """No threshold of the shares given belongs to the key: one is wrong, or they are of another."""


@dataclass(frozen=True, slots=True)
class Share:
    """One holder's share: the index, from 1, at which the polynomials were evaluated, and values.

    `value` has a byte for each byte of the secret. It is never printed.
    """

    index: int
    value: bytes = field(repr=False)

    def to_bytes(self) -> bytes:
        """The share as it is sealed to its holder: the index in one byte, then the values."""
        return bytes([self.index]) + self.value


def share_from_bytes(block: bytes) -> Share:
    """Read what `to_bytes` wrote; WrongShares for what no share can be."""
    if len(block) < 2 or block[0] == 0:
        raise WrongShares("This is not a share.")
    return Share(block[0], block[1:])


@dataclass(frozen=True, slots=True)
class Combined:
    """A secret put together, and the indices of the shares that did not belong to it."""

    secret: bytes = field(repr=False)
    wrong: tuple[int, ...] = ()


def split(secret: bytes, *, holders: int, threshold: int) -> tuple[Share, ...]:
    """A secret is split among holders so that any threshold of them gives it, and fewer nothing.

    The shares have the indices 1 to `holders`. Raises ValueError for an empty secret, or unless
    2 <= threshold <= holders <= 255: with a threshold of 1 each share would be the secret.
    """
    if not secret or not 2 <= threshold <= holders <= MOST_HOLDERS:
        raise ValueError("A secret is split among 2 to 255 holders with a threshold of 2 or more.")
    higher = [secrets.token_bytes(len(secret)) for _ in range(threshold - 1)]
    return tuple(
        Share(index, _evaluated((secret, *higher), index)) for index in range(1, holders + 1)
    )


def combine(
    shares: Iterable[Share], *, threshold: int, is_right: Callable[[bytes], bool]
) -> Combined:
    """The secret from a threshold of shares, once `is_right` says that it is the one.

    Where more shares are given than it takes, wrong ones are found by trying the others, and
    named. Raises WrongShares where no threshold of them gives the secret, or too few are given.
    """
    given = _distinct(shares)
    for chosen in combinations(given, threshold):
        secret = _value_at(chosen, 0)
        if is_right(secret):
            wrong = [
                share.index for share in given if _value_at(chosen, share.index) != share.value
            ]
            return Combined(secret, tuple(wrong))
    raise WrongShares("These shares do not give the key that bids are sealed to.")


def renewed(shares: Iterable[Share], *, holders: int, threshold: int) -> tuple[Share, ...]:
    """Fresh shares of the same secret for every index, so that a holder can be replaced.

    The old ones and the new ones do not go together. The secret itself is not computed: each new
    share is the old polynomial at its index plus a random one that is 0 at 0. Raises WrongShares
    where fewer than the threshold are given, or where more are given and they disagree.
    """
    given = _distinct(shares)
    if len(given) < threshold:
        raise WrongShares(f"It takes {threshold} shares to make new ones.")
    chosen = given[:threshold]
    if any(_value_at(chosen, share.index) != share.value for share in given):
        raise WrongShares("These shares do not belong together.")
    length = len(chosen[0].value)
    nothing = bytes(length)
    higher = [secrets.token_bytes(length) for _ in range(threshold - 1)]
    return tuple(
        Share(index, _sum(_value_at(chosen, index), _evaluated((nothing, *higher), index)))
        for index in range(1, holders + 1)
    )


def _distinct(shares: Iterable[Share]) -> list[Share]:
    """The shares without what was given twice; WrongShares for two of one index or two lengths."""
    given = list(dict.fromkeys(shares))
    if len({share.index for share in given}) != len(given):
        raise WrongShares("Two different shares have the same index.")
    if len({len(share.value) for share in given}) > 1:
        raise WrongShares("The shares are not of one length.")
    return given


# The field -------------------------------------------------------------------------------------


def _tables() -> tuple[list[int], list[int]]:
    """Powers of the generator, twice over so that sums of logarithms need no reducing, and logs."""
    powers, logarithms = [0] * 510, [0] * 256
    value = 1
    for exponent in range(255):
        powers[exponent] = powers[exponent + 255] = value
        logarithms[value] = exponent
        doubled = value << 1
        value ^= doubled ^ (_REDUCING if doubled & 0x100 else 0)
    return powers, logarithms


_POWERS, _LOGARITHMS = _tables()


def product(one: int, other: int) -> int:
    """The product of two elements of GF(256), as FIPS 197 section 4.2 defines it."""
    if one == 0 or other == 0:
        return 0
    return _POWERS[_LOGARITHMS[one] + _LOGARITHMS[other]]


def quotient(one: int, other: int) -> int:
    """The quotient of two elements of GF(256); ZeroDivisionError by 0."""
    if other == 0:
        raise ZeroDivisionError("GF(256) has no division by 0 either.")
    if one == 0:
        return 0
    return _POWERS[_LOGARITHMS[one] - _LOGARITHMS[other] + 255]


def _sum(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))


def _evaluated(coefficients: Sequence[bytes], at: int) -> bytes:
    """The values of polynomials at a point, a byte each; the lowest coefficient first (Horner)."""
    value = bytes(len(coefficients[0]))
    for coefficient in reversed(coefficients):
        value = _sum(bytes(product(byte, at) for byte in value), coefficient)
    return value


def _value_at(shares: Sequence[Share], at: int) -> bytes:
    """The values at a point of the polynomials through these shares (Lagrange)."""
    total = bytes(len(shares[0].value))
    for share in shares:
        weight = 1
        for other in shares:
            if other.index != share.index:
                weight = product(weight, quotient(other.index ^ at, other.index ^ share.index))
        total = _sum(total, bytes(product(byte, weight) for byte in share.value))
    return total
