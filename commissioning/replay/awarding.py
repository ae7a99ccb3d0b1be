"""Prices are evaluated; the award is solved, recommended, approved and announced."""

from __future__ import annotations

from commissioning.award import services as award
from commissioning.evaluation import services as evaluation
from commissioning.replay.cast import Cast
from commissioning.replay.scenario import Scenario
from commissioning.replay.setting_up import Progress


def complete_prices(scenario: Scenario, cast: Cast) -> Progress:
    """The commercial officer completes the price evaluation."""
    cast.clock.move_to(scenario.act("prices"))
    reference = scenario.raw["competition"]["reference"]
    evaluation.complete_prices(cast.actor("commercial_officer"), reference, clock=cast.clock)
    yield 1, 1


def recommend(scenario: Scenario, cast: Cast) -> Progress:
    """The commercial officer solves the published problem and recommends its award."""
    cast.clock.move_to(scenario.act("recommendation"))
    reference = scenario.raw["competition"]["reference"]
    actor = cast.actor("commercial_officer")
    run = award.solve_award(actor, reference, clock=cast.clock)
    yield 1, 2
    award.recommend_award(
        actor,
        run.reference,
        "The optimum over all lots under the published limits, proven. Recommended as it stands.",
        clock=cast.clock,
    )
    yield 2, 2


def approve(scenario: Scenario, cast: Cast) -> Progress:
    """The approver, who is not the one who recommended it, approves the award."""
    cast.clock.move_to(scenario.act("approval"))
    reference = scenario.raw["competition"]["reference"]
    award.approve_award(
        cast.actor("approver"),
        reference,
        "Verified against the published limits and the locked record.",
        clock=cast.clock,
    )
    yield 1, 1


def announce(scenario: Scenario, cast: Cast) -> Progress:
    """The lead announces the preferred bidders."""
    cast.clock.move_to(scenario.act("announcement"))
    reference = scenario.raw["competition"]["reference"]
    award.announce_preferred_bidders(cast.actor("lead"), reference, clock=cast.clock)
    yield 1, 1
