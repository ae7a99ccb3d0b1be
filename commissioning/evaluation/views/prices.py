"""Prices with their working, and the ranking of each lot."""

from __future__ import annotations

from fractions import Fraction

from flask import flash, redirect
from flask.typing import ResponseReturnValue

from commissioning.competition import queries as competition_queries
from commissioning.evaluation import queries, services
from commissioning.evaluation.domain.results import PriceWorking
from commissioning.evaluation.forms import ActForm
from commissioning.evaluation.models import BidResult
from commissioning.evaluation.views.frame import Frame, blueprint, framed, shown
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission
from commissioning.submission import queries as submission_queries
from commissioning.web import listing
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on
from commissioning.web.filters import fixed, money


@blueprint.get("/evaluation/prices")
@requires(Permission.EVALUATION_READ_PRICES, Permission.EVALUATION_COMPLETE_PRICES)
def prices(reference: str) -> ResponseReturnValue:
    frame = _priced(reference)
    workings = queries.price_workings(frame.competition)
    results = queries.results(frame.competition, listing.filters_asked("lot").get("lot"))
    return shown(
        "prices",
        frame,
        by_lot=_by_lot(
            sorted(results, key=lambda row: (row.bid.lot.position, row.bid.organisation.name))
        ),
        workings=workings,
        asked=listing.filters_asked("lot"),
        model=competition_queries.evaluation_model(frame.competition),
        faulty=[key for key, working in workings.items() if working.faults],
        may_complete=frame.may(Permission.EVALUATION_COMPLETE_PRICES),
    )


@blueprint.get("/evaluation/prices/<string:bid>")
@requires(Permission.SUBMISSION_READ_PRICE_ENVELOPE)
def price(reference: str, bid: str) -> ResponseReturnValue:
    """One bid's schedule, and how its evaluated price comes about."""
    frame = _priced(reference)
    frame.require(
        Permission.SUBMISSION_READ_PRICE_ENVELOPE,
        has_marked_here=queries.has_marked_here(frame.competition, frame.actor.reference),
    )
    result = next(
        (row for row in queries.results(frame.competition) if row.bid.reference == bid), None
    )
    if result is None:
        raise NotFound
    working = queries.price_workings(frame.competition).get(bid)
    return shown(
        "price",
        frame,
        result=result,
        working=working,
        lines=_lines(working) if working else [],
        note=submission_queries.price_document(result.bid).note if working else "",
        model=competition_queries.evaluation_model(frame.competition),
    )


@blueprint.route("/evaluation/prices/complete", methods=["GET", "POST"])
@requires(Permission.EVALUATION_COMPLETE_PRICES)
def complete_prices(reference: str) -> ResponseReturnValue:
    frame = _priced(reference)
    frame.require(Permission.EVALUATION_COMPLETE_PRICES)
    form = ActForm()
    if form.validate_on_submit():
        with shown_on(form):
            services.complete_prices(current_actor(), reference, clock=clock())
            flash("The price evaluation is complete, and the bids for each lot are ranked.")
            return redirect(frame.href("ranking"), 303)
    workings = queries.price_workings(frame.competition)
    results = queries.results(frame.competition)
    page = shown(
        "complete_prices",
        frame,
        form=form,
        bids=len(results),
        without_price=sorted(
            f"{row.bid.organisation.name} ({row.bid.lot.name})"
            for row in results
            if row.bid.reference not in workings
            or workings[row.bid.reference].evaluated_price_pence is None
        ),
    )
    return page, form.status


@blueprint.get("/evaluation/ranking")
@requires(Permission.EVALUATION_READ_RANKING)
def ranking(reference: str) -> ResponseReturnValue:
    frame = framed(reference)
    frame.require(
        Permission.EVALUATION_READ_RANKING,
        has_marked_here=queries.has_marked_here(frame.competition, frame.actor.reference),
    )
    asked = listing.filters_asked("lot")
    return shown(
        "ranking",
        frame,
        by_lot=_by_lot(queries.ranking(frame.competition, asked.get("lot"))),
        asked=asked,
        model=competition_queries.evaluation_model(frame.competition),
    )


def _priced(reference: str) -> Frame:
    """A competition whose prices the person may read: never whoever has marked there."""
    frame = framed(reference)
    frame.require(
        Permission.EVALUATION_READ_PRICES,
        has_marked_here=queries.has_marked_here(frame.competition, frame.actor.reference),
    )
    return frame


def _lines(working: PriceWorking) -> list[tuple[str, str, str, str]]:
    """The steps of an evaluated price as a table shows them: what, amount, divisor, worth."""
    return [
        *(
            (
                f"Year {fee.year}",
                money(fee.fee_pence),
                fixed(fee.divisor, 6),
                _pounds(fee.present_value_pence),
            )
            for fee in working.fees
        ),
        (
            "Adjustments",
            money(working.adjustments_pence),
            "–",
            _pounds(Fraction(working.adjustments_pence)),
        ),
        ("Sum", "–", "–", _pounds(working.exact_pence)),
    ]


def _pounds(pence: Fraction) -> str:
    """An exact amount to a hundredth of a penny."""
    return f"{'-' if pence < 0 else ''}£{fixed(abs(pence) / 100, 4)}"


def _by_lot(results: list[BidResult]) -> list[tuple[str, list[BidResult]]]:
    found: dict[str, list[BidResult]] = {}
    for result in results:
        found.setdefault(result.bid.lot.name, []).append(result)
    return list(found.items())
