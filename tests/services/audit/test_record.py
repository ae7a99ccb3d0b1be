"""The trail as the services write it, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from commissioning.audit import queries
from commissioning.audit.domain.chain import GENESIS, breaks
from commissioning.audit.domain.events import (
    Event,
    Subject,
    competition_stream,
    sealed_stream,
)
from commissioning.audit.services import record
from commissioning.kernel.actor import SYSTEM


def write(clock, stream, count=3):
    return [
        record(
            SYSTEM,
            Event.COMPETITION_CHANGED,
            Subject("competition", "T-1"),
            {"number": number},
            at=clock.now(),
            stream=stream,
        )
        for number in range(count)
    ]


def test_record_chains_each_event_to_the_one_before(session, clock):
    rows = write(clock, competition_stream("T-1"))
    session.flush()
    assert [row.position for row in rows] == [1, 2, 3]
    assert rows[0].previous_hash == GENESIS
    assert rows[2].previous_hash == rows[1].hash
    assert queries.heads() == {"competition:T-1": (3, rows[2].hash)}


def test_a_chain_read_back_from_the_database_is_whole(session, clock):
    write(clock, competition_stream("T-1"))
    write(clock, competition_stream("T-2"))
    session.flush()
    session.expire_all()
    assert breaks(queries.links(), heads=queries.heads()) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET actor = 'USR-FORGED' WHERE position = 2",
        "DELETE FROM audit_event WHERE position = 2",
        "DELETE FROM audit_event WHERE position = 3",
    ],
)
def test_a_change_behind_the_services_is_found(session, clock, statement):
    write(clock, competition_stream("T-1"))
    session.flush()
    session.execute(text(statement))
    session.expire_all()
    assert breaks(queries.links(), heads=queries.heads())


def test_sealed_streams_leave_only_after_they_were_disclosed(session, clock):
    stream = sealed_stream("T-1", "ORG-1")
    write(clock, stream)
    session.flush()
    assert stream not in queries.heads_to_export()
    record(
        SYSTEM,
        Event.SEALED_STREAM_DISCLOSED,
        Subject("stream", stream),
        {"length": 3},
        at=clock.now(),
        stream=competition_stream("T-1"),
    )
    session.flush()
    assert stream in queries.heads_to_export()
