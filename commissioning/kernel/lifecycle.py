"""Lifecycles as tables: which move is legal from where, and what it asks for.

A context states its moves as rows; `advance` reads them. There is no other way for a status to
change, so that whoever wants to know what may happen reads one table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from commissioning.kernel.errors import IllegalTransition

Fact = bool | str | int | None


@dataclass(frozen=True, slots=True)
class Guard:
    """A named fact that must hold before a move, and what to say when it does not."""

    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Transition:
    """One legal move: from a status, by an event, to a status.

    `permission` is the value of a `Permission`; None for a move that time makes. `guards` are facts
    that the caller hands over; `statutory` names the rule of the statutory calendar that sets how
    long the status must have lasted.
    """

    source: StrEnum
    event: str
    target: StrEnum
    permission: str | None
    guards: tuple[Guard, ...] = ()
    two_person: bool = False
    statutory: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """All the moves of one kind of subject, with its first and its last statuses."""

    name: str
    statuses: type[StrEnum]
    initial: StrEnum
    terminal: frozenset[StrEnum]
    transitions: tuple[Transition, ...]
    _by_move: Mapping[tuple[str, str], Transition] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "_by_move", {(row.source.value, row.event): row for row in self.transitions}
        )

    def find(self, status: str, event: str) -> Transition:
        """The row for an event from a status; IllegalTransition when there is none."""
        row = self._by_move.get((str(status), event))
        if row is None:
            raise IllegalTransition(
                f"This cannot be done now: the {self.name} is at “{str(status).replace('_', ' ')}”."
            )
        return row

    def events_from(self, status: str) -> tuple[Transition, ...]:
        """Every move that is open from a status, in the table's order."""
        return tuple(row for row in self.transitions if row.source.value == str(status))


def advance(
    table: Table, status: str, event: str, facts: Mapping[str, Fact] | None = None
) -> Transition:
    """The move that an event makes from a status, provided that every guard's fact holds.

    Returns the row, so that the caller sets `row.target`. Raises IllegalTransition when no row
    exists, or with a guard's sentence when its fact is absent or false.
    """
    row = table.find(status, event)
    held = facts or {}
    for guard in row.guards:
        if not held.get(guard.name):
            raise IllegalTransition(guard.sentence)
    return row


def reachable(table: Table) -> frozenset[str]:
    """Every status that can be reached from the first one."""
    seen = {table.initial.value}
    frontier: Iterable[str] = tuple(seen)
    while frontier:
        following = {
            row.target.value
            for row in table.transitions
            if row.source.value in frontier and row.target.value not in seen
        }
        seen |= following
        frontier = tuple(following)
    return frozenset(seen)
