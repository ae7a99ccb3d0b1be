"""CSV as the platform writes and reads it: no cell that it writes is a live formula anywhere.

A spreadsheet runs a cell that begins with = + - or @, also behind blanks, and some programs look at
each line of a cell, or at what stands after a semicolon or a tab. Such a place gets an apostrophe
before it. Reading takes it away again, so that what was written is read as it was.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Final

_STARTS: Final = r"(?:\A|(?<=[\n\v\f\x85\u2028\u2029;\t])|(?<=\r)(?!\n))"
_BLANKS: Final = r"[\s\x00-\x20\u180e\u200b-\u200f\u2028-\u202f\u2060-\u2069\ufeff]*"
# Wide letters too: some programs read them as their narrow ones. The apostrophe itself is marked,
# so that reading can tell ours from one that was there.
_LIVE: Final = rf"(?={_BLANKS}[=+\-@'|%\uff1d\uff0b\uff0d\uff20\u2212]|\t|\A[\r\n])"
_LIVE_AFTER: Final = rf"(?={_BLANKS}[=+\-@'|%\uff1d\uff0b\uff0d\uff20\u2212]|\t)"
_TO_MARK: Final = re.compile(_STARTS + _LIVE)
_MARKED: Final = re.compile(rf"{_STARTS}'{_LIVE_AFTER}|\A'(?=[\r\n])")
_NUMBER: Final = re.compile(r"-\d{1,20}(?:\.\d{1,20})?", re.ASCII)
_TO_QUOTE: Final = re.compile(r'[",;\t\r\n\v\f\x85\u2028\u2029]|\A\s|\s\Z')


class BadCsv(ValueError):
    """A text that is no CSV; the sentence says what to do."""


def inert_cell(value: object) -> str:
    """A value as a cell that no spreadsheet runs; a plain number below 0 stays as it is."""
    text = "" if value is None else str(value)
    return text if _NUMBER.fullmatch(text) else _TO_MARK.sub("'", text)


def cell_as_meant(cell: str) -> str:
    """What stood in a cell before `inert_cell`; other texts stay as they are."""
    return _MARKED.sub("", cell)


def csv_text(rows: Iterable[Iterable[object]], *, line_end: str = "\r\n") -> str:
    """Rows as CSV (RFC 4180) in which no cell is a live formula."""
    return "".join(",".join(map(_quoted, row)) + line_end for row in rows)


def csv_rows(source: str | bytes) -> list[list[str]]:
    """The rows of a CSV text in UTF-8, with cells as they were meant. Raises BadCsv."""
    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source
    except UnicodeDecodeError:
        raise BadCsv(
            "The file is not in UTF-8. Save it as “CSV UTF-8” and load it again."
        ) from None
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        return [_as_meant(record) for record in reader]
    except csv.Error as error:
        raise BadCsv(f"The file cannot be read as CSV ({error}). Save it as CSV again.") from error


def _as_meant(record: Sequence[str]) -> list[str]:
    return [cell_as_meant(cell) for cell in record]


def _quoted(value: object) -> str:
    cell = inert_cell(value)
    return '"' + cell.replace('"', '""') + '"' if _TO_QUOTE.search(cell) else cell
