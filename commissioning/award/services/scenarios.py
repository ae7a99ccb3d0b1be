"""Scenarios: make one, change it, and have it solved in the background.

A scenario is the published problem with changes. Nothing of it can be recommended, and nothing of
the published award ever comes from it.
"""

from __future__ import annotations

from typing import Final

from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.audit.services import record
from commissioning.award import queries
from commissioning.award.domain.neighbours import open_to_alternatives
from commissioning.award.domain.problem import BadProblem, Problem, parse_problem
from commissioning.award.domain.scenario import Changes, scenario_problem
from commissioning.award.models import AwardScenario, AwardWork
from commissioning.award.services.work import asked_of, begin_work
from commissioning.competition import queries as competitions
from commissioning.competition.models import Competition
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.canonical import canonical_json
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, Conflict
from commissioning.kernel.references import new_reference
from commissioning.permissions import Permission, require

MOST_SCENARIOS: Final = 50
WIDEST_MARGIN_PPM: Final = 100_000
"""How far from the optimum alternatives are sought at most: a tenth of it."""


def make_scenario(
    actor: Actor, competition: str, name: str, changes: Changes, *, clock: Clock
) -> AwardScenario:
    """Whoever models the award copies the published problem and changes its rules, to compare.

    The published rules stay the published rules. Raises BadInput with the place of what makes no
    problem, Conflict where there are too many.
    """
    now = clock.now()
    row = competitions.competition_for_change(competition)
    require(actor, Permission.AWARD_MODEL_SCENARIOS, queries.facts(row, actor, now, None))
    _checked(row, changes)
    if len(queries.scenarios_of(row)) >= MOST_SCENARIOS:
        raise Conflict(f"There are {MOST_SCENARIOS} scenarios already. Change one of them.")
    scenario = AwardScenario(
        reference=new_reference("SCN"),
        competition=row,
        name=_name(name),
        changes=canonical_json(changes.to_dict()).decode(),
        made_by=actor.reference,
        made_at=now,
        changed_at=now,
    )
    db.session.add(scenario)
    db.session.flush()
    record(
        actor,
        Event.SCENARIO_MADE,
        Subject("award_scenario", scenario.reference),
        {"name": scenario.name, "changes": changes.to_dict()},
        at=now,
        stream=competition_stream(competition),
    )
    return scenario


def change_scenario(
    actor: Actor, scenario: str, name: str, changes: Changes, *, clock: Clock
) -> AwardScenario:
    """A scenario gets other rules; what was solved of it before stays, and is marked as older.

    Raises as `make_scenario` does.
    """
    now = clock.now()
    found = queries.scenario_by_reference(scenario)
    row = competitions.competition_for_change(found.competition.reference)
    require(actor, Permission.AWARD_MODEL_SCENARIOS, queries.facts(row, actor, now, None))
    _checked(row, changes)
    found.name = _name(name)
    found.changes = canonical_json(changes.to_dict()).decode()
    found.changed_at = now
    record(
        actor,
        Event.SCENARIO_CHANGED,
        Subject("award_scenario", found.reference),
        {"name": found.name, "changes": changes.to_dict()},
        at=now,
        stream=competition_stream(row.reference),
    )
    return found


def solve_scenario(actor: Actor, scenario: str, *, clock: Clock, real_clock: Clock) -> AwardWork:
    """A scenario is solved by a process of its own, once what is asked for here is committed.

    Raises Conflict where it is being solved already, or where too much else is.
    """
    now = clock.now()
    found = queries.scenario_by_reference(scenario)
    row = competitions.competition_for_change(found.competition.reference)
    require(actor, Permission.AWARD_MODEL_SCENARIOS, queries.facts(row, actor, now, None))
    problem = _checked(row, queries.changes_of(found))
    asked = asked_of(problem, scenario=found)
    return begin_work(actor, row, asked, clock=clock, real_clock=real_clock)


def seek_alternatives(
    actor: Actor, competition: str, margin_ppm: int, *, clock: Clock, real_clock: Clock
) -> AwardWork:
    """Beside the solved award, the other optimal ones are sought, or all within a percentage.

    `margin_ppm` is in parts per million of the optimum. By a process of its own, as scenarios are.
    Raises BadInput for a margin out of range, Conflict before the award is solved.
    """
    now = clock.now()
    row = competitions.competition_for_change(competition)
    run = queries.latest_run(row)
    require(actor, Permission.AWARD_MODEL_SCENARIOS, queries.facts(row, actor, now, run))
    if not 0 <= margin_ppm <= WIDEST_MARGIN_PPM:
        raise BadInput("within", "Enter a percentage from 0 to 10.")
    if run is None:
        raise Conflict("Solve the published problem first: alternatives are beside its award.")
    problem = open_to_alternatives(parse_problem(run.problem))
    asked = asked_of(problem, run=run, margin_ppm=margin_ppm)
    return begin_work(actor, row, asked, clock=clock, real_clock=real_clock)


def _checked(competition: Competition, changes: Changes) -> Problem:
    published = parse_problem(queries.problem_of_record(competition))
    unknown = set(changes.without) - set(published.bidder_by_id)
    if unknown:
        raise BadInput("without", "Choose bidders that are in the published problem.")
    known = set(published.lot_by_id)
    for pair in changes.limits.incompatible_lots:
        if len(set(pair)) != 2 or not known.issuperset(pair):
            raise BadInput(
                "incompatible_lots", f"{pair[0]} and {pair[1]} are not two lots of this award."
            )
    if len(changes.without) == len(published.bidders):
        raise BadInput("without", "Somebody has to stay: choose fewer bidders to leave out.")
    try:
        return scenario_problem(published, changes)
    except BadProblem as error:
        place = error.path.rsplit(".", 1)[-1]
        raise BadInput(place, f"This makes no award problem: {error.reason}.") from error


def _name(name: str) -> str:
    if not name.strip():
        raise BadInput("name", "Enter a name by which you will know the scenario.")
    return name.strip()[:100]
