"""How firmly an award stands, by changing the document and trying every award: nothing is pruned.

The quality points of the documents here follow from marks, worked out in this file on its own.
"""

from __future__ import annotations

import random
from fractions import Fraction

from commissioning.award.domain.robustness import Leaf, MarkedBid, Quality
from tests.domain.award.brute_explanation import World, protected, reverted
from tests.domain.award.chance import RULES, problem_by_chance

MAX_MARK = 4


def winners(document):
    """Who wins each lot by the rule of the document; empty where it gives no award."""
    if not document["lots"]:
        return {}
    world = World(document)
    rule = document.get("award_rule", "optimum")
    if rule.startswith("reversion"):
        award = reverted(world, by_margin=rule.endswith("margin"))
        is_kept = not world.breaches(award) and all(
            award.get(lot) == who for lot, who in world.fixed.items()
        )
        return award if is_kept else {}
    best = world.best(forced=protected(world) if rule == "protected_optimum" else None)
    return {} if best is None else best[1]


def moved(before, after):
    return {
        lot: (before.get(lot), after.get(lot))
        for lot in {*before, *after}
        if before.get(lot) != after.get(lot)
    }


def marked_by_chance(seed, **sizes):
    """A problem document whose quality follows from marks, and the `Quality` that says how."""
    chance = random.Random(f"marks {seed}")
    document = {**problem_by_chance(seed, **sizes), "award_rule": rule_in_turn(seed)}
    weights = chance.choice([(100,), (60, 40), (50, 50), (40, 35, 25), ("33.5", "33.25", "33.25")])
    leaves = tuple(
        Leaf(
            id=f"Q{number}",
            criterion="C0" if number == 2 and chance.random() < 0.5 else f"C{number}",
            weight=Fraction(weight),
            minimum_mark=chance.choice([0, 0, 1]),
        )
        for number, weight in enumerate(weights)
    )
    least = chance.choice([0, 0, 40_000])
    kept, bids = [], []
    for row in document["bids"]:
        marks = {leaf.id: chance.choice([1, 2, 3, 3, 4, 4]) for leaf in leaves}
        points = points_of(leaves, marks, least)
        if points is not None:
            kept.append({**row, "quality": points})
        bids.append(MarkedBid(row["bidder"], row["lot"], marks))
    document["bids"] = kept
    return document, Quality(leaves, tuple(bids), MAX_MARK, least)


def rule_in_turn(seed):
    """Each award rule in its turn, the optimum twice as often."""
    return (*RULES, "optimum")[seed % (len(RULES) + 1)]


def points_of(leaves, marks, least):
    if any(marks[leaf.id] < leaf.minimum_mark for leaf in leaves):
        return None
    exact = sum(leaf.weight * marks[leaf.id] for leaf in leaves) * Fraction(1_000, MAX_MARK)
    whole, rest = divmod(exact, 1)
    points = int(whole) + (rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2))
    return points if points and points >= least else None


def with_points(document, points):
    """The document with other points by (bidder, lot); None takes the bid out."""
    rows = [
        {**row, "quality": points.get((row["bidder"], row["lot"]), row["quality"])}
        for row in document["bids"]
    ]
    out = {pair for pair, each in points.items() if each is None}
    return without({**document, "bids": rows}, out)


def without(document, out):
    rows = [row for row in document["bids"] if (row["bidder"], row["lot"]) not in out]
    left = {row["lot"] for row in rows}
    empty = {lot for _, lot in out} - left
    limits = dict(document["limits"])
    if limits.get("incompatible_lots"):
        limits["incompatible_lots"] = [
            pair for pair in limits["incompatible_lots"] if not empty.intersection(pair)
        ]
    base = document.get("share_base_value")
    if base is None:
        base = sum(lot["value"] for lot in document["lots"])
    return {
        **document,
        "lots": [lot for lot in document["lots"] if lot["id"] not in empty],
        "bids": rows,
        "limits": limits,
        "share_base_value": base,
        "packages": [
            package
            for package in document.get("packages", [])
            if not any((package["bidder"], lot) in out for lot in package["discounts"])
        ],
        "fixed": {
            lot: who for lot, who in (document.get("fixed") or {}).items() if (who, lot) not in out
        },
        "lot_order": [lot for lot in document.get("lot_order", []) if lot not in empty],
    }


def deciding_marks(document, quality):
    """{(bidder, lot, leaf, mark): what moves} over every step of every mark, and what enters."""
    now = winners(document)
    inside = {(row["bidder"], row["lot"]) for row in document["bids"]}
    found, entering = {}, set()
    for bid in quality.bids:
        for leaf in quality.leaves:
            for mark in (bid.marks[leaf.id] - 1, bid.marks[leaf.id] + 1):
                if not 0 <= mark <= MAX_MARK:
                    continue
                key = bid.bidder, bid.lot, leaf.id, mark
                points = points_of(
                    quality.leaves, {**bid.marks, leaf.id: mark}, quality.minimum_points_milli
                )
                if (bid.bidder, bid.lot) not in inside:
                    if points is not None:
                        entering.add(key)
                    continue
                moves = moved(now, winners(with_points(document, {(bid.bidder, bid.lot): points})))
                if moves:
                    found[key] = moves
    return found, entering


def deciding_weights(document, quality, furthest, step):
    """{(criterion, is up): (weight, what moves)} of the smallest change that moves a lot."""
    now = winners(document)
    inside = {(row["bidder"], row["lot"]) for row in document["bids"]}
    whole = {}
    for leaf in quality.leaves:
        whole[leaf.criterion] = whole.get(leaf.criterion, 0) + leaf.weight
    found = {}
    for criterion, weight in whole.items():
        if weight == 100:
            continue
        for sign in (1, -1):
            to_weight = weight + sign * step
            while abs(to_weight - weight) <= furthest and 0 < to_weight < 100:
                leaves = [
                    Leaf(
                        leaf.id,
                        leaf.criterion,
                        leaf.weight * to_weight / weight
                        if leaf.criterion == criterion
                        else leaf.weight * (100 - to_weight) / (100 - weight),
                        leaf.minimum_mark,
                    )
                    for leaf in quality.leaves
                ]
                assert sum(leaf.weight for leaf in leaves) == 100
                points = {
                    (bid.bidder, bid.lot): points_of(
                        leaves, bid.marks, quality.minimum_points_milli
                    )
                    for bid in quality.bids
                    if (bid.bidder, bid.lot) in inside
                }
                moves = moved(now, winners(with_points(document, points)))
                if moves:
                    found[criterion, sign > 0] = to_weight, moves
                    break
                to_weight += sign * step
    return found


def deciding_withdrawals(document):
    now = winners(document)
    found = {}
    for bidder in document["bidders"]:
        who = bidder["id"]
        if who in now.values():
            continue
        out = {(row["bidder"], row["lot"]) for row in document["bids"] if row["bidder"] == who}
        smaller = without(document, out)
        smaller["bidders"] = [each for each in document["bidders"] if each["id"] != who]
        smaller["groups"] = []
        for group in document["groups"]:
            members = [each for each in group["members"] if each != who]
            if len(members) == len(group["members"]) or len(members) > 1:
                smaller["groups"].append({**group, "members": members})
        moves = moved(now, winners(smaller))
        if moves:
            found[who] = moves
    return found


def with_price(document, bidder, lot, price):
    return {
        **document,
        "bids": [
            {**row, "price": price} if (row["bidder"], row["lot"]) == (bidder, lot) else row
            for row in document["bids"]
        ],
    }
