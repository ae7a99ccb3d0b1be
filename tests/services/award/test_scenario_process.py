"""The processes that solve beside the site: started by a commit, stopped by a person."""

from __future__ import annotations

import os
import signal
import threading
import time
from random import Random

import pytest

from commissioning.award import queries, services
from commissioning.award.domain.problem import parse_problem
from commissioning.award.domain.scenario import as_published
from commissioning.cli.bounds import Bounds
from commissioning.cli.solver import Solver
from commissioning.cli.working import run_work
from commissioning.competition.queries import competition_by_reference
from commissioning.infrastructure import workers
from commissioning.infrastructure.database import db
from commissioning.kernel.canonical import canonical_json
from tests.factories.award import priced_world
from tests.services.award.test_award import ONE_EACH, PRICES
from tests.support.application import settings_for

PATIENCE_SECONDS = 60


def long_problem():
    """A problem with a what-if for each of very many losing bids: it keeps a solver busy."""
    draw = Random(7)
    lots = [{"id": f"L{n}", "value": draw.randrange(1, 9)} for n in range(120)]
    bidders = [{"id": f"B{n}"} for n in range(60)]
    bids = [
        {"bidder": bidder["id"], "lot": lot["id"], "price": draw.randrange(1, 10**6), "quality": 9}
        for bidder in bidders
        for lot in lots
    ]
    return {
        "format": "award-wdp/1",
        "objective": "min_total_price",
        "lots": lots,
        "bidders": bidders,
        "bids": bids,
        "limits": {"max_value_share_per_bidder_ppm": 40_000},
    }


def asked(actor, reference, clocks):
    competition = competition_by_reference(reference)
    changes = as_published(parse_problem(queries.problem_of_record(competition)))
    made = services.make_scenario(actor, reference, "A copy", changes, clock=clocks["clock"])
    return services.solve_scenario(actor, made.reference, **clocks).reference


@pytest.fixture
def clocks(clock, real_clock):
    return {"clock": clock, "real_clock": real_clock}


def wait_for(condition):
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends:
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("It did not come about in time.")


def status_of(reference):
    db.session.rollback()
    status = queries.work_by_reference(reference).status
    db.session.rollback()
    return status


def test_what_is_asked_for_is_solved_by_a_process_once_it_is_committed(
    session, clocks, database_url, tmp_path
):
    world = priced_world(PRICES, limits=ONE_EACH)
    session.commit()
    try:
        workers.configure(settings_for(database_url, tmp_path / "var").as_environment())
        asked(world.actor("commercial"), world.reference, clocks)
        session.rollback()  # what is undone starts nothing
        assert workers.waiting() == []

        work = asked(world.actor("commercial"), world.reference, clocks)
        assert len(workers.waiting()) == 1
        session.commit()
        assert workers.waiting() == []
        wait_for(lambda: status_of(work) == "done")
    finally:
        workers.configure(None)
    assert '"status":"optimal"' in queries.work_by_reference(work).answer


def test_what_somebody_stops_while_it_is_solved_ends_at_once(app, session, clocks):
    world = priced_world(PRICES, limits=ONE_EACH)
    actor = world.actor("commercial")
    reference = asked(actor, world.reference, clocks)
    queries.work_by_reference(reference).problem = canonical_json(long_problem()).decode()
    session.commit()
    outcome = []
    thread = threading.Thread(
        target=lambda: outcome.append(run_work(app, reference, Bounds(), **clocks))
    )
    thread.start()
    wait_for(lambda: status_of(reference) == "running")
    time.sleep(1.5)  # in the middle of it
    services.stop_work(actor, reference, **clocks)
    session.commit()
    thread.join(15)
    assert not thread.is_alive()
    assert outcome == [False]
    assert status_of(reference) == "stopped"


@pytest.mark.parametrize(
    ("bounds", "told"),
    [(Bounds(600, 100), "more memory"), (Bounds(600, 2048), "ended from outside")],
)
def test_why_a_process_came_to_no_answer_is_said(bounds, told):
    task = {"kind": "scenario", "problem": long_problem(), "margin_ppm": 0}
    solver = Solver(task, bounds)
    try:
        if told == "ended from outside":
            assert solver.is_running_after(1.0)
            os.kill(solver.process_id, signal.SIGTERM)
        wait_for(lambda: not solver.is_running_after(0.2))
        assert solver.answer is None
        assert told in solver.why_not()
        assert "What was solved before stands." in solver.why_not()
    finally:
        solver.end()
