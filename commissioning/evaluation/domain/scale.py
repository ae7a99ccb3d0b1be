"""What each mark of the scale means, as evaluators and bidders read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Step:
    """One mark of the scale: the number, its name, and when it is given."""

    mark: int
    name: str
    meaning: str


STANDARD: Final = (
    Step(
        0,
        "Unacceptable",
        "There is no answer, or it would not meet the requirement in any part that matters.",
    ),
    Step(
        1,
        "Poor",
        "It meets some of the requirement and leaves serious doubts about the rest.",
    ),
    Step(
        2,
        "Acceptable",
        "It meets the requirement. Some parts are thin or rest on little evidence.",
    ),
    Step(
        3,
        "Good",
        "It meets the whole requirement with relevant evidence, and leaves minor doubts at most.",
    ),
    Step(
        4,
        "Excellent",
        "It meets the whole requirement with strong evidence, leaves no doubt, and adds value.",
    ),
)
"""The scale from 0 to 4, in the platform's own words."""


def steps(max_mark: int) -> tuple[Step, ...]:
    """Every mark from 0 to the highest; the standard scale has a name and a meaning for each.

    Another scale is published by its numbers alone, and its steps have neither.
    """
    if max_mark == STANDARD[-1].mark:
        return STANDARD
    return tuple(Step(mark, "", "") for mark in range(max_mark + 1))
