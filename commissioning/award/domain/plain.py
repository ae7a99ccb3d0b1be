"""Frozen values of the domain as plain JSON, and back: exact, and refused where a part is missing.

A dataclass is an object of its fields, a rational its one text, an enum its value, a tuple a list.
What is read back equals what was written down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from fractions import Fraction
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from commissioning.award.domain.rationals import rational_text, read_rational

_T = TypeVar("_T")


class NotPlain(ValueError):
    """The text does not state such a value; the message says where."""


def as_plain(value: Any) -> Any:
    """A value as None, booleans, whole numbers, texts, lists and objects alone."""
    if isinstance(value, Fraction):
        return rational_text(value)
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        return {each.name: as_plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): as_plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [as_plain(each) for each in value]
    return value


def from_plain(kind: type[_T], plain: Any) -> _T:
    """The value of a dataclass that plain JSON states.

    Raises NotPlain where a field is missing, unknown or of another kind, and whatever the
    dataclass itself refuses.
    """
    found: _T = _read(kind, plain, kind.__name__)
    return found


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, plain: Any, place: str) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType}:
        if plain is None and NoneType in inner:
            return None
        return _read(next(each for each in inner if each is not NoneType), plain, place)
    if origin is tuple:
        return _read_tuple(inner, plain, place)
    if origin is not None:
        return _read_mapping(inner, plain, place)
    return _read_single(kind, plain, place)


def _read_single(kind: Any, plain: Any, place: str) -> Any:
    if is_dataclass(kind):
        return _read_object(kind, plain, place)
    if kind is Fraction:
        number = read_rational(plain)
        if number is None:
            raise NotPlain(f"{place} is no rational in lowest terms.")
        return number
    if issubclass(kind, Enum):
        try:
            return kind(plain)
        except ValueError as error:
            raise NotPlain(f"{place} is none of {', '.join(map(str, kind))}.") from error
    if type(plain) is not kind:
        raise NotPlain(f"{place} is no {kind.__name__}.")
    return plain


def _read_object(kind: Any, plain: Any, place: str) -> Any:
    names = {each.name for each in fields(kind)}
    if not isinstance(plain, dict) or set(plain) != names:
        raise NotPlain(f"{place} does not have exactly the parts {', '.join(sorted(names))}.")
    hints = _hints(kind)
    return kind(**{name: _read(hints[name], plain[name], f"{place}.{name}") for name in names})


def _read_tuple(inner: tuple[Any, ...], plain: Any, place: str) -> tuple[Any, ...]:
    if not isinstance(plain, list):
        raise NotPlain(f"{place} is no list.")
    kinds = [inner[0]] * len(plain) if inner[-1] is Ellipsis else list(inner)
    if len(kinds) != len(plain):
        raise NotPlain(f"{place} does not have {len(kinds)} parts.")
    return tuple(
        _read(each, one, f"{place}[{number}]")
        for number, (each, one) in enumerate(zip(kinds, plain, strict=True))
    )


def _read_mapping(inner: tuple[Any, ...], plain: Any, place: str) -> dict[str, Any]:
    if not isinstance(plain, dict):
        raise NotPlain(f"{place} is no object.")
    return {key: _read(inner[1], each, f"{place}.{key}") for key, each in plain.items()}
