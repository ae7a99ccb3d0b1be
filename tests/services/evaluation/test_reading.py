from __future__ import annotations

import pytest

from commissioning.audit import queries as audit_queries
from commissioning.audit.domain.events import competition_stream
from commissioning.evaluation import services
from commissioning.infrastructure import scanner
from commissioning.kernel.errors import Forbidden, NotFound
from commissioning.submission.services import FileWithheld
from tests.factories.evaluation import attach_file, world_at
from tests.support.clamd import EICAR, clamd, closed_port

CONTENT = b"%PDF-1.4 a plan"


@pytest.fixture
def world(session, clock):
    world = world_at()
    world.assign(clock, criteria=["C1"])
    return world


@pytest.fixture
def file(world):
    return attach_file(world.bids[0], "C1", CONTENT)


def read(world, clock, person, leaf="C1", bid=0, file=None):
    found = services.read_bid_file(
        world.actor(person),
        world.reference,
        world.bids[bid].reference,
        leaf,
        file.reference,
        clock=clock,
    )
    return b"".join(found.pieces)


@pytest.mark.parametrize("person", ["e1", "moderator", "lead", "auditor"])
def test_whoever_may_read_the_answer_takes_its_file_and_leaves_a_record(world, clock, file, person):
    assert read(world, clock, person, file=file) == CONTENT

    last = list(audit_queries.links(competition_stream(world.reference)))[-1]
    assert (last.event, last.actor, last.subject) == (
        "bid_read",
        world.ref(person),
        world.bids[0].reference,
    )


@pytest.mark.parametrize("person", ["e4", "moderator2", "commercial", "approver", "a1", "holder"])
def test_others_take_nothing_away(world, clock, file, person):
    with pytest.raises(Forbidden):
        read(world, clock, person, file=file)


def test_file_is_found_only_beside_its_own_answer(world, clock, file):
    for where in ({"leaf": "C2.1"}, {"bid": 1}):
        with pytest.raises(NotFound):
            read(world, clock, "lead", file=file, **where)


def test_evaluator_of_another_criterion_takes_nothing_away(world, clock):
    other = attach_file(world.bids[0], "C2.1", CONTENT)
    with pytest.raises(Forbidden):
        read(world, clock, "e1", leaf="C2.1", file=other)


def test_interest_ends_the_downloads_too(world, clock, file):
    services.declare_interest(
        world.actor("e1"), world.reference, organisation=None, statement="A share.", clock=clock
    )
    with pytest.raises(Forbidden):
        read(world, clock, "e1", file=file)


@pytest.fixture
def scanned_by():
    yield scanner.configure
    scanner.configure("")


def last_record(world):
    return list(audit_queries.links(competition_stream(world.reference)))[-1]


def test_a_file_that_the_scanner_calls_clean_is_read(world, clock, file, scanned_by):
    with clamd() as (server, address):
        scanned_by(address)
        assert read(world, clock, "e1", file=file) == CONTENT
    assert server.received == [CONTENT]
    assert last_record(world).event == "bid_read"


def test_a_harmful_file_is_kept_recorded_and_not_handed_out(world, clock, scanned_by):
    entry = attach_file(world.bids[0], "C1", EICAR)
    with clamd() as (_, address):
        scanned_by(address)
        found = services.read_bid_file(
            world.actor("e1"), world.reference, world.bids[0].reference, "C1", entry.reference,
            clock=clock,
        )  # fmt: skip
    with pytest.raises(FileWithheld):
        b"".join(found.pieces)

    assert found.harm == "Eicar-Signature"
    assert last_record(world).event == "bid_file_found_harmful"
    assert last_record(world).actor == world.ref("e1")
    scanned_by("")
    assert read(world, clock, "e1", file=entry) == EICAR


def test_without_an_answer_of_the_scanner_nothing_is_read(world, clock, file, scanned_by):
    before = last_record(world)
    scanned_by(closed_port())
    with pytest.raises(FileWithheld, match="did not answer whether it is safe"):
        read(world, clock, "e1", file=file)

    assert last_record(world).position == before.position
