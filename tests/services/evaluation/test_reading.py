from __future__ import annotations

import pytest

from commissioning.audit import queries as audit_queries
from commissioning.audit.domain.events import competition_stream
from commissioning.evaluation import services
from commissioning.kernel.errors import Forbidden, NotFound
from tests.factories.evaluation import attach_file, world_at

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
