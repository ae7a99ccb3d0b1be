from __future__ import annotations

import csv
import io
import json
from dataclasses import fields
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.competition.domain.lots import Lot, LotStatus, StaffTransfer, carried
from commissioning.competition.domain.lots_csv import (
    COLUMNS,
    LotImport,
    RowError,
    parse_lots_csv,
)

PLAIN = {
    "reference": "northumbria",
    "name": "Northumbria",
    "annual_value_gbp": "11400000",
    "term_years": "7",
}


def as_csv(*rows, columns=COLUMNS):
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([row.get(column, "") for column in columns] for row in rows)
    return out.getvalue()


def read_one(**changes):
    return parse_lots_csv(as_csv(PLAIN | changes))


def only_error(result):
    assert result.rows == ()
    (error,) = result.errors
    return error


def test_lot_is_read_with_all_that_it_carries():
    row = {
        "reference": "bench",
        "name": "Bedfordshire, Northamptonshire, Cambridgeshire and Hertfordshire",
        "annual_value_gbp": "26200000.50",
        "term_years": "7",
        "ceiling_price_gbp": "180,000,000",
        "volumes_per_year": "9000",
        "binary_baseline_pct": "47.5",
        "frequency_baseline": "4.2",
        "resettlement_prisons": "Bedford; Peterborough ;",
        "local_partners": "Police; Health board",
        "staff_transfer": "Statutory scheme",
        "tile_column": "3",
        "tile_row": "0",
    }
    assert parse_lots_csv(as_csv(row)) == LotImport(
        (
            Lot(
                reference="bench",
                name="Bedfordshire, Northamptonshire, Cambridgeshire and Hertfordshire",
                annual_value_pence=26_200_000_50,
                term_years=7,
                ceiling_price_pence=180_000_000_00,
                volumes_per_year=9000,
                binary_baseline_pct=Decimal("47.5"),
                frequency_baseline=Decimal("4.2"),
                resettlement_prisons=("Bedford", "Peterborough"),
                local_partners=("Police", "Health board"),
                staff_transfer=StaffTransfer.STATUTORY_SCHEME,
                tile_column=3,
                tile_row=0,
            ),
        ),
        (),
    )


def test_cells_that_may_be_empty_say_nothing():
    (lot,) = read_one().rows
    assert lot == Lot(
        reference="northumbria", name="Northumbria", annual_value_pence=11_400_000_00, term_years=7
    )


@pytest.mark.parametrize("source", ["\ufeff", ""])
def test_byte_order_mark_is_no_part_of_the_first_heading(source):
    text = source + as_csv(PLAIN)
    assert parse_lots_csv(text).errors == ()
    assert parse_lots_csv(text.encode()).errors == ()


def test_columns_may_stand_in_any_order_and_case():
    columns = [column.upper() for column in reversed(COLUMNS)]
    shouted = {key.upper(): value for key, value in PLAIN.items()}
    assert parse_lots_csv(as_csv(shouted, columns=columns)).rows == read_one().rows


def test_blank_lines_are_skipped_and_keep_the_row_numbers():
    other = PLAIN | {"reference": "wales", "annual_value_gbp": ""}
    text = as_csv(PLAIN, {}, {}, other)
    assert only_error(parse_lots_csv(text)).row == 5


def test_one_bad_row_imports_nothing():
    good = [PLAIN | {"reference": f"lot-{n}"} for n in range(5)]
    bad = PLAIN | {"reference": "bad", "annual_value_gbp": "12m"}
    result = parse_lots_csv(as_csv(*good, bad))
    assert result.rows == ()
    assert result.errors == (
        RowError(
            7,
            "annual_value_gbp",
            "'12m' is not an amount in pounds. Write digits only, without a unit, such as "
            "11400000.",
        ),
    )


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("annual_value_gbp", "", "empty"),
        ("annual_value_gbp", "0", "above 0"),
        ("annual_value_gbp", "0.00", "above 0"),
        ("annual_value_gbp", "-5000000", "above 0"),
        ("annual_value_gbp", "12m", "not an amount in pounds"),
        ("annual_value_gbp", "£12000000", "not an amount in pounds"),
        ("annual_value_gbp", "12.000.000", "not an amount in pounds"),
        ("annual_value_gbp", "12,00,000", "not an amount in pounds"),
        ("annual_value_gbp", "1.2e7", "not an amount in pounds"),
        ("annual_value_gbp", "=A1*2", "not an amount in pounds"),
        ("annual_value_gbp", "１２０００", "not an amount in pounds"),  # noqa: RUF001
        ("annual_value_gbp", "nan", "not an amount in pounds"),
        ("annual_value_gbp", "9" * 5000, "not an amount in pounds"),
        ("annual_value_gbp", "5000000.005", "finer than a penny"),
        ("annual_value_gbp", "11.4", "thousands or millions"),
        ("annual_value_gbp", "9" * 18, "too large"),
        ("reference", "", "empty"),
        ("reference", "=cmd", "formula"),
        ("reference", "@lot", "formula"),
        ("reference", "a/b", "no reference"),
        ("reference", "x" * 41, "longer than 40"),
        ("name", "", "empty"),
        ("name", "+44", "formula"),
        ("name", "two\nlines", "line break"),
        ("name", "Wa\u200bles", "invisible"),
        ("name", "x" * 201, "longer than 200"),
        ("term_years", "", "term in years is empty"),
        ("term_years", "0", "no term in years"),
        ("term_years", "51", "no term in years"),
        ("tile_column", "100", "no tile column"),
        ("tile_row", "-1", "no tile row"),
        ("term_years", "7.5", "no term in years"),
        ("term_years", "seven", "no term in years"),
        ("ceiling_price_gbp", "0", "above 0"),
        ("ceiling_price_gbp", "high", "not an amount"),
        ("volumes_per_year", "-1", "no yearly volume"),
        ("volumes_per_year", "many", "no yearly volume"),
        ("binary_baseline_pct", "101", "no percentage"),
        ("binary_baseline_pct", "0", "no percentage"),
        ("binary_baseline_pct", "47.5%", "no percentage"),
        ("frequency_baseline", "4,2", "no frequency"),
        ("resettlement_prisons", "Bedford; =1+1", "formula"),
        ("local_partners", "-Police", "formula"),
        ("staff_transfer", "maybe", "Write one of none, tupe, cosop, statutory_scheme"),
    ],
)
def test_cell_that_cannot_be_taken_is_named_with_its_place_and_reason(column, cell, reason):
    tile = {"tile_column": "1", "tile_row": "1"}
    error = only_error(read_one(**tile | {column: cell}))
    assert (error.row, error.column) == (2, column)
    assert reason in error.reason
    assert len(error.reason) < 200


@pytest.mark.parametrize(
    ("cell", "pence"),
    [("11400000", 1140000000), ("11,400,000.5", 1140000050), ("1000", 100000), ("1000.01", 100001)],
)
def test_annual_value_is_exact_to_the_penny(cell, pence):
    (lot,) = read_one(annual_value_gbp=cell).rows
    assert lot.annual_value_pence == pence


@pytest.mark.parametrize("again", ["northumbria", "NORTHUMBRIA", "ｎorthumbria"])  # noqa: RUF001
def test_reference_stands_once_only(again):
    error = only_error(parse_lots_csv(as_csv(PLAIN, PLAIN | {"reference": again})))
    assert (error.row, error.column) == (3, "reference")
    assert "stands in row 2 already" in error.reason


def test_half_a_tile_and_a_shared_tile_are_refused():
    error = only_error(read_one(tile_column="1"))
    assert (error.row, error.column) == (2, "tile_row")
    tile = {"tile_column": "1", "tile_row": "2"}
    error = only_error(parse_lots_csv(as_csv(PLAIN | tile, PLAIN | tile | {"reference": "b"})))
    assert (error.row, error.column) == (3, "tile_column")


def test_every_fault_is_named_in_the_order_of_the_file():
    bad = {"reference": "b", "name": "", "annual_value_gbp": "0", "term_years": "x"}
    result = parse_lots_csv(as_csv(PLAIN | {"name": "=1"}, bad))
    assert [(error.row, error.column) for error in result.errors] == [
        (2, "name"),
        (3, "name"),
        (3, "annual_value_gbp"),
        (3, "term_years"),
    ]


def test_unknown_missing_and_double_columns_are_named():
    columns = [*(c for c in COLUMNS if c != "name"), "nmae", "reference"]
    result = parse_lots_csv(as_csv(PLAIN, columns=columns))
    assert [(error.row, error.column) for error in result.errors] == [
        (1, "name"),
        (1, "nmae"),
        (1, "reference"),
    ]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        (b"\xff\xfe\x00", "not in UTF-8"),
        (";".join(COLUMNS), "separated by semicolons"),
        (",".join(COLUMNS), "no lots"),
        (",".join(COLUMNS) + '\n"open', "cannot be read as CSV"),
        (as_csv(PLAIN) + "one,cell,more\n", "3 cells and the heading 13"),
    ],
)
def test_file_that_is_no_list_of_lots_is_refused_with_what_to_do(source, reason):
    result = parse_lots_csv(source)
    assert result.rows == ()
    assert reason in result.errors[0].reason


@pytest.mark.parametrize("source", ["", b"\xff", ",".join(COLUMNS)])
def test_fault_of_the_file_as_a_whole_has_no_place(source):
    (error,) = parse_lots_csv(source).errors
    assert (error.row, error.column) == (0, "")


def test_figures_at_the_edge_of_their_range_are_taken():
    (lot,) = read_one(
        term_years="50",
        volumes_per_year="0",
        binary_baseline_pct="100",
        tile_column="0",
        tile_row="99",
    ).rows
    assert (lot.term_years, lot.volumes_per_year, lot.tile_column, lot.tile_row) == (50, 0, 0, 99)
    assert read_one(term_years="1").rows[0].term_years == 1


def test_file_of_too_many_rows_is_refused():
    rows = [PLAIN | {"reference": f"lot-{n}"} for n in range(5000)]
    assert len(parse_lots_csv(as_csv(*rows)).rows) == 5000
    error = only_error(parse_lots_csv(as_csv(*rows, PLAIN)))
    assert "more than 5000 rows" in error.reason


def test_name_with_a_comma_outside_quotes_is_explained():
    text = as_csv(PLAIN).replace("Northumbria", "Dorset, Devon")
    error = only_error(parse_lots_csv(text))
    assert (error.row, error.column) == (2, "")
    assert "double quotes" in error.reason


@given(st.text(max_size=400) | st.binary(max_size=400))
def test_any_file_is_answered_whole_or_not_at_all(source):
    result = parse_lots_csv(source)
    assert bool(result.rows) != bool(result.errors)


@given(
    st.lists(
        st.fixed_dictionaries({column: st.text(max_size=12) for column in COLUMNS}),
        min_size=1,
        max_size=4,
    )
)
def test_any_cells_are_taken_whole_or_refused_with_their_place(rows):
    result = parse_lots_csv(as_csv(*rows))
    assert bool(result.rows) != bool(result.errors)
    assert all(error.column in {*COLUMNS, ""} and error.reason for error in result.errors)


@given(st.integers(100_000, 10**15))
def test_annual_value_in_pounds_and_pence_comes_back_unchanged(pence):
    (lot,) = read_one(annual_value_gbp=f"{pence // 100}.{pence % 100:02d}").rows
    assert lot.annual_value_pence == pence
    (grouped,) = read_one(annual_value_gbp=f"{pence // 100:,}.{pence % 100:02d}").rows
    assert grouped == lot


def test_what_a_lot_carries_is_plain_json_and_reads_back():
    lot = Lot(
        reference="a",
        name="A",
        annual_value_pence=1,
        volumes_per_year=3,
        binary_baseline_pct=Decimal("47.50"),
        frequency_baseline=Decimal("4.2"),
        resettlement_prisons=("Hewell",),
        staff_transfer=StaffTransfer.COSOP,
    )
    written = json.loads(json.dumps(lot.carries()))
    assert Lot(reference="a", name="A", annual_value_pence=1, **carried(written)) == lot
    assert set(written) <= {field.name for field in fields(Lot)}
    assert Lot(reference="a", name="A", annual_value_pence=1, **carried({})) == Lot(
        reference="a", name="A", annual_value_pence=1
    )


def test_statuses_of_a_lot_are_those_of_its_own_path():
    assert [status.value for status in LotStatus] == [
        "open",
        "unbid",
        "single_bid",
        "evaluated",
        "preferred",
        "terminated",
    ]
    assert LotStatus.SINGLE_BID.label == "Single bid"
