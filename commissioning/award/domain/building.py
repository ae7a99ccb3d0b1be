"""From the locked record to the award problem: nothing is added, and nothing can be overridden.

The problem names lots, bidders and groups by their references, takes limits, objective and tie
seed from the frozen evaluation model, and leaves out lots without a valid bid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from commissioning.award.domain.problem import FORMAT


@dataclass(frozen=True, slots=True)
class ValidBid:
    """A bid that is not excluded: evaluated price in pence, quality in milli-points."""

    bidder: str
    lot: str
    price_pence: int
    quality_millipoints: int


def order_of_bidders(tie_seed: str, bidders: Sequence[str]) -> list[str]:
    """The bidders in the order that decides ties: by SHA-256 of seed, colon, reference."""
    return sorted(
        set(bidders), key=lambda bidder: sha256(f"{tie_seed}:{bidder}".encode()).hexdigest()
    )


def stated_problem(
    model: Mapping[str, Any],
    bids: Sequence[ValidBid],
    *,
    proved_funding_pence: Mapping[str, int | None],
    groups: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """The published rules and the locked record, as an award problem (`award-wdp/1`).

    `model` is the frozen evaluation model; `proved_funding_pence` is what each bidder proved, and
    times the published multiple it is the most annual value that the bidder may win. The share
    base stays the total of all lots as published, so that a lot left out moves nobody's share.
    """
    limits = dict(model["limits"])
    multiple = limits.pop("funding_multiple", None)
    budget = limits.pop("budget_pence", None)
    with_bid = {bid.lot for bid in bids}
    lots = [lot for lot in model["lots"] if lot["id"] in with_bid]
    bidding = order_of_bidders(model["tie_seed"], [bid.bidder for bid in bids])
    pairs = [pair for pair in limits.get("incompatible_lots", []) if with_bid.issuperset(pair)]
    problem: dict[str, Any] = {
        "format": FORMAT,
        "objective": model["objective"],
        "award_rule": model["award_rule"],
        "share_base_value": sum(lot["annual_value_pence"] for lot in model["lots"]),
        "lots": [_lot(lot) for lot in lots],
        "bidders": [_bidder(one, proved_funding_pence.get(one), multiple) for one in bidding],
        "bids": [
            {
                "bidder": bid.bidder,
                "lot": bid.lot,
                "price": bid.price_pence,
                "quality": bid.quality_millipoints,
            }
            for bid in sorted(bids, key=lambda bid: (bid.lot, bid.bidder))
        ],
        "groups": [dict(group) for group in groups],
        "packages": [],
        "limits": {name: value for name, value in limits.items() if name != "incompatible_lots"},
    }
    if pairs:
        problem["limits"]["incompatible_lots"] = pairs
    if budget is not None:
        problem["limits"]["budget"] = budget
    return problem


def _lot(lot: Mapping[str, Any]) -> dict[str, Any]:
    stated = {"id": lot["id"], "value": lot["annual_value_pence"]}
    ceiling = lot.get("ceiling_price_pence")
    return stated if ceiling is None else {**stated, "max_price": ceiling}


def _bidder(reference: str, funding_pence: int | None, multiple: int | None) -> dict[str, Any]:
    if funding_pence is None or multiple is None:
        return {"id": reference}
    return {"id": reference, "max_value": multiple * funding_pence}
