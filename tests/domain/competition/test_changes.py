"""What a change of the issued invitation asks of time, and of bids that were submitted before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.competition.domain.changes import (
    MINIMUMS,
    IssuedVersion,
    counts_at_closing,
    current_version,
    earliest_deadline,
    version_at,
)
from commissioning.competition.domain.timetable import LONDON
from commissioning.kernel.statutory import Regime

NOON = datetime(2026, 6, 30, 11, 0, tzinfo=UTC)
DAY = timedelta(days=1)
versions = st.lists(st.booleans(), max_size=5).map(
    lambda alters: [
        IssuedVersion(number, NOON + number * DAY, altered)
        for number, altered in enumerate(alters, 2)
    ]
)


def test_every_regime_has_a_minimum_with_its_source():
    assert set(MINIMUMS) == set(Regime)
    assert all(rule.days == 7 and rule.source for rule in MINIMUMS.values())


@pytest.mark.parametrize(
    ("published", "wall"),
    [
        (NOON, "2026-07-07 12:00"),
        (NOON + timedelta(microseconds=1), "2026-07-07 12:01"),
        # Seven days on the clock are an hour less over the spring change, an hour more in autumn.
        (datetime(2027, 3, 22, 12, 0, tzinfo=UTC), "2027-03-29 12:00"),
        (datetime(2027, 10, 25, 11, 0, tzinfo=UTC), "2027-11-01 12:00"),
        # 01:30 on 28 March does not exist, and on 31 October happens twice.
        (datetime(2027, 3, 21, 1, 30, tzinfo=UTC), "2027-03-28 02:30"),
        (datetime(2027, 10, 24, 0, 30, tzinfo=UTC), "2027-10-31 02:00"),
    ],
)
def test_seven_days_remain_on_the_clocks_that_bidders_read(published, wall):
    assert earliest_deadline(published, Regime.PA_2023, LONDON).wall_text == wall


@given(versions, st.integers(0, 8))
def test_a_bid_belongs_to_the_version_of_its_receipt(found, days):
    received = NOON + days * DAY
    version = version_at(received, found)

    assert 1 <= version <= current_version(found) == len(found) + 1
    assert all((one.version <= version) == (one.published_at <= received) for one in found)


@given(versions, st.integers(1, 7))
def test_a_bid_stands_unless_a_later_version_altered_its_form(found, covered):
    altered = [one.version for one in found if one.alters_form]

    assert counts_at_closing(covered, found) == (not altered or max(altered) <= covered)
    assert counts_at_closing(current_version(found), found)
