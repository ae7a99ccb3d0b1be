"""The engine against OR-Tools CP-SAT, on problems too large to try every award.

AWARD_PROBLEMS=5000 in the environment asks for more of them; without it, a quick number.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from fractions import Fraction

from commissioning.award.domain.answer import Status
from commissioning.award.domain.optimiser import solve
from commissioning.award.domain.problem import parse_problem

PROBLEMS = max(12, int(os.environ.get("AWARD_PROBLEMS", "0")) // 100)


def larger_by_chance(seed):
    """15 to 30 lots and 6 to 12 bidders, with limits of every kind, some of them too tight."""
    chance = random.Random(seed)
    lots = [f"L{n}" for n in range(chance.randint(15, 30))]
    bidders = [f"B{n}" for n in range(chance.randint(6, 12))]
    values = {lot: chance.randint(2, 60) * 1_000 for lot in lots}
    total = sum(values.values())
    fair = -(-len(lots) // len(bidders))
    finest = chance.choice([1, 3, 6])
    steps = chance.choice([5, 100_000])  # few prices are often tied

    def maybe(often, **parts):
        return parts if chance.random() < often else {}

    bids = [
        {
            "bidder": who,
            "lot": lot,
            "price": values[lot] * (80 * steps + 40 * chance.randint(0, steps)) // (100 * steps),
            "quality": chance.randint(1, finest),
        }
        for who in bidders
        for lot in lots
        if chance.random() < 0.7
    ]
    packages = []
    for number, who in enumerate(chance.sample(bidders, 3)):
        own = [bid for bid in bids if bid["bidder"] == who]
        pair = chance.sample(own, min(2, len(own)))
        off = {bid["lot"]: bid["price"] // 10 for bid in pair}
        packages.append({"id": f"P{number}", "bidder": who, "discounts": off})
    return {
        "format": "award-wdp/1",
        "objective": chance.choice(["min_total_price", "min_sum_ppqp", "max_total_quality"]),
        "lots": [{"id": lot, "value": values[lot]} for lot in lots],
        "bidders": [
            {
                "id": who,
                **maybe(0.3, max_lots=fair + chance.randint(0, 2)),
                **maybe(0.2, max_value=total // 4),
                **maybe(0.2, max_price=total // 4),
            }
            for who in bidders
        ],
        "bids": bids,
        "groups": [
            {
                "id": f"G{number}",
                "members": chance.sample(bidders, 3),
                **maybe(0.5, max_lots=2 * fair),
                **maybe(0.5, max_value_share_ppm=350_000),
            }
            for number in range(2)
        ],
        "packages": packages,
        "limits": {
            **maybe(0.5, max_lots_per_bidder=fair + chance.randint(0, 2)),
            **maybe(0.5, max_value_share_per_bidder_ppm=chance.randint(110, 250) * 1_000),
            **maybe(0.3, min_distinct_winners=len(bidders) - 1),
            **maybe(0.3, incompatible_lots=[chance.sample(lots, 2) for _ in range(3)]),
            **maybe(0.2, budget=total * chance.choice([87, 95]) // 100),
        },
    }


def test_cp_sat_in_a_process_of_its_own_finds_the_same_award():
    documents = [larger_by_chance(seed) for seed in range(PROBLEMS)]
    said = subprocess.run(
        [sys.executable, "-m", "tests.domain.award.cp_sat"],
        input=json.dumps(documents),
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    seen = {"an award": 0, "none": 0}

    for seed, (document, theirs) in enumerate(zip(documents, json.loads(said.stdout), strict=True)):
        ours = solve(parse_problem(document))

        if theirs is None:
            seen["none"] += 1
            assert ours.status is Status.INFEASIBLE, seed
            continue
        seen["an award"] += 1
        assert ours.status is Status.OPTIMAL, seed
        assert ours.objective == Fraction(theirs["objective"], theirs["scale"]), seed
        assert dict(ours.award) == theirs["award"], seed
    assert min(seen.values()) >= 1, seen
