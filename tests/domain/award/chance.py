"""Award problems by chance, from a seed: small, with every kind of limit, and often tied."""

from __future__ import annotations

import random

from tests.domain.award.documents import OBJECTIVES

RULES = ("optimum", "protected_optimum", "reversion_in_order", "reversion_largest_margin")


def problem_by_chance(seed, *, most_lots=6, most_bidders=5):  # noqa: C901 - one limit after another
    """A problem document of up to 6 lots and 5 bidders; the same one for the same seed."""
    chance = random.Random(seed)
    # Large ones are rare: to try every award takes its time.
    lots = [f"L{n}" for n in range(min(most_lots, chance.choice([1, 2, 2, 3, 3, 3, 4, 4, 5, 6])))]
    bidders = [f"B{n}" for n in range(min(most_bidders, chance.choice([1, 2, 3, 3, 3, 4, 4, 5])))]
    most = chance.choice([2, 3, 6, 1_000, 10**11])
    finest = chance.choice([1, 2, 3, 100_000])
    density = chance.choice([1.0, 1.0, 0.8, 0.6])
    # Some bidders are best on most lots, so that limits have something to bite on.
    strong = chance.sample(bidders, chance.randint(0, min(2, len(bidders))))
    rows = [
        {
            "bidder": who,
            "lot": lot,
            "price": chance.randint(0, most // 2 if who in strong else most),
            "quality": finest if who in strong else chance.randint(1, finest),
        }
        for who in bidders
        for lot in lots
        if chance.random() < density
    ]
    highest = chance.choice([1, 3, 10**9])
    values = {lot: chance.randint(0, highest) for lot in lots}
    total = sum(values.values())
    often = chance.choice([0.1, 0.15, 0.3])

    def maybe(container, key, make):
        if chance.random() < often:
            container[key] = make()

    def count():
        return chance.randint(1, max(1, len(lots) - 1))

    def worth():
        return chance.randint(max(1, total // 4), total + 1)

    def share():
        return chance.randint(250_000, 900_000)

    document = {
        "format": "award-wdp/1",
        "objective": chance.choice(OBJECTIVES),
        "award_rule": chance.choice(RULES),
        "lots": [{"id": lot, "value": values[lot]} for lot in lots],
        "bidders": [{"id": who} for who in bidders],
        "bids": rows,
        "groups": [],
        "packages": [],
        "limits": {},
    }
    for lot in document["lots"]:
        maybe(lot, "max_price", lambda: chance.randint(max(1, most // 2), most + 1))
    for bidder in document["bidders"]:
        maybe(bidder, "max_lots", count)
        maybe(bidder, "max_value", worth)
        maybe(bidder, "max_price", lambda: chance.randint(max(1, most // 2), most * len(lots)))
    for number in range(chance.choice([0, 1, 2, 2])):
        group = {
            "id": f"G{number}",
            "members": chance.sample(bidders, chance.randint(1, len(bidders))),
        }
        maybe(group, "max_lots", count)
        maybe(group, "max_value_share_ppm", share)
        maybe(group, "max_value", worth)
        document["groups"].append(group)
    left = {(row["bidder"], row["lot"]): row["price"] for row in rows}
    for number in range(chance.choice([0, 0, 1, 2])):
        who = chance.choice(bidders)
        on = chance.sample(lots, min(len(lots), chance.randint(1, 3)))
        discounts = {lot: chance.randint(0, left.get((who, lot), 0)) for lot in on}
        for lot, off in discounts.items():
            left[who, lot] = left.get((who, lot), 0) - off
        document["packages"].append({"id": f"P{number}", "bidder": who, "discounts": discounts})
    limits = document["limits"]
    maybe(limits, "max_lots_per_bidder", count)
    maybe(limits, "max_value_share_per_bidder_ppm", share)
    maybe(limits, "max_lots_per_group", count)
    maybe(limits, "max_value_share_per_group_ppm", share)
    maybe(limits, "min_distinct_winners", lambda: chance.randint(1, 3))
    maybe(limits, "budget", lambda: chance.randint(max(1, most // 2), 1 + most * len(lots)))
    if len(lots) > 1:
        maybe(
            limits,
            "incompatible_lots",
            lambda: [chance.sample(lots, 2) for _ in range(chance.randint(1, 3))],
        )
    maybe(document, "share_base_value", lambda: chance.randint(total // 2, total * 2))
    if chance.random() < often / 2:
        document["fixed"] = {chance.choice(lots): chance.choice(bidders)}
    if chance.random() < 0.5:
        document["lot_order"] = chance.sample(lots, len(lots))
    return document
