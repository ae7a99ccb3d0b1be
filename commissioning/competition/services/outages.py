"""Outages: found by a probe or entered by an administrator, and what they do to deadlines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.competition import queries
from commissioning.competition.domain.lifecycle import OPEN_UNTIL
from commissioning.competition.domain.outages import (
    PUBLISHED,
    Outage,
    deadline_after_outages,
    failed_between,
    merged,
    moved_by_outages,
)
from commissioning.competition.domain.timetable import Deadline
from commissioning.competition.models import Competition
from commissioning.competition.services import mail
from commissioning.competition.services.decisions import needed_reason
from commissioning.competition.services.timetable import put_date, told
from commissioning.infrastructure import service_log
from commissioning.infrastructure.database import db
from commissioning.infrastructure.service_log import OutageRow, ServiceRun
from commissioning.kernel.actor import SYSTEM, Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, BadInputs
from commissioning.kernel.references import new_reference
from commissioning.kernel.stage import Stage
from commissioning.permissions import Permission, require

BETWEEN_PROBES = timedelta(seconds=20)
LONGEST_ENTRY = timedelta(days=7)
_SILENCE = "The service gave no sign of life."


def probe_service(*, clock: Clock) -> OutageRow | None:
    """Whether the service takes in what bidders send is looked at all the time, and written down.

    That this is written shows that the database takes something in; the store of documents is tried
    beside it. While all is well one row grows. After a failed probe, or after a longer silence than
    the published table allows, the first probe that is well makes an outage of the time from the
    last sign of life until now, and gives it back. A failure to write raises: the silence that
    follows tells of it.
    """
    now = clock.now()
    run = service_log.last_run(lock=True)
    if run is not None and now < run.seen_at:
        return None  # a clock that was put back has seen nothing
    if run is not None and run.failed_at is None and now - run.seen_at < BETWEEN_PROBES:
        return None
    if not service_log.takes_documents():
        if run is not None and run.failed_at is None:
            run.failed_at, run.failure = now, service_log.STORE
            db.session.flush()
        return None
    if run is None:
        db.session.add(ServiceRun(started_at=now, seen_at=now))
        db.session.flush()
        return None
    if run.failed_at is None and now - run.seen_at <= PUBLISHED.silence:
        run.seen_at = now
        db.session.flush()
        return None
    db.session.add(ServiceRun(started_at=now, seen_at=now))
    if now == run.seen_at:
        return None
    source, reason = ("probe", run.failure) if run.failed_at is not None else ("silence", _SILENCE)
    return _put(SYSTEM, Outage(run.seen_at, now), source, reason, at=now)


def record_outage(
    actor: Actor, *, started_at: datetime, ended_at: datetime, reason: str, clock: Clock
) -> OutageRow:
    """An administrator enters an outage that the platform could not see, with a reason for all.

    It is over, lasted no longer than a week, and is never changed. It stands on record, and moves
    no deadline: what one person writes must not, so two people extend one for it. Raises
    Forbidden, and BadInput(s) on `started_at`, `ended_at` or `reason`.
    """
    require(actor, Permission.COMPETITION_RECORD_OUTAGE)
    now = clock.now()
    reason = check_outage(started_at=started_at, ended_at=ended_at, reason=reason, at=now)
    return _put(actor, Outage(started_at, ended_at), service_log.PERSON, reason, at=now)


def check_outage(*, started_at: datetime, ended_at: datetime, reason: str, at: datetime) -> str:
    """What an administrator may enter as an outage: its reason, as it will stand.

    It is over, and lasted no longer than a week. Raises BadInputs.
    """
    faults = []
    if ended_at > at:
        faults.append(("ended_at", "Enter an outage that is over: its end lies in the future."))
    if ended_at <= started_at:
        faults.append(("ended_at", "Enter an end that comes after the start."))
    elif ended_at - started_at > LONGEST_ENTRY:
        faults.append(("started_at", f"Enter at most {LONGEST_ENTRY.days} days as one outage."))
    try:
        reason = needed_reason(reason, "Say what failed: everybody can read it.")
    except BadInput as error:
        faults.append((error.field, error.sentence))
    if faults:
        raise BadInputs(faults)
    return reason


def extend_by_outages(competition: Competition, *, at: datetime) -> bool:
    """A deadline that the service's own failure cut short moves, by the published table alone.

    Comes before the closing, so that a deadline inside an outage, or just after it, is extended
    before anything closes; a stage that has closed is never opened again. While the service still
    fails, a deadline waits for the end of it, and moves when it comes itself. Each move is one
    event for everybody: the old date stays as a version, the team and every bidder concerned get
    the same mail. Returns whether the deadline moved.
    """
    if _new_deadline(competition, at) is None:
        return False
    locked = queries.competition_for_change(competition.reference)
    new = _new_deadline(locked, at)  # another may have been here while this one waited
    if new is None:
        return False
    _move(locked, new, at)
    return True


def _put(actor: Actor, outage: Outage, source: str, reason: str, *, at: datetime) -> OutageRow:
    row = OutageRow(
        reference=new_reference("OUT"),
        started_at=outage.start,
        ended_at=outage.end,
        source=source,
        reason=reason,
        recorded_by=actor.reference,
        recorded_at=at,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        actor,
        Event.OUTAGE_RECORDED,
        Subject("outage", row.reference),
        {
            "started_at": outage.start.isoformat(),
            "ended_at": outage.end.isoformat(),
            "source": source,
            "reason": reason,
        },
        at=at,
    )
    return row


def _new_deadline(competition: Competition, now: datetime) -> Deadline | None:
    """Where the open deadline moves to by the published table; None where it stays."""
    found = _deadlines(competition)
    if found is None:
        return None
    by_people, current = found
    outages = _outages(by_people, current, now)
    return moved_by_outages(by_people, current, outages, now=now) if outages else None


def _deadlines(competition: Competition) -> tuple[Deadline, Deadline] | None:
    """The open deadline as people set it last, and as it stands now."""
    event = OPEN_UNTIL.get(Stage(competition.stage))
    if event is None:
        return None
    by_people = queries.set_by_people(competition, event)
    current = queries.deadline_of(competition, event)
    return None if by_people is None or current is None else (by_people, current)


def _outages(by_people: Deadline, current: Deadline, now: datetime) -> Sequence[Outage]:
    """What was seen since an hour before the deadline, and what still goes on when it comes."""
    start = by_people.instant_utc - PUBLISHED.window
    if now <= start:
        return []
    found = [Outage(row.started_at, row.ended_at) for row in service_log.outages_seen_since(start)]
    run = service_log.last_run()
    if (
        run is not None
        and run.failed_at is not None
        and run.seen_at < now
        and now >= current.instant_utc
    ):
        found.append(Outage(run.seen_at, now))
    return found


def _move(competition: Competition, new: Deadline, now: datetime) -> None:
    event = OPEN_UNTIL[Stage(competition.stage)]
    found = _deadlines(competition)
    if found is None:
        raise ValueError("Only a deadline that stands can move.")
    by_people, current = found
    log = merged(_outages(by_people, current, now))
    start = by_people.instant_utc - PUBLISHED.window
    wanted = deadline_after_outages(by_people, log)
    put_date(competition, event, new, by=SYSTEM, at=now)
    db.session.flush()
    mail.tell(
        queries.everyone_concerned(competition),
        competition,
        "has a later deadline, because the service failed",
        at=now,
    )
    audit.record(
        SYSTEM,
        Event.EXTENDED_BY_OUTAGE,
        Subject("competition", competition.reference),
        {
            "dates": {event.value: [told(current), told(new)]},
            "set_by_people": told(by_people),
            "failed_milliseconds": failed_between(log, start, wanted.instant_utc)
            // timedelta(milliseconds=1),
            "outages": [
                [outage.start.isoformat(), outage.end.isoformat()]
                for outage in log
                if outage.end > start
            ],
        },
        at=now,
        stream=competition_stream(competition.reference),
    )
