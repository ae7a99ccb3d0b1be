"""Ties settled by exchanges: the same as lot by lot, as trying every award; and in great number."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from commissioning.award.domain.lexicographic import canonical_award
from commissioning.award.domain.limits import broken_limits
from commissioning.award.domain.objective import objective_value
from commissioning.award.domain.optimiser import Certificate, Deadline, Engine
from commissioning.award.domain.optimiser.exchanges import Exchanges
from commissioning.award.domain.problem import parse_problem
from tests.benchmarks.markets import market
from tests.domain.award.brute_force import best_award

BATCHES = 6

seen = Counter()


def tied_by_chance(seed, *, most_lots, most_bidders):
    """Few different prices, numbers of lots limited at every level, groups mostly nested."""
    chance = random.Random(seed)
    lots = [f"L{n}" for n in range(chance.randint(most_lots // 2, most_lots))]
    bidders = [f"B{n}" for n in range(chance.randint(most_bidders // 2, most_bidders))]
    fair = -(-len(lots) // len(bidders))
    # Some are cheap throughout, so that what they may win is worth something.
    dear = {who: chance.choice([0, 1, 1, 2]) for who in bidders}
    half = bidders[: len(bidders) // 2]
    groups = [
        {"id": "half", "members": half, "max_lots": max(1, len(lots) // 2 + chance.randint(-1, 1))},
        {"id": "pair", "members": half[:2], "max_lots": fair},
        # Overlaps the half without being inside it, one time in two.
        {
            "id": "odd",
            "members": chance.choice([half, bidders[1::2]]),
            "max_lots": max(1, len(lots) // 2),
        },
    ]
    document = {
        "format": "award-wdp/1",
        "objective": "min_total_price",
        "lots": [{"id": lot, "value": 1} for lot in lots],
        "bidders": [{"id": who, "max_lots": fair + chance.randint(0, 3)} for who in bidders],
        "bids": [
            {"bidder": who, "lot": lot, "price": 100 + chance.randint(0, dear[who]), "quality": 1}
            for who in bidders
            for lot in lots
            if chance.random() < 0.8
        ],
        "groups": chance.sample(groups, chance.randint(0, 3)),
    }
    if len(lots) > 3 and chance.random() < 0.4:
        pairs = [[lots[0], lots[1]], [lots[1], lots[2]], [lots[0], lots[2]]]
        document["limits"] = {"incompatible_lots": pairs}
    return document


def exchanges_of(engine, found):
    """The exchanges of an optimum, where there are any."""
    costs = engine.costs_for(None)
    face = engine.search.face(
        bytearray(b"\1" * len(engine.program.bids)),
        costs.most(found.value, strict=False),
        Deadline(),
    )
    chosen = [engine.program.column_of[who, lot] for lot, who in found.award.items()]
    return face and Exchanges.among(engine.program, face, chosen)


def lot_by_lot(problem, optimum):
    """The canonical award and whether it is the only one, from values of forced optima alone."""
    engine = Engine(problem)

    def as_good(forced):
        found = engine.optimum({lot.id: forced[lot.id] for lot in problem.lots if lot.id in forced})
        return found.award if found.value == optimum.value else None

    def witness(settled):
        forced = {
            problem.lots[place].id: problem.bidders[position].id
            for place, position in settled.items()
        }
        award = as_good(forced)
        return award and [problem.position[award[lot.id]] for lot in problem.lots]

    on = [
        sorted(problem.position[bid.bidder] for bid in problem.bids_on[lot.id])
        for lot in problem.lots
    ]
    start = [problem.position[optimum.award[lot.id]] for lot in problem.lots]
    positions = canonical_award(start, on, witness)
    award = {
        lot.id: problem.bidders[position].id
        for lot, position in zip(problem.lots, positions, strict=True)
    }
    others = (bid for bid in problem.bids if award[bid.lot] != bid.bidder)
    return award, not any(as_good({bid.lot: bid.bidder}) for bid in others)


def as_found(optimum):
    return optimum.value, dict(optimum.award), optimum.is_unique


@pytest.mark.parametrize("batch", range(BATCHES))
def test_exchanges_settle_a_tie_as_trying_every_award_does(batch):
    for seed in range(batch, 300, BATCHES):
        document = tied_by_chance(seed, most_lots=5, most_bidders=4)
        engine = Engine(parse_problem(document))

        found = engine.optimum()

        assert as_found(found) == (best_award(document) or (None, {}, None))
        if found.award:
            seen["small", bool(exchanges_of(engine, found)), found.is_unique] += 1


@pytest.mark.parametrize("batch", range(BATCHES))
def test_exchanges_settle_a_tie_as_lot_by_lot_does(batch):
    for seed in range(batch, 60, BATCHES):
        problem = parse_problem(tied_by_chance(seed, most_lots=24, most_bidders=9))
        engine = Engine(problem)

        found = engine.optimum()

        if not found.award:
            continue
        seen["large", bool(exchanges_of(engine, found)), found.is_unique] += 1
        assert (dict(found.award), found.is_unique) == lot_by_lot(problem, found)


def test_ties_of_every_kind_were_settled():
    # Runs after the batches above, in the same process: without them there is nothing to count.
    if not seen:
        for batch in range(BATCHES):
            test_exchanges_settle_a_tie_as_trying_every_award_does(batch)
            test_exchanges_settle_a_tie_as_lot_by_lot_does(batch)
    for size, is_by_exchanges, is_unique in (
        ("small", True, True),
        ("small", True, False),
        ("small", False, False),
        ("large", True, False),
        ("large", False, False),
    ):
        assert seen[size, is_by_exchanges, is_unique] >= 3, seen


def test_a_thousand_tied_lots_are_settled_and_proven():
    problem = market(1_000, 60, 20, max_lots=20, is_tied=True)

    found = Engine(problem).optimum()

    assert found.is_canonical
    assert found.is_unique is False
    assert found.certificate is Certificate.EXACT
    assert broken_limits(problem, found.award) == ()
    assert objective_value(problem, found.award) == found.value == found.bound
    # Nobody may gain an earlier lot by a swap of two alone.
    before = [problem.position[found.award[lot.id]] for lot in problem.lots]
    prices = problem.bid_for
    for place, lot in enumerate(problem.lots[:100]):
        for later in problem.lots[place + 1 :]:
            one, other = found.award[lot.id], found.award[later.id]
            is_earlier = problem.position[other] < before[place]
            if is_earlier and (other, lot.id) in prices and (one, later.id) in prices:
                swapped = {**found.award, lot.id: other, later.id: one}
                assert objective_value(problem, swapped) > found.value


def test_settling_a_great_tie_stops_when_the_time_ends():
    engine = Engine(market(400, 30, 20, max_lots=16, is_tied=True))
    optimum = engine.optimum()
    exchanges = exchanges_of(engine, optimum)

    found = engine.optimum(deadline=Deadline(0))

    assert exchanges is not None
    assert not found.is_proven


def test_what_a_cut_costs_is_used_up_by_every_optimal_award_too():
    # With the cuts of the first question, the second is settled by exchanges.
    bids = {
        "B0": [51308272299, 7792431815, 1663368932, 28761709923, 23410573188, 21319718550],
        "B1": [13321389381, 48188411938, 34517259092, 17478742048, 19687115051, 10225575593],
        "B2": [30207289508, 22576230907, 39763420484, 38058562063, 29438739391, 9591972807],
    }
    quality = {"B0": [42317, 12885, 56329, 70270, 82513, 90009]}
    document = {
        "format": "award-wdp/1",
        "objective": "min_portfolio_ppqp",
        "lots": [{"id": f"L{n}", "value": value} for n, value in enumerate([0, 3, 1, 2, 0, 3])],
        "bidders": [{"id": "B0"}, {"id": "B1"}, {"id": "B2", "max_lots": 5}],
        "bids": [
            {
                "bidder": who,
                "lot": f"L{n}",
                "price": price,
                "quality": quality.get(who, [100_000] * 6)[n],
            }
            for who, prices in bids.items()
            for n, price in enumerate(prices)
        ],
        "groups": [
            {"id": "G0", "members": ["B2", "B1"], "max_value_share_ppm": 464_064},
            {"id": "G1", "members": ["B2"], "max_value_share_ppm": 458_715},
        ],
        "limits": {"incompatible_lots": [["L3", "L4"]]},
    }
    engine = Engine(parse_problem(document))

    assert as_found(engine.optimum()) == best_award(document)
    assert as_found(engine.optimum()) == best_award(document)
