"""The scale of marks: each mark has a name and a sentence that says when it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

MOST_MARKS: Final = 100
LONGEST_NAME: Final = 40
LONGEST_MEANING: Final = 300


@dataclass(frozen=True, slots=True)
class Descriptor:
    """One mark of the scale: the number, its short name, and the sentence by which it is given."""

    mark: int
    name: str
    meaning: str

    def as_dict(self) -> dict[str, Any]:
        """The descriptor as plain JSON."""
        return {"mark": self.mark, "name": self.name, "meaning": self.meaning}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Descriptor:
        """The descriptor that `as_dict` wrote."""
        return cls(told["mark"], told["name"], told["meaning"])


Scale = tuple[Descriptor, ...]

STANDARD: Final[Scale] = (
    Descriptor(
        0,
        "Unacceptable",
        "There is no answer, or it would not meet the requirement in any part that matters.",
    ),
    Descriptor(
        1,
        "Poor",
        "It meets some of the requirement and leaves serious doubts about the rest.",
    ),
    Descriptor(
        2,
        "Acceptable",
        "It meets the requirement. Some parts are thin or rest on little evidence.",
    ),
    Descriptor(
        3,
        "Good",
        "It meets the whole requirement with relevant evidence, and leaves minor doubts at most.",
    ),
    Descriptor(
        4,
        "Excellent",
        "It meets the whole requirement with strong evidence, leaves no doubt, and adds value.",
    ),
)
"""The scale from 0 to 4, in the platform's own words: what a competition begins with."""


def standard_scale(max_mark: int) -> Scale:
    """The descriptors that a scale has without anybody's doing: five from 0 to 4, else none."""
    return STANDARD if max_mark == STANDARD[-1].mark else ()


def scale_faults(scale: Sequence[Descriptor], max_mark: int) -> list[tuple[int, str, str]]:
    """Each mark from 0 to the highest has one descriptor, with a name of its own and a sentence.

    Gives (mark, "name" or "meaning", sentence) for each fault; none where the scale may be
    published.
    """
    found: list[tuple[int, str, str]] = []
    by_mark = {step.mark: step for step in scale}
    names: dict[str, int] = {}
    for mark in range(max_mark + 1):
        step = by_mark.get(mark, Descriptor(mark, "", ""))
        first = names.setdefault(step.name.strip().casefold(), mark)
        if not step.name.strip():
            found.append((mark, "name", f"Give the mark {mark} a short name."))
        elif len(step.name) > LONGEST_NAME:
            found.append(
                (mark, "name", f"Name the mark {mark} in {LONGEST_NAME} characters or fewer.")
            )
        elif first != mark:
            found.append((mark, "name", f"The marks {first} and {mark} have the same name."))
        if not step.meaning.strip():
            found.append((mark, "meaning", f"Say in a sentence when the mark {mark} is given."))
        elif len(step.meaning) > LONGEST_MEANING:
            sentence = f"Describe the mark {mark} in {LONGEST_MEANING} characters or fewer."
            found.append((mark, "meaning", sentence))
    return found
