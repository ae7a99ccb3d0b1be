"""Moderation: from marks that each evaluator gives alone to the one mark that counts.

Nobody sees another's mark before all evaluators of the answer have submitted theirs. Then the
moderator records a consensus with its reason, and it closes when every evaluator agrees, or by the
published rule, with each dissent and its reason on the record. A change is a new version that keeps
the old one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from commissioning.competition.domain.criteria import ClosingRule
from commissioning.kernel.errors import BadInput, Conflict


class ModerationRefused(Conflict, ValueError):
    """The step comes before what must precede it, or after what ends it."""


@dataclass(frozen=True, slots=True)
class IndividualMark:
    """What one evaluator gave an answer, and why; blind until everyone has submitted."""

    evaluator: str
    mark: int
    reason: str
    submitted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What an evaluator says to a recorded consensus; a dissent has its reason."""

    evaluator: str
    agrees: bool
    dissent: str = ""


@dataclass(frozen=True, slots=True)
class Consensus:
    """One version of the agreed mark of an answer, with what the evaluators said to it.

    `supersedes` is the version before, kept whole. `closed_at` is None while it is open.
    """

    mark: int
    reason: str
    moderator: str
    recorded_at: datetime
    answers: tuple[Answer, ...] = ()
    closed_at: datetime | None = None
    version: int = 1
    supersedes: Consensus | None = None

    @property
    def dissents(self) -> tuple[Answer, ...]:
        """The evaluators who do not agree, with their reasons."""
        return tuple(answer for answer in self.answers if not answer.agrees)

    @property
    def history(self) -> tuple[Consensus, ...]:
        """Every version, the first one first."""
        earlier = self.supersedes.history if self.supersedes else ()
        return (*earlier, self)


def check_mark(mark: int, reason: str, max_mark: int) -> None:
    """A mark is a whole number on the published scale, and never without a reason.

    Raises BadInput on the field "mark" or "reason".
    """
    if isinstance(mark, bool) or not isinstance(mark, int) or not 0 <= mark <= max_mark:
        raise BadInput("mark", f"Choose a mark from 0 to {max_mark}.")
    if not reason.strip():
        raise BadInput("reason", "Give the reason for the mark.")


def submit_mark(mark: IndividualMark, max_mark: int, *, at: datetime) -> IndividualMark:
    """An evaluator submits a mark once, with its reason; from then on it does not change.

    Raises BadInput, and ModerationRefused where it is submitted already.
    """
    if mark.submitted_at is not None:
        raise ModerationRefused("This mark is submitted already and does not change any more.")
    check_mark(mark.mark, mark.reason, max_mark)
    return replace(mark, submitted_at=at)


def are_all_submitted(assigned: Collection[str], marks: Iterable[IndividualMark]) -> bool:
    """Whether every evaluator of an answer has submitted; false where nobody is assigned."""
    submitted = {mark.evaluator for mark in marks if mark.submitted_at is not None}
    return bool(assigned) and set(assigned) <= submitted


def visible_marks(
    viewer: str, assigned: Collection[str], marks: Iterable[IndividualMark]
) -> tuple[IndividualMark, ...]:
    """Before all have submitted, an evaluator sees the own mark only, and everybody else none."""
    given = tuple(marks)
    if are_all_submitted(assigned, given):
        return given
    return tuple(mark for mark in given if mark.evaluator == viewer)


def record_consensus(
    mark: int,
    reason: str,
    max_mark: int,
    *,
    assigned: Collection[str],
    marks: Iterable[IndividualMark],
    moderator: str,
    at: datetime,
) -> Consensus:
    """The moderator records a consensus with its reason, once every individual mark is submitted.

    Raises ModerationRefused before that, and BadInput on a mark off the scale or without a reason.
    """
    if not are_all_submitted(assigned, marks):
        raise ModerationRefused(
            "Not every evaluator of this answer has submitted a mark. Wait for all of them."
        )
    check_mark(mark, reason, max_mark)
    return Consensus(mark, reason.strip(), moderator, at)


def answer_consensus(consensus: Consensus, answer: Answer, assigned: Collection[str]) -> Consensus:
    """Each evaluator of the answer agrees, or dissents with a reason; the last word counts.

    Raises ModerationRefused once it is closed or from anyone else, BadInput without a reason.
    """
    if consensus.closed_at is not None:
        raise ModerationRefused("This consensus is closed. The moderator can record a new one.")
    if answer.evaluator not in assigned:
        raise ModerationRefused("Only the evaluators of this answer agree to its consensus.")
    if not answer.agrees and not answer.dissent.strip():
        raise BadInput("dissent", "Give the reason why you do not agree.")
    others = tuple(a for a in consensus.answers if a.evaluator != answer.evaluator)
    return replace(consensus, answers=(*others, answer))


def may_close(consensus: Consensus, assigned: Collection[str], rule: ClosingRule) -> bool:
    """A consensus closes when all agree, or, where so published, when more agree than dissent.

    Under either rule every evaluator has spoken first, so that each dissent is on the record.
    """
    answers = {a.evaluator: a.agrees for a in consensus.answers if a.evaluator in assigned}
    if not assigned or set(answers) != set(assigned):
        return False
    agreeing = sum(answers.values())
    if rule is ClosingRule.MAJORITY:
        return 2 * agreeing > len(answers)
    return agreeing == len(answers)


def close_consensus(
    consensus: Consensus, assigned: Collection[str], rule: ClosingRule, *, at: datetime
) -> Consensus:
    """The consensus closes by the published rule, with its dissents recorded.

    Raises ModerationRefused, saying whom it waits for or who dissents.
    """
    if consensus.closed_at is not None:
        raise ModerationRefused("This consensus is closed already.")
    if not may_close(consensus, assigned, rule):
        silent = set(assigned) - {answer.evaluator for answer in consensus.answers}
        if silent or not assigned:
            raise ModerationRefused("Not every evaluator of this answer has agreed or dissented.")
        raise ModerationRefused(
            "The evaluators do not agree. Discuss the answer and record a new consensus."
        )
    return replace(consensus, closed_at=at)


def change_consensus(
    consensus: Consensus,
    mark: int,
    reason: str,
    max_mark: int,
    *,
    moderator: str,
    at: datetime,
    is_quality_locked: bool,
) -> Consensus:
    """A consensus is changed only before the quality lock, with a reason, and agreed to again.

    The new version keeps the old one. Raises ModerationRefused after the lock, BadInput on a mark
    off the scale or without a reason.
    """
    if is_quality_locked:
        raise ModerationRefused("Quality is locked: no agreed mark changes any more.")
    check_mark(mark, reason, max_mark)
    return Consensus(
        mark,
        reason.strip(),
        moderator,
        at,
        version=consensus.version + 1,
        supersedes=consensus,
    )


def reassign(assigned: Collection[str], absent: str, replacement: str) -> frozenset[str]:
    """An absent evaluator is replaced by another, who marks alone first as everyone did.

    Raises ModerationRefused where the absent one is not assigned, or the other one is already.
    """
    if absent not in assigned:
        raise ModerationRefused("Only an evaluator of this answer can be replaced on it.")
    if replacement in assigned:
        raise ModerationRefused("Choose somebody who does not mark this answer yet.")
    return frozenset(assigned) - {absent} | {replacement}
