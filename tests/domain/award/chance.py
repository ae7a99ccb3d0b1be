"""Award problems by chance, from a seed: small, with every kind of limit, and often tied."""

from __future__ import annotations

import random

from tests.domain.award.documents import OBJECTIVES

RULES = ("optimum", "protected_optimum", "reversion_in_order", "reversion_largest_margin")


def problem_by_chance(seed, *, most_lots=6, most_bidders=5):
    """A problem document of up to 6 lots and 5 bidders; the same one for the same seed."""
    chance = random.Random(seed)
    # Large ones are rare: to try every award takes its time.
    lots = [f"L{n}" for n in range(min(most_lots, chance.choice([1, 2, 2, 3, 3, 3, 4, 4, 5, 6])))]
    bidders = [f"B{n}" for n in range(min(most_bidders, chance.choice([1, 2, 3, 3, 3, 4, 4, 5])))]
    dearest = chance.choice([2, 3, 6, 1_000, 10**11])
    rows = _bids(chance, lots, bidders, dearest)
    highest = chance.choice([1, 3, 10**9])
    document = {
        "format": "award-wdp/1",
        "objective": chance.choice(OBJECTIVES),
        "award_rule": chance.choice(RULES),
        "lots": [{"id": lot, "value": chance.randint(0, highest)} for lot in lots],
        "bidders": [{"id": who} for who in bidders],
        "bids": rows,
        "groups": [],
        "packages": _packages(chance, lots, bidders, rows),
        "limits": {},
    }
    _LimitsByChance(chance, document, dearest).state()
    if chance.random() < 0.5:
        document["lot_order"] = chance.sample(lots, len(lots))
    return document


def _bids(chance, lots, bidders, dearest):
    """Most bidders on most lots; some are best on theirs, so that limits have something to bite."""
    finest = chance.choice([1, 2, 3, 100_000])
    density = chance.choice([1.0, 1.0, 0.8, 0.6])
    strong = chance.sample(bidders, chance.randint(0, min(2, len(bidders))))
    return [
        {
            "bidder": who,
            "lot": lot,
            "price": chance.randint(0, dearest // 2 if who in strong else dearest),
            "quality": finest if who in strong else chance.randint(1, finest),
        }
        for who in bidders
        for lot in lots
        if chance.random() < density
    ]


def _packages(chance, lots, bidders, rows):
    """Up to two packages, which together take no more off a bid than its price."""
    left = {(row["bidder"], row["lot"]): row["price"] for row in rows}
    packages = []
    for number in range(chance.choice([0, 0, 1, 2])):
        who = chance.choice(bidders)
        on = chance.sample(lots, min(len(lots), chance.randint(1, 3)))
        discounts = {lot: chance.randint(0, left.get((who, lot), 0)) for lot in on}
        for lot, off in discounts.items():
            left[who, lot] = left.get((who, lot), 0) - off
        packages.append({"id": f"P{number}", "bidder": who, "discounts": discounts})
    return packages


class _LimitsByChance:
    """Each kind of limit, now and then, about as large as what it limits."""

    def __init__(self, chance, document, dearest):
        self._chance = chance
        self._document = document
        self._dearest = dearest
        self._often = chance.choice([0.1, 0.15, 0.3])
        self._lots = [lot["id"] for lot in document["lots"]]
        self._bidders = [bidder["id"] for bidder in document["bidders"]]
        self._total = sum(lot["value"] for lot in document["lots"])

    def state(self):
        """Write them into the document."""
        for lot in self._document["lots"]:
            self._maybe(lot, "max_price", lambda: self._price(self._dearest + 1))
        for bidder in self._document["bidders"]:
            self._maybe(bidder, "max_lots", self._count)
            self._maybe(bidder, "max_value", self._worth)
            self._maybe(bidder, "max_price", lambda: self._price(self._dearest * len(self._lots)))
        self._document["groups"] = [
            self._group(f"G{number}") for number in range(self._chance.choice([0, 1, 2, 2]))
        ]
        self._of_all(self._document["limits"])
        self._maybe(
            self._document,
            "share_base_value",
            lambda: self._chance.randint(self._total // 2, self._total * 2),
        )
        if self._chance.random() < self._often / 2:
            won = self._chance.choice(self._lots), self._chance.choice(self._bidders)
            self._document["fixed"] = dict([won])

    def _of_all(self, limits):
        self._maybe(limits, "max_lots_per_bidder", self._count)
        self._maybe(limits, "max_value_share_per_bidder_ppm", self._share)
        self._maybe(limits, "max_lots_per_group", self._count)
        self._maybe(limits, "max_value_share_per_group_ppm", self._share)
        self._maybe(limits, "min_distinct_winners", lambda: self._chance.randint(1, 3))
        self._maybe(limits, "budget", lambda: self._price(1 + self._dearest * len(self._lots)))
        if len(self._lots) > 1:
            self._maybe(limits, "incompatible_lots", self._pairs)

    def _group(self, name):
        members = self._chance.sample(self._bidders, self._chance.randint(1, len(self._bidders)))
        group = {"id": name, "members": members}
        self._maybe(group, "max_lots", self._count)
        self._maybe(group, "max_value_share_ppm", self._share)
        self._maybe(group, "max_value", self._worth)
        return group

    def _maybe(self, container, key, make):
        if self._chance.random() < self._often:
            container[key] = make()

    def _count(self):
        return self._chance.randint(1, max(1, len(self._lots) - 1))

    def _worth(self):
        return self._chance.randint(max(1, self._total // 4), self._total + 1)

    def _share(self):
        return self._chance.randint(250_000, 900_000)

    def _price(self, highest):
        return self._chance.randint(max(1, self._dearest // 2), highest)

    def _pairs(self):
        return [self._chance.sample(self._lots, 2) for _ in range(self._chance.randint(1, 3))]
