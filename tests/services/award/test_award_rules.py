"""What each award rule gives is said as it is: recommended, explained, and told to bidders."""

from __future__ import annotations

import json

import pytest

from commissioning.award import queries, services
from commissioning.kernel.errors import IllegalTransition
from tests.factories.award import freeze_anew, priced_world
from tests.services.award.test_award import ONE_EACH, PRICES, approved, solved


def test_lots_that_a_reversion_leaves_over_do_not_keep_the_rest_from_being_awarded(session, clock):
    """By the published rule nobody may take CPA2: that is its outcome."""
    world = priced_world(
        PRICES, limits=ONE_EACH, award_rule="reversion_in_order", excluded={("CPA2", 2)}
    )
    run = approved(world, clock)
    assert json.loads(run.answer)["status"] == "feasible"
    table = queries.award_table(world.competition, run)
    assert "nobody may take lot CPA2" in table.standing
    assert [(row.winner is None, row.is_left_over) for row in table.lots] == [
        (False, False),
        (True, True),
    ]
    services.announce_preferred_bidders(world.actor("lead"), world.reference, clock=clock)
    (preferred,) = queries.preferred_bidders(world.competition)
    assert (preferred.lot.reference, preferred.organisation) == ("CPA1", world.bidders[0])
    assert [lot.status for lot in world.lots] == ["preferred", "evaluated"]


def test_an_award_that_the_published_reversion_does_not_give_is_not_recommended(session, clock):
    """Every limit is kept and every lot awarded; but the rule gives another award."""
    world = priced_world(PRICES, limits=ONE_EACH, award_rule="reversion_in_order")
    run = solved(world, clock)
    answer = json.loads(run.answer)
    first, second = (bidder.reference for bidder in world.bidders)
    assert answer["award"] == {"CPA1": first, "CPA2": second}
    answer["award"] = {"CPA1": second, "CPA2": first}
    run.answer = json.dumps(answer)
    with pytest.raises(IllegalTransition, match="proven to give"):
        services.recommend_award(world.actor("commercial"), run.reference, "Why not", clock=clock)


def test_the_explanation_names_people_and_never_references(session, clock):
    world = priced_world(PRICES, limits=ONE_EACH)
    run = solved(world, clock)
    explained = queries.explained_award(run.problem, run.answer)
    first, second = world.bidders
    story = explained.lots["CPA1"]
    assert (story.winner, story.rank) == (second.reference, 2)
    (loser,) = story.losers
    # Bidder 1 on CPA1 would leave CPA2 to Bidder 2 at 2,000 pounds: 1,200 more, at 75 points.
    assert (loser.bidder, loser.moves, loser.cost * 75_000) == (first.name, ("CPA2",), 1200_00)
    told = [loser.in_words, story.in_words, *(row.in_words for row in explained.lots.values())]
    assert not any("ORG-" in one or first.reference in one for one in told)
    (cost,) = [row for row in explained.costs if "most lots" in row.limit]
    assert (cost.cost * 75_000, cost.binding_for) == (0, ())
    assert [row.is_published for row in explained.rules] == [True, False, False, False]


def test_a_bidder_is_told_the_measure_of_the_objective(session, clock):
    world = priced_world(PRICES, limits=ONE_EACH)
    freeze_anew(world.competition, objective="min_total_price")
    approved(world, clock)
    services.announce_preferred_bidders(world.actor("lead"), world.reference, clock=clock)
    for bidder, told in zip(
        world.bidders,
        ("Your bid has a lower price than the preferred one", "A bid with a lower price won."),
        strict=True,
    ):
        reasons = [one.because for one in queries.own_outcomes(world.competition, bidder.reference)]
        assert any(reason.startswith(told) for reason in reasons)
