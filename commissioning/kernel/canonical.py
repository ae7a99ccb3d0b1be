"""Canonical JSON: one value, one sequence of bytes, one hash.

UTF-8, keys sorted by code point, no spaces, and no floats: a rate or a weight is a decimal string,
a rational is "N/D". Two people who hold the same value therefore compute the same SHA-256, in any
programming language.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

_PLAIN = frozenset({int, str, bool, type(None)})


class NotCanonical(ValueError):
    """The value cannot be written down in one way only; the message says where."""


def canonical_json(value: Any) -> bytes:
    """The bytes of a value in canonical JSON: UTF-8, sorted keys, no spaces, no floats.

    Takes None, booleans, integers, strings, lists, tuples and dicts with string keys. Raises
    NotCanonical on anything else, with the place.
    """
    if not _is_plain(value):
        _check(value, "$")
    text = json.dumps(
        value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        _check(value, "$")
        raise


def sha256_hex(value: Any) -> str:
    """The SHA-256 of a value in canonical JSON, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def _is_plain(value: Any) -> bool:
    """Whether a value holds plain values alone, found out quickly; anything else is looked at."""
    pending = [value]
    while pending:
        each = pending.pop()
        kind = type(each)
        if kind is dict:
            if each and {*map(type, each)} != {str}:
                return False
            pending.extend(each.values())
        elif kind is list or kind is tuple:
            pending.extend(each)
        elif kind not in _PLAIN:
            return False
    return True


def _check(value: Any, where: str) -> None:
    if value is None or isinstance(value, bool | int):
        return
    if isinstance(value, str):
        _check_text(value, where)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _check(item, f"{where}[{index}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise NotCanonical(f"{where}: a key must be a string, not {key!r}.")
            _check_text(key, where)
            _check(item, f"{where}.{key}")
    elif isinstance(value, float):
        raise NotCanonical(f"{where}: a float has no exact text; write it as a decimal string.")
    else:
        raise NotCanonical(f"{where}: {type(value).__name__} has no place in canonical JSON.")


def _check_text(text: str, where: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotCanonical(f"{where}: the text holds half a character.") from error
