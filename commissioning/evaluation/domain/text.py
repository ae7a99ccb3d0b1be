"""An answer as evaluators cite it: in numbered paragraphs, with a warning where it names money."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_MONEY: Final = re.compile(
    r"[£€$]\s?\d|\bGBP\b|\b\d[\d,.]*\s?(?:k|m|bn|million|thousand|billion)?\s?(?:pounds?|pence|sterling)\b",
    re.IGNORECASE,
)


def numbered_paragraphs(text: str) -> Sequence[tuple[int, str]]:
    """The paragraphs of an answer with their numbers from 1, so that a reason can cite them.

    A paragraph ends at a line break; empty lines count for nothing.
    """
    lines = (line.strip() for line in text.splitlines())
    return list(enumerate((line for line in lines if line), start=1))


def paragraphs_with_money(paragraphs: Sequence[tuple[int, str]]) -> tuple[int, ...]:
    """The numbers of the paragraphs that name an amount of money.

    Whoever marks quality must not know prices, and a bidder may write one into an answer by
    mistake. It is a warning for people to judge, and changes no mark.
    """
    return tuple(number for number, text in paragraphs if _MONEY.search(text))
