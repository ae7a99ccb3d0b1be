"""Exact rationals as text: "N" where the denominator is 1, else "N/D" in lowest terms."""

from __future__ import annotations

import re
from fractions import Fraction

_WRITTEN = re.compile(r"-?(0|[1-9][0-9]*)(/[1-9][0-9]*)?\Z")
_LONGEST = 4_000  # digits; Python reads no more by itself, and no award problem needs as many


def rational_text(number: Fraction | int) -> str:
    """The one text of a rational: lowest terms, a minus only in front, no denominator of 1."""
    return str(Fraction(number))


def read_rational(text: object) -> Fraction | None:
    """The rational that a text states in lowest terms; None where it is not that one text."""
    if not isinstance(text, str) or len(text) > _LONGEST or not _WRITTEN.match(text):
        return None
    number = Fraction(text)
    return number if rational_text(number) == text else None
