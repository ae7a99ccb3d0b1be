"""The service failed: what the probe writes down, what people enter, and which deadlines move."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from commissioning.audit import queries as trail
from commissioning.audit.domain.events import competition_stream
from commissioning.competition import queries, services
from commissioning.competition.domain.timetable import TimetableEvent
from commissioning.infrastructure import documents, service_log
from commissioning.infrastructure.database import db
from commissioning.infrastructure.outbox import OutboxMessage
from commissioning.infrastructure.service_log import OutageRow, ServiceRun
from commissioning.kernel.actor import ANONYMOUS, Role
from commissioning.kernel.errors import BadInputs
from commissioning.permissions import Permission
from tests.factories import competition as tenders
from tests.factories.identity import AuthorityFactory, PersonFactory, actor_of
from tests.factories.infrastructure import OutageFactory

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
STAGES = pytest.mark.parametrize(
    ("build", "event"), [(tenders.pqq_open, "pqq_deadline"), (tenders.itn_open, "itn_deadline")]
)


class FullDisk:
    """A store of documents whose disk is full."""

    def put(self, pieces):
        raise OSError("No space left on device")


@pytest.fixture
def disk(session):
    """Switch the disk: `disk(full=True)`; it is whole again after the test."""
    kept = documents.store()

    def switch(*, full):
        documents.configure(FullDisk() if full else kept)

    yield switch
    switch(full=False)


@pytest.fixture
def administrator(session):
    return actor_of(PersonFactory(organisation=AuthorityFactory(), roles=[Role.ADMINISTRATOR]))


def probe_for(clock, span, every=MINUTE):
    """Look each minute, as an operator's timer does."""
    for _ in range(span // every):
        clock.advance(every)
        services.probe_service(clock=clock)


def outages():
    return list(db.session.scalars(select(OutageRow).order_by(OutageRow.id)))


def enter(actor, start, end, clock, reason="The line to the exchange was down."):
    return services.record_outage(actor, started_at=start, ended_at=end, reason=reason, clock=clock)


def seen(start, end):
    """An outage that the service saw itself, as a probe leaves it."""
    OutageFactory(started_at=start, ended_at=end)


def moves_of(tender):
    return [
        link
        for link in trail.links(competition_stream(tender.reference))
        if link.event == "extended_by_outage"
    ]


def test_while_all_is_well_one_row_grows(session, clock):
    start = clock.now()
    services.probe_service(clock=clock)
    probe_for(clock, 5 * HOUR)

    (row,) = db.session.scalars(select(ServiceRun)).all()
    assert (row.started_at, row.seen_at) == (start, clock.now())
    assert outages() == []


def test_silence_is_an_outage_from_the_last_sign_of_life_to_the_next(session, clock, records):
    services.probe_service(clock=clock)
    probe_for(clock, 10 * MINUTE)
    last = clock.now()
    clock.advance(2 * MINUTE + SECOND)
    found = services.probe_service(clock=clock)

    assert (found.started_at, found.ended_at, found.source) == (last, clock.now(), "silence")
    (said,) = [row for row in records("platform") if row.event == "outage_recorded"]
    assert (said.actor, said.subject) == ("system", found.reference)
    probe_for(clock, 10 * MINUTE)
    assert len(outages()) == 1
    assert len(db.session.scalars(select(ServiceRun)).all()) == 2


def test_two_minutes_of_silence_are_none(session, clock):
    services.probe_service(clock=clock)
    clock.advance(2 * MINUTE)

    assert services.probe_service(clock=clock) is None
    assert outages() == []


def test_a_store_that_takes_nothing_in_is_an_outage_until_it_does(session, clock, disk):
    services.probe_service(clock=clock)
    last = clock.now()
    disk(full=True)
    probe_for(clock, 30 * MINUTE)
    assert outages() == []
    disk(full=False)
    clock.advance(MINUTE)
    found = services.probe_service(clock=clock)

    assert (found.started_at, found.ended_at, found.source) == (last, clock.now(), "probe")
    assert found.reason == service_log.STORE


def test_a_probe_leaves_nothing_in_the_store(session, clock, tmp_path):
    services.probe_service(clock=clock)

    assert [path for path in tmp_path.rglob("*/documents/*/*") if path.is_file()] == []


def test_a_clock_that_was_put_back_makes_no_outage(session, clock):
    from commissioning.kernel.clock import SetClock

    services.probe_service(clock=clock)
    assert services.probe_service(clock=SetClock(clock.now() - HOUR)) is None
    probe_for(clock, 3 * MINUTE)
    assert outages() == []


@STAGES
def test_an_outage_before_a_deadline_moves_it_once_for_everybody(session, clock, build, event):
    tender = build(clock)
    before = tender.deadline(event)
    clock.move_to(before - 30 * MINUTE)
    services.probe_service(clock=clock)
    clock.advance(20 * MINUTE)
    services.probe_service(clock=clock)
    last = db.session.scalars(select(OutboxMessage.id).order_by(OutboxMessage.id.desc())).first()

    assert services.pass_deadlines(clock=clock) == []
    assert tender.deadline(event) == before + 80 * MINUTE
    (said,) = moves_of(tender)
    assert said.actor == "system"
    assert said.changes["failed_milliseconds"] == 20 * 60 * 1000
    told = db.session.scalars(select(OutboxMessage).where(OutboxMessage.id > (last or 0))).all()
    assert sorted(m.recipient for m in told) == sorted(queries.everyone_concerned(tender.row))
    assert len({(m.subject, m.body, m.queued_at) for m in told}) == 1
    for _ in range(3):
        clock.advance(MINUTE)
        services.probe_service(clock=clock)
        services.pass_deadlines(clock=clock)
    assert tender.deadline(event) == before + 80 * MINUTE
    assert len(moves_of(tender)) == 1
    versions = [e.version for e in queries.timetable_history(tender.row) if e.event == event]
    assert versions == [1, 2]


def test_a_deadline_inside_an_outage_is_extended_before_anything_closes(session, clock):
    tender = tenders.itn_open(clock)
    before = tender.deadline("itn_deadline")
    clock.move_to(before - 5 * MINUTE)
    services.probe_service(clock=clock)
    clock.move_to(before + 10 * MINUTE)
    services.probe_service(clock=clock)

    assert services.pass_deadlines(clock=clock, grace=MINUTE) == []
    assert tender.row.stage == "itn_open"
    # fifteen minutes failed; an hour is the least, from when it is known
    assert tender.deadline("itn_deadline") == before + 70 * MINUTE
    probe_for(clock, 59 * MINUTE)
    assert services.pass_deadlines(clock=clock) == []
    clock.advance(MINUTE)
    assert services.pass_deadlines(clock=clock) == [tender.reference]


def test_a_deadline_without_an_outage_closes_as_ever(session, clock):
    tender = tenders.itn_open(clock)
    clock.move_to(tender.deadline("itn_deadline") - 5 * MINUTE)
    services.probe_service(clock=clock)
    probe_for(clock, 5 * MINUTE)

    assert services.pass_deadlines(clock=clock) == [tender.reference]
    assert moves_of(tender) == []


def test_a_deadline_does_not_pass_while_the_service_still_fails(session, clock, disk):
    """It moves when it comes, an hour at a time, and once more when the failure is over."""
    tender = tenders.itn_open(clock)
    before = tender.deadline("itn_deadline")
    clock.move_to(before - 10 * MINUTE)
    services.probe_service(clock=clock)
    disk(full=True)
    for _ in range(9):
        clock.advance(MINUTE)
        services.probe_service(clock=clock)
        assert services.pass_deadlines(clock=clock) == []
    assert tender.deadline("itn_deadline") == before
    for _ in range(11):
        clock.advance(MINUTE)
        services.probe_service(clock=clock)
        assert services.pass_deadlines(clock=clock, grace=MINUTE) == []
    assert tender.deadline("itn_deadline") == before + HOUR
    assert len(moves_of(tender)) == 1
    disk(full=False)
    services.probe_service(clock=clock)
    services.pass_deadlines(clock=clock)

    assert tender.deadline("itn_deadline") == before + 80 * MINUTE
    assert len(moves_of(tender)) == 2


def test_an_entered_outage_stands_on_record_and_moves_nothing(session, clock, administrator):
    tender = tenders.itn_open(clock)
    before = tender.deadline("itn_deadline")
    clock.move_to(before - 10 * MINUTE)
    entered = enter(administrator, clock.now() - 30 * MINUTE, clock.now() - 10 * MINUTE, clock)
    services.pass_deadlines(clock=clock)

    assert entered.recorded_by == administrator.reference
    assert outages() == [entered]
    assert tender.deadline("itn_deadline") == before
    assert moves_of(tender) == []

    seen(clock.now() - 30 * MINUTE, clock.now() - 10 * MINUTE)
    services.pass_deadlines(clock=clock)
    assert tender.deadline("itn_deadline") == before + 80 * MINUTE


def test_what_two_people_set_is_where_the_next_count_begins(session, clock):
    tender = tenders.itn_open(clock)
    before = tender.deadline("itn_deadline")
    clock.move_to(before - 10 * MINUTE)
    seen(clock.now() - 20 * MINUTE, clock.now())
    services.pass_deadlines(clock=clock)
    decision = services.propose_extension(
        tender.as_lead,
        tender.reference,
        deadline=before + 5 * HOUR,
        reason="More time.",
        clock=clock,
    )
    services.approve_extension(tender.as_approver, decision.reference, clock=clock)
    services.pass_deadlines(clock=clock)

    assert tender.deadline("itn_deadline") == before + 5 * HOUR
    assert (
        queries.set_by_people(tender.row, TimetableEvent.ITN_DEADLINE).instant_utc
        == before + 5 * HOUR
    )


@pytest.mark.parametrize("build", [tenders.pqq_closed, tenders.itn_closed])
def test_a_stage_that_has_closed_stays_closed(session, clock, build):
    tender = build(clock)
    stage, dates = tender.row.stage, queries.current_timetable(tender.row)
    clock.advance(HOUR)
    seen(clock.now() - 2 * HOUR, clock.now() - HOUR)

    assert services.pass_deadlines(clock=clock) == []
    assert (tender.row.stage, queries.current_timetable(tender.row)) == (stage, dates)
    assert moves_of(tender) == []


@pytest.mark.parametrize(
    ("start", "end", "reason", "field"),
    [
        (-20, 1, "Why.", "ended_at"),
        (-20, -20, "Why.", "ended_at"),
        (-10, -20, "Why.", "ended_at"),
        (-8 * 24 * 60, 0, "Why.", "started_at"),
        (-20, -10, " ", "reason"),
    ],
)
def test_an_entry_is_over_has_a_length_and_a_reason(
    session, clock, administrator, refused, start, end, reason, field
):
    now = clock.now()
    with refused(BadInputs, field=field):
        enter(administrator, now + start * MINUTE, now + end * MINUTE, clock, reason)


def test_nobody_but_an_administrator_enters_an_outage(session, clock, forbidden):
    tender = tenders.itn_open(clock)
    for actor in (tender.as_lead, tender.as_approver, ANONYMOUS):
        with forbidden(Permission.COMPETITION_RECORD_OUTAGE):
            enter(actor, clock.now() - HOUR, clock.now(), clock)
