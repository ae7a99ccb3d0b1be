"""What may happen to an evaluator's sheet and to a consensus, as tables.

A sheet is one criterion on one lot, as one evaluator marks it. The status of neither is a column:
a sheet is submitted when it has the instant of that, a consensus is closed when it has its own,
and everything is locked once the competition is.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from commissioning.kernel.lifecycle import Guard, Table, Transition
from commissioning.permissions import Permission


class SheetStatus(StrEnum):
    """Where one evaluator's sheet stands."""

    OPEN = "open"
    SUBMITTED = "submitted"


class ConsensusStatus(StrEnum):
    """Where the agreed mark for one leaf of one bid stands."""

    RECORDED = "recorded"
    CLOSED = "closed"
    LOCKED = "locked"


SHEET_IS_COMPLETE = Guard(
    "sheet_is_complete",
    "Some answers of this sheet have no mark with its reason yet. Mark them, then submit.",
)
ALL_HAVE_ANSWERED = Guard(
    "all_have_answered",
    "Not every evaluator has agreed or dissented yet.",
)

P, _S, _C = Permission, SheetStatus, ConsensusStatus

# fmt: off
SHEET_TABLE: Final = Table(
    name="sheet of marks",
    statuses=SheetStatus,
    initial=_S.OPEN,
    terminal=frozenset({_S.SUBMITTED}),
    transitions=(
        Transition(_S.OPEN, "marks_submitted", _S.SUBMITTED, P.EVALUATION_MARK.value, (SHEET_IS_COMPLETE,)),
    ),
)

CONSENSUS_TABLE: Final = Table(
    name="consensus",
    statuses=ConsensusStatus,
    initial=_C.RECORDED,
    terminal=frozenset({_C.LOCKED}),
    transitions=(
        Transition(_C.RECORDED, "consensus_closed", _C.CLOSED, P.EVALUATION_AGREE_CONSENSUS.value, (ALL_HAVE_ANSWERED,)),
        Transition(_C.RECORDED, "consensus_changed", _C.RECORDED, P.EVALUATION_RECORD_CONSENSUS.value),
        Transition(_C.CLOSED, "consensus_changed", _C.RECORDED, P.EVALUATION_RECORD_CONSENSUS.value),
        Transition(_C.CLOSED, "quality_locked", _C.LOCKED, P.EVALUATION_APPROVE_QUALITY_LOCK.value, two_person=True),
    ),
)
# fmt: on


def sheet_status(submitted_at: datetime | None) -> SheetStatus:
    """A sheet is open until its evaluator has submitted it, once and for all."""
    return SheetStatus.OPEN if submitted_at is None else SheetStatus.SUBMITTED


def consensus_status(closed_at: datetime | None, *, is_locked: bool) -> ConsensusStatus:
    """A consensus is recorded, then closed by everybody's answer, then locked with all the others.

    `is_locked` is whether the competition has passed the quality lock.
    """
    if closed_at is None:
        return ConsensusStatus.RECORDED
    return ConsensusStatus.LOCKED if is_locked else ConsensusStatus.CLOSED
