"""How firmly an award stands: studied in the background, and kept beside the award."""

from __future__ import annotations

import json

import pytest

from commissioning.audit import queries as audit_queries
from commissioning.audit.domain.chain import breaks
from commissioning.audit.domain.events import competition_stream
from commissioning.award import queries, services
from commissioning.award.models import AwardRun
from commissioning.cli.bounds import Bounds
from commissioning.cli.working import run_work
from commissioning.evaluation.models import BidResult
from commissioning.evaluation.services import declare_interest
from commissioning.infrastructure.database import db
from commissioning.kernel.errors import BadInput, Conflict, Forbidden
from commissioning.kernel.stage import Stage
from tests.factories.award import agree_marks, priced_world
from tests.services.award.test_award import ONE_EACH, PRICES
from tests.services.award.test_scenarios import asked as ask_for_scenario
from tests.services.award.test_scenarios import made as make_scenario

CLOSE = {**PRICES, ("CPA1", 1): 500_00, ("CPA1", 2): 501_00}


@pytest.fixture
def clocks(clock, real_clock):
    return {"clock": clock, "real_clock": real_clock}


def solved(prices, clock, **changes):
    world = agree_marks(priced_world(prices, funding_multiple=9, **changes))
    services.solve_award(world.actor("commercial"), world.reference, clock=clock)
    return world


@pytest.fixture
def world(session, clock):
    """Each lot goes to its best bid; the second on CPA1 is a pound dearer."""
    return solved(CLOSE, clock)


def begun(world, clocks, who="approver", furthest=5):
    return services.study_robustness(world.actor(who), world.reference, furthest, **clocks)


def worked(app, work, clocks, bounds=None):
    reference = work.reference
    db.session.commit()
    done = run_work(app, reference, bounds or Bounds(60, 2048), **clocks)
    return done, queries.work_by_reference(reference)


def standing(world, clocks):
    run = queries.latest_run(world.competition)
    return queries.study_standing(world.competition, run, clocks["real_clock"].now())


def test_a_study_names_what_decides_and_leaves_the_award_alone(app, world, clocks):
    run = queries.latest_run(world.competition)
    before = (run.problem, run.answer, run.status)
    done, _work = worked(app, begun(world, clocks), clocks)
    assert done
    shown = standing(world, clocks).shown
    first, second = (bidder.name for bidder in world.bidders)
    rows = {(row.bidder, row.lot, row.question, row.to_mark): row for row in shown.marks}
    gained = rows[second, "CPA1", "C2.1 Local partnership", 4]
    assert gained.mark == 3
    assert gained.winners == (f"CPA1: {second} instead of {first}",)
    assert (first, "CPA1", "C1 Delivering the sentence", 2) in rows
    nearest = {row.lot: (row.bidder, row.difference_pence) for row in shown.nearest}
    assert nearest["CPA1"][1] in {1_00, 1_01}
    assert shown.withdrawals == ()
    assert shown.weights == ()  # every mark is alike, so that no weight matters
    assert "No bidder without a lot bears on the award" in shown.summary[1]
    assert "No change of a single weight" in shown.summary[2]
    run = queries.latest_run(world.competition)
    assert (run.problem, run.answer, run.status) == before
    stream = competition_stream(world.reference)
    assert [link.event for link in audit_queries.links(stream)][-3:] == [
        "award_work_asked",
        "award_work_begun",
        "award_work_done",
    ]
    assert breaks(audit_queries.links(), heads=audit_queries.heads()) == []


def test_where_no_mark_decides_it_is_said_plainly(app, session, clock, clocks):
    far = {pair: price * (1 if pair[1] == 1 else 20) for pair, price in PRICES.items()}
    world = solved(far, clock)
    worked(app, begun(world, clocks, "auditor"), clocks)
    shown = standing(world, clocks).shown
    assert shown.marks == ()
    assert shown.summary[0] == (
        "No single agreed mark, one step higher or lower, would move any lot."
    )


@pytest.mark.parametrize("who", ["commercial", "lead", "moderator", "e1", "holder"])
def test_others_neither_start_a_study_nor_stop_one(world, clocks, who):
    with pytest.raises(Forbidden):
        begun(world, clocks, who)
    work = begun(world, clocks)
    with pytest.raises(Forbidden):
        services.stop_work(world.actor(who), work.reference, **clocks)
    services.stop_work(world.actor("auditor"), work.reference, **clocks)


def test_whoever_studies_stops_no_scenario(world, clocks):
    scenario = make_scenario(world, clocks["clock"])
    work = ask_for_scenario(world, clocks, scenario)
    with pytest.raises(Forbidden):
        services.stop_work(world.actor("approver"), work.reference, **clocks)


def test_an_interest_bars_from_studying(world, clocks):
    declare_interest(
        world.actor("approver"), world.reference, organisation=None, statement="Mine.",
        clock=clocks["clock"],
    )  # fmt: skip
    with pytest.raises(Forbidden):
        begun(world, clocks)


def test_nothing_is_studied_before_there_is_an_award(session, clock, clocks):
    world = agree_marks(priced_world(PRICES, funding_multiple=9))
    with pytest.raises(Conflict, match="not solved yet"):
        begun(world, clocks)
    world.competition.stage = Stage.PRICE_EVALUATION.value
    with pytest.raises(Forbidden):
        begun(world, clocks)
    none = solved(PRICES, clock, limits=ONE_EACH, excluded={("CPA1", 2), ("CPA2", 2)})
    with pytest.raises(Conflict, match="has no award"):
        begun(none, clocks)


def test_marks_that_do_not_give_the_points_are_not_studied(session, clock, clocks):
    world = priced_world(PRICES, funding_multiple=9)
    agree_marks(world, {("CPA1", 1, "C1"): 4})
    services.solve_award(world.actor("commercial"), world.reference, clock=clock)
    with pytest.raises(Conflict, match="call the auditor"):
        begun(world, clocks)


@pytest.mark.parametrize("furthest", [0, 21])
def test_weights_are_moved_within_a_range(world, clocks, furthest):
    with pytest.raises(BadInput) as refusal:
        begun(world, clocks, furthest=furthest)
    assert refusal.value.field == "furthest"


def test_one_study_at_a_time_beside_alternatives_and_scenarios(world, clocks):
    begun(world, clocks)
    with pytest.raises(Conflict, match="being solved already"):
        begun(world, clocks, "auditor")
    services.seek_alternatives(world.actor("commercial"), world.reference, 0, **clocks)
    run = queries.latest_run(world.competition)
    progress, found = queries.alternatives_standing(run, clocks["real_clock"].now())
    assert progress.is_active
    assert found == ()


def test_a_study_of_another_award_or_that_cannot_be_read_is_not_kept(app, world, clocks):
    _done, work = worked(app, begun(world, clocks), clocks)
    good = json.loads(work.answer)
    second = world.bidders[1].reference
    for change, told in (
        ({"problem_sha256": "0" * 64}, "another problem"),
        ({"study": {**good["study"], "award": {"CPA1": second}}}, "another award"),
        ({"study": {**good["study"], "furthest": 5}}, "cannot be read"),
    ):
        again = begun(world, clocks)
        services.take_up_work(again.reference, **clocks)
        kept = services.finish_work(again.reference, {**good, **change}, **clocks)
        assert (kept.status, kept.answer) == ("failed", None)
        assert told in kept.says
    found = standing(world, clocks)
    assert found.shown is not None
    assert found.progress.says == kept.says


def test_a_study_without_time_gives_what_it_has_and_says_so(app, world, clocks):
    done, _work = worked(app, begun(world, clocks), clocks, Bounds(0, 2048))
    assert done
    shown = standing(world, clocks).shown
    assert shown.looked_at["marks"].tried == 0
    assert "The search was stopped after 0 of" in shown.notes["marks"][0]


def test_a_study_of_another_record_is_marked_as_older(app, world, clocks):
    worked(app, begun(world, clocks), clocks)
    assert not standing(world, clocks).is_older
    row = db.session.query(BidResult).filter(BidResult.evaluated_price_pence == 501_00).one()
    row.evaluated_price_pence = 502_00
    db.session.flush()
    services.solve_award(world.actor("commercial"), world.reference, clock=clocks["clock"])
    assert db.session.query(AwardRun).count() == 2
    assert standing(world, clocks).is_older
