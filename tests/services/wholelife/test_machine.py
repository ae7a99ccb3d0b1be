"""No sequence of acts skips a stage, opens a bid early, breaks a limit or a chain.

Every run lives the same random lives; `WHOLE_LIFE=long` lives new and longer ones:
`WHOLE_LIFE=long .venv/bin/python -m pytest tests/services/wholelife/test_machine.py`.
"""

from __future__ import annotations

import os
from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from commissioning.competition.domain.lifecycle import TABLE
from commissioning.infrastructure.database import db
from tests.architecture.test_services import use_cases
from tests.services.wholelife.commands import COMMANDS
from tests.services.wholelife.life import ACTORS
from tests.services.wholelife.machine import LifeMachine
from tests.services.wholelife.moments import FEW_BIDS, MANY_BIDS, kept_life, life_at, straight_lives
from tests.services.wholelife.twin import MOVES, STAGES

IS_LONG = os.environ.get("WHOLE_LIFE") == "long"
_QUIET = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "print_blob": True,
}
# Examples and steps on each database. The quick one takes the same examples every time, so that
# whoever changes a line elsewhere is not stopped by what was there before.
PROFILES = {
    ("quick", "sqlite"): settings(
        max_examples=8,
        stateful_step_count=40,
        derandomize=True,
        database=None,
        phases=(Phase.generate,),
        **_QUIET,
    ),
    ("quick", "postgresql"): settings(
        max_examples=3,
        stateful_step_count=15,
        derandomize=True,
        database=None,
        phases=(Phase.generate,),
        **_QUIET,
    ),
    ("long", "sqlite"): settings(
        max_examples=20, stateful_step_count=60, phases=(Phase.generate,), **_QUIET
    ),
    ("long", "postgresql"): settings(max_examples=4, stateful_step_count=60, **_QUIET),
}


def test_a_straight_life_passes_every_stage(session):
    assert list(kept_life(FEW_BIDS)) == list(STAGES)


@pytest.mark.parametrize("stage", STAGES)
def test_no_sequence_of_acts_breaks_a_rule(session, stage):
    machine = type(f"From{stage.title()}", (LifeMachine,), {})
    machine.moments = [moments[stage] for moments in straight_lives()]
    machine.moves = Counter()

    profile = PROFILES["long" if IS_LONG else "quick", db.engine.dialect.name]
    run_state_machine_as_test(machine, settings=profile)

    if db.engine.dialect.name == "sqlite" and stage != STAGES[-1]:
        onward = {event for (source, event) in MOVES if source == stage} - {"terminated"}
        assert onward & set(machine.moves), f"no life left {stage}"


@pytest.mark.parametrize("stage", STAGES)
def test_every_command_is_refused_to_whoever_may_not(session, stage):
    """Each command of every context at each stage, by two people who may not, in some way."""
    life = life_at(stage, MANY_BIDS)
    draw = Random(stage)
    for command in COMMANDS:
        wrong = [
            (who, args)
            for args in command.options(life.twin, draw.randrange(1000))
            for who in ACTORS
            if not command.may(life.twin, who, **args)
        ]
        for who, args in draw.sample(wrong, min(2, len(wrong))):
            assert not life.act(command, who, **args)


def test_the_table_of_moves_is_the_one_that_was_written_down_here():
    table = {(row.source.value, row.event): row.target.value for row in TABLE.transitions}

    assert table == MOVES


# Acts that a service does for another, which has authorised and records it.
FOR_ANOTHER = {
    "award.services.work.begin_work",
    "competition.services.decisions.open_decision",
    "competition.services.decisions.take_up_decision",
    "competition.services.decisions.close_decision",
    "competition.services.people.pass_on_key_holding",
}

# Acts about the service or beside the life of a competition; they have tests of their own.
BESIDE = {
    "award.services.scenarios.change_scenario",
    "award.services.scenarios.make_scenario",
    "award.services.scenarios.seek_alternatives",
    "award.services.scenarios.solve_scenario",
    "award.services.rehearsal.rehearse_rules",
    "award.services.robustness.study_robustness",
    "award.services.work.stop_work",
    "evaluation.services.interests.approve_interest_decision",
    "evaluation.services.interests.propose_interest_decision",
    "competition.services.changes.approve_change",
    "competition.services.changes.draft_change",
    "competition.services.changes.drop_change",
    "competition.services.changes.propose_change",
    "competition.services.outages.record_outage",
    "submission.services.confirming.confirm_bid",
    "submission.services.help_requests.answer_help",
    "submission.services.help_requests.ask_for_help",
}


def test_the_machine_knows_every_use_case():
    context = ("competition.", "submission.", "evaluation.", "award.")
    every = {f"{module}.{name}" for module, name in use_cases() if module.startswith(context)}
    known = {command.name.replace(".", ".services.", 1) for command in COMMANDS}

    assert {name.replace("services.services", "services") for name in known} == (
        every - FOR_ANOTHER - BESIDE
    )
