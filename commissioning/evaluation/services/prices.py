"""Prices: evaluated after the opening, and ranked by price per quality point."""

from __future__ import annotations

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.competition import queries as competition_queries
from commissioning.competition import services as competition_services
from commissioning.evaluation import queries
from commissioning.evaluation.domain.results import with_price
from commissioning.evaluation.domain.scoring import BidToRank, RankingRow, rank_lot, rational_text
from commissioning.evaluation.models import BidResult
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock
from commissioning.permissions import Permission, require


def complete_prices(actor: Actor, competition: str, *, clock: Clock) -> list[BidResult]:
    """The commercial officer completes the price evaluation: each lot's bids are ranked.

    The evaluated price is computed from the opened schedule, price per quality point from it and
    the locked points, exactly; the lowest is first. A bid that was out on quality, or whose
    schedule makes no price above 0, keeps its reasons and has no rank. Nothing is typed in.
    Returns the results, lot by lot.
    """
    now = clock.now()
    row = competition_queries.competition_for_change(competition)
    require(actor, Permission.EVALUATION_COMPLETE_PRICES, queries.price_facts(row, actor, now))
    results = queries.results(row)
    workings = queries.price_workings(row)
    lots: dict[str, list[BidResult]] = {}
    for result in results:
        lots.setdefault(result.bid.lot.reference, []).append(result)
        priced = workings.get(result.bid.reference)
        price = None if priced is None else priced.evaluated_price_pence
        result.fees_pence = None if priced is None else [fee.fee_pence for fee in priced.fees]
        result.adjustments_pence = None if priced is None else priced.adjustments_pence
        result.evaluated_price_pence = price
        result.excluded_because = list(with_price(result.excluded_because, price))
        result.computed_at = now
    for lot_results in lots.values():
        ranked = {line.bid: line for line in rank_lot([_to_rank(r) for r in lot_results])}
        for result in lot_results:
            _write_rank(result, ranked[result.bid.reference])
    db.session.flush()
    audit.record(
        actor,
        Event.RANKING_COMPUTED,
        Subject("competition", competition),
        {
            "model_sha256": row.model_sha256,
            "ranking": [
                {
                    "lot": result.bid.lot.reference,
                    "bid": result.bid.reference,
                    "evaluated_price_pence": result.evaluated_price_pence,
                    "ppqp_pence": result.price_per_quality_point,
                    "rank": result.rank,
                    "excluded_because": result.excluded_because,
                }
                for result in results
            ],
        },
        at=now,
        stream=competition_stream(competition),
    )
    competition_services.advance_stage(actor, row, "prices_completed", at=now)
    return results


def _to_rank(result: BidResult) -> BidToRank:
    return BidToRank(
        lot=result.bid.lot.reference,
        bid=result.bid.reference,
        bidder=result.bid.organisation.reference,
        quality_millipoints=result.quality_millipoints,
        evaluated_price_pence=result.evaluated_price_pence,
        excluded_because=tuple(result.excluded_because),
    )


def _write_rank(result: BidResult, line: RankingRow) -> None:
    ratio = line.price_per_quality_point
    result.price_per_quality_point = None if ratio is None else rational_text(ratio)
    result.rank = line.rank
