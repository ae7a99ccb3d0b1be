"""The award problem by trying every award: slow, short, and sharing no code with the engine."""

from __future__ import annotations

from fractions import Fraction
from itertools import product


def best_award(document):
    """(value, award, unique) of the canonical optimum of a document; None where none exists."""
    lots = [lot["id"] for lot in document["lots"]]
    order = [bidder["id"] for bidder in document["bidders"]]
    bids = {(bid["bidder"], bid["lot"]): bid for bid in document["bids"]}
    candidates = [[who for who in order if (who, lot) in bids] for lot in lots]
    best, count = None, 0
    # Candidates stand in the order of bidders: the first of equals is the canonical one.
    for winners in product(*candidates):
        award = dict(zip(lots, winners, strict=True))
        if not keeps_all_limits(document, award, bids):
            continue
        value = worth(document, award, bids)
        key = -value if document["objective"] == "max_total_quality" else value
        if best is None or key < best[0]:
            best, count = (key, value, award), 1
        elif key == best[0]:
            count += 1
    return None if best is None else (best[1], best[2], count == 1)


def net_total_by_lot(document, award, bids):
    net = {lot: bids[who, lot]["price"] for lot, who in award.items()}
    for package in document.get("packages") or []:
        if all(award.get(lot) == package["bidder"] for lot in package["discounts"]):
            for lot, off in package["discounts"].items():
                net[lot] -= off
    return net


def worth(document, award, bids):
    net = net_total_by_lot(document, award, bids)
    quality = {lot: bids[who, lot]["quality"] for lot, who in award.items()}
    return {
        "min_total_price": lambda: Fraction(sum(net.values())),
        "min_sum_ppqp": lambda: sum(Fraction(net[lot], quality[lot]) for lot in award),
        "min_portfolio_ppqp": lambda: Fraction(sum(net.values()), sum(quality.values())),
        "max_total_quality": lambda: Fraction(sum(quality.values())),
    }[document["objective"]]()


def keeps_all_limits(document, award, bids):  # noqa: C901 - every limit once, one after the other
    lots = {lot["id"]: lot for lot in document["lots"]}
    limits = {k: v for k, v in (document.get("limits") or {}).items() if v is not None}
    base = document.get("share_base_value")
    if base is None:
        base = sum(lot["value"] for lot in lots.values())

    def held_by(who):
        return [lot for lot, winner in award.items() if winner in who]

    def value(won):
        return sum(lots[lot]["value"] for lot in won)

    def within(won, most_lots, most_value, share):
        if most_lots is not None and len(won) > most_lots:
            return False
        if most_value is not None and value(won) > most_value:
            return False
        return share is None or 1_000_000 * value(won) <= share * base

    for bidder in document["bidders"]:
        won = held_by({bidder["id"]})
        if not within(won, bidder.get("max_lots"), bidder.get("max_value"), None):
            return False
        if not within(
            won,
            limits.get("max_lots_per_bidder"),
            None,
            limits.get("max_value_share_per_bidder_ppm"),
        ):
            return False
        price = sum(bids[bidder["id"], lot]["price"] for lot in won)
        if bidder.get("max_price") is not None and price > bidder["max_price"]:
            return False
    for group in document.get("groups") or []:
        won = held_by(set(group["members"]))
        own = group.get("max_lots"), group.get("max_value"), group.get("max_value_share_ppm")
        if not within(won, *own):
            return False
        if not within(
            won,
            limits.get("max_lots_per_group"),
            None,
            limits.get("max_value_share_per_group_ppm"),
        ):
            return False
    for lot, who in award.items():
        ceiling = lots[lot].get("max_price")
        if ceiling is not None and bids[who, lot]["price"] > ceiling:
            return False
    if any(award[one] == award[other] for one, other in limits.get("incompatible_lots") or []):
        return False
    if len(set(award.values())) < limits.get("min_distinct_winners", 0):
        return False
    net = net_total_by_lot(document, award, bids)
    if "budget" in limits and sum(net.values()) > limits["budget"]:
        return False
    return all(award[lot] == who for lot, who in (document.get("fixed") or {}).items())
