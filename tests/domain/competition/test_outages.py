"""The published table of outages: what moves a deadline, how far, and what never does."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.competition.domain.outages import (
    Outage,
    deadline_after_outages,
    extension_for,
    failed_between,
    first_deadline_from,
    in_words,
    merged,
    moved_by_outages,
)
from commissioning.competition.domain.timetable import LONDON, deadline_at

NOON = datetime(2026, 6, 30, 11, 0, tzinfo=UTC)  # noon in London
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)
# The night on which the clocks go forward, the one on which they go back, and a summer's day.
NIGHTS = (
    datetime(2027, 3, 28, 0, 30, tzinfo=UTC),
    datetime(2027, 10, 31, 0, 0, tzinfo=UTC) - MINUTE,
    NOON,
)


def before(instant, *, since, lasting):
    """An outage that begins so long before an instant, and lasts so long."""
    return Outage(instant - since, instant - since + lasting)


def after(instant, *outages):
    return deadline_after_outages(deadline_at(instant), outages).instant_utc - instant


@st.composite
def logs(draw, around=NOON):
    """Outages from two hours before a deadline until six hours after it."""
    spans = st.tuples(
        st.integers(-120 * 60_000_000, 360 * 60_000_000), st.integers(1, 90 * 60_000_000)
    )
    return [
        Outage(around + at * MICROSECOND, around + (at + length) * MICROSECOND)
        for at, length in draw(st.lists(spans, max_size=5))
    ]


@pytest.mark.parametrize(
    ("lasting", "moves"),
    [
        (59.999999 * SECOND, timedelta(0)),
        (60 * SECOND, HOUR),
        (15 * MINUTE, HOUR),
        (15 * MINUTE + SECOND, HOUR + MINUTE),
        (40 * MINUTE, 160 * MINUTE),
    ],
)
def test_table_is_the_published_one(lasting, moves):
    assert after(NOON, before(NOON, since=50 * MINUTE, lasting=lasting)) == moves


def test_short_failures_are_added_up():
    twice = [before(NOON, since=since, lasting=30 * SECOND) for since in (50 * MINUTE, 5 * MINUTE)]

    assert after(NOON, *twice) == HOUR
    assert after(NOON, twice[0]) == timedelta(0)


def test_the_same_failure_recorded_twice_counts_once():
    probe = before(NOON, since=30 * MINUTE, lasting=20 * MINUTE)
    entered = before(NOON, since=25 * MINUTE, lasting=20 * MINUTE)

    assert after(NOON, probe, entered) == 4 * 25 * MINUTE
    assert after(NOON, probe, probe) == 80 * MINUTE


def test_only_the_last_hour_before_the_deadline_counts():
    assert after(NOON, before(NOON, since=2 * HOUR, lasting=HOUR)) == timedelta(0)
    assert after(NOON, before(NOON, since=2 * HOUR, lasting=HOUR + 59 * SECOND)) == timedelta(0)
    assert after(NOON, before(NOON, since=2 * HOUR, lasting=HOUR + MINUTE)) == HOUR


def test_what_fails_at_the_deadline_moves_nothing():
    assert after(NOON, Outage(NOON, NOON + 5 * HOUR)) == timedelta(0)
    assert after(NOON, Outage(NOON - 59 * SECOND, NOON + 5 * HOUR)) == timedelta(0)


def test_an_outage_over_the_deadline_counts_on_until_it_is_over():
    """Down from 11:50 until 12:30: forty minutes."""
    assert after(NOON, Outage(NOON - 10 * MINUTE, NOON + 30 * MINUTE)) == 160 * MINUTE


def test_bidders_have_an_hour_in_which_the_service_worked():
    first = before(NOON, since=MINUTE, lasting=MINUTE)
    again = Outage(NOON + 50 * MINUTE, NOON + HOUR)

    assert after(NOON, first) == HOUR
    assert after(NOON, first, again) == 2 * HOUR


def test_failures_are_merged():
    one, two, three = (Outage(NOON + n * MINUTE, NOON + (n + 2) * MINUTE) for n in (0, 1, 3))

    assert merged([three, one, two]) == [Outage(NOON, NOON + 5 * MINUTE)]


@given(logs())
def test_merging_keeps_what_failed_and_counts_nothing_twice(log):
    found = merged(log)

    assert all(one.end < two.start for one, two in itertools.pairwise(found))
    for outage in log:
        assert any(one.start <= outage.start and outage.end <= one.end for one in found)
    assert failed_between(found, NOON - 3 * HOUR, NOON + 9 * HOUR) <= sum(
        (outage.end - outage.start for outage in log), timedelta(0)
    )


@pytest.mark.parametrize("at", NIGHTS)
def test_more_outage_never_makes_a_deadline_earlier(at):
    deadline = deadline_at(at)

    @given(logs(around=at), logs(around=at))
    def check(log, more):
        less = deadline_after_outages(deadline, log)
        assert deadline.instant_utc <= less.instant_utc
        assert less.instant_utc <= deadline_after_outages(deadline, [*log, *more]).instant_utc

    check()


@pytest.mark.parametrize("at", NIGHTS)
def test_every_promise_is_kept_by_the_first_minute_that_keeps_it(at):
    @given(logs(around=at))
    def check(log):
        found = deadline_after_outages(deadline_at(at), log)
        whole = merged(log)

        def is_kept(instant):
            failed = failed_between(whole, at - HOUR, instant)
            last_hour = failed_between(whole, instant - HOUR, instant)
            return at + extension_for(failed) <= instant and last_hour < MINUTE

        assert is_kept(found.instant_utc)
        assert found.instant_utc == at or not is_kept(at)
        wall = found.instant_utc.astimezone(ZoneInfo(LONDON))
        assert (wall.second, wall.microsecond) == (0, 0)
        assert f"{wall:%Y-%m-%d %H:%M}" == found.wall_text
        assert wall.replace(fold=0).utcoffset() == wall.replace(fold=1).utcoffset()
        earlier = found.instant_utc - MINUTE
        if earlier > at and not datetime(2027, 10, 31, tzinfo=UTC) <= earlier < datetime(
            2027, 10, 31, 2, tzinfo=UTC
        ):
            assert not is_kept(earlier)

    check()


@given(logs(), st.permutations(range(5)))
def test_order_of_the_log_does_not_matter(log, order):
    shuffled = [log[n] for n in order if n < len(log)]

    assert deadline_after_outages(deadline_at(NOON), shuffled) == deadline_after_outages(
        deadline_at(NOON), log
    )


@given(logs(), st.integers(0, 24 * 60))
def test_the_same_outage_never_moves_a_deadline_twice(log, minutes):
    deadline, now = deadline_at(NOON), NOON - HOUR + minutes * MINUTE
    known = [Outage(one.start, min(one.end, now)) for one in log if one.start < now]
    moved = moved_by_outages(deadline, deadline, known, now=now)
    if moved is None:
        return

    assert moved.instant_utc > NOON
    assert moved.instant_utc >= now + HOUR
    assert moved_by_outages(deadline, moved, known, now=now) is None
    assert moved_by_outages(deadline, moved, known, now=moved.instant_utc) is None


def test_a_deadline_never_moves_back():
    later = deadline_at(NOON + 5 * HOUR)
    short = [before(NOON, since=10 * MINUTE, lasting=2 * MINUTE)]

    assert moved_by_outages(deadline_at(NOON), later, short, now=NOON) is None


def test_a_new_deadline_lies_an_hour_ahead_of_whoever_hears_of_it():
    short = [before(NOON, since=10 * MINUTE, lasting=2 * MINUTE)]
    moved = moved_by_outages(
        deadline_at(NOON), deadline_at(NOON), short, now=NOON + 30 * MINUTE + SECOND
    )

    assert moved.instant_utc == NOON + 91 * MINUTE


def test_no_new_deadline_falls_where_the_clocks_repeat_an_hour():
    """On 31 October 2027 the hour from one to two comes twice: the deadline is at two."""
    midnight = datetime(2027, 10, 30, 23, 0, tzinfo=UTC)  # 00:00 in London, in summer time
    outage = before(midnight, since=10 * MINUTE, lasting=2 * MINUTE)
    moved = deadline_after_outages(deadline_at(midnight), [outage])

    assert moved.wall_text == "2027-10-31 02:00"
    assert moved.instant_utc == midnight + 3 * HOUR


def test_a_new_deadline_skips_the_hour_that_the_clocks_leave_out():
    """At 01:00 on 28 March 2027 it is 02:00: sixty minutes after 00:30 the clock shows 02:30."""
    half_past = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)
    moved = deadline_after_outages(
        deadline_at(half_past), [before(half_past, since=10 * MINUTE, lasting=2 * MINUTE)]
    )

    assert moved.wall_text == "2027-03-28 02:30"
    assert moved.instant_utc == half_past + HOUR


@pytest.mark.parametrize("night", NIGHTS)
@given(minutes=st.integers(-200, 200), micro=st.integers(0, 59_999_999))
def test_first_minute_from_an_instant_is_whole_and_shown_once(night, minutes, micro):
    instant = night + minutes * MINUTE + micro * MICROSECOND
    found = first_deadline_from(instant, LONDON)

    assert found.instant_utc >= instant
    assert found == deadline_at(found.instant_utc)  # which refuses what is shown twice


def test_an_outage_has_a_length_and_a_zone():
    with pytest.raises(ValueError, match="after it begins"):
        Outage(NOON, NOON)
    with pytest.raises(ValueError, match="with a zone"):
        Outage(NOON.replace(tzinfo=None), NOON)


def test_words_state_the_figures_of_the_table():
    text = " ".join(in_words())

    assert "60 seconds or longer" in text
    assert "4 times as long" in text
    assert "at least 60 minutes" in text
    assert "longer than 2 minutes" in text
