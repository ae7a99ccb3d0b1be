"""What a declared interest keeps a person from, and what two people may decide of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """What is decided of a declared interest."""

    STAYS = "stays"
    PART = "part"
    LIFTED = "lifted"


OUTCOMES = {
    Outcome.STAYS: (
        "The bar stays",
        "It is a conflict of interest: the person is kept from all that the interest bears on.",
    ),
    Outcome.PART: (
        "The bar is lifted in part",
        "For the lots or bidders that you name it is no conflict; it stays for all others.",
    ),
    Outcome.LIFTED: (
        "The bar is lifted",
        "It is no conflict of interest: the person may act again wherever their role lets them.",
    ),
}
"""Each outcome by name, and in a sentence to whoever proposes it."""

CONSEQUENCES = {
    Outcome.STAYS: "The person stays barred from all that the interest bears on.",
    Outcome.PART: "The person may act again for what is named above, and for nothing else that the "
    "interest bears on.",
    Outcome.LIFTED: "The person may act again wherever their role lets them.",
}
"""What follows from each, to whoever decides."""


@dataclass(frozen=True, slots=True)
class Bar:
    """What keeps a person from an organisation's things, or, for None, from the competition.

    It does not hold for the lots and the bidders for which two people have lifted it.
    """

    person: str
    organisation: str | None
    lifted_lots: frozenset[str] = frozenset()
    lifted_bidders: frozenset[str] = frozenset()

    def holds_on(self, lot: str) -> bool:
        """Whether it holds on a lot at all."""
        return lot not in self.lifted_lots

    def bears_on(self, lot: str, bidders: Collection[str]) -> bool:
        """Whether it keeps the person from the answers to a lot, for which these bidders bid."""
        if not self.holds_on(lot):
            return False
        if self.organisation is not None:
            return self.organisation in bidders
        return not bidders or not self.lifted_bidders.issuperset(bidders)


def standing_bar(
    person: str, organisation: str | None, decided: Mapping[str, Any] | None
) -> Bar | None:
    """A declared interest bars until two people decide otherwise; None where they lifted the bar.

    `decided` is what was approved last of it: {"outcome", "lots", "bidders"}; None while it is
    undecided.
    """
    outcome = Outcome(decided["outcome"]) if decided else Outcome.STAYS
    if decided is None or outcome is Outcome.STAYS:
        return Bar(person, organisation)
    if outcome is Outcome.LIFTED:
        return None
    return Bar(person, organisation, frozenset(decided["lots"]), frozenset(decided["bidders"]))
