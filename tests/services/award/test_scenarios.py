"""Scenarios beside the published award, and what is solved in the background."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from commissioning.audit import queries as audit_queries
from commissioning.audit.domain.chain import breaks
from commissioning.audit.domain.events import competition_stream
from commissioning.award import queries, services
from commissioning.award.domain.problem import Limits, Objective, parse_problem
from commissioning.award.domain.scenario import as_published
from commissioning.award.domain.work import SILENCE
from commissioning.award.models import AwardRun, AwardWork
from commissioning.cli.bounds import Bounds
from commissioning.cli.working import run_work
from commissioning.evaluation.services import declare_interest
from commissioning.infrastructure.database import db
from commissioning.kernel.errors import BadInput, Conflict, Forbidden, IllegalTransition, NotFound
from tests.factories.award import priced_world
from tests.services.award.test_award import ONE_EACH, PRICES

# Where rows are held against each other, or are looked for by time.

TWO_EACH = Limits(max_lots_per_bidder=2)


@pytest.fixture
def world(session):
    return priced_world(PRICES, limits=ONE_EACH, funding_multiple=9)


@pytest.fixture
def clocks(clock, real_clock):
    return {"clock": clock, "real_clock": real_clock}


def published(world):
    return as_published(parse_problem(queries.problem_of_record(world.competition)))


def made(world, clock, *, who="commercial", name="Two lots each", **changes):
    wanted = replace(published(world), **{"limits": TWO_EACH, **changes})
    return services.make_scenario(world.actor(who), world.reference, name, wanted, clock=clock)


def asked(world, clocks, scenario, who="commercial"):
    return services.solve_scenario(world.actor(who), scenario.reference, **clocks)


def standing(world, scenario, real_clock):
    return queries.scenario_standing(world.competition, scenario, real_clock.now())


def worked(app, work, clocks, bounds=None):
    """What the process does, here: everything before is committed first."""
    reference = work.reference
    db.session.commit()
    done = run_work(app, reference, bounds or Bounds(60, 2048), **clocks)
    return done, queries.work_by_reference(reference)


def events(world):
    return [link.event for link in audit_queries.links(competition_stream(world.reference))]


def test_a_scenario_is_solved_beside_the_award_and_leaves_it_alone(app, world, clocks):
    clock, real_clock = clocks["clock"], clocks["real_clock"]
    run = services.solve_award(world.actor("commercial"), world.reference, clock=clock)
    scenario = made(world, clock)
    before = queries.problem_of_record(world.competition)

    done, _work = worked(app, asked(world, clocks, scenario), clocks)

    assert done
    found = standing(world, scenario, real_clock)
    assert set(json.loads(found.solved.answer)["award"].values()) == {world.bidders[0].reference}
    assert not found.is_older
    assert found.changes == (
        "Not in force: One bidder wins at most 1 lot.",
        "In force instead: One bidder wins at most 2 lots.",
    )
    explained = queries.explained_award(found.solved.problem, found.solved.answer)
    assert [row.cost for row in explained.costs] == [0, 0]
    assert queries.problem_of_record(world.competition) == before
    assert queries.latest_run(world.competition).id == run.id
    assert db.session.scalars(select(AwardRun)).all() == [run]
    assert events(world)[-4:] == [
        "scenario_made",
        "award_work_asked",
        "award_work_begun",
        "award_work_done",
    ]
    assert breaks(audit_queries.links(), heads=audit_queries.heads()) == []


def test_a_changed_scenario_marks_its_answer_as_older_and_keeps_it(app, world, clocks):
    clock = clocks["clock"]
    scenario = made(world, clock)
    worked(app, asked(world, clocks, scenario), clocks)
    left = replace(published(world), without=(world.bidders[0].reference,))
    services.change_scenario(
        world.actor("lead"), scenario.reference, "Without the first", left, clock=clock
    )
    found = standing(world, scenario, clocks["real_clock"])
    assert found.is_older
    assert found.solved is not None
    assert found.changes == (f"Without {world.bidders[0].name}.",)

    worked(app, asked(world, clocks, scenario), clocks)
    found = standing(world, scenario, clocks["real_clock"])
    assert not found.is_older
    # Only one bidder is left for two lots, and it may win one.
    assert json.loads(found.solved.answer)["status"] == "infeasible"


def test_two_clicks_start_one(world, clocks):
    scenario = made(world, clocks["clock"])
    first = asked(world, clocks, scenario)
    with pytest.raises(Conflict, match="being solved already"):
        asked(world, clocks, scenario, who="lead")
    assert db.session.scalars(select(AwardWork)).all() == [first]

    asked(world, clocks, made(world, clocks["clock"], name="Another"))
    with pytest.raises(Conflict, match="Other problems"):
        asked(world, clocks, made(world, clocks["clock"], name="One too many"))


def test_stopping_works_before_and_while_it_runs_and_never_after(app, world, clocks):
    clock, real_clock = clocks["clock"], clocks["real_clock"]
    scenario = made(world, clock)
    work = asked(world, clocks, scenario)
    services.stop_work(world.actor("lead"), work.reference, **clocks)
    assert worked(app, work, clocks)[0] is False

    work = asked(world, clocks, scenario)
    task = services.take_up_work(work.reference, **clocks)
    assert task is not None
    assert services.take_up_work(work.reference, **clocks) is None
    assert services.note_progress(work.reference, 1, 9, real_clock=real_clock)
    services.stop_work(world.actor("commercial"), work.reference, **clocks)
    assert not services.note_progress(work.reference, 2, 9, real_clock=real_clock)
    kept = services.finish_work(work.reference, {"anything": 1}, **clocks)
    assert (kept.status, kept.answer) == ("stopped", None)
    with pytest.raises(IllegalTransition):
        services.stop_work(world.actor("commercial"), work.reference, **clocks)
    found = standing(world, scenario, real_clock)
    assert "Somebody stopped it" in found.progress.says
    assert not found.progress.is_active


def test_what_gives_no_sign_of_life_is_ended_and_can_be_started_again(app, world, clocks):
    clock, real_clock = clocks["clock"], clocks["real_clock"]
    scenario = made(world, clock)
    worked(app, asked(world, clocks, scenario), clocks)
    answer = standing(world, scenario, real_clock).solved

    work = asked(world, clocks, scenario)
    services.take_up_work(work.reference, **clocks)
    real_clock.advance(SILENCE)
    assert standing(world, scenario, real_clock).progress.is_active
    assert services.end_silent_work(**clocks) == []
    real_clock.advance(timedelta(seconds=1))
    found = standing(world, scenario, real_clock)
    assert not found.progress.is_active
    assert "no more sign of life" in found.progress.says
    assert found.solved == answer
    assert services.end_silent_work(**clocks) == [work.reference]
    assert queries.work_by_reference(work.reference).status == "failed"
    assert events(world)[-1] == "award_work_failed"
    asked(world, clocks, scenario)


@pytest.mark.parametrize(
    ("bounds", "told"),
    [(Bounds(60, 96), "more memory"), (Bounds(0, 2048), "time did not suffice")],
)
def test_a_process_without_memory_or_time_leaves_the_scenario_as_it_was(
    app, world, clocks, bounds, told
):
    scenario = made(world, clocks["clock"])
    work = asked(world, clocks, scenario)
    done, kept = worked(app, work, clocks, bounds)
    assert (done, kept.status, kept.answer) == (False, "failed", None)
    assert told in kept.says or "process that solved it" in kept.says
    found = standing(world, scenario, clocks["real_clock"])
    assert found.solved is None
    assert found.progress.says == kept.says


def test_an_answer_that_does_not_verify_is_not_kept(world, clocks):
    scenario = made(world, clocks["clock"])
    work = asked(world, clocks, scenario)
    services.take_up_work(work.reference, **clocks)
    first = world.bidders[0].reference
    forged = {
        "status": "optimal",
        "award": {"CPA1": first, "CPA2": first},
        "objective": "1",
        "proof": {"problem_sha256": work.problem_sha256},
    }
    kept = services.finish_work(work.reference, forged, **clocks)
    assert (kept.status, kept.answer) == ("failed", None)
    assert "does not verify" in kept.says


def test_alternatives_are_listed_beside_the_award_with_the_lots_that_go_elsewhere(
    app, world, clocks
):
    commercial = world.actor("commercial")
    with pytest.raises(Conflict, match="Solve the published problem first"):
        services.seek_alternatives(commercial, world.reference, 0, **clocks)
    run = services.solve_award(commercial, world.reference, clock=clocks["clock"])
    for margin in (-1, 100_001):
        with pytest.raises(BadInput):
            services.seek_alternatives(commercial, world.reference, margin, **clocks)
    for margin in (0, 100_000):
        work = services.seek_alternatives(commercial, world.reference, margin, **clocks)
        assert worked(app, work, clocks)[0]
    progress, found = queries.alternatives_standing(run, clocks["real_clock"].now())
    assert not progress.is_active
    assert [(one.margin_ppm, one.is_complete, len(one.awards)) for one in found] == [
        (0, True, 1),
        (100_000, True, 1),
    ]
    assert found[0].awards[0].is_the_award


def test_only_whoever_models_the_award_builds_solves_or_stops(world, clocks):
    clock = clocks["clock"]
    scenario = made(world, clock)
    work = asked(world, clocks, scenario)
    changes = published(world)
    for who in ("approver", "auditor", "moderator", "e1", "holder"):
        actor = world.actor(who)
        for act in (
            lambda actor: services.make_scenario(actor, world.reference, "X", changes, clock=clock),
            lambda actor: services.change_scenario(
                actor, scenario.reference, "X", changes, clock=clock
            ),
            lambda actor: services.solve_scenario(actor, scenario.reference, **clocks),
            lambda actor: services.stop_work(actor, work.reference, **clocks),
            lambda actor: services.seek_alternatives(actor, world.reference, 0, **clocks),
        ):
            with pytest.raises(Forbidden):
                act(actor)
    declare_interest(
        world.actor("lead"), world.reference, organisation=None, statement="Mine.", clock=clock
    )
    with pytest.raises(Forbidden):
        made(world, clock, who="lead")


def test_a_scenario_that_makes_no_problem_says_where(world, clocks):
    clock = clocks["clock"]
    everybody = tuple(sorted(bidder.reference for bidder in world.bidders))
    for place, changes in {
        "without": {"without": everybody},
        "incompatible_lots": {"limits": Limits(incompatible_lots=(("CPA1", "CPA9"),))},
        "max_lots_per_bidder": {"limits": Limits(max_lots_per_bidder=0)},
    }.items():
        with pytest.raises(BadInput) as refusal:
            made(world, clock, **changes)
        assert refusal.value.field == place
    with pytest.raises(BadInput):
        made(world, clock, without=("ORG-NOBODY",))
    with pytest.raises(BadInput):
        made(world, clock, name="  ")
    with pytest.raises(NotFound):
        services.solve_scenario(world.actor("commercial"), "SCN-NONE", **clocks)


def test_every_part_of_a_scenario_is_said_and_survives_being_kept(world, clocks):
    second = world.bidders[1]
    scenario = made(
        world,
        clocks["clock"],
        objective=Objective.MAX_TOTAL_QUALITY,
        limits=Limits(budget=5_000_00, incompatible_lots=(("CPA1", "CPA2"),)),
        without=(second.reference,),
        ignores_funding=True,
    )
    assert queries.changes_of(scenario).limits.incompatible_lots == (("CPA1", "CPA2"),)
    told = standing(world, scenario, clocks["real_clock"]).changes
    assert told == (
        "Best award: most quality, instead of least sum of price per quality point.",
        "Not in force: One bidder wins at most 1 lot.",
        "In force instead: Lots CPA1 and CPA2 do not go to one bidder.",
        "In force instead: The net prices of all lots together are at most £5,000.00.",
        "The funding that bidders proved is left aside.",
        f"Without {second.name}.",
    )
