"""Spreadsheets (XLSX): read with suspicion, values alone; written without a live cell.

Before anything parses it, a file is held to its size, packed and unpacked, and each of its parts to
plain XML in UTF-8 without a document type, so that no entity is ever resolved or expanded.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import openpyxl
from openpyxl.styles import Font
from openpyxl.utils.exceptions import InvalidFileException

from commissioning.kernel.sheets import BadSheet, Sheet, SheetProblem, cell_name

LARGEST_FILE_BYTES: Final = 1_000_000
MOST_UNPACKED_BYTES: Final = 8_000_000
MOST_PARTS: Final = 200
MOST_TAGS: Final = 50_000
"""In one part: a parser needs a second for them, and a thousand times their size in memory."""
MOST_ROWS: Final = 200
MOST_COLUMNS: Final = 26

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BROKEN: Final = "The file cannot be read as a spreadsheet. Save it as XLSX again, or as CSV."
_TOO_LARGE: Final = "The file is too large for this. Fill in the template and nothing else."
_ENCODING: Final = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([\w.-]+)")
_PLAIN: Final = {b"utf-8", b"utf8", b"us-ascii", b"ascii"}
_MERGED: Final = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref\s*=\s*[\"']([A-Z]{1,3}\d{1,7})")
_HIDDEN: Final = re.compile(rb"<(?:\w+:)?(?:row|col)\s[^>]*?hidden\s*=\s*[\"'](?:1|true)[\"']")
_SHEET_PART: Final = re.compile(r"(?i)(?:^|/)worksheets/[^/]+$")


def is_spreadsheet(content: bytes) -> bool:
    """Whether a file begins as an XLSX file does."""
    return content.startswith(b"PK\x03\x04")


def sheet_from_xlsx(content: bytes) -> Sheet:
    """The one sheet of a file that holds something, as values.

    Raises BadSheet with everything that stands in the way: formulas, merged cells, hidden sheets,
    rows or columns, more than one sheet with data, what is no value, and a file that is too large,
    broken, locked or not plain.
    """
    _check_parts(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions, which nobody asks for
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
            try:
                return _only_sheet(book)
            finally:
                book.close()
    except BadSheet:
        raise
    except (InvalidFileException, *_PARSE_ERRORS) as error:
        raise BadSheet(SheetProblem("", _BROKEN)) from error


def xlsx_of(rows: Iterable[Sequence[str]], *, title: str, widths: Sequence[int]) -> bytes:
    """Rows of texts as a spreadsheet, the first as its heading; no cell is a formula."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for number, row in enumerate(rows, start=1):
        for column, text in enumerate(row, start=1):
            cell = sheet.cell(number, column)
            if text:
                cell.value = text
                cell.data_type = "s"  # a text that begins with "=" stays a text
            cell.font = Font(bold=number == 1)
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[cell_name(1, column).rstrip("1")].width = width
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


# Whatever openpyxl meets in a file that is not as it should be, it raises one of these.
_PARSE_ERRORS: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    SyntaxError,  # of XML as well
    TypeError,
    ValueError,
    zipfile.BadZipFile,
)


def _refuse(reason: str) -> BadSheet:
    return BadSheet(SheetProblem("", reason))


def _check_parts(content: bytes) -> None:
    if len(content) > LARGEST_FILE_BYTES:
        raise _refuse(_TOO_LARGE)
    problems: list[SheetProblem] = []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            infos = file.infolist()
            names = [info.filename for info in infos]
            if any(info.flag_bits & 1 for info in infos):
                raise _refuse("The file is locked with a password. Save it without one.")
            if len(infos) > MOST_PARTS or len(set(names)) < len(names):
                raise _refuse(_TOO_LARGE)
            left = MOST_UNPACKED_BYTES
            for info in infos:
                with file.open(info) as part:
                    text = part.read(left + 1)
                left -= len(text)
                if left < 0 or text.count(b"<") > MOST_TAGS:
                    raise _refuse(_TOO_LARGE)
                problems += _problems_of_part(info.filename, text)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, *_OPEN_ERRORS) as error:
        if isinstance(error, BadSheet):
            raise
        raise _refuse(_BROKEN) from error
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        problems.append(SheetProblem("", "The file holds macros. Save it as XLSX, or as CSV."))
    if problems:
        raise BadSheet(*problems)


_OPEN_ERRORS: Final = (EOFError, OSError, RuntimeError, ValueError)


def _problems_of_part(name: str, text: bytes) -> Iterator[SheetProblem]:
    """Why a part is not plain: nothing of it has been parsed yet."""
    if not _is_plain(text):
        raise _refuse("The file defines entities or is written in another encoding. " + _BROKEN)
    if _SHEET_PART.search(name):
        for found in _MERGED.finditer(text):
            yield SheetProblem(
                found[1].decode(), "The cell is merged with others. Unmerge it, and load it again."
            )
        if _HIDDEN.search(text):
            yield SheetProblem("", "The sheet has hidden rows or columns. Show them all.")


def _is_plain(text: bytes) -> bool:
    if text.startswith((b"\xfe\xff", b"\xff\xfe")) or text[:4].count(b"\x00") in {2, 3}:
        return not text.lstrip(b"\xfe\xff\x00").startswith(b"<")
    upper = text.upper()
    if b"<!DOCTYPE" in upper or b"<!ENTITY" in upper:
        return False
    said = _ENCODING.match(text.removeprefix(b"\xef\xbb\xbf"))
    return said is None or said[1].lower() in _PLAIN


def _only_sheet(book: Any) -> Sheet:
    problems = [
        SheetProblem("", f"The sheet “{sheet.title}” is hidden. Show it, or remove it.")
        for sheet in book.worksheets
        if sheet.sheet_state != "visible"
    ]
    read = [(sheet.title, _cells(sheet, problems)) for sheet in book.worksheets]
    filled = [(title, cells) for title, cells in read if cells]
    if len(filled) > 1:
        titles = ", ".join(f"“{title}”" for title, _ in filled)
        problems.append(
            SheetProblem("", f"More than one sheet holds data: {titles}. Keep the one meant.")
        )
    if problems:
        raise BadSheet(*problems)
    return Sheet(filled[0][1] if filled else {})


def _cells(sheet: Any, problems: list[SheetProblem]) -> dict[tuple[int, int], str | Decimal]:
    found: dict[tuple[int, int], str | Decimal] = {}
    sheet.reset_dimensions()  # what the file says of its own size is not believed
    for number, row in enumerate(sheet.iter_rows(), start=1):
        if number > MOST_ROWS or len(row) > MOST_COLUMNS:
            raise _refuse(_TOO_LARGE)
        for column, cell in enumerate(row, start=1):
            if cell.value is None:
                continue
            name = cell_name(number, column)
            try:
                value = _value(cell)
            except ValueError as error:
                problems.append(SheetProblem(name, str(error)))
                value = name
            if value != "":
                found[number, column] = value
    return found


def _value(cell: Any) -> str | Decimal:
    value, kind = cell.value, cell.data_type
    if kind == "f":
        raise ValueError("There is a formula. Type the amount itself, or paste values only.")
    if kind == "e":
        raise ValueError(f"There is the error {str(value)[:20]}. Type the amount itself.")
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(  # noqa: TRY004 - about the type of a cell, not of an argument
            "There is a date, a time or a yes or no. Type an amount or a text."
        )
    try:
        number = Decimal(repr(value))
    except InvalidOperation as error:
        raise ValueError("The number cannot be read. Type it again.") from error
    if not number.is_finite():
        raise ValueError("The number cannot be read. Type it again.")
    return number
