"""Results of bids, as the completed price evaluation leaves them."""

from __future__ import annotations

import json
from fractions import Fraction

from commissioning.evaluation.domain.scoring import rational_text
from commissioning.evaluation.models import BidResult, Consensus
from commissioning.infrastructure.database import db
from commissioning.kernel.canonical import sha256_hex
from commissioning.kernel.stage import Stage
from tests.factories.evaluation import LONG_AGO, world_at
from tests.factories.rows import RowFactory


class BidResultFactory(RowFactory):
    """A bid's locked points and evaluated price; out of the ranking where `rank` is None."""

    class Meta:
        model = BidResult

    model_sha256 = "0" * 64
    quality_millipoints = 75_000
    excluded_because: list[str] = []
    evaluated_price_pence = 600_000_00
    rank = 1
    computed_at = LONG_AGO


def priced_world(prices, *, excluded=(), lots=("CPA1", "CPA2"), bidders=2, ceilings=(), **changes):
    """A competition at award modelling; `prices` {(lot, bidder's place): pence at 75 points}."""
    world = world_at(Stage.AWARD_MODELLING, lots=lots, bidders=bidders, **changes)
    if ceilings:
        publish_ceilings(world.competition, dict(ceilings))
    for row in world.lots:
        row.status = "evaluated"
    for lot in lots:
        ranked = sorted(
            (bid for bid in world.bids_for(lot) if (lot, place(world, bid)) not in excluded),
            key=lambda bid: prices[lot, place(world, bid)],
        )
        for bid in world.bids_for(lot):
            price = prices[lot, place(world, bid)]
            out = bid not in ranked
            BidResultFactory(
                bid=bid,
                evaluated_price_pence=price,
                price_per_quality_point=None if out else rational_text(Fraction(price, 75)),
                excluded_because=["minimum_points"] if out else [],
                rank=None if out else ranked.index(bid) + 1,
            )
    db.session.flush()
    return world


def place(world, bid):
    """The bidder's place among the bidders of the world, from 1."""
    return world.bidders.index(bid.organisation) + 1


def publish_ceilings(competition, ceilings):
    """Freeze the model anew with ceiling prices on some lots: {lot: pence}."""
    lots = json.loads(competition.model)["lots"]
    for lot in lots:
        if lot["id"] in ceilings:
            lot["ceiling_price_pence"] = ceilings[lot["id"]]
    freeze_anew(competition, lots=lots)


def freeze_anew(competition, **changes):
    """Freeze the model anew with some of its parts changed, as no page would let anybody do."""
    frozen = {key: value for key, value in json.loads(competition.model).items() if key != "sha256"}
    frozen |= changes
    frozen["sha256"] = sha256_hex(frozen)
    competition.model, competition.model_sha256 = json.dumps(frozen), frozen["sha256"]


def agree_marks(world, marks=()):
    """Agreed marks for every answer: 3 of 4, which makes 75 points, unless told otherwise.

    `marks` {(lot, bidder's place, leaf): mark}; the points of the results stay as they are.
    """
    given = dict(marks)
    for bid in world.bids:
        for criterion in world.competition.criteria:
            for leaf in criterion.leaves:
                db.session.add(
                    Consensus(
                        bid=bid,
                        leaf=leaf,
                        mark=given.get((bid.lot.reference, place(world, bid), leaf.reference), 3),
                        reason="As the answer says.",
                        moderator=world.ref("moderator"),
                        model_sha256="0" * 64,
                        recorded_at=LONG_AGO,
                        closed_at=LONG_AGO,
                    )
                )
    db.session.flush()
    return world
