"""Lots: the table and the map, and each lot with all that it carries."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from commissioning.competition import queries, services
from commissioning.competition.forms import Form, LotForm
from commissioning.competition.models import Lot
from commissioning.competition.views import tables
from commissioning.competition.views.frame import Frame, blueprint, shown, team_frame
from commissioning.permissions import Permission
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on
from commissioning.web.filters import count, money

_TRANSFERS = {
    "none": "No staff transfer",
    "tupe": "TUPE",
    "cosop": "COSOP",
    "statutory_scheme": "A statutory staff transfer scheme",
}


@blueprint.get("/<string:reference>/lots")
@requires(Permission.COMPETITION_READ)
def lots(reference: str) -> ResponseReturnValue:
    frame = team_frame(reference)
    return shown(
        "lots",
        frame,
        headers=tables.lot_headers(frame.competition),
        rows=tables.lot_rows(frame.competition, linked=True),
        tiles=tables.tiles(frame.competition, linked=True),
    )


@blueprint.get("/<string:reference>/lots/<string:lot>")
@requires(Permission.COMPETITION_READ)
def lot(reference: str, lot: str) -> ResponseReturnValue:
    frame = team_frame(reference)
    row = queries.lot_by_reference(frame.competition, lot)
    return shown("lot", frame, lot=row, rows=_summary(row), form=Form())


@blueprint.route("/<string:reference>/add-lot", methods=["GET", "POST"])
@requires(Permission.COMPETITION_EDIT_NOTICE)
def add_lot(reference: str) -> ResponseReturnValue:
    frame = team_frame(reference, Permission.COMPETITION_EDIT_NOTICE)
    return _save(frame, LotForm(), None)


@blueprint.route("/<string:reference>/lots/<string:lot>/change", methods=["GET", "POST"])
@requires(Permission.COMPETITION_EDIT_NOTICE)
def change_lot(reference: str, lot: str) -> ResponseReturnValue:
    frame = team_frame(reference, Permission.COMPETITION_EDIT_NOTICE)
    row = queries.lot_by_reference(frame.competition, lot)
    carries = row.carries
    form = LotForm(
        data={
            "reference": row.reference,
            "name": row.name,
            "annual_value_pence": row.annual_value_pence,
            "term_years": row.term_years,
            "ceiling_price_pence": row.ceiling_price_pence,
            "tile_column": row.tile_column,
            "tile_row": row.tile_row,
            **carries,
            "resettlement_prisons": "\n".join(carries.get("resettlement_prisons") or ()),
            "local_partners": "\n".join(carries.get("local_partners") or ()),
        }
    )
    return _save(frame, form, row.reference)


@blueprint.route("/<string:reference>/lots/<string:lot>/remove", methods=["GET", "POST"])
@requires(Permission.COMPETITION_EDIT_NOTICE)
def remove_lot(reference: str, lot: str) -> ResponseReturnValue:
    frame = team_frame(reference, Permission.COMPETITION_EDIT_NOTICE)
    row = queries.lot_by_reference(frame.competition, lot)
    form = Form()
    if form.validate_on_submit():
        with shown_on(form):
            services.remove_lot(current_actor(), reference, lot, clock=clock())
            flash(f"The lot {lot} is removed.")
            return redirect(url_for(".lots", reference=reference), 303)
    return shown("remove_lot", frame, lot=row, form=form), form.status


def _save(frame: Frame, form: LotForm, lot: str | None) -> ResponseReturnValue:
    reference = frame.competition.reference
    if form.validate_on_submit():
        with shown_on(form):
            saved = services.save_lot(
                current_actor(),
                reference,
                lot=lot,
                reference=form.reference.data,
                name=form.name.data,
                annual_value_pence=form.annual_value_pence.data,
                term_years=form.term_years.data,
                ceiling_price_pence=form.ceiling_price_pence.data,
                carries=form.carries(),
                tile_column=form.tile_column.data,
                tile_row=form.tile_row.data,
                clock=clock(),
            )
            flash(f"The lot {saved.reference} is saved.")
            return redirect(url_for(".lots", reference=reference), 303)
    return shown("save_lot", frame, form=form, lot=lot), form.status


def _summary(row: Lot) -> list[dict[str, Any]]:
    carries = row.carries
    volumes, binary = carries.get("volumes_per_year"), carries.get("binary_baseline_pct")
    tile = None if row.tile_column is None else f"Column {row.tile_column}, row {row.tile_row}"
    return [
        {"key": "Name", "value": row.name},
        {"key": "Indicative annual value", "value": money(row.annual_value_pence)},
        {"key": "Where the value comes from", "value": carries.get("value_source")},
        {"key": "Term", "value": count(row.term_years, "year")},
        {
            "key": "Ceiling price",
            "value": money(row.ceiling_price_pence)
            if row.ceiling_price_pence
            else "None published",
        },
        {"key": "Volume", "value": None if volumes is None else f"{volumes:,} a year"},
        {
            "key": "Baseline of the outcome, share",
            "value": None if binary is None else f"{binary}%",
        },
        {"key": "Baseline of the outcome, frequency", "value": carries.get("frequency_baseline")},
        {
            "key": "Sites that the lot serves",
            "value": ", ".join(carries.get("resettlement_prisons") or ()),
        },
        {"key": "Local partners", "value": ", ".join(carries.get("local_partners") or ())},
        {"key": "Staff transfer", "value": _TRANSFERS.get(carries.get("staff_transfer") or "")},
        {"key": "Place on the map", "value": tile},
    ]
