"""How late is late, in words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from commissioning.submission.domain.lateness import lateness


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (timedelta(0), "at the very instant"),
        (timedelta(milliseconds=12), "12 thousandths of a second"),
        (timedelta(seconds=1), "1 second"),
        (timedelta(minutes=1, seconds=2), "1 minute 2 seconds"),
        (timedelta(hours=3, minutes=2, seconds=9), "3 hours 2 minutes"),
        (timedelta(days=1, minutes=2), "1 day"),
        (timedelta(days=2, hours=1), "2 days 1 hour"),
    ],
)
def test_how_late_is_said_in_its_two_greatest_units(after, words):
    assert lateness(after) == words


def test_what_was_in_time_is_not_late():
    with pytest.raises(ValueError, match="in time"):
        lateness(timedelta(microseconds=-1))
