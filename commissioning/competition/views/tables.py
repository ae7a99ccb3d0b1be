"""What pages show side by side: lots, criteria, dates, as the cells of tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from flask import url_for

from commissioning.competition.domain.criteria import Scope, decimal_text
from commissioning.competition.domain.timetable import Deadline, TimetableEvent
from commissioning.competition.models import Competition, Criterion, Lot
from commissioning.kernel.stage import Stage
from commissioning.web.filters import count, moment, money, money_compact, percent, words

LOT_HEADERS = (
    "Reference",
    "Name",
    {"text": "Annual value", "numeric": True},
    {"text": "Share", "numeric": True},
    {"text": "Term", "numeric": True},
    {"text": "Ceiling price", "numeric": True},
)
CRITERION_HEADERS = (
    "Criterion",
    "Name",
    {"text": "Weight", "numeric": True},
)
_LONGEST_CODE = 4


def lot_rows(
    competition: Competition, *, linked: bool = False, public: bool = False
) -> list[list[Any]]:
    """One row a lot, then the total that is the base of every share."""
    lots = competition.lots
    total = sum(lot.annual_value_pence for lot in lots)
    has_status = _has_status(competition, public=public)
    rows: list[list[Any]] = []
    for lot in lots:
        href = _lot_href(competition, lot) if linked else None
        row: list[Any] = [
            {"text": lot.reference, "href": href},
            lot.name,
            money(lot.annual_value_pence),
            percent(Fraction(100 * lot.annual_value_pence, total), 2),
            count(lot.term_years, "year"),
            money(lot.ceiling_price_pence),
        ]
        rows.append([*row, {"tag": lot.status}] if has_status else row)
    if lots:
        row = [
            {"text": "Total", "strong": True},
            count(len(lots), "lot"),
            {"text": money(total), "strong": True},
            "100%",
            "",
            "",
        ]
        rows.append([*row, ""] if has_status else row)
    return rows


def lot_headers(competition: Competition, *, public: bool = False) -> list[Any]:
    """The headings of `lot_rows`: the status of each lot once there is one to tell."""
    return [*LOT_HEADERS, *(["Status"] if _has_status(competition, public=public) else [])]


def _has_status(competition: Competition, *, public: bool) -> bool:
    """Whether the lots' statuses are told: they say which lots have one bid, or none.

    The team knows it from the quality opening on. A bidder who knew that it stands alone could
    use it, so the public reads no status before the preferred bidders are announced.
    """
    reached = Stage(competition.reached_stage or competition.stage)
    return reached.is_at_or_after(Stage.PREFERRED_BIDDERS if public else Stage.QUALITY_EVALUATION)


def tiles(competition: Competition, *, linked: bool = False) -> list[dict[str, Any]]:
    """The lots that have a place on the map, with the map's corner at its first tile."""
    placed = [
        (lot, lot.tile_column, lot.tile_row)
        for lot in competition.lots
        if lot.tile_column is not None and lot.tile_row is not None
    ]
    if not placed:
        return []
    left, top = min(column for _, column, _ in placed), min(row for _, _, row in placed)
    return [
        {
            "column": column - left + 1,
            "row": row - top + 1,
            "code": lot.reference if len(lot.reference) <= _LONGEST_CODE else str(lot.position),
            "label": f"{lot.reference}, {lot.name}",
            "value": money_compact(lot.annual_value_pence),
            "colour": None,
            "href": _lot_href(competition, lot) if linked else None,
        }
        for lot, column, row in placed
    ]


def criterion_rows(criteria: Sequence[Criterion], *, linked: bool = False) -> list[list[Any]]:
    """One row a criterion with all that is marked in it."""
    return [
        [
            {
                "text": criterion.reference,
                "href": url_for(
                    "competition.criterion",
                    reference=criterion.competition.reference,
                    criterion=criterion.reference,
                )
                if linked
                else None,
            },
            criterion.name,
            decimal_text(criterion.weight),
            str(criterion.minimum_mark),
            str(len(criterion.leaves)),
        ]
        for criterion in criteria
    ]


def scope_words(scope: str) -> str:
    """Whether a question is answered once or for each lot."""
    return "Once for all lots" if scope == Scope.COMMON.value else "For each lot"


def date_rows(
    deadlines: Mapping[TimetableEvent, Deadline], events: Iterable[TimetableEvent] | None = None
) -> list[list[Any]]:
    """One row a date, on the wall clock of the zone in which people were told it."""
    wanted = list(events) if events is not None else list(deadlines)
    return [
        [
            event.label,
            moment(deadlines[event].instant_utc, deadlines[event].zone)
            if event in deadlines
            else None,
        ]
        for event in wanted
    ]


def in_words(name: str) -> str:
    """A name of ours as people say it, the two abbreviations of the trade in capitals."""
    text = words(name)
    for short in ("pqq", "itn"):
        text = " ".join(
            short.upper() if word.lower() == short else word for word in text.split(" ")
        )
    return text


def _lot_href(competition: Competition, lot: Lot) -> str:
    return url_for("competition.lot", reference=competition.reference, lot=lot.reference)
