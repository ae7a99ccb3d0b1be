"""Explanations, award rules and infeasible answers against trying every award.

AWARD_PROBLEMS=5000 in the environment tries that many problems; without it, a quick number.
"""

from __future__ import annotations

import os
from collections import Counter

import pytest

from commissioning.award.domain.optimiser import solve
from commissioning.award.domain.problem import parse_problem
from commissioning.award.domain.verifier import verify
from tests.domain.award import brute_explanation as brute
from tests.domain.award.brute_force import worth
from tests.domain.award.chance import problem_by_chance

BATCHES = 10
EACH = -(-int(os.environ.get("AWARD_PROBLEMS", "150")) // BATCHES)

seen = Counter()


@pytest.mark.parametrize("batch", range(BATCHES))
def test_answers_and_explanations_are_what_trying_every_award_finds(batch):
    for seed in range(batch * EACH, (batch + 1) * EACH):
        agree_on(problem_by_chance(seed))


def test_problems_of_every_kind_were_tried():
    # Runs after the batches above, in the same process: without them there is nothing to count.
    if not seen:
        for seed in range(100):
            agree_on(problem_by_chance(seed))
    for rule in ("optimum", "protected_optimum", "reversion_in_order", "reversion_largest_margin"):
        assert seen[rule, "optimal"] >= 5, rule
        assert seen[rule, "infeasible"] >= 1, rule
    for reason in ("impossible", "dearer", "capacity", "own_limit", "shared_limit", "combination"):
        assert seen["reason", reason] >= 1, reason
    assert seen["relaxation", True] >= 5
    assert seen["relaxation", False] >= 5


def agree_on(document):
    world = brute.World(document)
    rule = document["award_rule"]
    problem = parse_problem(document)

    answer = solve(problem, explain=True)
    found = answer.to_dict()

    status, value, award = expected_outcome(world, rule)
    where = f"{document}"
    assert found["status"] == status, where
    assert (found["objective"], found["award"]) == (brute.text(value), award), where
    seen[rule, status] += 1
    if award:
        assert found["infeasible"] is None
        assert plain(found["explanation"]) == in_order(brute.explanation(world, award)), where
        assert verify(problem, found) == []
        seen.update(("reason", each["reason"]) for each in found["explanation"]["losers"])
    else:
        assert found["explanation"] is None
        assert found["infeasible"]["in_words"]
        expected = expected_shortfall(world, rule)
        said = {key: found["infeasible"][key] for key in expected}
        assert said == expected, where
        seen.update(("relaxation", each["to"] is None) for each in said["relaxations"])


def expected_outcome(world, rule):
    """Status, objective and award that the rule gives."""
    value, award = brute.answers_of_rules(world)[rule]
    if (
        not award
        or world.breaches(award)
        or any(lot in award and award[lot] != who for lot, who in world.fixed.items())
    ):
        return "infeasible", None, {}
    if any(lot not in award for lot in world.fixed):
        return "infeasible", None, {}
    if len(award) < len(world.lots):
        return "feasible", value, award
    return "optimal", value, award


def expected_shortfall(world, rule):
    if world.best() is None or rule == "optimum":
        return brute.infeasible(world)
    if rule == "protected_optimum":
        document = world.document
        fixed = {**world.fixed, **brute.protected(world)}
        return brute.infeasible(brute.World({**document, "fixed": fixed}))
    award = brute.answers_of_rules(world)[rule][1]
    late = {name: need for name, _, _, need in world.breaches(award)}
    value = worth(world.document, award, world.bids) if award else 0
    return {
        "conflict": [name for name in brute.NAMES if name in late][-1:],
        "partial": {
            "lots_awarded": len(award),
            "objective": brute.text(value),
            "award": award,
        },
        "relaxations": [
            {
                "rule": name,
                "id": None,
                "from": world.limits[name],
                "to": late.get(name) if len(late) == 1 else None,
            }
            for name in ("min_distinct_winners", "budget")
            if world.limits.get(name)
        ],
    }


def plain(explanation):
    """An explanation without its words, and without what the brute force does not say."""
    parts = {
        part: [
            {key: value for key, value in each.items() if key != "in_words"}
            for each in explanation[part]
        ]
        for part in ("losers", "winners")
    }
    rules = {
        name: {key: each[key] for key in ("objective", "award", "unawarded")}
        for name, each in explanation["rules"].items()
    }
    return in_order({"limits": explanation["limits"], **parts, "rules": rules})


def in_order(explanation):
    for cost in explanation["limits"].values():
        cost["binding_for"] = sorted(cost["binding_for"])
    return explanation
