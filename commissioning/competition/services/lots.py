"""Lots: typed in one by one, or read from a file, whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.competition import queries
from commissioning.competition.domain.lots import Lot, StaffTransfer
from commissioning.competition.domain.lots_csv import (
    MAX_NAME_LENGTH,
    MAX_PENCE,
    MAX_REFERENCE_LENGTH,
    RowError,
    parse_lots_csv,
)
from commissioning.competition.models import Competition
from commissioning.competition.models import Lot as LotRow
from commissioning.competition.services.typed import Faults
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInputs, NotFound
from commissioning.permissions import Permission, require

_MAX_TILE = 99
_MAX_TERM_YEARS = 50
_CARRIED = (
    "volumes_per_year",
    "binary_baseline_pct",
    "frequency_baseline",
    "resettlement_prisons",
    "local_partners",
    "staff_transfer",
)
VALUE_SOURCE = "value_source"
"""What a lot carries beside the fields of the domain: where its indicative value comes from."""


@dataclass(frozen=True, slots=True)
class LotLine:
    """A lot of a file, and what importing it would do: "new", "changed" or "same"."""

    lot: Lot
    effect: str


@dataclass(frozen=True, slots=True)
class LotPreview:
    """What a file of lots would bring; with a single error it brings nothing."""

    rows: tuple[LotLine, ...]
    errors: tuple[RowError, ...]


def save_lot(
    actor: Actor,
    competition: str,
    *,
    lot: str | None,
    reference: str,
    name: str,
    annual_value_pence: int | None,
    term_years: int | None = 7,
    ceiling_price_pence: int | None = None,
    carries: Mapping[str, Any] | None = None,
    tile_column: int | None = None,
    tile_row: int | None = None,
    clock: Clock,
) -> LotRow:
    """A lot, with its value and all that it carries, is set up or changed until the notice.

    `lot` is the reference of the lot to change, None for a new one. `carries` may hold
    volumes_per_year, binary_baseline_pct, frequency_baseline (decimals), resettlement_prisons,
    local_partners (texts), staff_transfer and value_source; a fault in it is named
    "carries.<key>". Raises NotFound, Forbidden, BadInput(s).
    """
    now = clock.now()
    row = queries.competition_for_change(competition)
    require(actor, Permission.COMPETITION_EDIT_NOTICE, queries.facts(row, now))
    kept = None if lot is None else _own(row, lot)
    others = [other for other in row.lots if other is not kept]
    faults = Faults()
    wanted = _checked(
        faults,
        others,
        reference=reference,
        name=name,
        annual_value_pence=annual_value_pence,
        term_years=term_years,
        ceiling_price_pence=ceiling_price_pence,
        carries=carries or {},
        tile_column=tile_column,
        tile_row=tile_row,
    )
    source = faults.text(
        f"carries.{VALUE_SOURCE}", (carries or {}).get(VALUE_SOURCE) or "", what="the source"
    )
    faults.refuse()
    changed = _write(row, kept, wanted, value_source=source)
    db.session.flush()
    _record(actor, row, {"saved": [_told(changed)]}, clock)
    return changed


def remove_lot(actor: Actor, competition: str, lot: str, *, clock: Clock) -> None:
    """A lot is taken out until the notice; then the base of the shares is fixed.

    Raises NotFound, Forbidden.
    """
    row = queries.competition_for_change(competition)
    require(actor, Permission.COMPETITION_EDIT_NOTICE, queries.facts(row, clock.now()))
    gone = _own(row, lot)
    db.session.delete(gone)
    row.lots.remove(gone)
    db.session.flush()
    _record(actor, row, {"removed": [lot]}, clock)


def preview_lots(actor: Actor, competition: str, text: str | bytes, *, clock: Clock) -> LotPreview:
    """What a file of lots would bring is shown before it is imported, with its errors by row.

    `text` is CSV with the columns of `competition.domain.lots_csv.COLUMNS`. Changes nothing; what
    changes is recorded by `import_lots`. Raises NotFound, Forbidden.
    """
    row = queries.competition_by_reference(competition)
    require(actor, Permission.COMPETITION_EDIT_NOTICE, queries.facts(row, clock.now()))
    return _preview(row, text)


def import_lots(actor: Actor, competition: str, text: str | bytes, *, clock: Clock) -> LotPreview:
    """A file of lots is imported whole or not at all: one bad row imports nothing.

    A lot whose reference the competition has is changed, another is added; lots that the file does
    not name stay. Returns what it did. Raises NotFound, Forbidden, and BadInputs on `text` with one
    sentence for each error, by row and column.
    """
    row = queries.competition_for_change(competition)
    require(actor, Permission.COMPETITION_EDIT_NOTICE, queries.facts(row, clock.now()))
    preview = _preview(row, text)
    if preview.errors:
        raise BadInputs([("text", row_sentence(error)) for error in preview.errors])
    by_reference = {lot.reference: lot for lot in row.lots}
    # Two lots may trade places on the map, so every tile is left before any is taken.
    for line in preview.rows:
        kept = by_reference.get(line.lot.reference)
        source = (kept.carries.get(VALUE_SOURCE) or "") if kept else ""
        _write(row, kept, line.lot, value_source=source)
    db.session.flush()
    saved = [
        [line.lot.reference, line.lot.annual_value_pence, line.effect]
        for line in preview.rows
        if line.effect != "same"
    ]
    _record(actor, row, {"imported": saved}, clock)
    return preview


def row_sentence(error: RowError) -> str:
    """An error of a file as one sentence, with its row and column."""
    if not error.row:
        return error.reason
    place = f"Row {error.row}, {error.column}" if error.column else f"Row {error.row}"
    return f"{place}: {error.reason}"


def _preview(competition: Competition, text: str | bytes) -> LotPreview:
    read = parse_lots_csv(text)
    if read.errors:
        return LotPreview((), read.errors)
    before = {row.reference: queries.as_lot(row) for row in competition.lots}
    lines = tuple(LotLine(lot, _effect(before.get(lot.reference), lot)) for lot in read.rows)
    named = {lot.reference for lot in read.rows}
    tiles = {
        (lot.tile_column, lot.tile_row): lot.reference
        for lot in before.values()
        if lot.reference not in named
    }
    references = {reference.casefold(): reference for reference in before if reference not in named}
    errors = []
    for lot in read.rows:
        owner = tiles.get((lot.tile_column, lot.tile_row))
        if owner is not None and lot.tile_column is not None:
            sentence = f"{lot.reference} has the tile of the lot {owner}. Choose another."
            errors.append(RowError(0, "tile_column", sentence))
        taken = references.get(lot.reference.casefold())
        if taken is not None:
            sentence = f"{lot.reference} is written {taken} in this competition. Write it so."
            errors.append(RowError(0, "reference", sentence))
    return LotPreview((), tuple(errors)) if errors else LotPreview(lines, ())


def _effect(before: Lot | None, after: Lot) -> str:
    if before is None:
        return "new"
    return "same" if before == after else "changed"


def _checked(
    faults: Faults,
    others: Sequence[LotRow],
    *,
    reference: str,
    name: str,
    annual_value_pence: int | None,
    term_years: int | None,
    ceiling_price_pence: int | None,
    carries: Mapping[str, Any],
    tile_column: int | None,
    tile_row: int | None,
) -> Lot:
    reference = faults.reference("reference", reference, longest=MAX_REFERENCE_LENGTH)
    if reference.casefold() in {other.reference.casefold() for other in others}:
        faults.add("reference", "Another lot of this competition has this reference. Change one.")
    lot = Lot(
        reference=reference,
        name=faults.line("name", name, what="the name of the lot", longest=MAX_NAME_LENGTH),
        annual_value_pence=_pence(faults, "annual_value_pence", annual_value_pence),
        term_years=faults.whole(
            "term_years", term_years, what="the term in years", least=1, most=_MAX_TERM_YEARS
        ),
        ceiling_price_pence=(
            None
            if ceiling_price_pence is None
            else _pence(faults, "ceiling_price_pence", ceiling_price_pence)
        ),
        **_carried(faults, carries),
    )
    _check_tile(faults, others, tile_column, tile_row)
    return replace(lot, tile_column=tile_column, tile_row=tile_row)


def _pence(faults: Faults, field: str, pence: int | None) -> int:
    what = "the ceiling price" if field == "ceiling_price_pence" else "the annual value"
    if pence is None:
        faults.add(field, f"Enter {what} in pounds.")
    elif isinstance(pence, bool) or not isinstance(pence, int) or not 0 < pence <= MAX_PENCE:
        faults.add(field, f"Enter {what} in pounds, above 0.")
    else:
        return pence
    return 1


def _carried(faults: Faults, carries: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(carries) - {*_CARRIED, VALUE_SOURCE})
    for key in unknown:
        faults.add(f"carries.{key}", f"A lot does not carry “{key}”.")
    volumes = carries.get("volumes_per_year")
    found: dict[str, Any] = {
        "volumes_per_year": None
        if volumes is None
        else faults.whole(
            "carries.volumes_per_year", volumes, what="the yearly volume", least=0, most=10**9
        )
    }
    for key, what, most in (
        ("binary_baseline_pct", "the percentage", 100),
        ("frequency_baseline", "the frequency", 1000),
    ):
        typed = carries.get(key)
        found[key] = (
            None
            if typed in (None, "")
            else faults.decimal(
                f"carries.{key}",
                typed,
                what=what,
                least=Decimal("0.000001"),
                most=Decimal(most),
                places=6,
            )
        )
    for key, what in (
        ("resettlement_prisons", "the name of the prison"),
        ("local_partners", "the name of the partner"),
    ):
        found[key] = tuple(
            faults.line(f"carries.{key}", text, what=what)
            for text in carries.get(key) or ()
            if str(text).strip()
        )
    found["staff_transfer"] = _staff_transfer(faults, carries.get("staff_transfer"))
    return found


def _staff_transfer(faults: Faults, typed: str | None) -> StaffTransfer | None:
    if not typed:
        return None
    try:
        return StaffTransfer(typed)
    except ValueError:
        faults.add("carries.staff_transfer", "Choose one of the staff-transfer regimes.")
        return None


def _check_tile(
    faults: Faults, others: Sequence[LotRow], column: int | None, row: int | None
) -> None:
    for field, value, other in (("tile_column", column, row), ("tile_row", row, column)):
        if value is None and other is not None:
            faults.add(field, "A tile needs its column and its row, or neither.")
        elif value is not None:
            faults.whole(field, value, what="the place on the map", least=0, most=_MAX_TILE)
    for lot in others:
        if column is not None and (lot.tile_column, lot.tile_row) == (column, row):
            faults.add("tile_column", f"The lot {lot.reference} has this tile. Choose another.")


def _own(competition: Competition, reference: str) -> LotRow:
    for lot in competition.lots:
        if lot.reference == reference:
            return lot
    raise NotFound


def _write(competition: Competition, kept: LotRow | None, lot: Lot, *, value_source: str) -> LotRow:
    row = kept
    if row is None:
        last = max((other.position for other in competition.lots), default=0)
        row = LotRow(position=last + 1, status="open")
        competition.lots.append(row)
    row.reference = lot.reference
    row.name = lot.name
    row.annual_value_pence = lot.annual_value_pence
    row.term_years = lot.term_years
    row.ceiling_price_pence = lot.ceiling_price_pence
    row.carries = lot.carries() | ({VALUE_SOURCE: value_source} if value_source else {})
    row.tile_column = lot.tile_column
    row.tile_row = lot.tile_row
    return row


def _told(lot: LotRow) -> list[Any]:
    return [lot.reference, lot.annual_value_pence, lot.ceiling_price_pence, lot.term_years]


def _record(actor: Actor, competition: Competition, changes: dict[str, Any], clock: Clock) -> None:
    audit.record(
        actor,
        Event.LOTS_CHANGED,
        Subject("competition", competition.reference),
        changes,
        at=clock.now(),
        stream=competition_stream(competition.reference),
    )
