"""A price schedule is read from a file: whole and exact, or not at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from commissioning.kernel.sheets import Sheet, SheetProblem, cell_name
from commissioning.submission.domain import pricing

HEADING: Final = ("Item", "Amount in pounds")
ADJUSTMENTS: Final = "Adjustments"
NOTE: Final = "Note"
_ITEM, _AMOUNT = 1, 2
_LONGEST_SHOWN: Final = 40
_POUNDS: Final = re.compile(
    r"(?P<sign>[-\u2212]?)£?(?P<pounds>\d{1,18}|\d{1,3}(?:,\d{3}){1,5})(?:\.(?P<pence>\d{1,18}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class PriceFile:
    """What a file brings: a schedule and its note, or the reasons why not, each at its cell."""

    schedule: pricing.PriceSchedule | None
    note: str
    problems: tuple[SheetProblem, ...]


class _Refused(ValueError):
    """One cell cannot be taken; the text says why."""


def template(years: int) -> list[tuple[str, str]]:
    """The rows of a file to fill in: a heading, a row for each year, the adjustments, a note."""
    return [HEADING, *((item, "") for item in _items(years))]


def read_schedule(
    sheet: Sheet, *, years: int, discount_rate: Decimal, annual_value_pence: int | None
) -> PriceFile:
    """A price schedule in a file is taken whole or not at all, under the rules of the price form.

    The rows are those of `template`, in any order below the heading; a year that is missing, an
    unknown or repeated item, a text where an amount stands, and a unit other than pounds are each
    named with their cell. Adjustments and note may be left empty. The evaluated price must be above
    0 (`pricing.schedule_problems`).
    """
    rows, problems = _rows(sheet, years)
    amounts: dict[str, int | None] = {}
    unread: set[str] = set()
    for item in _items(years)[:-1]:
        row = rows.get(item)
        try:
            amounts[item] = _pence(sheet.cells.get((row, _AMOUNT), "")) if row else None
        except _Refused as refusal:
            unread.add(item)
            amounts[item] = None
            problems.append(SheetProblem(cell_name(row or 1, _AMOUNT), str(refusal)))
    note = str(sheet.cells.get((rows.get(NOTE, 0), _AMOUNT), ""))
    fees = [amounts[f"Year {year}"] for year in range(1, years + 1)]
    adjustments = amounts[ADJUSTMENTS] or 0
    for fault in pricing.schedule_problems(
        fees,
        adjustments,
        years=years,
        discount_rate=discount_rate,
        annual_value_pence=annual_value_pence,
    ):
        part, _, year = fault.where.partition(".")
        item = ADJUSTMENTS if part == "adjustments" else f"Year {year}"
        if item not in unread and (item in rows or part == "adjustments"):
            cell = cell_name(rows[item], _AMOUNT) if item in rows else ""
            problems.append(SheetProblem(cell, fault.sentence))
    if problems:
        return PriceFile(None, "", tuple(sorted(set(problems), key=_place)))
    whole = tuple(fee for fee in fees if fee is not None)
    return PriceFile(pricing.PriceSchedule(whole, adjustments), note, ())


def note_cell(sheet: Sheet) -> str:
    """The name of the cell that holds the note; "" where there is none."""
    found = [row for row in sheet.rows if _same(sheet.cells.get((row, _ITEM), ""), NOTE)]
    return cell_name(found[0], _AMOUNT) if found else ""


def _items(years: int) -> list[str]:
    return [*(f"Year {year}" for year in range(1, years + 1)), ADJUSTMENTS, NOTE]


def _same(cell: str | Decimal, item: str) -> bool:
    return isinstance(cell, str) and " ".join(cell.split()).casefold() == item.casefold()


def _place(problem: SheetProblem) -> tuple[int, str]:
    return int(problem.cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") or 0), problem.cell


def _rows(sheet: Sheet, years: int) -> tuple[Mapping[str, int], list[SheetProblem]]:
    """The row of each item, and what is wrong with the frame of the sheet."""
    if not sheet.cells:
        return {}, [SheetProblem("", "The file is empty. Fill in the template.")]
    problems = [
        SheetProblem(cell_name(1, column), f"The heading must be “{heading}”. Use the template.")
        for column, heading in enumerate(HEADING, start=1)
        if not _same(sheet.cells.get((1, column), ""), heading)
    ]
    if problems:
        if any(";" in str(cell) for (row, _), cell in sheet.cells.items() if row == 1):
            reason = "The columns are separated by semicolons. Separate them by commas."
            return {}, [SheetProblem("A1", reason)]
        return {}, problems
    rows: dict[str, int] = {}
    items = _items(years)
    for row in sheet.rows[1:]:
        said = sheet.cells.get((row, _ITEM), "")
        item = next((one for one in items if _same(said, one)), None)
        name = cell_name(row, _ITEM)
        if item is None:
            known = f"“Year 1” to “Year {years}”, “{ADJUSTMENTS}” and “{NOTE}”"
            problems.append(SheetProblem(name, f"{_shown(said)} is no item. They are {known}."))
        elif item in rows:
            problems.append(SheetProblem(name, f"“{item}” stands in row {rows[item]} already."))
        else:
            rows[item] = row
    problems += [
        SheetProblem(cell_name(row, column), "Nothing is expected here. Empty the cell.")
        for row, column in sheet.cells
        if column > _AMOUNT
    ]
    problems += [
        SheetProblem("", f"The row “{item}” is missing. Add it.")
        for item in items[:years]
        if item not in rows
    ]
    return rows, problems


def _pence(cell: str | Decimal) -> int | None:
    """An amount as integer pence, exactly; None for an empty cell."""
    if isinstance(cell, Decimal):
        return _pence_of_number(cell)
    if not cell:
        return None
    if cell.startswith(("=", "+", "@")):
        raise _Refused("There is a formula. Type the amount itself.")
    found = _POUNDS.fullmatch(cell.replace(" ", "").replace("\u00a0", ""))
    if found is None:
        raise _Refused(
            f"{_shown(cell)} is not an amount in pounds. Write digits only, such as 1234567.89."
        )
    if len(found["pence"] or "") == 1:
        raise _Refused(
            f"{_shown(cell)} has one digit of pence. Write two, or the amount in full if you mean "
            "millions."
        )
    exact = Decimal(f"{found['pounds'].replace(',', '')}.{found['pence'] or 0}")
    return _pence_of_number(-exact if found["sign"] else exact)


def _pence_of_number(amount: Decimal) -> int:
    if abs(amount) > pricing.MAX_PENCE:
        raise _Refused("The amount is too large to be meant. Check its unit: pounds.")
    pence = amount * 100
    if pence != pence.to_integral_value():
        raise _Refused(f"{amount:f} is finer than a penny. Write at most two decimals.")
    return int(pence)


def _shown(cell: object) -> str:
    text = str(cell)
    return f"“{text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + '…'}”"
