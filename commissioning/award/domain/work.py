"""Solving in the background: where one piece of work stands, and when it has fallen silent.

The process that solves gives a sign of life every few seconds. One that has given none for long is
taken for dead: nothing is ever said to be running for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from commissioning.kernel.lifecycle import Table, Transition
from commissioning.permissions import Permission

SILENCE: Final = timedelta(seconds=45)
"""How long a process may give no sign of life, or take to start, before it is taken for dead."""

FELL_SILENT: Final = (
    "The process that solved this gave no more sign of life: it was ended, or the machine was "
    "started again. What was solved before stands. Start it again."
)


class WorkKind(StrEnum):
    """What is worked out."""

    SCENARIO = "scenario"
    ALTERNATIVES = "alternatives"
    ROBUSTNESS = "robustness"
    REHEARSAL = "rehearsal"


ASKED_BY: Final[Mapping[WorkKind, Permission]] = MappingProxyType(
    {
        WorkKind.SCENARIO: Permission.AWARD_MODEL_SCENARIOS,
        WorkKind.ALTERNATIVES: Permission.AWARD_MODEL_SCENARIOS,
        WorkKind.ROBUSTNESS: Permission.AWARD_STUDY_ROBUSTNESS,
        WorkKind.REHEARSAL: Permission.AWARD_REHEARSE,
    }
)
"""What whoever asks for each kind of work must hold, and whoever stops it."""


class WorkStatus(StrEnum):
    """Where a piece of work stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


ACTIVE: Final = frozenset({WorkStatus.WAITING, WorkStatus.RUNNING})

_STOP: Final = Permission.AWARD_STOP_WORK

TABLE = Table(
    "award_work",
    WorkStatus,
    WorkStatus.WAITING,
    frozenset({WorkStatus.DONE, WorkStatus.STOPPED, WorkStatus.FAILED}),
    (
        Transition(WorkStatus.WAITING, "award_work_begun", WorkStatus.RUNNING, None),
        Transition(WorkStatus.WAITING, "award_work_stopped", WorkStatus.STOPPED, _STOP),
        Transition(WorkStatus.WAITING, "award_work_failed", WorkStatus.FAILED, None),
        Transition(WorkStatus.RUNNING, "award_work_done", WorkStatus.DONE, None),
        Transition(WorkStatus.RUNNING, "award_work_stopped", WorkStatus.STOPPED, _STOP),
        Transition(WorkStatus.RUNNING, "award_work_failed", WorkStatus.FAILED, None),
    ),
)


def has_fallen_silent(status: str, seen_at: datetime, now: datetime) -> bool:
    """Whether work that stands as active is taken for dead: both instants by the real clock."""
    return status in ACTIVE and now - seen_at > SILENCE
