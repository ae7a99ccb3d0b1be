"""A sheet of cells as it was read from a file, whatever the format of the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from commissioning.kernel.csv_text import csv_rows

_LETTERS = 26


@dataclass(frozen=True, slots=True)
class SheetProblem:
    """Why a file cannot be taken: the cell, such as "C4", or "" for the file; and a sentence."""

    cell: str
    reason: str

    @property
    def sentence(self) -> str:
        """The problem as one sentence, with its cell."""
        return f"Cell {self.cell}: {self.reason}" if self.cell else self.reason


class BadSheet(ValueError):
    """A file of cells that cannot be taken as it is, with everything that is wrong."""

    def __init__(self, *problems: SheetProblem) -> None:
        super().__init__(" ".join(problem.sentence for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of a sheet that hold something: {(row, column): value}, both counted from 1.

    A number is a Decimal, exactly as the file writes it; all else is text without blanks around it.
    """

    cells: Mapping[tuple[int, int], str | Decimal]

    @property
    def rows(self) -> list[int]:
        """The numbers of the rows that hold something."""
        return sorted({row for row, _ in self.cells})


def cell_name(row: int, column: int) -> str:
    """The name of a cell as spreadsheets write it: row 4, column 3 is C4."""
    letters = ""
    while column:
        column, letter = divmod(column - 1, _LETTERS)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row}"


def sheet_from_csv(source: bytes) -> Sheet:
    """A CSV text as a sheet. Raises BadCsv."""
    return sheet_from_rows(csv_rows(source))


def sheet_from_rows(rows: Sequence[Sequence[str]]) -> Sheet:
    """Rows of texts as a sheet."""
    return Sheet(
        {
            (row, column): cell.strip()
            for row, cells in enumerate(rows, start=1)
            for column, cell in enumerate(cells, start=1)
            if cell.strip()
        }
    )
