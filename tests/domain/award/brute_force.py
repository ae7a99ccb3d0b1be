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


def keeps_all_limits(document, award, bids):
    return all(
        keeps(document, award, bids)
        for keeps in (keeps_limits_of_bidders, keeps_limits_of_groups, keeps_limits_of_all)
    )


def limits_of(document):
    return {k: v for k, v in (document.get("limits") or {}).items() if v is not None}


def is_within(document, won, most_lots, most_value, share):
    """Whether lots that one holder has won are within a number, a value, and a share of it."""
    values = {lot["id"]: lot["value"] for lot in document["lots"]}
    base = document.get("share_base_value")
    base = sum(values.values()) if base is None else base
    value = sum(values[lot] for lot in won)
    return (
        (most_lots is None or len(won) <= most_lots)
        and (most_value is None or value <= most_value)
        and (share is None or 1_000_000 * value <= share * base)
    )


def is_within_general(document, won, kind):
    limits = limits_of(document)
    share = limits.get(f"max_value_share_per_{kind}_ppm")
    return is_within(document, won, limits.get(f"max_lots_per_{kind}"), None, share)


def keeps_limits_of_bidders(document, award, bids):
    for bidder in document["bidders"]:
        won = [lot for lot, winner in award.items() if winner == bidder["id"]]
        price = sum(bids[bidder["id"], lot]["price"] for lot in won)
        if bidder.get("max_price") is not None and price > bidder["max_price"]:
            return False
        own = bidder.get("max_lots"), bidder.get("max_value"), None
        if not is_within(document, won, *own):
            return False
        if not is_within_general(document, won, "bidder"):
            return False
    return True


def keeps_limits_of_groups(document, award, _bids):
    for group in document.get("groups") or []:
        won = [lot for lot, winner in award.items() if winner in group["members"]]
        own = group.get("max_lots"), group.get("max_value"), group.get("max_value_share_ppm")
        if not is_within(document, won, *own):
            return False
        if not is_within_general(document, won, "group"):
            return False
    return True


def keeps_limits_of_all(document, award, bids):
    limits = limits_of(document)
    ceilings = {lot["id"]: lot.get("max_price") for lot in document["lots"]}
    net = net_total_by_lot(document, award, bids)
    return (
        all(
            ceilings[lot] is None or bids[who, lot]["price"] <= ceilings[lot]
            for lot, who in award.items()
        )
        and all(award[one] != award[other] for one, other in limits.get("incompatible_lots") or [])
        and len(set(award.values())) >= limits.get("min_distinct_winners", 0)
        and ("budget" not in limits or sum(net.values()) <= limits["budget"])
        and all(award[lot] == who for lot, who in (document.get("fixed") or {}).items())
    )
