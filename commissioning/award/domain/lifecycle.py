"""The moves of one solved award problem: recommended, approved, or sent back."""

from __future__ import annotations

from enum import StrEnum

from commissioning.kernel.lifecycle import Guard, Table, Transition
from commissioning.permissions import Permission


class RunStatus(StrEnum):
    """Where a solved problem stands."""

    SOLVED = "solved"
    RECOMMENDED = "recommended"
    APPROVED = "approved"
    SENT_BACK = "sent_back"


TABLE = Table(
    "award",
    RunStatus,
    RunStatus.SOLVED,
    frozenset({RunStatus.SENT_BACK}),
    (
        Transition(
            RunStatus.SOLVED,
            "award_recommended",
            RunStatus.RECOMMENDED,
            Permission.AWARD_RECOMMEND,
            (
                Guard(
                    "answer_is_proven",
                    "Only what the published award rule is proven to give can be recommended. "
                    "Solve it again.",
                ),
                Guard(
                    "record_is_unchanged",
                    "The record has changed since this was solved. Solve it again.",
                ),
            ),
        ),
        Transition(
            RunStatus.RECOMMENDED,
            "award_approved",
            RunStatus.APPROVED,
            Permission.AWARD_APPROVE,
            (
                Guard(
                    "record_is_unchanged",
                    "The ties that count have changed since this was solved. Send it back, so that "
                    "it is solved anew.",
                ),
                Guard(
                    "answer_is_valid",
                    "The award breaks a published rule and cannot be approved. Send it back.",
                ),
            ),
            two_person=True,
        ),
        Transition(
            RunStatus.RECOMMENDED,
            "award_sent_back",
            RunStatus.SENT_BACK,
            Permission.AWARD_APPROVE,
        ),
        Transition(
            RunStatus.APPROVED,
            "award_sent_back",
            RunStatus.SENT_BACK,
            Permission.AWARD_APPROVE,
            (
                Guard(
                    "record_has_changed",
                    "The award is approved, and nothing has changed since. The lead announces it.",
                ),
            ),
        ),
    ),
)
