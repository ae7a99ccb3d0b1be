from __future__ import annotations

import io

import pytest

from commissioning.competition.domain.lots_csv import COLUMNS, parse_lots_csv

HEADING = ",".join(COLUMNS)
LOT = {
    "reference": "L9",
    "name": "Ninth area",
    "term_years": "7",
    "annual_value_pence": "9,000,000",
}


def csv_of(*lines: str) -> str:
    return "\n".join([HEADING, *lines])


@pytest.fixture
def draft(site):
    return site()


def test_a_lot_is_added_with_everything_that_it_carries(draft):
    answer = draft.post(
        "add-lot",
        LOT
        | {
            "ceiling_price_pence": "60000000",
            "volumes_per_year": "2,500",
            "binary_baseline_pct": "34.2",
            "frequency_baseline": "3.15",
            "resettlement_prisons": "Northtown\n\nRiverside",
            "local_partners": "Northern Council",
            "staff_transfer": "cosop",
            "value_source": "Notice, II.2.1",
            "tile_column": "3",
            "tile_row": "0",
        },
    )

    assert (answer.status_code, answer.location) == (303, draft.path("lots"))
    page = draft.page("lots/L9")
    for told in (
        "£9,000,000.00", "£60,000,000.00", "2,500 a year", "34.2%", "3.15",
        "Northtown, Riverside", "Northern Council", "COSOP", "Notice, II.2.1", "Column 3, row 0",
    ):  # fmt: skip
        assert told in page
    assert "L9" in draft.page("lots")


def test_what_a_lot_carries_is_there_when_it_is_changed(draft):
    draft.post("add-lot", LOT | {"binary_baseline_pct": "34.2", "resettlement_prisons": "A\nB"})

    page = draft.page("lots/L9/change")

    assert 'value="9,000,000.00"' in page
    assert 'value="34.2"' in page
    assert ">A\nB</textarea>" in page


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("annual_value_pence", "", "Enter the annual value in pounds."),
        ("annual_value_pence", "9m", "Enter the amount in full"),
        ("annual_value_pence", "0", "Indicative annual value must be more than £0."),
        ("reference", "", "Enter a reference."),
        ("reference", "l1", "Another lot of this competition has this reference."),
        ("name", "", "Enter the name of the lot."),
        ("term_years", "51", "Term must be between 1 and 50."),
        ("binary_baseline_pct", "101", "must be between 0% and 100%"),
        ("frequency_baseline", "0", "Enter the frequency as a number"),
        ("staff_transfer", "barter", "Choose one of what is shown on the page."),
        ("tile_row", "2", "A tile needs its column and its row, or neither."),
    ],
)
def test_a_lot_that_is_wrong_is_refused_beside_its_field_and_changes_nothing(
    draft, rows, field, typed, sentence
):
    draft.page("add-lot")
    before = rows()

    answer = draft.post("add-lot", LOT | {field: typed})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    place = "tile_column" if field == "tile_row" else field
    assert f'id="{place}-error"' in page
    assert "Ninth area" in page or field == "name"
    assert rows() == before


def test_a_lot_is_removed_after_a_page_that_says_what_follows(draft):
    assert "Every share of the market is counted without it." in draft.page("lots/L1/remove")

    answer = draft.post("lots/L1/remove")

    assert answer.status_code == 303
    assert "/lots/L1" not in draft.page("lots")


def test_the_file_to_begin_with_can_be_loaded(draft):
    text = draft.lead.get(draft.path("lots-template.csv")).get_data()

    assert parse_lots_csv(text).errors == ()
    page = draft.post("lots-file", {"text": text.decode()}).get_data(as_text=True)
    assert "Check the lots before they are imported" in page


def test_a_file_is_shown_first_and_imported_when_it_is_confirmed(draft, rows):
    text = csv_of("L1,Area L1,12000000,7,,,,,,,,1,1", "L3,“Third”,8000000,5,,,,,,,tupe,2,1")
    upload = {"file": (io.BytesIO(b"\xef\xbb\xbf" + text.encode()), "lots.csv")}
    draft.page("lots-file")
    before = rows()

    page = draft.post("lots-file", upload).get_data(as_text=True)

    assert rows() == before
    assert "New" in page
    assert "Changed" in page
    assert "Not in the file, and staying as they are: L2." in page
    carried = page.split('name="text"')[1].split('value="')[1].split('"')[0]
    assert "“Third”" in carried

    answer = draft.post("lots-file/confirm", {"text": text}, page="lots-file")

    assert (answer.status_code, answer.location) == (303, draft.path("lots"))
    table = draft.page("lots")
    assert "“Third”" in table
    assert "£30,000,000.00" in table  # L1 changed, L2 as it was, L3 new


def test_one_bad_row_imports_nothing_and_is_named_by_row_and_column(draft, rows):
    text = csv_of("L1,Area,12000000,7,,,,,,,,1,1", "L3,Third,8m,5,,,,,,,barter,2,1")
    draft.page("lots-file")
    before = rows()

    answer = draft.post("lots-file", {"text": text})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Nothing is imported: mend 2 places in the file first." in page
    assert 'id="text-error"' in page
    assert "annual_value_gbp" in page
    assert "is not an amount in pounds" in page
    assert "is no staff-transfer regime" in page
    assert "L3,Third,8m" in page  # what was typed is there to be mended
    assert rows() == before

    confirmed = draft.post("lots-file/confirm", {"text": text}, page="lots-file")

    assert confirmed.status_code == 422
    assert "Row 3, annual_value_gbp" in confirmed.get_data(as_text=True)
    assert rows() == before


@pytest.mark.parametrize(
    ("upload", "sentence"),
    [
        ({}, "Choose a file, or paste its rows."),
        ({"file": (io.BytesIO(b"x"), "lots.pdf")}, "is not one of: CSV."),
        ({"file": (io.BytesIO(b"\xff\xfe\x00"), "lots.csv")}, "The file is not in UTF-8."),
        ({"file": (io.BytesIO(b""), "lots.csv")}, "is empty"),
    ],
)
def test_a_file_that_is_none_is_refused_beside_the_field(draft, upload, sentence):
    answer = draft.post("lots-file", upload)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert 'id="file-error"' in page


def test_the_notice_fixes_the_lots(site):
    issued = site("pqq_open")

    page = issued.page("lots")

    assert "The notice fixed the lots and their values." in page
    assert "/add-lot" not in page
    for rest in ("add-lot", "lots-file", "lots/L1/change", "lots/L1/remove"):
        assert issued.lead.get(issued.path(rest)).status_code == 404, rest
    assert "/change" not in issued.page("lots/L1")


def test_the_map_starts_at_its_first_tile_and_leads_to_the_lots(draft):
    draft.post("add-lot", LOT | {"tile_column": "40", "tile_row": "17"})

    page = draft.page("lots")

    assert '<rect class="app-tiles__tile" x="6" y="6"' in page
    assert f'<a href="{draft.path("lots/L9")}" aria-label="L9, Ninth area, £9.0m">' in page


def test_a_lot_that_is_not_of_this_competition_is_not_there(draft, site):
    assert draft.lead.get(draft.path("lots/NONE")).status_code == 404
    assert draft.lead.get(draft.path("lots/NONE/change")).status_code == 404
