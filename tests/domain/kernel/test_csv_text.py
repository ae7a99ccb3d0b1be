"""Whatever stands in a cell, a spreadsheet runs nothing, and reading gives it back."""

from __future__ import annotations

import random
import re

import pytest

from commissioning.kernel.csv_text import BadCsv, cell_as_meant, csv_rows, csv_text, inert_cell

LIVE = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\u2212", "|", "%")
BLANKS = " \t\r\n\x00\x0b\x0c\x1f\x85\xa0\u2003\u200b\u2028\u2029\u202f\u2060\u3000\ufeff"
PIECES = [
    *LIVE,
    *BLANKS,
    "\r\n",
    "'",
    '"',
    ",",
    ";",
    "a",
    "7",
    "1+1",
    "cmd|' /C calc'!A0",
    "-5",
    "é",
]
BREAKS = re.compile(r"\r\n|[\r\n\x0b\x0c\x85\u2028\u2029;\t]")


def cells(count):
    """As many cells as asked for, of pieces that spreadsheets or readers stumble over."""
    drawn = random.Random(20261)
    return ["".join(drawn.choices(PIECES, k=drawn.randint(0, 7))) for _ in range(count)]


def is_live(cell):
    """Whether a line or a part of a cell begins, blanks aside, as a formula does."""
    if re.fullmatch(r"-[0-9]+(\.[0-9]+)?", cell):
        return False
    return cell.startswith(("\t", "\r", "\n")) or any(
        part.strip(BLANKS).startswith(LIVE) for part in BREAKS.split(cell)
    )


def test_of_ten_thousand_cells_none_is_live_and_each_is_read_back():
    written = cells(10_000)
    assert sum(map(is_live, written)) > 3000
    assert [cell for cell in written if is_live(inert_cell(cell))] == []
    assert [cell for cell in written if cell_as_meant(inert_cell(cell)) != cell] == []


@pytest.mark.parametrize("line_end", ["\r\n", "\n"])
def test_a_table_of_ten_thousand_cells_is_read_back_whole(line_end):
    drawn = cells(10_000)
    rows = [drawn[at : at + 8] for at in range(0, len(drawn), 8)]

    assert csv_rows(csv_text(rows, line_end=line_end).encode("utf-8-sig")) == rows


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("  =1+1", "'  =1+1"),
        ("\xa0@SUM(A1)", "'\xa0@SUM(A1)"),
        ("a\n=1", "a\n'=1"),
        ("a;=1", "a;'=1"),
        ("\ta", "'\ta"),
        ("'a", "''a"),
        ("-5", "-5"),
        ("-5.20", "-5.20"),
        ("-5+1", "'-5+1"),
        (-5, "-5"),
        (None, ""),
        ("plain words, 5 % – more", "plain words, 5 % – more"),
        ("a-b = c", "a-b = c"),
    ],
)
def test_only_what_is_live_is_marked(cell, written):
    assert inert_cell(cell) == written


def test_apostrophes_of_others_stay():
    assert [cell_as_meant(cell) for cell in ("'tis", "O'Hara", "'")] == ["'tis", "O'Hara", "'"]


@pytest.mark.parametrize("source", [b"\xff\xfe", 'a,"b'])
def test_what_is_no_csv_is_refused_in_a_sentence(source):
    with pytest.raises(BadCsv, match=r"Save it as .*CSV"):
        csv_rows(source)
