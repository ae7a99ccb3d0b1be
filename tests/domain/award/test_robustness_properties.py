"""What decides an award, against changing everything and trying every award.

ROBUSTNESS_PROBLEMS=2000 in the environment tries that many problems; without it, a quick number.
"""

from __future__ import annotations

import os
import random
from collections import Counter

import pytest

from commissioning.award.domain.problem import parse_problem
from commissioning.award.domain.robustness import (
    Standing,
    marks_that_decide,
    prices_that_decide,
    weights_that_decide,
    withdrawals_that_decide,
)
from commissioning.kernel.errors import BadInput
from tests.domain.award import brute_robustness as brute
from tests.domain.award.chance import problem_by_chance

PROBLEMS = int(os.environ.get("ROBUSTNESS_PROBLEMS", "60"))
SIZES = {"most_lots": 3, "most_bidders": 4}

RARE = (155,)
"""Problems with a ratio of sums that a proof too many gets wrong."""

seen = Counter()


def standing_of(document):
    """The award that stands, or None where there is none; agreed with by trying every award."""
    expected = brute.winners(document)
    problem = parse_problem(document)
    if not expected:
        with pytest.raises(BadInput):
            Standing(problem)
        return None
    standing = Standing(problem)
    assert dict(standing.award) == expected
    return standing


def moves(change):
    return {each.lot: (each.before, each.after) for each in change.moved}


def test_marks_that_decide_are_those_that_trying_every_award_finds():
    for seed in (*range(PROBLEMS), *RARE):
        document, quality = brute.marked_by_chance(seed, **SIZES)
        standing = standing_of(document)
        if standing is None:
            continue
        found = marks_that_decide(standing, quality)
        expected, entering = brute.deciding_marks(document, quality)
        assert {
            (each.bidder, each.lot, each.leaf, each.to_mark): moves(each) for each in found.changing
        } == expected, document
        assert {
            (each.bidder, each.lot, each.leaf, each.to_mark) for each in found.entering
        } == entering
        assert found.search.is_complete
        assert found.search.is_exact
        seen[document["objective"], document["award_rule"]] += 1
        seen["marks"] += len(expected)
        seen["entering"] += len(entering)
        seen["pruned"] += found.search.tried - found.search.solved
    assert seen["marks"] >= PROBLEMS // 2
    assert seen["entering"] >= PROBLEMS // 20
    assert seen["pruned"] >= 5 * PROBLEMS


def test_weights_that_decide_are_those_that_trying_every_award_finds():
    for seed in range(PROBLEMS // 2):
        document, quality = brute.marked_by_chance(seed, **SIZES)
        standing = standing_of(document)
        if standing is None:
            continue
        found = weights_that_decide(standing, quality, furthest=12, step=4)
        expected = brute.deciding_weights(document, quality, 12, 4)
        assert {
            (each.criterion, each.to_weight > each.weight): (each.to_weight, moves(each))
            for each in found.changing
        } == expected, document
        seen["weights"] += len(expected)
        seen["steady"] += len(found.steady)
    assert seen["weights"] >= PROBLEMS // 20
    assert seen["steady"] >= PROBLEMS // 10


def test_withdrawals_that_decide_are_those_that_trying_every_award_finds():
    for seed in range(4 * PROBLEMS):
        document = problem_by_chance(seed, most_lots=4, most_bidders=4)
        standing = standing_of(document)
        if standing is None:
            continue
        found = withdrawals_that_decide(standing)
        expected = brute.deciding_withdrawals(document)
        assert {each.bidder: moves(each) for each in found.changing} == expected, document
        seen["withdrawals"] += len(expected)
        seen["losers"] += found.search.tried
    assert seen["withdrawals"] >= PROBLEMS // 20
    assert seen["losers"] >= PROBLEMS


def test_prices_that_decide_change_the_winners_there_and_at_no_smaller_change():
    chance = random.Random(11)
    for seed in range(PROBLEMS):
        document = problem_by_chance(seed, **SIZES)
        document["award_rule"] = brute.rule_in_turn(seed)
        standing = standing_of(document)
        if standing is None:
            continue
        found = prices_that_decide(standing)
        for change in found.changing:
            after = brute.winners(
                brute.with_price(document, change.bidder, change.lot, change.to_price)
            )
            assert brute.moved(standing.award, after) == moves(change), document
            sign = 1 if change.is_winner else -1
            stands_at(document, standing, change, sign, abs(change.change) - 1, chance)
            seen["prices", change.is_winner, document["award_rule"]] += 1
        for bidder, lot in found.steady:
            row = next(
                each for each in document["bids"] if (each["bidder"], each["lot"]) == (bidder, lot)
            )
            is_winner = standing.award.get(lot) == bidder
            highest = max(each["price"] for each in document["bids"] if each["lot"] == lot)
            off = sum(
                package["discounts"].get(lot, 0)
                for package in document["packages"]
                if package["bidder"] == bidder
            )
            most = max(1, 10 * highest) if is_winner else row["price"] - max(1, off)
            change = standing.problem.bid_for[bidder, lot]
            stands_at(document, standing, change, 1 if is_winner else -1, most, chance)
            seen["steady prices"] += 1
        seen["unsettled"] += len(found.unsettled)
    for rule in ("optimum", "protected_optimum", "reversion_in_order", "reversion_largest_margin"):
        assert seen["prices", True, rule] >= 2, rule
        assert seen["prices", False, rule] >= 2, rule
    assert seen["steady prices"] >= PROBLEMS
    assert 1 <= seen["unsettled"] <= seen["steady prices"] // 8


def stands_at(document, standing, bid, sign, most, chance):
    """No change up to `most` pence moves anything: all are tried, or some and the last."""
    few = 8
    changes = range(1, most + 1)
    if most > few:
        changes = {1, most, *(chance.randint(1, most) for _ in range(few - 2))}
    for change in changes:
        price = bid.price + sign * change
        after = brute.winners(brute.with_price(document, bid.bidder, bid.lot, price))
        assert after == standing.award, (document, bid, sign * change)
