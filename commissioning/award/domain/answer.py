"""The answer to an award problem, as it is handed out: status, award, exact figures, proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any

from commissioning.award.domain.explanation import Explanation
from commissioning.award.domain.limits import Rule
from commissioning.award.domain.rationals import rational_text


class Status(StrEnum):
    """How far an answer goes, by the award rule that was published.

    `optimal`: proven, and the award is the canonical one; of a reversion rule, every lot goes as
    the rule says. `feasible`: valid, but optimality or the canonical choice is not proven; of a
    reversion rule, some lots are left unawarded. `infeasible`: the rule gives no award within the
    limits. `unknown`: none was found in the time given, and none was shown to be impossible.
    """

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Partial:
    """The award of the most lots that the limits allow, the least number of winners apart.

    Among those the best by the objective, then by the tie rule, an unawarded lot counting last.
    """

    award: Mapping[str, str]
    objective: Fraction

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "lots_awarded": len(self.award),
            "objective": rational_text(self.objective),
            "award": dict(self.award),
        }


@dataclass(frozen=True)
class Relaxation:
    """One limit alone, and how far it would have to give way; `to` is None where no value helps.

    `holder` is the lot, bidder or group whose limit it is; None for a limit of the competition. Of
    a least number of winners, `to` is the largest number that can be had.
    """

    rule: Rule
    holder: str | None
    stated: int
    to: int | None

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "rule": self.rule.value,
            "id": self.holder,
            "from": self.stated,
            "to": self.to,
        }


@dataclass(frozen=True)
class Infeasible:
    """Why no award exists: a correct first reason in words, the limits in conflict, what is left.

    `conflict`, `partial` and `relaxations` are None where the time did not suffice for them.
    """

    in_words: str
    conflict: tuple[Rule, ...] | None = None
    partial: Partial | None = None
    relaxations: tuple[Relaxation, ...] | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON; what was not worked out is null."""
        return {
            "conflict": None if self.conflict is None else [rule.value for rule in self.conflict],
            "in_words": self.in_words,
            "partial": None if self.partial is None else self.partial.to_dict(),
            "relaxations": (
                None if self.relaxations is None else [each.to_dict() for each in self.relaxations]
            ),
        }


@dataclass(frozen=True)
class Proof:
    """With what an answer was reached, and for which problem; `seconds` is wall time."""

    problem_sha256: str
    solver: str
    solver_version: str
    options: Mapping[str, str | int | None]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """As JSON; `seconds` is one of the two floats of an answer."""
        return {
            "problem_sha256": self.problem_sha256,
            "solver": self.solver,
            "solver_version": self.solver_version,
            "options": dict(self.options),
            "seconds": self.seconds,
        }


@dataclass(frozen=True)
class Answer:
    """An award with its exact objective and bound, or why there is none.

    `award` is lot to bidder, in the order of lots; empty without an award, and then `objective`,
    `bound` and `unique` are None. `unique` says whether it is the only optimal award; None where
    that is not proven.
    """

    status: Status
    proof: Proof
    award: Mapping[str, str] = field(default_factory=dict)
    objective: Fraction | None = None
    bound: Fraction | None = None
    unique: bool | None = None
    explanation: Explanation | None = None
    infeasible: Infeasible | None = None

    @property
    def gap(self) -> Fraction | None:
        """|objective - bound| / |objective|: 0 when proven, None without a bound.

        None too where the objective is 0 and the bound is not: no share of nothing says anything.
        """
        if self.objective is None or self.bound is None:
            return None
        distance = abs(self.objective - self.bound)
        if distance == 0:
            return Fraction(0)
        return distance / abs(self.objective) if self.objective else None

    def to_dict(self) -> dict[str, Any]:
        """The answer as a document; rationals are "N" or "N/D" in lowest terms."""
        return {
            "status": self.status.value,
            "objective": _text(self.objective),
            "objective_decimal": None if self.objective is None else float(self.objective),
            "bound": _text(self.bound),
            "gap": _text(self.gap),
            "unique": self.unique,
            "award": dict(self.award),
            "explanation": None if self.explanation is None else self.explanation.to_dict(),
            "infeasible": None if self.infeasible is None else self.infeasible.to_dict(),
            "proof": self.proof.to_dict(),
        }


def _text(number: Fraction | None) -> str | None:
    return None if number is None else rational_text(number)
