"""What people type, checked one field after the other, so that all faults are told at once.

Steps of use cases: nothing here authorises, changes or records.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Final

from commissioning.kernel.errors import BadInput, BadInputs

LONGEST_TITLE: Final = 200
LONGEST_TEXT: Final = 20_000
_REFERENCE: Final = re.compile(r"\w[\w .-]*")
# Control, format, surrogate, private and unassigned characters.
_INVISIBLE: Final = {"Cc", "Cf", "Cs", "Co", "Cn"}


class Faults:
    """The faults of one form, gathered; `refuse` raises them together."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    def add(self, field: str, sentence: str) -> None:
        """One more fault, at its field."""
        self.found.append((field, sentence))

    def refuse(self) -> None:
        """Raise what was found: BadInput for one fault, BadInputs for several."""
        if len(self.found) == 1:
            raise BadInput(*self.found[0])
        if self.found:
            raise BadInputs(self.found)

    def line(self, field: str, typed: str, *, what: str, longest: int = LONGEST_TITLE) -> str:
        """A name or title: one line of text that is needed. `what` begins with "the"."""
        text = " ".join(unicodedata.normalize("NFC", typed or "").split())
        if not text:
            self.add(field, f"Enter {what}.")
        elif len(text) > longest:
            self.add(field, f"Enter {what} in {longest} characters or fewer.")
        elif any(unicodedata.category(character) in _INVISIBLE for character in text):
            self.add(field, f"Remove the invisible characters from {what}: type it again.")
        return text

    def text(self, field: str, typed: str, *, what: str, is_needed: bool = False) -> str:
        """Text of several lines."""
        text = unicodedata.normalize("NFC", typed or "").replace("\r\n", "\n").strip()
        if is_needed and not text:
            self.add(field, f"Enter {what}.")
        if len(text) > LONGEST_TEXT:
            self.add(field, f"Enter {what} in {LONGEST_TEXT:,} characters or fewer.")
        if any(
            unicodedata.category(character) in _INVISIBLE and character not in "\n\t"
            for character in text
        ):
            self.add(field, f"Remove the invisible characters from {what}: type it again.")
        return text

    def reference(self, field: str, typed: str, *, longest: int) -> str:
        """A reference that people choose within a competition, such as L1 or C3."""
        text = self.line(field, typed, what="a reference", longest=longest)
        if text and not self._is_named(field) and not _REFERENCE.fullmatch(text):
            self.add(field, "Use letters, digits, spaces, hyphens and dots in a reference.")
        return text

    def whole(self, field: str, typed: int | None, *, what: str, least: int, most: int) -> int:
        """A whole number within bounds that is needed."""
        if typed is None:
            self.add(field, f"Enter {what}.")
            return least
        if isinstance(typed, bool) or not isinstance(typed, int) or not least <= typed <= most:
            self.add(field, f"Enter {what} as a whole number from {least:,} to {most:,}.")
            return least
        return typed

    def decimal(
        self,
        field: str,
        typed: Decimal | str | int | None,
        *,
        what: str,
        least: Decimal,
        most: Decimal,
        places: int,
    ) -> Decimal:
        """An exact decimal number within bounds (both included) that is needed."""
        if typed is None or typed == "":
            self.add(field, f"Enter {what}.")
            return least
        if isinstance(typed, float):
            raise TypeError("A float is not exact; hand over a Decimal.")
        try:
            number = Decimal(typed)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or not least <= number <= most:
            self.add(field, f"Enter {what} as a number from {least:f} to {most:f}.")
            return least
        if number != round(number, places):
            self.add(field, f"Enter {what} with at most {places} decimals.")
            return least
        return number

    def _is_named(self, field: str) -> bool:
        return any(place == field for place, _ in self.found)
