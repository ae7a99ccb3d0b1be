"""How firmly the award stands: studied in the background, for the approver and the auditor."""

from __future__ import annotations

import json
from typing import Final

from commissioning.award import queries
from commissioning.award.domain.plain import as_plain
from commissioning.award.domain.problem import parse_problem
from commissioning.award.models import AwardWork
from commissioning.award.services.work import asked_of, begin_work
from commissioning.competition import queries as competitions
from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, BadInputs, Conflict
from commissioning.permissions import Permission, require

FURTHEST_WEIGHT: Final = 20
"""By how many points a weight is moved at most."""


def study_robustness(
    actor: Actor, competition: str, furthest: int, *, clock: Clock, real_clock: Clock
) -> AwardWork:
    """The approver or the auditor has it worked out which single changes would move a lot.

    Single marks, withdrawals of bidders without a lot, weights within `furthest` points out of
    100, and prices: each found by solving the published problem again. It changes nothing of the
    award and of the record. Raises BadInput for a range that is not offered, Conflict before the
    problem is solved, while it is out of date, and where it gives no award.
    """
    now = clock.now()
    row = competitions.competition_for_change(competition)
    run = queries.latest_run(row)
    facts = queries.facts(row, actor, now, run)
    require(actor, Permission.AWARD_STUDY_ROBUSTNESS, facts)
    if not 1 <= furthest <= FURTHEST_WEIGHT:
        raise BadInput("furthest", f"Enter a whole number of points from 1 to {FURTHEST_WEIGHT}.")
    if run is None:
        raise Conflict("The published problem is not solved yet: there is no award to study.")
    if queries.is_outdated(row, run):
        raise Conflict("This award cannot stand: a tie was decided since. It is solved anew first.")
    if not json.loads(run.answer)["award"]:
        raise Conflict("The published problem has no award, so that no change can move a lot.")
    problem = parse_problem(run.problem)
    try:
        quality = queries.quality_of_record(row)
        quality.check_against(problem)
    except BadInputs as fault:
        raise Conflict(
            "The agreed marks do not give the quality points of the award problem, so nothing is "
            "studied. Stop, and call the auditor."
        ) from fault
    asked = asked_of(problem, run=run, details={"furthest": furthest, "quality": as_plain(quality)})
    return begin_work(actor, row, asked, clock=clock, real_clock=real_clock)
