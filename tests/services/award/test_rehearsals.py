"""The rehearsal of drafted rules: asked for, kept, and stale once the rules have changed."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from commissioning.audit import queries as audit_queries
from commissioning.audit.domain.events import competition_stream
from commissioning.award import queries, services
from commissioning.award.domain.rehearsal import Between
from commissioning.award.domain.work import SILENCE
from commissioning.cli.bounds import Bounds
from commissioning.cli.working import run_work
from commissioning.evaluation.services import declare_interest
from commissioning.infrastructure.database import db
from commissioning.kernel.errors import BadInput, BadInputs, Conflict, Forbidden
from commissioning.kernel.stage import Stage
from tests.factories.evaluation import world_at

LOTS = ("L1", "L2", "L3", "L4", "L5")
LIMITS = {"max_value_share_per_bidder_ppm": 400_000}
PLAN = services.Plan(20, "harbour", {"large": Between(3, 5)})


@pytest.fixture
def clocks(clock, real_clock):
    return {"clock": clock, "real_clock": real_clock}


@pytest.fixture
def world(session):
    return world_at(Stage.DRAFT, lots=LOTS, limits=LIMITS, funding_multiple=2, tie_seed=None)


def begun(world, clocks, plan=PLAN, who="lead"):
    return services.rehearse_rules(world.actor(who), world.reference, plan, **clocks)


def worked(app, work, clocks, bounds=None):
    reference = work.reference
    db.session.commit()
    done = run_work(app, reference, bounds or Bounds(120, 2048), **clocks)
    return done, queries.work_by_reference(reference)


def standing(world, clocks):
    return queries.rehearsal_standing(world.competition, clocks["real_clock"].now())


def test_drafted_rules_are_rehearsed_on_invented_markets(app, world, clocks):
    done, _work = worked(app, begun(world, clocks), clocks)
    assert done
    found = standing(world, clocks)
    assert not found.is_stale
    shown = found.shown
    assert shown.markets == 20
    assert [row.lot for row in shown.lots] == list(LOTS)
    assert all(
        row.without_bid + row.with_one + row.with_two + row.with_more == 20 for row in shown.lots
    )
    assert "No bidder, price or mark in it is real" in shown.invention
    assert shown.assumptions[0].startswith("Assumed of Large bidders: 3 to 5 in a market")
    assert [row.is_stated for row in shown.limits] == [True, True]
    assert len(shown.rules) == 3
    assert sum(row.lots_won for row in shown.kinds) > 0
    # Five alike lots: each is a fifth of the market, and nobody is kept out for that.
    assert all(row.bids > 0 for row in shown.kinds)
    assert shown.marks.asked == 20
    assert shown.marks.is_complete
    assert shown.marks.marks_tried > 0
    events = [link.event for link in audit_queries.links(competition_stream(world.reference))]
    assert events[-3:] == ["award_work_asked", "award_work_begun", "award_work_done"]


def test_the_same_seed_and_rules_give_the_same_answer(app, world, clocks):
    first = worked(app, begun(world, clocks), clocks)[1].answer
    assert worked(app, begun(world, clocks), clocks)[1].answer == first
    other = services.Plan(20, "another", PLAN.counts)
    assert worked(app, begun(world, clocks, other), clocks)[1].answer != first


def test_a_change_of_the_rules_makes_it_stale_and_a_change_of_names_does_not(app, world, clocks):
    worked(app, begun(world, clocks), clocks)
    world.lots[0].name = "Another name"
    world.competition.criteria[0].name = "Another name"
    world.competition.title = "Another title"
    db.session.flush()
    assert not standing(world, clocks).is_stale
    for change in (
        lambda row: setattr(row.lots[0], "annual_value_pence", row.lots[0].annual_value_pence + 1),
        lambda row: setattr(row, "award_rule", "protected_optimum"),
        lambda row: setattr(row, "funding_multiple", 3),
        lambda row: setattr(row.criteria[0], "minimum_mark", 1),
        lambda row: setattr(row, "max_mark", 5),
    ):
        with db.session.begin_nested() as nested:
            change(world.competition)
            db.session.flush()
            assert standing(world, clocks).is_stale
            nested.rollback()
            db.session.expire_all()
        assert not standing(world, clocks).is_stale


@pytest.mark.parametrize("who", ["commercial", "approver", "auditor", "moderator", "holder"])
def test_only_the_lead_rehearses_and_stops(world, clocks, who):
    with pytest.raises(Forbidden):
        begun(world, clocks, who=who)
    work = begun(world, clocks)
    with pytest.raises(Forbidden):
        services.stop_work(world.actor(who), work.reference, **clocks)
    services.stop_work(world.actor("lead"), work.reference, **clocks)
    assert "Somebody stopped it" in standing(world, clocks).progress.says


def test_nothing_is_rehearsed_once_the_notice_is_out_or_with_an_interest(world, clocks):
    world.competition.notice, world.competition.notice_sha256 = "{}", "0" * 64
    world.competition.stage = Stage.PQQ_OPEN.value
    with pytest.raises(Forbidden):
        begun(world, clocks)
    world.competition.stage = Stage.DRAFT.value
    declare_interest(
        world.actor("lead"), world.reference, organisation=None, statement="Mine.",
        clock=clocks["clock"],
    )  # fmt: skip
    with pytest.raises(Forbidden):
        begun(world, clocks)


def test_one_rehearsal_at_a_time_and_a_silent_one_can_be_started_again(world, clocks):
    begun(world, clocks)
    with pytest.raises(Conflict, match="being solved already"):
        begun(world, clocks)
    clocks["real_clock"].advance(SILENCE + timedelta(seconds=1))
    assert "no more sign of life" in standing(world, clocks).progress.says
    begun(world, clocks)


@pytest.mark.parametrize(
    ("plan", "place"),
    [
        (services.Plan(19, "x", {}), "markets"),
        (services.Plan(501, "x", {}), "markets"),
        (services.Plan(20, " ", {}), "seed"),
        (services.Plan(20, "x", {"small": Between(4, 3)}), "small_most"),
        (services.Plan(20, "x", {"small": Between(0, 31)}), "small_most"),
        (
            services.Plan(20, "x", dict.fromkeys(("large", "small", "voluntary"), Between(0, 0))),
            "large_most",
        ),
    ],
)
def test_a_plan_that_cannot_be_is_refused_at_its_place(world, clocks, plan, place):
    with pytest.raises((BadInput, BadInputs)) as refusal:
        begun(world, clocks, plan)
    places = [place for place, _ in getattr(refusal.value, "problems", ())]
    assert place in (places or [refusal.value.field])


def test_rules_that_are_not_whole_say_what_is_missing(world, clocks):
    world.competition.criteria[0].leaves[0].weight = 10
    db.session.flush()
    with pytest.raises(Conflict, match="weights of all leaves must sum to exactly 100"):
        begun(world, clocks)


def test_rules_without_a_lot_say_so(session, clocks):
    with pytest.raises(Conflict, match="no lot yet"):
        begun(world_at(Stage.DRAFT, lots=(), tie_seed=None), clocks)


def test_a_criterion_without_a_question_is_marked_as_a_whole(world):
    db.session.delete(world.competition.criteria[0].leaves[0])
    db.session.flush()
    db.session.expire_all()
    rules = queries.drafted_rules(world.competition)
    assert rules["criteria"][0]["leaves"] == [{"id": "C1", "weight": "60"}]


def test_an_answer_to_something_else_is_not_kept(app, world, clocks):
    _done, work = worked(app, begun(world, clocks), clocks)
    good = json.loads(work.answer)
    assumed = {**good["rehearsal"]["assumptions"], "seed": "another"}
    for change, told in (
        ({"problem_sha256": "0" * 64}, "other rules"),
        ({"rehearsal": {**good["rehearsal"], "assumptions": assumed}}, "other assumptions"),
        ({"rehearsal": {**good["rehearsal"], "markets": []}}, "single market"),
        ({"marks": {}}, "cannot be read"),
    ):
        again = begun(world, clocks)
        services.take_up_work(again.reference, **clocks)
        kept = services.finish_work(again.reference, {**good, **change}, **clocks)
        assert (kept.status, kept.answer) == ("failed", None)
        assert told in kept.says
    assert standing(world, clocks).shown.markets == 20
