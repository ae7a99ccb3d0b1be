"""Which roles no person holds together on one competition."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from commissioning.kernel.actor import Role


@dataclass(frozen=True, slots=True)
class ExcludedPair:
    """Two roles that exclude each other on one competition, and why.

    The short form runs with four people, of whom three hold keys: a pair that this takes is
    excluded in the full procedure alone.
    """

    first: Role
    second: Role
    reason: str
    in_short_form: bool = True

    def is_formed_by(self, one: Role, other: Role) -> bool:
        """Whether these two roles are the pair, in whichever order."""
        return {one, other} == {self.first, self.second}


_R = Role
_BLIND_TO_PRICE: Final = "Whoever marks quality must not have seen a price."
_ASKED_FOR_HELP: Final = "The duty officer reads who asks for help, and so who bids."
_SECOND_PERSON: Final = "The approver decides on what the other proposes."

EXCLUDED_PAIRS: Final[tuple[ExcludedPair, ...]] = (
    ExcludedPair(_R.EVALUATOR, _R.COMMERCIAL_OFFICER, _BLIND_TO_PRICE),
    ExcludedPair(_R.MODERATOR, _R.COMMERCIAL_OFFICER, _BLIND_TO_PRICE),
    ExcludedPair(_R.EVALUATOR, _R.NEGOTIATOR, _BLIND_TO_PRICE),
    ExcludedPair(_R.MODERATOR, _R.NEGOTIATOR, _BLIND_TO_PRICE),
    ExcludedPair(
        _R.EVALUATOR, _R.KEY_HOLDER, "Whoever marks must not be able to help open the envelopes."
    ),
    ExcludedPair(
        _R.EVALUATOR, _R.PANEL_MEMBER, "The panel gives advice on its area, and never marks."
    ),
    ExcludedPair(
        _R.EVALUATOR, _R.PROCUREMENT_LEAD, "Whoever marks must not read the marks of others first."
    ),
    ExcludedPair(
        _R.EVALUATOR, _R.APPROVER, "Whoever marks must not approve the lock of the marks."
    ),
    ExcludedPair(
        _R.KEY_HOLDER,
        _R.PROCUREMENT_LEAD,
        "Whoever runs the competition must not be able to help open the envelopes.",
        in_short_form=False,
    ),
    ExcludedPair(_R.APPROVER, _R.PROCUREMENT_LEAD, _SECOND_PERSON),
    ExcludedPair(_R.DUTY_OFFICER, _R.PROCUREMENT_LEAD, _ASKED_FOR_HELP),
    ExcludedPair(_R.DUTY_OFFICER, _R.APPROVER, _ASKED_FOR_HELP),
    ExcludedPair(_R.DUTY_OFFICER, _R.COMMERCIAL_OFFICER, _ASKED_FOR_HELP),
    ExcludedPair(_R.DUTY_OFFICER, _R.KEY_HOLDER, _ASKED_FOR_HELP),
    ExcludedPair(_R.DUTY_OFFICER, _R.EVALUATOR, _ASKED_FOR_HELP),
    ExcludedPair(_R.DUTY_OFFICER, _R.MODERATOR, _ASKED_FOR_HELP),
    ExcludedPair(_R.APPROVER, _R.COMMERCIAL_OFFICER, _SECOND_PERSON),
)
"""The pairs that exclude each other, with the reason that a person is told."""


def excluded_pairs(profile: str) -> list[ExcludedPair]:
    """The pairs that exclude each other under a profile of procedure: "full" or "short"."""
    return [pair for pair in EXCLUDED_PAIRS if pair.in_short_form or profile == "full"]


def excluded_by(
    held: Collection[Role], wanted: Role, *, profile: str = "full"
) -> ExcludedPair | None:
    """No person holds two roles on one competition that exclude each other.

    Gives the first pair that the wanted role would form with a role held; None where it forms none.
    """
    for pair in excluded_pairs(profile):
        if any(pair.is_formed_by(role, wanted) for role in held):
            return pair
    return None
