"""The ties that count in one competition, as they are kept, and how two people correct them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from commissioning.identity.domain.membership import behind
from commissioning.identity.domain.ties import TieKind

Pair = tuple[str, str]


class Act(StrEnum):
    """What two people decide of a tie."""

    PUT = "put"
    STRIKE = "strike"


class CorrectionRefused(Exception):
    """The correction is none; the sentence says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Correction:
    """A tie is put into the record or struck from it; `first` is the owner, or the consortium."""

    act: Act
    kind: TieKind
    first: str
    second: str

    def to_dict(self) -> dict[str, str]:
        """The correction as JSON holds it."""
        return {
            "act": self.act.value,
            "kind": self.kind.value,
            "first": self.first,
            "second": self.second,
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, str]) -> Correction:
        """The correction that was written so."""
        return cls(Act(told["act"]), TieKind(told["kind"]), told["first"], told["second"])


@dataclass(frozen=True, slots=True)
class OneSided:
    """A tie that one end declared and the other had not confirmed when the record was made."""

    kind: TieKind
    first: str
    second: str
    status: str
    declared_by: str


@dataclass(frozen=True, slots=True)
class TiesOfRecord:
    """What counts: pairs of owner and owned, consortium and member; and what only one end said."""

    ownerships: tuple[Pair, ...] = ()
    memberships: tuple[Pair, ...] = ()
    unconfirmed: tuple[OneSided, ...] = ()

    @property
    def counting(self) -> list[tuple[TieKind, str, str]]:
        """Every tie that counts, with its kind."""
        return [
            *((TieKind.OWNERSHIP, *pair) for pair in self.ownerships),
            *((TieKind.MEMBERSHIP, *pair) for pair in self.memberships),
        ]

    def corrected(self, correction: Correction, bidders: Collection[str]) -> TiesOfRecord:
        """The record with a tie put in or struck out.

        `bidders` are the shortlisted ones: a tie that stands behind none of them could change
        nothing. Raises CorrectionRefused for such a one, for a tie to itself, one that counts
        already or does not count, and where an organisation would own itself through others.
        """
        pair = correction.first, correction.second
        is_owned = correction.kind is TieKind.OWNERSHIP
        held = self.ownerships if is_owned else self.memberships
        if correction.act is Act.STRIKE:
            if pair not in held:
                raise CorrectionRefused("This tie does not count as it is.")
            kept = tuple(one for one in held if one != pair)
        else:
            if pair[0] == pair[1]:
                raise CorrectionRefused("Choose two different organisations.")
            if pair in held:
                raise CorrectionRefused("This tie counts already.")
            kept = tuple(sorted((*held, pair)))
            after = self._with(kept, is_owned=is_owned)
            lower = pair[1] if is_owned else pair[0]
            if lower not in behind(bidders, after.ownerships, after.memberships):
                raise CorrectionRefused(
                    "This tie stands behind no bidder that is shortlisted, so it changes nothing."
                )
            if is_owned and pair[0] in _owned_through(self.ownerships, pair[1]):
                raise CorrectionRefused(
                    "The second organisation owns the first, itself or through others: look at "
                    "the direction."
                )
        return self._with(kept, is_owned=is_owned)

    def _with(self, kept: tuple[Pair, ...], *, is_owned: bool) -> TiesOfRecord:
        return replace(self, ownerships=kept) if is_owned else replace(self, memberships=kept)

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON holds it, in a fixed order."""
        return {
            "ownerships": [list(pair) for pair in sorted(self.ownerships)],
            "memberships": [list(pair) for pair in sorted(self.memberships)],
            "unconfirmed": [
                {
                    "kind": one.kind.value,
                    "first": one.first,
                    "second": one.second,
                    "status": one.status,
                    "declared_by": one.declared_by,
                }
                for one in self.unconfirmed
            ],
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> TiesOfRecord:
        """The record that was written so."""
        return cls(
            tuple((owner, owned) for owner, owned in told["ownerships"]),
            tuple((whole, part) for whole, part in told["memberships"]),
            tuple(
                OneSided(
                    TieKind(one["kind"]),
                    one["first"],
                    one["second"],
                    one["status"],
                    one["declared_by"],
                )
                for one in told["unconfirmed"]
            ),
        )


def _owned_through(ownerships: Collection[Pair], top: str) -> set[str]:
    found: set[str] = set()
    frontier = {top}
    while frontier:
        frontier = {owned for owner, owned in ownerships if owner in frontier} - found
        found |= frontier
    return found
