"""A price schedule from a file: whole and exact, or not at all, and nothing saved by looking."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest

from commissioning.kernel.csv_text import csv_rows, csv_text
from commissioning.kernel.errors import Forbidden
from commissioning.submission import services
from commissioning.submission.domain import price_file
from tests.factories.submission import ITN_DEADLINE, add_bidder, contest
from tests.support.hostile_files import BILLION, XXE, locked_archive, many_entries, packed
from tests.support.price_files import rows, with_part, xlsx


@pytest.fixture
def made(session):
    return contest()


def preview(made, content, bidder=None):
    bidder = bidder or made.bidders[0]
    content = csv_text(content).encode() if isinstance(content, list) else content
    return services.preview_price_file(
        bidder.actor, made.reference, made.lot, bidder.reference, content, clock=made.clock
    )


def sentences(made, content):
    read = preview(made, content)
    assert read.schedule is None
    return [problem.sentence for problem in read.problems]


def nothing_saved(made):
    (bidder,) = made.bidders
    own = services.read_own_bid(bidder.actor, made.reference, made.lot, bidder.reference)
    return own.bid is None


@pytest.mark.parametrize("make", [lambda table: table, xlsx])
def test_a_whole_file_is_read_and_nothing_is_saved(made, make):
    table = rows(**{"Year 2": "£10,500,000.25", "Adjustments": "-1000", "Note": "As agreed."})
    read = preview(made, make(table))

    assert read.problems == ()
    assert read.schedule.fees_pence == (10**9, 1_050_000_025, *[10**9] * 5)
    assert read.schedule.adjustments_pence == -100_000
    assert read.note == "As agreed."
    assert nothing_saved(made)


def test_numbers_of_a_spreadsheet_are_read_to_the_penny(made):
    read = preview(made, xlsx(rows(fee=10_000_000.07, **{"Year 1": 9_999_999})))

    assert read.schedule.fees_pence == (999_999_900, *[1_000_000_007] * 6)


def test_the_templates_need_only_their_amounts(made):
    table = [list(row) for row in price_file.template(7)]
    assert csv_rows(csv_text(table)) == table
    book = openpyxl.load_workbook(io.BytesIO(services.price_template_xlsx(7)))
    (sheet,) = book.worksheets
    for row in range(2, 9):
        sheet.cell(row, 2).value = 10_000_000
    written = io.BytesIO()
    book.save(written)

    assert preview(made, written.getvalue()).schedule.fees_pence == (10**9,) * 7


@pytest.mark.parametrize("make", [lambda table: table, xlsx])
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"Year 3": ""}, "Cell B4: Enter the fee for year 3."),
        ({"Year 3": None}, "The row “Year 3” is missing. Add it."),
        ({"Year 3": "ten million"}, "Cell B4: “ten million” is not an amount in pounds."),
        ({"Year 3": "10m"}, "Cell B4: “10m” is not an amount in pounds."),
        ({"Year 3": "12.5"}, "Cell B4: “12.5” has one digit of pence."),
        ({"Year 3": "10000000.123"}, "Cell B4: 10000000.123 is finer than a penny."),
        ({"Year 3": "-5"}, "Cell B4: The fee for year 3 must be above £0."),
        ({"Year 3": "0"}, "Cell B4: The fee for year 3 must be above £0."),
        ({"Year 3": "10000"}, "it looks like it is in thousands. Enter it in pounds."),
        ({"Year 3": "9" * 18}, "Cell B4: The amount is too large to be meant."),
        ({"Year 3": "€10000000"}, "Cell B4: “€10000000” is not an amount in pounds."),
        ({"Year 8": "10000000"}, "“Year 8” is no item."),
        ({"Adjustments": "some"}, "Cell B9: “some” is not an amount in pounds."),
        ({"Adjustments": "-900000000"}, "it must be above £0"),
        ({"Note": "word " * 501}, "Cell B10: The note must have 500 words or fewer."),
    ],
)
def test_what_is_wrong_is_named_with_its_cell(made, make, changes, sentence):
    (said,) = sentences(made, make(rows(**changes)))

    assert sentence in said
    assert nothing_saved(made)


def test_everything_that_is_wrong_is_said_at_once(made):
    said = sentences(made, rows(**{"Year 1": "x", "Year 2": "", "Year 7": "-1"}))

    assert [sentence.partition(":")[0] for sentence in said] == ["Cell B2", "Cell B3", "Cell B8"]


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ([], "The file is empty."),
        ([["Year", "Fee"], ["Year 1", "5"]], "Cell A1: The heading must be “Item”."),
        ([*rows(), ["Year 1", "5"]], "“Year 1” stands in row 2 already."),
        ([*rows()[:-1], ["Note", "", "=1"]], "Cell C10: Nothing is expected here."),
        (b"Item;Amount in pounds\r\nYear 1;5\r\n", "separated by semicolons"),
        (b"\xff\xfeI\x00", "The file is not in UTF-8."),
        (b'Item,"Amount', "The file cannot be read as CSV"),
        (
            csv_text(rows()).replace("10000000", "=10000000", 1).encode(),
            "Cell B2: There is a formula.",
        ),
    ],
)
def test_a_table_of_another_shape_is_refused_in_words(made, table, sentence):
    assert any(sentence in said for said in sentences(made, table))


def change_cell(name, value):
    def change(book):
        book.worksheets[0][name] = value

    return change


def merge(book):
    book.worksheets[0].merge_cells("A4:B4")


def hide_sheet(book):
    book.create_sheet("Rates").sheet_state = "hidden"


def hide_row(book):
    book.worksheets[0].row_dimensions[4].hidden = True


def second_sheet(book):
    book.create_sheet("Notes")["A1"] = "words"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (change_cell("B4", "=B3*2"), "Cell B4: There is a formula."),
        (change_cell("C4", "=1"), "Cell C4: There is a formula."),
        (change_cell("B4", "#REF!"), "Cell B4: There is the error #REF!."),
        (change_cell("B4", True), "Cell B4: There is a date, a time or a yes or no."),
        (change_cell("B4", date(2026, 1, 1)), "Cell B4: There is a date"),
        (change_cell("B4", 1.005), "Cell B4: 1.005 is finer than a penny."),
        (change_cell("C4", "words"), "Cell C4: Nothing is expected here."),
        (merge, "Cell A4: The cell is merged with others."),
        (hide_sheet, "The sheet “Rates” is hidden."),
        (hide_row, "The sheet has hidden rows or columns."),
        (second_sheet, "More than one sheet holds data: “Sheet”, “Notes”."),
        (change_cell("A5000", "far away"), "The file is too large for this."),
        (change_cell("XFD3", "far away"), "The file is too large for this."),
    ],
)
def test_what_a_spreadsheet_could_hide_is_refused_in_words(made, change, sentence):
    assert any(sentence in said for said in sentences(made, xlsx(rows(), change)))


SHEET = "xl/worksheets/sheet1.xml"
HUGE_MERGE = b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'
IN_EBCDIC = b"<?xml version='1.0' encoding='cp037'?>" + XXE.decode().encode("cp037")
HOSTILE = {
    "an entity": lambda whole: with_part(whole, SHEET, lambda _: XXE),
    "an expansion": lambda whole: with_part(whole, "xl/sharedStrings.xml", lambda _: BILLION),
    "an entity in wide letters": lambda whole: with_part(
        whole, SHEET, lambda _: XXE.decode().encode("utf-16")
    ),
    "an entity in wide letters without a mark": lambda whole: with_part(
        whole, SHEET, lambda _: XXE.decode().encode("utf-16-le")
    ),
    "another encoding": lambda whole: with_part(
        whole, SHEET, lambda _: IN_EBCDIC
    ),
    "a document type in a part beside": lambda whole: with_part(
        whole, "docProps/x.bin", lambda _: XXE
    ),
    "a merge of everything": lambda whole: with_part(
        whole, SHEET, lambda text: text.replace(b"</worksheet>", HUGE_MERGE)
    ),
    "a part that unpacks to much": lambda whole: with_part(
        whole, "xl/a.xml", lambda _: b" " * 10**7
    ),
    "a part of countless empty elements": lambda whole: with_part(
        whole, "xl/styles.xml", lambda text: text.replace(b"<fonts", b"<xf/>" * 10**6 + b"<fonts")
    ),
    "a part cut off": lambda whole: with_part(whole, SHEET, lambda text: text[:200]),
    "no sheet": lambda whole: with_part(whole, "xl/workbook.xml", lambda _: b"<a/>"),
    "no number in a cell": lambda whole: with_part(
        whole, SHEET, lambda text: text.replace(b"<c r=", b"<c t='n' s='99999' r=")
    ),
    "macros": lambda whole: with_part(whole, "xl/vbaProject.bin", lambda _: b"x"),
    "a file cut off": lambda whole: whole[:-100],
    "a locked archive": lambda _: locked_archive(),
    "very many entries": lambda _: many_entries(10_000),
    "another archive": lambda _: packed({"a.txt": b"a"}),
    "too many bytes": lambda whole: whole + bytes(10**6),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_spreadsheet_is_refused_before_it_is_parsed_or_as_broken(made, what):
    said = sentences(made, HOSTILE[what](xlsx(rows())))

    assert said
    assert all(sentence.endswith(".") for sentence in said)
    assert "root:" not in " ".join(said)


def test_nobody_looks_after_the_deadline_or_for_another(made):
    other = add_bidder(made, lots=["L2"])
    with pytest.raises(Forbidden):
        preview(made, rows(), bidder=other)
    made.clock.move_to(ITN_DEADLINE)
    with pytest.raises(services.TooLate):
        preview(made, rows())
