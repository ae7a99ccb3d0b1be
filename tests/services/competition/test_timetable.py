from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from commissioning.competition import queries, services
from commissioning.competition.domain.timetable import TimetableEvent, deadline_at
from commissioning.kernel.errors import BadInputs
from commissioning.permissions import Permission
from tests.factories import competition as tenders

LONDON, PARIS = ZoneInfo("Europe/London"), ZoneInfo("Europe/Paris")


@pytest.fixture
def tender(session, clock):
    return tenders.bare_draft(clock)


def put(tender, actor=None, **dates):
    return services.set_timetable(
        actor or tender.as_lead, tender.reference, dates, clock=tender.clock
    )


def test_dates_are_kept_as_instant_zone_and_wall_time(tender, recorded):
    with recorded() as events:
        put(
            tender,
            notice=datetime(2026, 3, 9, 9, 0, tzinfo=UTC),
            pqq_deadline="2026-06-30 12:00",
        )

    deadline = queries.deadline_of(tender.row, "pqq_deadline")
    assert deadline.instant_utc == datetime(2026, 6, 30, 11, 0, tzinfo=UTC)
    assert (deadline.zone, deadline.wall_text) == ("Europe/London", "2026-06-30 12:00")
    assert [event.event for event in events] == ["timetable_changed"]
    assert events[0].changes["pqq_deadline"] == [None, "2026-06-30 12:00 Europe/London"]


def test_change_makes_a_version_and_keeps_the_old_one(tender, clock):
    put(tender, notice="2026-03-09 09:00", pqq_deadline="2026-05-01 12:00")
    clock.advance(timedelta(days=1))
    put(tender, pqq_deadline="2026-05-08 12:00")

    history = [
        (entry.version, entry.wall_text, entry.superseded_at)
        for entry in queries.timetable_history(tender.row)
        if entry.event == "pqq_deadline"
    ]
    assert history == [
        (1, "2026-05-01 12:00", clock.now()),
        (2, "2026-05-08 12:00", None),
    ]
    assert queries.deadline_of(tender.row, "notice").wall_text == "2026-03-09 09:00"


def test_date_can_be_taken_out_and_come_back(tender):
    put(
        tender,
        notice="2026-03-09 09:00",
        pqq_deadline="2026-05-01 12:00",
        shortlist="2026-06-01 12:00",
    )
    put(tender, shortlist=None)
    assert queries.deadline_of(tender.row, "shortlist") is None

    put(tender, shortlist="2026-06-02 12:00")

    versions = [e.version for e in queries.timetable_history(tender.row) if e.event == "shortlist"]
    assert versions == [1, 2]


def test_nothing_new_is_no_version_and_no_record(tender, recorded):
    put(tender, notice="2026-03-09 09:00")

    with recorded() as events:
        held = put(tender, notice="2026-03-09 09:00")

    assert events == []
    assert list(held) == [TimetableEvent.NOTICE]


@pytest.mark.parametrize(
    "moment",
    [
        "2026-03-29 01:30",
        datetime(2026, 3, 29, 1, 30, tzinfo=LONDON),
        datetime(2026, 3, 29, 2, 30, tzinfo=PARIS),
    ],
)
def test_hour_that_does_not_exist_is_named_at_its_date(tender, refused, moment):
    with refused(BadInputs, field="pqq_deadline", match="does not exist"):
        put(tender, notice="2026-03-09 09:00", pqq_deadline=moment)


@pytest.mark.parametrize(
    "moment",
    [
        "2026-10-25 01:30",
        datetime(2026, 10, 25, 1, 30, tzinfo=LONDON),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    ],
)
def test_hour_that_happens_twice_is_named_at_its_date(tender, refused, moment):
    with refused(BadInputs, field="pqq_deadline", match="happens twice"):
        put(tender, notice="2026-03-09 09:00", pqq_deadline=moment)


def test_date_in_the_past_is_named(tender, refused):
    with refused(BadInputs, field="pqq_deadline", match="in the past"):
        put(tender, pqq_deadline="2026-03-02 08:59", notice="2026-03-01 09:00")


@pytest.mark.parametrize(
    ("dates", "field"),
    [
        ({"pqq_deadline": "soon"}, "pqq_deadline"),
        ({"pqq_deadline": "2026-05-01"}, "pqq_deadline"),
        ({"moonrise": "2026-05-01 12:00"}, "moonrise"),
        ({"notice": "2026-05-01 12:00", "pqq_deadline": "2026-04-01 12:00"}, "pqq_deadline"),
        ({"pqq_deadline": "2026-05-01 12:00"}, "notice"),
    ],
)
def test_date_that_cannot_hold_is_named(tender, refused, dates, field):
    with refused(BadInputs, field=field):
        put(tender, **dates)


def test_all_wrong_dates_are_told_at_once(tender, refused):
    with refused(BadInputs) as caught:
        put(tender, notice="soon", pqq_deadline="later")
    assert [field for field, _ in caught.value.problems] == ["notice", "pqq_deadline"]


def test_statutory_minimum_is_enforced(session, clock, refused):
    tender = tenders.bare_draft(clock, light_touch=False)

    with refused(BadInputs, field="pqq_deadline", match="at least 25 days .*section 54"):
        put(tender, notice="2026-03-03 09:00", pqq_deadline="2026-03-27 12:00")
    put(tender, notice="2026-03-03 09:00", pqq_deadline="2026-03-28 12:00")


def test_light_touch_has_no_minimum(tender):
    assert put(tender, notice="2026-03-03 09:00", pqq_deadline="2026-03-04 12:00")


def test_date_is_told_in_the_zone_in_which_it_was_typed(tender):
    put(tender, notice="2026-03-09 09:00", pqq_deadline=datetime(2026, 5, 1, 13, 0, tzinfo=PARIS))

    deadline = queries.deadline_of(tender.row, "pqq_deadline")
    assert (deadline.zone, deadline.wall_text) == ("Europe/Paris", "2026-05-01 13:00")
    assert deadline.instant_utc == datetime(2026, 5, 1, 11, 0, tzinfo=UTC)


def test_deadline_is_handed_over_as_it_is(tender, clock):
    deadline = deadline_at(clock.now() + timedelta(days=30), "Europe/Paris")
    put(tender, notice="2026-03-03 09:00", pqq_deadline=deadline)

    assert queries.deadline_of(tender.row, "pqq_deadline") == deadline


def test_published_dates_stay(session, clock, refused):
    tender = tenders.pqq_open(clock)
    later = clock.now() + timedelta(days=50)

    with refused(BadInputs, field="pqq_deadline", match="Two people"):
        put(tender, pqq_deadline=later)
    with refused(BadInputs, field="notice"):
        put(tender, notice=None)

    put(tender, shortlist=clock.now() + timedelta(days=61))


def test_itn_fixes_the_timetable(session, clock, forbidden):
    tender = tenders.itn_open(clock)

    with forbidden(Permission.COMPETITION_EDIT_TIMETABLE):
        put(tender, award_decision=None)


def test_only_the_lead_sets_the_timetable(tender, forbidden):
    with forbidden(Permission.COMPETITION_EDIT_TIMETABLE):
        put(tender, actor=tender.as_approver, notice="2026-03-09 09:00")


def test_dates_are_told_to_the_minute(tender, refused):
    with refused(BadInputs, field="notice", match="hours and minutes"):
        put(tender, notice=datetime(2026, 3, 9, 9, 0, 30, tzinfo=UTC))
