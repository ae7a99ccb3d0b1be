"""Five key holders make the keys usable, and three of them open each kind of envelope."""

from __future__ import annotations

from commissioning.replay.cast import Cast
from commissioning.replay.scenario import Scenario
from commissioning.replay.setting_up import Progress
from commissioning.submission import services as submission


def rehearse(scenario: Scenario, cast: Cast) -> Progress:
    """The lead has the keys made; three holders open a dummy envelope with them."""
    cast.clock.move_to(scenario.act("rehearsal"))
    reference = scenario.raw["competition"]["reference"]
    submission.prepare_opening_keys(cast.actor("lead"), reference, clock=cast.clock)
    for number in range(3):
        submission.join_rehearsal(cast.actor(f"key_holder:{number}"), reference, clock=cast.clock)
        yield number + 1, 3


def open_quality(scenario: Scenario, cast: Cast) -> Progress:
    """Three holders, each in a session of their own, open the quality envelopes."""
    cast.clock.move_to(scenario.act("quality_opening"))
    yield from _open(scenario, cast, "quality", holders=(0, 2, 4))


def open_price(scenario: Scenario, cast: Cast) -> Progress:
    """Three holders open the price envelopes, after the quality lock."""
    cast.clock.move_to(scenario.act("price_opening"))
    yield from _open(scenario, cast, "price", holders=(1, 2, 3))


def _open(scenario: Scenario, cast: Cast, envelope: str, *, holders: tuple[int, ...]) -> Progress:
    reference = scenario.raw["competition"]["reference"]
    for done, number in enumerate(holders, start=1):
        submission.join_opening(
            cast.actor(f"key_holder:{number}"), reference, envelope, clock=cast.clock
        )
        yield done, len(holders)
