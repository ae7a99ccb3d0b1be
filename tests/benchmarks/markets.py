"""Award problems as large as asked for, drawn from a seed: invented figures, always the same."""

from __future__ import annotations

from random import Random
from typing import Any

from commissioning.award.domain.problem import Problem, parse_problem

_MILLION_PENCE = 100_000_000


def market(
    lots: int,
    bidders: int,
    bids_on_each: int,
    *,
    max_lots: int | None = None,
    share_ppm: int | None = None,
    packages: int = 0,
    is_tied: bool = False,
    objective: str = "min_total_price",
    seed: int = 1,
) -> Problem:
    """A market in which every lot has about as many bids, and whose limits leave an award.

    `max_lots` bounds each bidder, `share_ppm` its share of the value; `packages` are offers of a
    discount on two lots. `is_tied` draws prices from a handful of amounts, so that many awards are
    equally good.
    """
    draw = Random(seed)
    values = [draw.randrange(2, 60) * _MILLION_PENCE for _ in range(lots)]
    who = [draw.sample(range(bidders), min(bids_on_each, bidders)) for _ in range(lots)]
    bids = [
        {
            "bidder": f"B{bidder}",
            "lot": f"L{lot}",
            "price": _price(values[lot], draw, is_tied=is_tied),
            "quality": draw.randrange(45_000, 98_000),
        }
        for lot in range(lots)
        for bidder in who[lot]
    ]
    stated: dict[str, Any] = {
        "format": "award-wdp/1",
        "objective": objective,
        "lots": [{"id": f"L{lot}", "value": value} for lot, value in enumerate(values)],
        "bidders": [{"id": f"B{bidder}"} for bidder in range(bidders)],
        "bids": bids,
        "limits": {
            "max_lots_per_bidder": max_lots,
            "max_value_share_per_bidder_ppm": share_ppm,
        },
        "packages": _packages(bids, packages, draw),
    }
    return parse_problem(stated)


def _price(value: int, draw: Random, *, is_tied: bool) -> int:
    if is_tied:
        return value * draw.choice((90, 95, 100, 105)) // 100
    return value * draw.randrange(80_000, 120_000) // 100_000


def _packages(bids: list[dict[str, Any]], number: int, draw: Random) -> list[dict[str, Any]]:
    of: dict[str, list[dict[str, Any]]] = {}
    for bid in bids:
        of.setdefault(bid["bidder"], []).append(bid)
    found = []
    for index, bidder in enumerate(sorted(of)[:number]):
        if len(of[bidder]) < 2:
            continue
        pair = draw.sample(of[bidder], 2)
        discounts = {bid["lot"]: bid["price"] // 20 for bid in pair}
        found.append({"id": f"P{index}", "bidder": bidder, "discounts": discounts})
    return found
