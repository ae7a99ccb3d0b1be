"""A list costs as many statements for three rows as for thirty."""

from __future__ import annotations

import pytest

from commissioning.competition import queries as competition_queries
from commissioning.evaluation import queries, services
from commissioning.kernel.stage import Stage
from tests.factories.evaluation import open_price, respond, world_at


def statements(session, count_queries, world, ask):
    session.flush()
    session.expire_all()
    competition = competition_queries.competition_by_reference(world.reference)
    with count_queries() as made:
        found = ask(competition)
    return len(made), len(found)


@pytest.mark.parametrize(
    "ask",
    [
        queries.sheet_progress,
        queries.opened_bids,
        queries.results,
        queries.ranking,
        queries.price_workings,
        queries.teams,
    ],
    ids=lambda ask: ask.__name__,
)
def test_list_costs_no_more_with_more_bids(session, clock, count_queries, ask):
    seen = []
    for lots in (1, 4):
        world = world_at(lots=[f"CPA{n}" for n in range(lots)], bidders=lots + 1)
        world.mark_everything(clock)
        decision = services.propose_quality_lock(world.actor("lead"), world.reference, clock=clock)
        services.approve_quality_lock(world.actor("approver"), decision.reference, clock=clock)
        for bid in world.bids:
            open_price(bid, *(100_000_00,) * 7)
        world.competition.stage = Stage.PRICE_EVALUATION.value
        seen.append(statements(session, count_queries, world, ask))
    (few, _), (many, rows) = seen
    assert few == many
    assert rows >= 8


def test_outcomes_cost_no_more_with_more_responses(session, clock, count_queries):
    seen = []
    for responses in (2, 12):
        world = world_at(Stage.PQQ_CLOSED)
        for _ in range(responses):
            respond(world)
        seen.append(statements(session, count_queries, world, queries.outcomes))
    (few, _), (many, rows) = seen
    assert few == many
    assert rows == 12
