"""The awards beside the one that stands: among which they are sought, and how they are written.

They are those of the objective and the limits. A reversion gives one award only; beside it they
are for information.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Protocol

from commissioning.award.domain.problem import AwardRule, Problem, problem_sha256
from commissioning.award.domain.protection import protected_first_places
from commissioning.award.domain.rationals import rational_text


class Listed(Protocol):
    """One award of a list, with its exact objective."""

    @property
    def award(self) -> Mapping[str, str]:
        """Lot to bidder."""

    @property
    def objective(self) -> Fraction:
        """What it is worth."""


class Listing(Protocol):
    """The best awards in order, and whether there are no others."""

    @property
    def awards(self) -> Sequence[Listed]:
        """The best first."""

    @property
    def is_complete(self) -> bool:
        """Whether their number is the exact count."""


def open_to_alternatives(problem: Problem) -> Problem:
    """The problem among whose awards the alternatives are sought.

    Under `protected_optimum`, protected first places are fixed, as they are in the award itself.
    """
    if problem.award_rule is not AwardRule.PROTECTED_OPTIMUM:
        return problem
    return problem.changed(fixed={**problem.fixed, **protected_first_places(problem)})


def alternatives_document(problem: Problem, margin_ppm: int, found: Listing) -> dict[str, Any]:
    """The best awards as a document: how many, whether these are all, and each of them.

    `margin_ppm` is how far from the optimum they were sought, in parts per million of it.
    """
    return {
        "problem_sha256": problem_sha256(problem),
        "within_ppm": margin_ppm,
        "count": len(found.awards),
        "complete": found.is_complete,
        "awards": [
            {"objective": rational_text(each.objective), "award": dict(each.award)}
            for each in found.awards
        ],
    }
