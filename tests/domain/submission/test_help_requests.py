"""Which request for help is urgent, and which comes first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.submission.domain.help_requests import Pending, in_turn, is_urgent

NOON = datetime(2026, 6, 30, 11, 0, tzinfo=UTC)
MINUTE, MICROSECOND = timedelta(minutes=1), timedelta(microseconds=1)


def asked(before=30 * MINUTE, deadline=NOON, *, is_answered=False, name="HLP"):
    return Pending(name, NOON - before, deadline, is_answered)


@pytest.mark.parametrize(
    ("request_", "now", "urgent"),
    [
        (asked(120 * MINUTE), NOON - 60 * MINUTE - MICROSECOND, False),
        (asked(120 * MINUTE), NOON - 60 * MINUTE, True),
        (asked(MICROSECOND), NOON, True),
        (asked(6 * MINUTE), NOON + 52 * MINUTE, True),  # nobody has answered yet
        (asked(timedelta(0)), NOON, False),
        (asked(is_answered=True), NOON - MINUTE, False),
        (asked(deadline=None), NOON, False),
    ],
)
def test_urgent_is_what_is_unanswered_in_the_last_hour(request_, now, urgent):
    assert is_urgent(request_, now) == urgent


requests = st.lists(
    st.builds(
        Pending,
        st.uuids().map(str),
        st.integers(0, 3000).map(lambda m: NOON - m * MINUTE),
        st.none() | st.integers(-3000, 3000).map(lambda m: NOON + m * MINUTE),
        st.booleans(),
    ),
    max_size=8,
)


@given(requests)
def test_the_queue_loses_nothing_and_keeps_its_order(found):
    turn = in_turn(found, NOON)

    assert sorted(one.reference for one in turn) == sorted(one.reference for one in found)
    standing = [(one.is_answered, not is_urgent(one, NOON)) for one in turn]
    assert standing == sorted(standing)
    waiting = [one for one in turn if not one.is_answered and not is_urgent(one, NOON)]
    near = [timedelta.max if one.deadline is None else abs(one.deadline - NOON) for one in waiting]
    assert near == sorted(near)
