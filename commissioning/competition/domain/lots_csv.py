"""A list of lots is read from a file: whole and exact, or not at all."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from commissioning.competition.domain.lots import Lot, StaffTransfer
from commissioning.kernel.csv_text import BadCsv, csv_rows


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a row of the file cannot be taken: its number in a spreadsheet, the column, a sentence.

    The heading is row 1. Row 0 is the file as a whole; an empty column is the row as a whole.
    """

    row: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class LotImport:
    """What a file of lots brings: all of its rows, or none and the reasons."""

    rows: tuple[Lot, ...]
    errors: tuple[RowError, ...]


COLUMNS: Final = (
    "reference",
    "name",
    "annual_value_gbp",
    "term_years",
    "ceiling_price_gbp",
    "volumes_per_year",
    "binary_baseline_pct",
    "frequency_baseline",
    "resettlement_prisons",
    "local_partners",
    "staff_transfer",
    "tile_column",
    "tile_row",
)
"""The headings of the file, each of them needed, in any order."""

MAX_REFERENCE_LENGTH: Final = 40
MAX_NAME_LENGTH: Final = 200
MAX_PENCE: Final = 10**15
"""Ten million million pounds: more is a slip of the keyboard."""

_LEAST_ANNUAL_VALUE_POUNDS: Final = 1000
_MAX_TERM_YEARS: Final = 50
_MAX_TILE: Final = 99
_LONGEST_SHOWN: Final = 40
_MAX_ROWS: Final = 5000
_FORMULA_STARTS: Final = ("=", "+", "-", "@")
# Control, format, surrogate, private and unassigned characters, and two separators of lines.
_INVISIBLE: Final = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_REFERENCE: Final = re.compile(r"\w[\w .-]*")
_POUNDS: Final = re.compile(
    r"(?P<sign>-?)(?P<pounds>\d{1,18}|\d{1,3}(?:,\d{3}){1,5})(?:\.(?P<pence>\d{1,18}))?", re.ASCII
)
_WHOLE: Final = re.compile(r"\d{1,12}", re.ASCII)
_DECIMAL: Final = re.compile(r"\d{1,6}(?:\.\d{1,6})?", re.ASCII)


class _Refused(ValueError):
    """One cell cannot be taken; the text says why."""


def parse_lots_csv(source: str | bytes) -> LotImport:
    """A file of lots is taken whole or not at all: one bad row imports nothing.

    `source` is CSV in UTF-8, with or without a byte order mark, with the headings of `COLUMNS`.
    Values are in pounds, exact; lists are separated by semicolons. Every fault is named with its
    row and column, so that it can be mended in one go.
    """
    try:
        table = [[cell.strip() for cell in record] for record in csv_rows(source)]
    except BadCsv as error:
        return _refused(str(error))
    table = [row if any(row) else [] for row in table]
    if not any(table):
        return _refused("The file is empty. Load one with a heading and a row for each lot.")
    heading, errors = _heading(table[0])
    if errors:
        return LotImport((), tuple(errors))
    numbered = [(number, row) for number, row in enumerate(table[1:], start=2) if row]
    if not numbered:
        return _refused("The file has a heading and no lots. Add a row for each lot.")
    if len(numbered) > _MAX_ROWS:
        return _refused(f"The file has more than {_MAX_ROWS} rows. Split it.")
    lots: list[tuple[int, Lot]] = []
    for number, row in numbered:
        lot, faults = _read_row(number, row, heading)
        errors += faults
        if lot is not None:
            lots.append((number, lot))
    errors += _repeated(numbered, heading)
    errors += _shared_tiles(lots)
    if errors:
        return LotImport((), tuple(sorted(errors, key=_place)))
    return LotImport(tuple(lot for _, lot in lots), ())


def _refused(reason: str) -> LotImport:
    return LotImport((), (RowError(0, "", reason),))


def _place(error: RowError) -> tuple[int, int]:
    return error.row, COLUMNS.index(error.column) if error.column in COLUMNS else -1


def _heading(cells: list[str]) -> tuple[list[str], list[RowError]]:
    names = [cell.casefold() for cell in cells]
    if len(names) == 1 and ";" in names[0]:
        return names, [
            RowError(1, "", "The columns are separated by semicolons. Separate them by commas.")
        ]
    errors = [
        RowError(1, name, f"The column {name!r} is missing. Add it; its cells may be empty.")
        for name in COLUMNS
        if name not in names
    ]
    errors += [
        RowError(
            1, name, f"The column {_shown(name)} is not known. Remove it, or correct its name."
        )
        for name in dict.fromkeys(names)
        if name not in COLUMNS
    ]
    errors += [
        RowError(1, name, f"The column {name!r} stands there twice. Remove one.")
        for name in COLUMNS
        if names.count(name) > 1
    ]
    return names, errors


def _read_row(number: int, row: list[str], heading: list[str]) -> tuple[Lot | None, list[RowError]]:
    if len(row) != len(heading):
        reason = (
            f"The row has {len(row)} cells and the heading {len(heading)}. Put a text that holds "
            "a comma in double quotes."
        )
        return None, [RowError(number, "", reason)]
    cells = dict(zip(heading, row, strict=True))
    fields: dict[str, Any] = {}
    errors: list[RowError] = []
    for column, (field, read) in _READERS.items():
        try:
            fields[field] = read(cells[column])
        except _Refused as refusal:
            errors.append(RowError(number, column, str(refusal)))
    if (not cells["tile_column"]) != (not cells["tile_row"]):
        empty = "tile_row" if cells["tile_column"] else "tile_column"
        errors.append(RowError(number, empty, "A tile needs its column and its row, or neither."))
    return (None, errors) if errors else (Lot(**fields), [])


def _repeated(numbered: list[tuple[int, list[str]]], heading: list[str]) -> list[RowError]:
    """References that two rows share, however they are spelt in capitals."""
    place = heading.index("reference")
    first: dict[str, int] = {}
    errors = []
    for number, row in numbered:
        reference = row[place] if len(row) > place else ""
        key = unicodedata.normalize("NFKC", reference).casefold()
        if key and key in first:
            reason = (
                f"The reference {_shown(reference)} stands in row {first[key]} already. Change one."
            )
            errors.append(RowError(number, "reference", reason))
        first.setdefault(key, number)
    return errors


def _shared_tiles(lots: list[tuple[int, Lot]]) -> list[RowError]:
    first: dict[tuple[int, int], int] = {}
    errors = []
    for number, lot in lots:
        if lot.tile_column is None or lot.tile_row is None:
            continue
        tile = (lot.tile_column, lot.tile_row)
        if tile in first:
            reason = f"Row {first[tile]} has the same tile. Give each lot a tile of its own."
            errors.append(RowError(number, "tile_column", reason))
        first.setdefault(tile, number)
    return errors


def _text(longest: int, *, is_needed: bool) -> Callable[[str], str]:
    def read(cell: str) -> str:
        if not cell and is_needed:
            raise _Refused("This cell is empty. Fill it in.")
        if cell.startswith(_FORMULA_STARTS):
            raise _Refused(f"{_shown(cell)} looks like a formula. Begin with a letter or a digit.")
        if any(unicodedata.category(character) in _INVISIBLE for character in cell):
            raise _Refused("The text holds a line break or an invisible character. Remove it.")
        if len(cell) > longest:
            raise _Refused(f"The text is longer than {longest} characters. Shorten it.")
        return cell

    return read


def _reference(cell: str) -> str:
    reference = _text(MAX_REFERENCE_LENGTH, is_needed=True)(cell)
    if not _REFERENCE.fullmatch(reference):
        raise _Refused(
            f"{_shown(cell)} is no reference. Use letters, digits, spaces, hyphens and dots."
        )
    return reference


def _list(cell: str) -> tuple[str, ...]:
    read = _text(MAX_NAME_LENGTH, is_needed=False)
    return tuple(read(part.strip()) for part in cell.split(";") if part.strip())


def _pounds(cell: str) -> int:
    """Pounds as integer pence: digits, with commas between thousands and at most two decimals."""
    found = _POUNDS.fullmatch(cell)
    if found is None:
        raise _Refused(
            f"{_shown(cell)} is not an amount in pounds. Write digits only, without a "
            "unit, such as 11400000."
        )
    decimals = found["pence"] or ""
    if len(decimals) > 2:
        raise _Refused(f"{_shown(cell)} is finer than a penny. Write at most two decimals.")
    pence = int(found["pounds"].replace(",", "")) * 100 + int(decimals.ljust(2, "0") or "0")
    if found["sign"] or pence == 0:
        raise _Refused("The amount must be above 0.")
    if pence > MAX_PENCE:
        raise _Refused("The amount is too large to be meant. Check its unit: pounds.")
    return pence


def _annual_value(cell: str) -> int:
    if not cell:
        raise _Refused("The annual value is empty. Write it in pounds.")
    pence = _pounds(cell)
    if pence < _LEAST_ANNUAL_VALUE_POUNDS * 100:
        raise _Refused(
            f"{cell} pounds a year looks like an amount in thousands or millions. Write it in "
            "pounds."
        )
    return pence


def _whole(name: str, least: int, most: int) -> Callable[[str], int]:
    def read(cell: str) -> int:
        if not cell:
            raise _Refused(f"The {name} is empty. Write a whole number from {least} to {most:,}.")
        if not _WHOLE.fullmatch(cell) or not least <= int(cell) <= most:
            raise _Refused(
                f"{_shown(cell)} is no {name}. Write a whole number from {least} to {most:,}."
            )
        return int(cell)

    return read


def _decimal(name: str, most: int) -> Callable[[str], Decimal]:
    def read(cell: str) -> Decimal:
        if not _DECIMAL.fullmatch(cell) or not 0 < Decimal(cell) <= most:
            raise _Refused(f"{_shown(cell)} is no {name}. Write a number above 0, at most {most}.")
        return Decimal(cell)

    return read


def _staff_transfer(cell: str) -> StaffTransfer:
    try:
        return StaffTransfer(cell.casefold().replace(" ", "_"))
    except ValueError as error:
        choices = ", ".join(choice.value for choice in StaffTransfer)
        raise _Refused(
            f"{_shown(cell)} is no staff-transfer regime. Write one of {choices}."
        ) from error


def _or_none(read: Callable[[str], object]) -> Callable[[str], object]:
    return lambda cell: read(cell) if cell else None


def _shown(cell: str) -> str:
    return repr(cell if len(cell) <= _LONGEST_SHOWN else cell[:_LONGEST_SHOWN] + "…")


_READERS: Final[Mapping[str, tuple[str, Callable[[str], object]]]] = {
    "reference": ("reference", _reference),
    "name": ("name", _text(MAX_NAME_LENGTH, is_needed=True)),
    "annual_value_gbp": ("annual_value_pence", _annual_value),
    "term_years": ("term_years", _whole("term in years", 1, _MAX_TERM_YEARS)),
    "ceiling_price_gbp": ("ceiling_price_pence", _or_none(_pounds)),
    "volumes_per_year": ("volumes_per_year", _or_none(_whole("yearly volume", 0, 10**9))),
    "binary_baseline_pct": ("binary_baseline_pct", _or_none(_decimal("percentage", 100))),
    "frequency_baseline": ("frequency_baseline", _or_none(_decimal("frequency", 1000))),
    "resettlement_prisons": ("resettlement_prisons", _list),
    "local_partners": ("local_partners", _list),
    "staff_transfer": ("staff_transfer", _or_none(_staff_transfer)),
    "tile_column": ("tile_column", _or_none(_whole("tile column", 0, _MAX_TILE))),
    "tile_row": ("tile_row", _or_none(_whole("tile row", 0, _MAX_TILE))),
}
