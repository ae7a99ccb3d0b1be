"""Award problems as documents, for tests: small ones written shortly, and random ones."""

from __future__ import annotations

from hypothesis import strategies as st

OBJECTIVES = ("min_total_price", "min_sum_ppqp", "min_portfolio_ppqp", "max_total_quality")


def document(bids, *, objective="min_total_price", values=None, **more):
    """A problem document from {lot: {bidder: price or (price, quality)}}.

    Bidders stand in the order in which they are first named; quality is 50 000 unless given.
    """
    bidders = list(dict.fromkeys(who for on_lot in bids.values() for who in on_lot))
    rows = []
    for lot, on_lot in bids.items():
        for who, bid in on_lot.items():
            price, quality = bid if isinstance(bid, tuple) else (bid, 50_000)
            rows.append({"bidder": who, "lot": lot, "price": price, "quality": quality})
    return {
        "format": "award-wdp/1",
        "objective": objective,
        "lots": [{"id": lot, "value": (values or {}).get(lot, 1_000)} for lot in bids],
        "bidders": [{"id": who} for who in bidders],
        "bids": rows,
        **more,
    }


@st.composite
def documents(draw):
    """A random problem of up to 5 lots and 5 bidders, with any of the limits, often tied."""
    lots = [f"L{number}" for number in range(draw(st.integers(1, 5)))]
    bidders = [f"B{number}" for number in range(draw(st.integers(1, 5)))]
    most = draw(st.sampled_from([2, 5, 1_000, 10**11]))
    finest = draw(st.sampled_from([1, 3, 100_000]))
    price, quality = st.integers(0, most), st.integers(1, finest)
    has_bid = st.sampled_from([True, True, True, False])
    bids = {
        (who, lot): (draw(price), draw(quality)) for who in bidders for lot in lots if draw(has_bid)
    }
    values = {lot: draw(st.integers(0, draw(st.sampled_from([1, 4, 10**9])))) for lot in lots}
    total = sum(values.values()) + 1
    sometimes = st.sampled_from([False, False, False, False, True])

    def maybe(container, key, choices):
        if draw(sometimes):
            container[key] = draw(choices)

    ample_value, few = st.integers(max(1, total // 4), total), st.integers(1, 4)
    share = st.integers(200_000, 1_000_000)
    doc = {
        "format": "award-wdp/1",
        "objective": draw(st.sampled_from(OBJECTIVES)),
        "lots": [{"id": lot, "value": values[lot]} for lot in lots],
        "bidders": [{"id": who} for who in bidders],
        "bids": [
            {"bidder": who, "lot": lot, "price": bid[0], "quality": bid[1]}
            for (who, lot), bid in bids.items()
        ],
        "groups": [],
        "packages": [],
        "limits": {},
    }
    for lot in doc["lots"]:
        maybe(lot, "max_price", st.integers(max(1, most // 2), most))
    for bidder in doc["bidders"]:
        maybe(bidder, "max_lots", few)
        maybe(bidder, "max_value", ample_value)
        maybe(bidder, "max_price", st.integers(max(1, most // 2), most * len(lots)))
    for number in range(draw(st.sampled_from([0, 0, 1, 2]))):
        members = draw(st.lists(st.sampled_from(bidders), min_size=1, unique=True))
        group = {"id": f"G{number}", "members": members}
        maybe(group, "max_lots", few)
        maybe(group, "max_value_share_ppm", share)
        maybe(group, "max_value", ample_value)
        doc["groups"].append(group)
    left = {pair: bid[0] for pair, bid in bids.items()}
    for number in range(draw(st.sampled_from([0, 0, 1, 2]))):
        who = draw(st.sampled_from(bidders))
        on = draw(st.lists(st.sampled_from(lots), min_size=1, max_size=3, unique=True))
        discounts = {lot: draw(st.integers(0, left.get((who, lot), 0))) for lot in on}
        for lot in on:
            left[who, lot] = left.get((who, lot), 0) - discounts[lot]
        doc["packages"].append({"id": f"P{number}", "bidder": who, "discounts": discounts})
    limits = doc["limits"]
    maybe(limits, "max_lots_per_bidder", few)
    maybe(limits, "max_value_share_per_bidder_ppm", share)
    maybe(limits, "max_lots_per_group", few)
    maybe(limits, "max_value_share_per_group_ppm", share)
    maybe(limits, "min_distinct_winners", st.integers(1, 3))
    maybe(limits, "budget", st.integers(max(1, most * len(lots) // 4), most * len(lots)))
    if len(lots) > 1:
        pair = st.lists(st.sampled_from(lots), min_size=2, max_size=2, unique=True)
        maybe(limits, "incompatible_lots", st.lists(pair, max_size=4))
    maybe(doc, "share_base_value", st.integers(total // 2, total * 2))
    maybe(
        doc, "fixed", st.dictionaries(st.sampled_from(lots), st.sampled_from(bidders), max_size=1)
    )
    return doc
