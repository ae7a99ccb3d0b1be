from __future__ import annotations

import pytest

from commissioning.evaluation import queries, services
from commissioning.kernel.stage import Stage
from tests.factories.evaluation import respond, world_at

WHERE = {"lot": "CPA1", "criterion": "C1"}


def titles(world, clock, name):
    return [item.title for item in queries.waiting_for(world.actor(name), clock.now())]


def details(world, clock, name):
    return [item.detail for item in queries.waiting_for(world.actor(name), clock.now())]


def assess_all(world, clock, *parts):
    given = {"Experience": {"Q3": {"result": "noted", "score": 3}, "Q4": {"result": "pass"}}}
    for response in world.responses:
        for part in parts:
            services.assess_part(
                world.actor("a1"),
                response.reference,
                part,
                findings=given.get(part, {}),
                reason="Seen.",
                clock=clock,
            )


def test_selection_waits_for_assessors_then_for_the_lead(session, clock):
    world = world_at(Stage.PQQ_CLOSED)
    respond(world)
    respond(world)
    assert titles(world, clock, "lead") == ["Give each part of the PQQ to an assessor"]
    assert titles(world, clock, "a1") == []
    parts = ("Organisation", "Declarations", "Experience")
    for part in parts:
        services.assign_part(
            world.actor("lead"), world.reference, part, world.ref("a1"), clock=clock
        )
    assert details(world, clock, "a1") == ["6 assessments wait for you."]
    assert titles(world, clock, "a2") == titles(world, clock, "lead") == []

    assess_all(world, clock, *parts)

    assert titles(world, clock, "a1") == []
    assert titles(world, clock, "lead") == ["Propose the shortlist"]
    services.propose_shortlist(world.actor("lead"), world.reference, clock=clock)
    assert titles(world, clock, "lead") == []


def test_response_of_an_interest_waits_for_somebody_else(session, clock):
    world = world_at(Stage.PQQ_CLOSED)
    response = respond(world)
    services.assign_part(
        world.actor("lead"), world.reference, "Experience", world.ref("a1"), clock=clock
    )
    services.declare_interest(
        world.actor("a1"),
        world.reference,
        organisation=response.organisation.reference,
        statement="A share.",
        clock=clock,
    )
    assert titles(world, clock, "a1") == []


@pytest.mark.parametrize("stage", [Stage.SHORTLISTED, Stage.ITN_OPEN, Stage.ITN_CLOSED])
def test_lead_is_asked_to_assign_before_the_opening(session, clock, stage):
    world = world_at(stage)
    assert details(world, clock, "lead") == [
        "4 of 4 pairs of lot and criterion have no complete team yet."
    ]
    world.assign(clock)
    assert titles(world, clock, "lead") == titles(world, clock, "e1") == []


def test_marking_waits_for_each_in_turn(session, clock):
    world = world_at(lots=("CPA1",), criteria=(("C1", "One", "100", 1, (("C1", "100"),)),))
    world.assign(clock)
    assert details(world, clock, "e1") == ["1 sheet to submit."]
    assert titles(world, clock, "moderator") == []
    world.submit(clock, "e1", "e2", "e3", **WHERE)
    assert titles(world, clock, "e1") == []
    assert titles(world, clock, "moderator") == ["Record the consensus"]
    services.record_consensus(
        world.actor("moderator"), world.reference, "CPA1", "C1", world.entries(**WHERE), clock=clock
    )
    assert titles(world, clock, "moderator") == []
    for name in ("e1", "e2", "e3"):
        assert titles(world, clock, name) == ["Agree to the consensus, or dissent"]
        assert titles(world, clock, "lead") == []
        services.agree_consensus(world.actor(name), world.reference, "CPA1", "C1", clock=clock)
        assert titles(world, clock, name) == []
    assert titles(world, clock, "lead") == ["Propose the quality lock"]
    assert titles(world, clock, "approver") == []


def test_lead_is_told_who_must_be_replaced(session, clock):
    world = world_at()
    world.assign(clock)
    services.declare_interest(
        world.actor("e1"), world.reference, organisation=None, statement="A share.", clock=clock
    )
    assert titles(world, clock, "lead") == [
        "Propose a decision on a declared interest",
        "Replace people who declared an interest",
    ]
    assert titles(world, clock, "e1") == []


def test_commercial_officer_is_asked_for_the_prices(session, clock):
    world = world_at(Stage.PRICE_EVALUATION)
    assert titles(world, clock, "commercial") == ["Complete the price evaluation"]
    assert titles(world, clock, "lead") == []


def test_waiting_list_takes_as_many_queries_for_many_lots_as_for_one(session, clock, count_queries):
    counts = []
    for lots in (("CPA1",), ("CPA1", "CPA2", "CPA3", "CPA4")):
        world = world_at(lots=lots)
        world.assign(clock)
        actor = world.actor("e1")
        session.expire_all()
        with count_queries() as made:
            assert queries.waiting_for(actor, clock.now())
        counts.append(len(made))
    assert counts[0] == counts[1]
