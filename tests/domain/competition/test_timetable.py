from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.competition.domain.timetable import (
    AmbiguousTime,
    Deadline,
    ExtensionRefused,
    NonexistentTime,
    TimetableEvent,
    deadline_at,
    extend,
    has_wall_time_moved,
    is_in_time,
    resolve_wall_time,
    standstill_end,
    timetable_problems,
)
from commissioning.kernel.errors import BadInput
from commissioning.kernel.statutory import (
    Circumstance,
    Period,
    Regime,
    regime_for,
    rule_for,
)

E = TimetableEvent
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
NOON = time(12, 0)
TICK = timedelta(microseconds=1)
instants = st.integers(0, 30 * 365 * 24 * 60).map(
    lambda minutes: datetime(2001, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
NAIVE = NOW.replace(tzinfo=None)


def at(day, wall_time=NOON):
    return resolve_wall_time(day, wall_time)


def full_timetable():
    return {
        E.NOTICE: at(date(2026, 12, 1), time(9, 0)),
        E.PQQ_CLARIFICATION_DEADLINE: at(date(2026, 12, 21)),
        E.PQQ_DEADLINE: at(date(2027, 1, 5)),
        E.SHORTLIST: at(date(2027, 1, 29)),
        E.ITN_ISSUE: at(date(2027, 2, 1), time(9, 0)),
        E.ITN_CLARIFICATION_DEADLINE: at(date(2027, 3, 1)),
        E.ITN_DEADLINE: at(date(2027, 4, 1)),
        E.AWARD_DECISION: at(date(2027, 7, 1)),
        E.STANDSTILL_END: at(date(2027, 7, 14), time(0, 0)),
        E.SIGNATURE: at(date(2027, 7, 14), time(10, 0)),
        E.COMMENCEMENT: at(date(2027, 10, 1), time(0, 0)),
    }


def problems(deadlines, *, regime=Regime.PA_2023, commenced_on=date(2026, 12, 1), **kwargs):
    return timetable_problems(
        deadlines, regime=regime, commenced_on=commenced_on, **({"now": NOW} | kwargs)
    )


def only_problem(deadlines, **kwargs):
    (problem,) = problems(deadlines, **kwargs)
    return problem


# Wall time


def test_summer_and_winter_noon_are_different_instants():
    assert at(date(2014, 6, 30)).instant_utc == datetime(2014, 6, 30, 11, 0, tzinfo=UTC)
    assert at(date(2013, 11, 14)).instant_utc == datetime(2013, 11, 14, 12, 0, tzinfo=UTC)


def test_deadline_says_its_day_wall_time_and_zone():
    deadline = at(date(2013, 11, 14))
    assert deadline.wall_text == "2013-11-14 12:00"
    assert deadline.in_words == "Thursday 14 November 2013 at 12:00 (UK time)"
    assert deadline.local_date == date(2013, 11, 14)


@pytest.mark.parametrize("wall_time", [time(1, 0), time(1, 30), time(1, 59)])
def test_time_that_happens_twice_is_no_deadline(wall_time):
    with pytest.raises(AmbiguousTime, match="happens twice in Europe/London") as refusal:
        at(date(2027, 10, 31), wall_time)
    assert isinstance(refusal.value, ValueError)
    assert refusal.value.field == "time"


@pytest.mark.parametrize("wall_time", [time(1, 0), time(1, 30), time(1, 59)])
def test_time_that_the_clocks_skip_is_no_deadline(wall_time):
    with pytest.raises(NonexistentTime, match=r"01:\d\d on Sunday 28 March 2027 does not exist"):
        at(date(2027, 3, 28), wall_time)


@pytest.mark.parametrize(
    ("day", "wall_time", "utc_hour"),
    [
        (date(2027, 10, 31), time(0, 59), 23),
        (date(2027, 10, 31), time(2, 0), 2),
        (date(2027, 3, 28), time(0, 59), 0),
        (date(2027, 3, 28), time(2, 0), 1),
    ],
)
def test_minutes_around_a_change_of_the_clocks_are_plain(day, wall_time, utc_hour):
    assert at(day, wall_time).instant_utc.hour == utc_hour


def test_day_of_the_spring_change_is_an_hour_shorter():
    span = at(date(2027, 3, 28)).instant_utc - at(date(2027, 3, 27)).instant_utc
    assert span == timedelta(hours=23)


@pytest.mark.parametrize(
    ("day", "wall_time", "zone", "field"),
    [
        (date(2027, 1, 1), time(12, 0, 30), "Europe/London", "time"),
        (date(2027, 1, 1), time(12, 0, tzinfo=UTC), "Europe/London", "time"),
        (date(2027, 1, 1), NOON, "Europe/Londn", "zone"),
        (date(2027, 1, 1), NOON, "../etc/passwd", "zone"),
        (date(2027, 1, 1), NOON, "", "zone"),
        (date.max, time(23, 59), "America/New_York", "date"),
        (date.min, NOON, "Europe/London", "date"),
    ],
)
def test_unusable_wall_time_is_refused_at_its_field(day, wall_time, zone, field):
    with pytest.raises(BadInput) as refusal:
        resolve_wall_time(day, wall_time, zone)
    assert refusal.value.field == field


def test_deadline_is_never_kept_without_utc():
    with pytest.raises(ValueError, match="UTC"):
        Deadline(NAIVE, "Europe/London", "2026-11-20 09:00")


@given(instants)
def test_deadline_at_an_instant_is_that_instant_unless_its_wall_time_happens_twice(instant):
    try:
        deadline = deadline_at(instant)
    except AmbiguousTime:
        assert instant.month == 10
        assert instant.hour in {0, 1}
    else:
        assert deadline.instant_utc == instant
        assert not has_wall_time_moved(deadline)


def test_deadline_at_an_instant_without_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        deadline_at(NAIVE)


def test_change_of_the_zone_rules_since_publication_is_noticed():
    told = at(date(2027, 7, 1))
    moved = Deadline(told.instant_utc + timedelta(hours=1), told.zone, told.wall_text)
    assert has_wall_time_moved(moved)


# In time


@pytest.mark.parametrize(
    ("offset", "in_time"),
    [(-TICK, True), (timedelta(0), False), (TICK, False), (-timedelta(hours=1), True)],
)
def test_bid_is_in_time_only_before_the_instant_of_the_deadline(offset, in_time):
    deadline = at(date(2027, 4, 1))
    assert is_in_time(deadline.instant_utc + offset, deadline) is in_time


def test_time_of_receipt_without_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        is_in_time(NAIVE, at(date(2027, 4, 1)))


# Extension


def test_deadline_is_extended_forward():
    old, new = at(date(2013, 10, 31)), at(date(2013, 11, 14))
    assert extend(old, new, now=old.instant_utc - TICK) == new


@pytest.mark.parametrize("days", [0, -1])
def test_deadline_never_moves_back_or_stays(days):
    old = at(date(2027, 4, 1))
    new = at(date(2027, 4, 1) + timedelta(days=days))
    with pytest.raises(ExtensionRefused, match="only forward"):
        extend(old, new, now=NOW)


@pytest.mark.parametrize("late", [timedelta(0), TICK])
def test_deadline_is_not_extended_once_it_passes(late):
    old, new = at(date(2027, 4, 1)), at(date(2027, 4, 8))
    with pytest.raises(ExtensionRefused, match="passed on Thursday 1 April 2027"):
        extend(old, new, now=old.instant_utc + late)


# The timetable as a whole


def test_timetable_that_keeps_every_rule_has_no_problem():
    assert problems(full_timetable(), required=list(E)) == []


def test_timetable_without_pqq_may_issue_the_itn_with_the_notice():
    start = at(date(2026, 12, 1), time(9, 0))
    deadlines = {E.NOTICE: start, E.ITN_ISSUE: start, E.ITN_DEADLINE: at(date(2026, 12, 26))}
    assert problems(deadlines) == []


def test_other_events_may_not_coincide():
    deadlines = full_timetable()
    deadlines[E.SHORTLIST] = deadlines[E.PQQ_DEADLINE]
    assert only_problem(deadlines).event is E.SHORTLIST


@pytest.mark.parametrize(
    ("clarification", "deadline"),
    [
        (E.PQQ_CLARIFICATION_DEADLINE, E.PQQ_DEADLINE),
        (E.ITN_CLARIFICATION_DEADLINE, E.ITN_DEADLINE),
    ],
)
def test_questions_close_before_the_deadline_that_they_serve(clarification, deadline):
    deadlines = full_timetable()
    deadlines[clarification] = deadlines[deadline]
    problem = only_problem(deadlines)
    assert problem.event is clarification
    assert "must be before the" in problem.sentence


def test_event_out_of_order_is_named_with_what_it_must_follow():
    deadlines = full_timetable()
    deadlines[E.COMMENCEMENT] = at(date(2027, 7, 13))
    problem = only_problem(deadlines)
    assert problem.event is E.COMMENCEMENT
    assert problem.sentence == (
        "Commencement (Tuesday 13 July 2027 at 12:00 (UK time)) must come after "
        "signature (Wednesday 14 July 2027 at 10:00 (UK time))."
    )


def test_event_in_the_past_is_a_problem_unless_it_has_happened():
    deadlines = full_timetable()
    now = deadlines[E.SHORTLIST].instant_utc - timedelta(days=1)
    found = problems(deadlines, now=now)
    past = [E.NOTICE, E.PQQ_CLARIFICATION_DEADLINE, E.PQQ_DEADLINE]
    assert [problem.event for problem in found] == past
    assert all("in the past" in problem.sentence for problem in found)
    assert problems(deadlines, now=now, happened=past) == []


def test_missing_event_is_named_once_required_or_implied():
    found = problems({E.ITN_CLARIFICATION_DEADLINE: at(date(2027, 3, 1))}, required=[E.NOTICE])
    assert [problem.event for problem in found] == [E.NOTICE, E.ITN_DEADLINE]
    assert found[0].sentence == "The notice has no date. Enter one."


def test_participation_period_is_too_short_by_one_day():
    deadlines = full_timetable()
    deadlines[E.PQQ_CLARIFICATION_DEADLINE] = at(date(2026, 12, 10))
    deadlines[E.PQQ_DEADLINE] = at(date(2026, 12, 26))
    assert problems(deadlines) == []
    deadlines[E.PQQ_DEADLINE] = at(date(2026, 12, 25))
    problem = only_problem(deadlines)
    assert problem.event is E.PQQ_DEADLINE
    assert "at least 25 days" in problem.sentence
    assert "Choose Saturday 26 December 2026 or later." in problem.sentence


def test_tendering_period_counts_30_days_where_documents_follow_the_notice():
    deadlines = full_timetable()
    deadlines[E.ITN_CLARIFICATION_DEADLINE] = at(date(2027, 2, 10))
    deadlines[E.ITN_DEADLINE] = at(date(2027, 3, 3))
    assert problems(deadlines) == []
    deadlines[E.ITN_DEADLINE] = at(date(2027, 3, 2))
    assert only_problem(deadlines).event is E.ITN_DEADLINE
    with_notice = frozenset({Circumstance.ELECTRONIC, Circumstance.ALL_DOCUMENTS_WITH_NOTICE})
    assert problems(deadlines, circumstances=with_notice) == []
    # No circumstance at all is the longest row, not the assumption.
    assert only_problem(deadlines, circumstances=frozenset()).event is E.ITN_DEADLINE


def test_standstill_ends_at_midnight_after_its_last_working_day():
    rule = rule_for(Period.STANDSTILL, Regime.PA_2023, date(2027, 7, 1))
    # 12 July is kept in Northern Ireland alone, and does not count.
    assert standstill_end(date(2027, 7, 1), rule).wall_text == "2027-07-14 00:00"


@pytest.mark.parametrize(
    ("moment", "event"),
    [
        ({E.STANDSTILL_END: (date(2027, 7, 13), time(23, 59))}, E.STANDSTILL_END),
        (
            {
                E.STANDSTILL_END: (date(2027, 7, 13), time(12, 0)),
                E.SIGNATURE: (date(2027, 7, 14), time(0, 0)),
            },
            E.STANDSTILL_END,
        ),
    ],
)
def test_standstill_cut_short_is_a_problem(moment, event):
    deadlines = full_timetable() | {key: at(*value) for key, value in moment.items()}
    problem = only_problem(deadlines)
    assert problem.event is event
    assert "midnight at the end of Tuesday 13 July 2027" in problem.sentence


def test_signature_inside_the_standstill_is_a_problem_even_without_its_end():
    deadlines = full_timetable()
    del deadlines[E.STANDSTILL_END]
    deadlines[E.SIGNATURE] = at(date(2027, 7, 13))
    assert only_problem(deadlines).event is E.SIGNATURE


def test_light_touch_needs_no_standstill_but_keeps_the_one_it_offers():
    deadlines = full_timetable()
    light = {"regime": Regime.PA_2023_LIGHT_TOUCH}
    deadlines[E.STANDSTILL_END] = at(date(2027, 7, 8))
    deadlines[E.SIGNATURE] = at(date(2027, 7, 9))
    assert [p.event for p in problems(deadlines, **light)] == [E.STANDSTILL_END, E.SIGNATURE]
    del deadlines[E.STANDSTILL_END]
    assert problems(deadlines, **light) == []


def test_award_beyond_the_known_bank_holidays_is_a_problem_not_a_guess():
    deadlines = {E.AWARD_DECISION: at(date(2031, 3, 3)), E.SIGNATURE: at(date(2031, 6, 3))}
    problem = only_problem(deadlines)
    assert problem.event is E.AWARD_DECISION
    assert "bank holidays of 2031" in problem.sentence


def test_timetable_of_2013_holds_under_part_b():
    start = date(2013, 9, 19)
    deadlines = {
        E.NOTICE: at(start, time(9, 0)),
        E.PQQ_CLARIFICATION_DEADLINE: at(date(2013, 11, 7)),
        E.PQQ_DEADLINE: at(date(2013, 11, 14)),
        E.SHORTLIST: at(date(2013, 12, 19)),
        E.ITN_ISSUE: at(date(2014, 1, 31)),
        E.ITN_CLARIFICATION_DEADLINE: at(date(2014, 6, 13)),
        E.ITN_DEADLINE: at(date(2014, 6, 30)),
        E.AWARD_DECISION: at(date(2014, 12, 5)),
        E.STANDSTILL_END: at(date(2014, 12, 16), time(0, 0)),
        E.SIGNATURE: at(date(2014, 12, 18)),
        E.COMMENCEMENT: at(date(2015, 2, 1), time(0, 0)),
    }
    now = datetime(2013, 9, 18, 9, 0, tzinfo=UTC)
    regime = regime_for(start, light_touch=True)
    assert problems(deadlines, regime=regime, commenced_on=start, now=now) == []
    # Nothing is enforced: not even a standstill of no time at all.
    deadlines[E.STANDSTILL_END] = at(date(2014, 12, 5), time(12, 1))
    assert problems(deadlines, regime=regime, commenced_on=start, now=now) == []


@given(st.dictionaries(st.sampled_from(list(E)), st.integers(0, 400), min_size=1))
def test_order_is_complained_of_exactly_where_it_is_broken(offsets):
    start = date(2027, 1, 1)
    deadlines = {event: at(start + timedelta(days=n)) for event, n in offsets.items()}
    found = [
        problem
        for problem in problems(
            deadlines, regime=Regime.PCR_2006_PART_B, commenced_on=date(2013, 1, 1)
        )
        if "must" in problem.sentence
    ]
    in_order = [offsets[event] for event in E if event in offsets]
    strictly = all(a < b for a, b in pairwise(in_order))
    may_coincide = {(E.NOTICE, E.ITN_ISSUE), (E.STANDSTILL_END, E.SIGNATURE)}
    present = [event for event in E if event in offsets]
    coincides = any(
        pair in may_coincide and offsets[pair[0]] == offsets[pair[1]] for pair in pairwise(present)
    )
    if strictly:
        assert found == []
    elif not coincides:
        assert found
    assert {problem.event for problem in found} <= set(offsets)


@given(st.integers(0, 60), st.integers(0, 60))
def test_more_time_never_adds_a_problem(days, more):
    start = at(date(2026, 12, 1))

    def with_gap(gap):
        return {
            E.NOTICE: start,
            E.ITN_ISSUE: start,
            E.ITN_DEADLINE: at(date(2026, 12, 2) + timedelta(days=gap)),
        }

    if not problems(with_gap(days)):
        assert not problems(with_gap(days + more))
