"""An answer as evaluators cite it: in numbered paragraphs."""

from __future__ import annotations

from collections.abc import Sequence


def numbered_paragraphs(text: str) -> Sequence[tuple[int, str]]:
    """The paragraphs of an answer with their numbers from 1, so that a reason can cite them.

    A paragraph ends at a line break; empty lines count for nothing.
    """
    lines = (line.strip() for line in text.splitlines())
    return list(enumerate((line for line in lines if line), start=1))
