"""What is solved in the background: begun by a person, done by a process, stopped by a person.

The rows are what is known of it: a process that finds its row no longer running gives up, and a row
whose process gives no sign of life is ended by whoever looks next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.audit.services import record
from commissioning.award import queries
from commissioning.award.domain.problem import Problem, parse_problem, problem_sha256
from commissioning.award.domain.work import (
    ACTIVE,
    ASKED_BY,
    FELL_SILENT,
    SILENCE,
    TABLE,
    WorkKind,
    WorkStatus,
    has_fallen_silent,
)
from commissioning.award.models import AwardRun, AwardScenario, AwardWork
from commissioning.award.services.answers import fault_of
from commissioning.competition import queries as competitions
from commissioning.competition.models import Competition
from commissioning.infrastructure import workers
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import SYSTEM, Actor
from commissioning.kernel.canonical import canonical_json
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import Conflict
from commissioning.kernel.lifecycle import advance
from commissioning.kernel.references import new_reference
from commissioning.permissions import Permission, require

MOST_AT_ONCE: Final = 2
"""How many problems an installation solves at the same time, so that bids are not kept waiting."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a process is to solve: the problem or the rules, and what is asked of them besides.

    Texts are canonical JSON; `margin_ppm` is that of alternatives.
    """

    kind: WorkKind
    problem: str
    margin_ppm: int
    details: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a piece of work is about: see `AwardWork` for what each kind leaves out.

    `problem` is an award problem or drafted rules, as plain JSON, with its SHA-256; `details` is
    what is asked besides.
    """

    problem: Mapping[str, Any]
    sha256: str
    scenario: AwardScenario | None = None
    run: AwardRun | None = None
    margin_ppm: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


def asked_of(problem: Problem, **subject: Any) -> Asked:
    """What is asked about an award problem."""
    document = problem.to_dict()
    return Asked(document, problem_sha256(parse_problem(document)), **subject)


def begin_work(
    actor: Actor, competition: Competition, asked: Asked, *, clock: Clock, real_clock: Clock
) -> AwardWork:
    """Ask for a process to work something out; the caller has authorised it.

    The caller holds the competition. One at a time for each scenario, and for each other kind of
    work on a competition. Raises Conflict.
    """
    end_silent_work(clock=clock, real_clock=real_clock)
    scenario, run = asked.scenario, asked.run
    work = AwardWork(
        reference=new_reference("WRK"),
        scenario_id=scenario.id if scenario is not None else None,
        run_id=run.id if run is not None else None,
        margin_ppm=asked.margin_ppm,
        problem=canonical_json(asked.problem).decode(),
        problem_sha256=asked.sha256,
        details=canonical_json(asked.details).decode(),
        status=WorkStatus.WAITING.value,
        asked_by=actor.reference,
        asked_at=clock.now(),
        seen_at=real_clock.now(),
    )
    active = db.session.scalars(select(AwardWork).where(AwardWork.status.in_(sorted(ACTIVE)))).all()
    for other in active:
        is_here = other.competition_id == competition.id
        if is_here and (other.kind, other.scenario_id) == (work.kind, work.scenario_id):
            raise Conflict("This is being solved already. Wait for it, or stop it first.")
    if len(active) >= MOST_AT_ONCE:
        raise Conflict(
            "Other problems are being solved just now. Wait a few minutes, then try again."
        )
    work.competition = competition
    db.session.add(work)
    db.session.flush()
    workers.start_after_commit("award-scenarios", "work", work.reference)
    record(
        actor,
        Event.AWARD_WORK_ASKED,
        _subject(work),
        {
            "kind": work.kind.value,
            "scenario": scenario.reference if scenario is not None else None,
            "award": run.reference if run is not None else None,
            "margin_ppm": asked.margin_ppm,
            "problem_sha256": work.problem_sha256,
        },
        at=clock.now(),
        stream=competition_stream(competition.reference),
    )
    return work


def stop_work(actor: Actor, work: str, *, clock: Clock, real_clock: Clock) -> AwardWork:
    """Whoever may ask for it stops what is solved in the background; what was solved stands.

    The process gives up when it next looks. Raises IllegalTransition where it has ended already.
    """
    now = clock.now()
    found = queries.work_by_reference(work)
    row = competitions.competition_for_change(found.competition.reference)
    facts = queries.facts(row, actor, now, None)
    require(actor, Permission.AWARD_STOP_WORK, facts)
    require(actor, ASKED_BY[found.kind], facts)
    found = _for_change(work)
    move = advance(TABLE, found.status, Event.AWARD_WORK_STOPPED.value)
    found.status = move.target.value
    found.ended_at = real_clock.now()
    found.says = "Somebody stopped it. What was solved before stands."
    record(
        actor,
        Event.AWARD_WORK_STOPPED,
        _subject(found),
        {},
        at=now,
        stream=competition_stream(row.reference),
    )
    return found


# What the process does -----------------------------------------------------------------------


def take_up_work(work: str, *, clock: Clock, real_clock: Clock) -> Task | None:
    """A process takes up what waits for it; None where it waits no more, or another has it."""
    found = _for_change(work)
    if found.status != WorkStatus.WAITING.value:
        return None
    found.seen_at = real_clock.now()
    _move(found, Event.AWARD_WORK_BEGUN, {}, clock.now())
    return Task(found.kind, found.problem, found.margin_ppm or 0, found.details)


def note_progress(work: str, done: int, total: int, *, real_clock: Clock) -> bool:
    """A sign of life, with how far the work is; False where nobody wants it any more."""
    found = _for_change(work)
    if found.status != WorkStatus.RUNNING.value:
        return False
    found.done, found.total = done, total
    found.seen_at = real_clock.now()
    return True


def finish_work(
    work: str, document: Mapping[str, Any], *, clock: Clock, real_clock: Clock
) -> AwardWork:
    """An answer is kept where it is proven and verifies; else the work has failed, and says why.

    `document` is as the kind of work makes it. What nobody wants any more is dropped.
    """
    found = _for_change(work)
    if found.status != WorkStatus.RUNNING.value:
        return found
    fault = fault_of(found, document)
    if fault is not None:
        return _fail(found, fault, clock=clock, real_clock=real_clock)
    found.answer = canonical_json(document).decode()
    found.ended_at = real_clock.now()
    _move(found, Event.AWARD_WORK_DONE, {"problem_sha256": found.problem_sha256}, clock.now())
    return found


def fail_work(work: str, says: str, *, clock: Clock, real_clock: Clock) -> AwardWork:
    """What came to no answer ends, with a sentence for people; what was solved before stands."""
    found = _for_change(work)
    if found.status in ACTIVE:
        _fail(found, says, clock=clock, real_clock=real_clock)
    return found


def end_silent_work(*, clock: Clock, real_clock: Clock) -> list[str]:
    """What gives no sign of life any more is ended, with a record of it; gives its references."""
    now = real_clock.now()
    silent = db.session.scalars(
        select(AwardWork.reference).where(
            AwardWork.status.in_(sorted(ACTIVE)), AwardWork.seen_at < now - SILENCE
        )
    ).all()
    for reference in silent:
        found = _for_change(reference)
        if has_fallen_silent(found.status, found.seen_at, now):
            _fail(found, FELL_SILENT, clock=clock, real_clock=real_clock)
    return list(silent)


def _fail(work: AwardWork, says: str, *, clock: Clock, real_clock: Clock) -> AwardWork:
    work.says = says
    work.ended_at = real_clock.now()
    _move(work, Event.AWARD_WORK_FAILED, {"reason": says}, clock.now())
    return work


def _move(work: AwardWork, event: Event, changes: dict[str, Any], now: datetime) -> None:
    work.status = advance(TABLE, work.status, event.value).target.value
    db.session.flush()
    record(
        SYSTEM,
        event,
        _subject(work),
        changes,
        at=now,
        stream=competition_stream(work.competition.reference),
    )


def _for_change(work: str) -> AwardWork:
    """The row as it is now, held against everybody else's change until this is committed."""
    queries.work_by_reference(work)
    return db.session.scalars(
        select(AwardWork)
        .where(AwardWork.reference == work)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _subject(work: AwardWork) -> Subject:
    return Subject("award_work", work.reference)
