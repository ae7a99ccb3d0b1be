"""Price schedules in files, whole and broken."""

from __future__ import annotations

import io
import zipfile

from openpyxl import Workbook


def rows(years=7, fee="10000000", **changes):
    """The rows of a schedule that is whole, but for the items that are changed; None leaves out."""
    amounts = {f"Year {year}": fee for year in range(1, years + 1)}
    amounts |= {"Adjustments": "", "Note": ""} | changes
    return [["Item", "Amount in pounds"], *([k, v] for k, v in amounts.items() if v is not None)]


def xlsx(table, change=None):
    """A spreadsheet of these rows; `change(book)` goes on from there."""
    book = Workbook()
    for row in table:
        book.worksheets[0].append([None if cell == "" else cell for cell in row])
    if change is not None:
        change(book)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def with_part(content, name, change):
    """The same file with one part changed: bytes to bytes, from none where it is not there."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w") as new:
        parts = {info.filename: old.read(info) for info in old.infolist()}
        parts[name] = change(parts.get(name, b""))
        for part, text in parts.items():
            new.writestr(part, text, zipfile.ZIP_DEFLATED)
    return written.getvalue()
