"""The boundary: before the instant of the deadline is in time, at it is late, whatever clocks do.

Each row of the table is a deadline as a lead sets it, by day and wall time in London, and the
instant that it stands for; each is tried a microsecond before, at it, and a microsecond after, for
every act that a deadline bounds.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from commissioning.competition.domain.timetable import is_in_time, resolve_wall_time
from commissioning.competition.models import TimetableEntry
from commissioning.infrastructure.database import db
from commissioning.kernel.references import new_reference
from commissioning.kernel.stage import Stage
from commissioning.permissions import Facts
from commissioning.permissions.conditions import after_deadline, before_deadline, late
from commissioning.submission import services
from tests.factories.submission import contest, drafted_bid, submitted_bid, submitted_response

A_MICROSECOND = timedelta(microseconds=1)
OFFSETS = [-A_MICROSECOND, timedelta(0), A_MICROSECOND]
DEADLINES = {
    "noon in winter": (date(2027, 1, 15), time(12), datetime(2027, 1, 15, 12, tzinfo=UTC)),
    "noon in summer": (date(2027, 6, 30), time(12), datetime(2027, 6, 30, 11, tzinfo=UTC)),
    "before the clocks go forward": (
        date(2027, 3, 28), time(0, 59), datetime(2027, 3, 28, 0, 59, tzinfo=UTC),
    ),
    "after the clocks go forward": (
        date(2027, 3, 28), time(2), datetime(2027, 3, 28, 1, tzinfo=UTC),
    ),
    "noon of that day": (date(2027, 3, 28), time(12), datetime(2027, 3, 28, 11, tzinfo=UTC)),
    "before the clocks go back": (
        date(2027, 10, 31), time(0, 59), datetime(2027, 10, 30, 23, 59, tzinfo=UTC),
    ),
    "after the clocks go back": (
        date(2027, 10, 31), time(2), datetime(2027, 10, 31, 2, tzinfo=UTC),
    ),
    "noon of the long day": (date(2027, 10, 31), time(12), datetime(2027, 10, 31, 12, tzinfo=UTC)),
}  # fmt: skip


def bounded(made, name):
    """The competition's open deadline as this row of the table sets it; returns the instant."""
    day, wall_time, instant = DEADLINES[name]
    deadline = resolve_wall_time(day, wall_time)
    assert deadline.instant_utc == instant
    event = "pqq_deadline" if made.row.stage == Stage.PQQ_OPEN.value else "itn_deadline"
    of_it = TimetableEntry.competition_id == made.row.id
    entry = db.session.scalars(select(TimetableEntry).where(of_it).filter_by(event=event)).one()
    entry.instant, entry.wall_text = deadline.instant_utc, deadline.wall_text
    made.clock.move_to(instant - timedelta(days=1))
    return instant


def place(made):
    return made.reference, made.lot, made.bidders[0].reference


def submit(made, **rest):
    return services.submit_bid(
        made.bidders[0].actor,
        *place(made),
        idempotency_key=new_reference("KEY"),
        clock=made.clock,
        **rest,
    )


def submit_the_first(made):
    drafted_bid(made, made.bidders[0])
    return lambda: submit(made)


def replace_it(made):
    submitted_bid(made, made.bidders[0])
    drafted_bid(made, made.bidders[0], text="Better.")
    return lambda: submit(made)


def withdraw_it(made):
    submitted_bid(made, made.bidders[0])
    return lambda: services.withdraw_bid(made.bidders[0].actor, *place(made), clock=made.clock)


def write_a_draft(made):
    return lambda: drafted_bid(made, made.bidders[0])


def add_a_file(made):
    return lambda: services.add_file(
        made.bidders[0].actor, *place(made), leaf="Q1", file_name="plan.pdf",
        media_type="application/pdf", pieces=[b"%PDF-1.7 plan"], clock=made.clock,
    )  # fmt: skip


ACTS = [submit_the_first, replace_it, withdraw_it, write_a_draft, add_a_file]


@pytest.mark.parametrize("name", DEADLINES)
@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_every_act_on_a_bid_ends_at_the_instant_of_the_deadline(session, name, act):
    made = contest()
    instant = bounded(made, name)
    perform = act(made)

    made.clock.move_to(instant - A_MICROSECOND)
    perform()
    for late_by in (timedelta(0), A_MICROSECOND):
        made.clock.move_to(instant + late_by)
        with pytest.raises(services.TooLate):
            perform()


@pytest.mark.parametrize("name", DEADLINES)
def test_a_pqq_response_ends_at_the_instant_of_the_deadline(session, name):
    made = contest(stage=Stage.PQQ_OPEN)
    instant = bounded(made, name)

    made.clock.move_to(instant - A_MICROSECOND)
    submitted_response(made, made.bidders[0])
    for late_by in (timedelta(0), A_MICROSECOND):
        made.clock.move_to(instant + late_by)
        with pytest.raises(services.TooLate):
            submitted_response(made, made.bidders[0])


@pytest.mark.parametrize("name", DEADLINES)
@pytest.mark.parametrize("offset", OFFSETS, ids=str)
def test_what_waits_for_the_database_is_judged_by_its_own_instant(session, name, offset):
    made = contest()
    instant = bounded(made, name)
    drafted_bid(made, made.bidders[0])
    made.clock.move_to(instant + timedelta(seconds=30))

    if offset < timedelta(0):
        receipt = submit(made, received_at=instant + offset)
        assert receipt.received_at == instant + offset
    else:
        with pytest.raises(services.TooLate):
            submit(made, received_at=instant + offset)


@given(
    st.dates(date(2026, 1, 1), date(2035, 12, 31)),
    st.builds(
        time, st.sampled_from([0, *range(2, 24)]), st.integers(0, 59)
    ),  # 01: skipped, repeated
    st.integers(-(10**12), 10**12) | st.integers(-3, 3),
)
def test_every_rule_about_a_deadline_draws_the_same_line(day, wall_time, microseconds):
    deadline = resolve_wall_time(day, wall_time)
    now = deadline.instant_utc + timedelta(microseconds=microseconds)
    open_facts = Facts(now=now, deadline=deadline.instant_utc)
    closed_facts = Facts(now=now, closed_deadline=deadline.instant_utc)

    in_time = microseconds < 0

    assert is_in_time(now, deadline) is in_time
    assert before_deadline.holds(None, open_facts) is in_time
    assert after_deadline.holds(None, closed_facts) is not in_time
    assert late.holds(None, open_facts) is not in_time
    assert late.holds(None, closed_facts) is not in_time
