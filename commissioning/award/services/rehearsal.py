"""Rehearsing the rules of a draft on invented markets, in the background."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from commissioning.award import queries
from commissioning.award.domain.plain import as_plain
from commissioning.award.domain.problem import BadProblem
from commissioning.award.domain.rehearsal import (
    Assumptions,
    Between,
    Rules,
    fitted,
    invented_market,
    plausible_assumptions,
    with_counts,
)
from commissioning.award.models import AwardWork
from commissioning.award.services.work import Asked, begin_work
from commissioning.competition import queries as competitions
from commissioning.kernel.actor import Actor
from commissioning.kernel.canonical import sha256_hex
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, BadInputs, Conflict
from commissioning.permissions import Permission, require

FEWEST_MARKETS: Final = 20
MOST_MARKETS: Final = 500
MARKETS_FOR_MARKS: Final = 20
"""In how many of the markets every single mark is tried: each takes as long as many markets."""

MOST_OF_A_KIND: Final = 30


@dataclass(frozen=True, slots=True)
class Plan:
    """What is rehearsed: how many markets, from which seed, with how many bidders of each kind.

    `counts` is by the id of a kind: the fewest and the most. A kind left out is as plausible.
    """

    markets: int
    seed: str
    counts: Mapping[str, Between]


def rehearse_rules(
    actor: Actor, competition: str, plan: Plan, *, clock: Clock, real_clock: Clock
) -> AwardWork:
    """The lead has the drafted rules run on invented markets, while they may lawfully change.

    What comes of it binds nobody and is no forecast. Raises BadInput or BadInputs for a plan that
    is not offered, Conflict while the rules cannot be solved by yet, or a rehearsal is under way.
    """
    now = clock.now()
    row = competitions.competition_for_change(competition)
    require(actor, Permission.AWARD_REHEARSE, queries.facts(row, actor, now, None))
    model = queries.drafted_rules(row)
    assumptions = _assumptions(plan, _solvable(model))
    details = {
        "assumptions": as_plain(assumptions),
        "examined": min(MARKETS_FOR_MARKS, assumptions.markets),
    }
    asked = Asked(model, sha256_hex(model), details=details)
    return begin_work(actor, row, asked, clock=clock, real_clock=real_clock)


def _solvable(model: Mapping[str, Any]) -> Rules:
    """The rules, tried on one market: whatever they still lack is said now, and not by a process.

    Raises Conflict.
    """
    try:
        rules = Rules(model)
        invented_market(rules, fitted(plausible_assumptions("to begin with"), rules), 0)
    except (BadInputs, BadProblem) as fault:
        raise Conflict(f"The rules cannot be rehearsed yet. {_said(fault)}") from fault
    return rules


def _said(fault: BadInputs | BadProblem) -> str:
    return f"Mend this first: {fault.reason}." if isinstance(fault, BadProblem) else fault.sentence


def _assumptions(plan: Plan, rules: Rules) -> Assumptions:
    if not FEWEST_MARKETS <= plan.markets <= MOST_MARKETS:
        raise BadInput("markets", f"Enter a number from {FEWEST_MARKETS} to {MOST_MARKETS}.")
    if not plan.seed.strip():
        raise BadInput("seed", "Enter a seed: any word or number.")
    faults = []
    for kind, count in plan.counts.items():
        if not 0 <= count.low <= count.high <= MOST_OF_A_KIND:
            sentence = f"Enter a number from {max(0, count.low)} to {MOST_OF_A_KIND}."
            faults.append((f"{kind}_most", sentence))
    if faults:
        raise BadInputs(faults)
    plausible = plausible_assumptions(plan.seed.strip()[:100], markets=plan.markets)
    counts = {kind.id: plan.counts.get(kind.id, kind.count) for kind in plausible.kinds}
    if not any(count.high for count in counts.values()):
        raise BadInput("large_most", "Somebody has to bid: enter at least one bidder.")
    return fitted(with_counts(plausible, counts), rules)
