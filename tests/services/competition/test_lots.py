from __future__ import annotations

from decimal import Decimal

import pytest

from commissioning.competition import queries, services
from commissioning.competition.domain.lots_csv import COLUMNS
from commissioning.kernel.errors import BadInput, BadInputs, NotFound
from commissioning.permissions import Permission
from tests.factories import competition as tenders


def csv_of(*rows, **columns):
    """A file of lots: each row is (reference, name, annual value in pounds)."""
    lines = [",".join(COLUMNS)]
    for reference, name, value in rows:
        cells = {"reference": reference, "name": name, "annual_value_gbp": value, "term_years": "7"}
        lines.append(",".join((cells | columns).get(column, "") for column in COLUMNS))
    return "\n".join(lines)


@pytest.fixture
def tender(session, clock):
    return tenders.bare_draft(clock)


def references(tender):
    return [lot.reference for lot in tender.row.lots]


def test_lot_is_set_up_with_all_that_it_carries(tender, recorded):
    with recorded() as events:
        lot = tenders.add_lot(
            tender,
            "C11",
            term_years=8,
            ceiling_price_pence=900_000_000_00,
            carries={
                "volumes_per_year": 18_000,
                "binary_baseline_pct": "47.5",
                "frequency_baseline": Decimal("4.2"),
                "resettlement_prisons": ["Birmingham", " ", "Oakwood"],
                "local_partners": ["A council"],
                "staff_transfer": "cosop",
                "value_source": "illustrative",
            },
            tile_column=3,
            tile_row=4,
        )

    assert lot.carries == {
        "volumes_per_year": 18_000,
        "binary_baseline_pct": "47.5",
        "frequency_baseline": "4.2",
        "resettlement_prisons": ["Birmingham", "Oakwood"],
        "local_partners": ["A council"],
        "staff_transfer": "cosop",
        "value_source": "illustrative",
    }
    assert queries.as_lot(lot).binary_baseline_pct == Decimal("47.5")
    assert (lot.term_years, lot.tile_column, lot.tile_row, lot.status) == (8, 3, 4, "open")
    assert [event.event for event in events] == ["lots_changed"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"annual_value_pence": None}, "annual_value_pence"),
        ({"annual_value_pence": 0}, "annual_value_pence"),
        ({"annual_value_pence": -1}, "annual_value_pence"),
        ({"ceiling_price_pence": 0}, "ceiling_price_pence"),
        ({"name": " "}, "name"),
        ({"reference": "L1"}, "reference"),
        ({"reference": "l1"}, "reference"),
        ({"reference": "=1"}, "reference"),
        ({"term_years": 0}, "term_years"),
        ({"tile_column": 1}, "tile_row"),
        ({"tile_column": 5, "tile_row": 5}, "tile_column"),
        ({"carries": {"binary_baseline_pct": "150"}}, "carries.binary_baseline_pct"),
        ({"carries": {"frequency_baseline": "many"}}, "carries.frequency_baseline"),
        ({"carries": {"volumes_per_year": -1}}, "carries.volumes_per_year"),
        ({"carries": {"staff_transfer": "magic"}}, "carries.staff_transfer"),
        ({"carries": {"moon": 1}}, "carries.moon"),
    ],
)
def test_what_is_typed_wrongly_is_named_at_its_field(tender, refused, changes, field):
    tenders.add_lot(tender, "L1", tile_column=5, tile_row=5)

    with refused(field=field):
        tenders.add_lot(tender, **{"reference": "L2", **changes})


def test_all_faults_of_a_form_are_told_at_once(tender, refused):
    with refused(BadInputs) as caught:
        tenders.add_lot(tender, "", name="", annual_value_pence=None)

    assert [field for field, _ in caught.value.problems] == [
        "reference",
        "name",
        "annual_value_pence",
    ]


def test_lot_is_changed_in_its_place(tender):
    for reference in ("L1", "L2", "L3"):
        tenders.add_lot(tender, reference)

    tenders.add_lot(tender, "L2B", lot="L2", annual_value_pence=5_000_00)

    assert references(tender) == ["L1", "L2B", "L3"]
    assert queries.lot_by_reference(tender.row, "L2B").annual_value_pence == 5_000_00


def test_lot_is_removed(tender, recorded):
    for reference in ("L1", "L2", "L3"):
        tenders.add_lot(tender, reference)

    with recorded() as events:
        services.remove_lot(tender.as_lead, tender.reference, "L2", clock=tender.clock)
    tenders.add_lot(tender, "L4")

    assert references(tender) == ["L1", "L3", "L4"]
    assert events[0].changes == {"removed": ["L2"]}


def test_absent_lot_is_not_found(tender, refused):
    with refused(NotFound):
        tenders.add_lot(tender, "L1", lot="NONE")
    with refused(NotFound):
        services.remove_lot(tender.as_lead, tender.reference, "NONE", clock=tender.clock)


def test_file_is_previewed_and_nothing_changes(tender, clock, refused):
    tenders.add_lot(tender, "L1", name="Area L1", annual_value_pence=5_000_00)
    text = csv_of(("L1", "Area L1", "6000"), ("L2", "Area L2", "7000"))

    before = references(tender)
    preview = services.preview_lots(tender.as_lead, tender.reference, text, clock=clock)

    assert [(line.lot.reference, line.effect) for line in preview.rows] == [
        ("L1", "changed"),
        ("L2", "new"),
    ]
    assert preview.errors == ()
    assert references(tender) == before
    assert queries.lot_by_reference(tender.row, "L1").annual_value_pence == 5_000_00


def test_file_is_imported_whole(tender, clock, recorded):
    tenders.add_lot(
        tender, "L1", annual_value_pence=5_000_00, carries={"value_source": "an estimate"}
    )
    tenders.add_lot(tender, "KEPT")
    text = csv_of(("L1", "Area L1", "6,000".replace(",", "")), ("L2", "Area L2", "7000.50"))

    with recorded() as events:
        services.import_lots(tender.as_lead, tender.reference, text, clock=clock)

    assert references(tender) == ["L1", "KEPT", "L2"]
    assert queries.lot_by_reference(tender.row, "L1").annual_value_pence == 6_000_00
    assert queries.lot_by_reference(tender.row, "L1").carries["value_source"] == "an estimate"
    assert queries.lot_by_reference(tender.row, "L2").annual_value_pence == 7_000_50
    assert [event.event for event in events] == ["lots_changed"]
    again = services.preview_lots(tender.as_lead, tender.reference, text, clock=clock)
    assert {line.effect for line in again.rows} == {"same"}


def test_one_bad_row_imports_nothing(tender, clock, refused):
    text = csv_of(("L1", "Area L1", "6000"), ("L2", "Area L2", ""), ("L3", "", "x"))

    preview = services.preview_lots(tender.as_lead, tender.reference, text, clock=clock)
    assert [(error.row, error.column) for error in preview.errors] == [
        (3, "annual_value_gbp"),
        (4, "name"),
        (4, "annual_value_gbp"),
    ]
    with refused(BadInputs, field="text", match="Row 3, annual_value_gbp"):
        services.import_lots(tender.as_lead, tender.reference, text, clock=clock)
    assert references(tender) == []


def test_file_does_not_take_the_tile_of_a_lot_that_stays(tender, clock, refused):
    tenders.add_lot(tender, "L1", tile_column=2, tile_row=2)
    text = csv_of(("L2", "Area L2", "6000"), tile_column="2", tile_row="2")

    with refused(BadInputs, field="text", match="tile of the lot L1"):
        services.import_lots(tender.as_lead, tender.reference, text, clock=clock)


def test_file_does_not_write_a_reference_in_two_ways(tender, clock, refused):
    tenders.add_lot(tender, "L1")

    with refused(BadInputs, field="text", match="written L1"):
        services.import_lots(
            tender.as_lead, tender.reference, csv_of(("l1", "Area", "6000")), clock=clock
        )


def test_two_lots_can_trade_tiles_in_a_file(tender, clock):
    tenders.add_lot(tender, "L1", tile_column=1, tile_row=1)
    tenders.add_lot(tender, "L2", tile_column=2, tile_row=2)
    head, first, second = csv_of(("L1", "A", "6000"), ("L2", "B", "6000")).split("\n")
    text = "\n".join([head, first[: -len(",")] + "2,2", second[: -len(",")] + "1,1"])

    services.import_lots(tender.as_lead, tender.reference, text, clock=clock)

    assert queries.lot_by_reference(tender.row, "L1").tile_column == 2
    assert queries.lot_by_reference(tender.row, "L2").tile_column == 1


def test_lots_are_fixed_by_the_notice(session, clock, forbidden):
    tender = tenders.pqq_open(clock)
    wanted = Permission.COMPETITION_EDIT_NOTICE

    with forbidden(wanted):
        tenders.add_lot(tender, "L1", lot="L1", annual_value_pence=1_00)
    with forbidden(wanted):
        services.remove_lot(tender.as_lead, tender.reference, "L1", clock=clock)
    with forbidden(wanted):
        services.import_lots(tender.as_lead, tender.reference, "", clock=clock)
    with forbidden(wanted):
        services.preview_lots(tender.as_lead, tender.reference, "", clock=clock)


def test_only_the_lead_changes_lots(tender, clock, forbidden):
    with forbidden(Permission.COMPETITION_EDIT_NOTICE):
        services.save_lot(
            tender.as_approver,
            tender.reference,
            lot=None,
            reference="L1",
            name="A",
            annual_value_pence=1_00,
            clock=clock,
        )


def test_float_is_no_amount(tender, refused):
    with refused(BadInput, field="annual_value_pence"):
        tenders.add_lot(tender, "L1", annual_value_pence=1_000.0)
