"""Lots from a file: loaded, shown with their faults, and only then imported."""

from __future__ import annotations

from flask import Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from commissioning.competition import services
from commissioning.competition.domain.lots_csv import COLUMNS
from commissioning.competition.forms import LotsFileForm, LotsImportForm
from commissioning.competition.views.frame import Frame, blueprint, shown, team_frame
from commissioning.kernel.csv_text import csv_text
from commissioning.permissions import Permission
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.downloads import attachment
from commissioning.web.errors import shown_on
from commissioning.web.filters import count, money

_EXAMPLE = (
    ("C01", "Northern area", "11400000", "7", "", "2500", "34.2", "3.1",
     "Northtown; Riverside", "Northern Council", "cosop", "3", "1"),
    ("C02", "Southern area", "15700000", "7", "98000000", "", "", "", "", "", "tupe", "3", "2"),
)  # fmt: skip


@blueprint.get("/<string:reference>/lots-template.csv")
@requires(Permission.COMPETITION_READ)
def lots_template(reference: str) -> Response:
    team_frame(reference)
    written = csv_text([COLUMNS, *_EXAMPLE])
    return attachment(written.encode(), "lots.csv", "text/csv; charset=utf-8")


@blueprint.route("/<string:reference>/lots-file", methods=["GET", "POST"])
@requires(Permission.COMPETITION_EDIT_NOTICE)
def lots_file(reference: str) -> ResponseReturnValue:
    """The file, or its rows; what follows shows what it would do, and imports nothing yet."""
    frame = team_frame(reference, Permission.COMPETITION_EDIT_NOTICE)
    form = LotsFileForm()
    if form.validate_on_submit():
        source = form.file.data.content if form.file.data else form.text.data
        preview = services.preview_lots(current_actor(), reference, source, clock=clock())
        if not preview.errors:
            return _checked(frame, LotsImportForm(formdata=None), _as_text(source), preview)
        form.add_error(
            "file" if form.file.data else "text",
            f"Nothing is imported: mend {count(len(preview.errors), 'place')} in the file first.",
        )
        # What was loaded can be mended in the box below, with or without the file at hand.
        form.text.data = _as_text(source)
        form.text.raw_data = [form.text.data]
        return shown("lots_file", frame, form=form, columns=COLUMNS, errors=preview.errors), 422
    return shown("lots_file", frame, form=form, columns=COLUMNS, errors=()), form.status


@blueprint.post("/<string:reference>/lots-file/confirm")
@requires(Permission.COMPETITION_EDIT_NOTICE)
def import_lots(reference: str) -> ResponseReturnValue:
    """The rows that the page before showed, carried here by it, are imported."""
    frame = team_frame(reference, Permission.COMPETITION_EDIT_NOTICE)
    form = LotsImportForm()
    if form.validate_on_submit():
        with shown_on(form):
            done = services.import_lots(
                current_actor(), reference, form.text.data or "", clock=clock()
            )
            changed = [line for line in done.rows if line.effect != "same"]
            flash(f"The file is imported: {count(len(changed), 'lot')} added or changed.")
            return redirect(url_for(".lots", reference=reference), 303)
    text = form.text.data or ""
    preview = services.preview_lots(current_actor(), reference, text, clock=clock())
    return _checked(frame, form, text, preview), form.status


def _checked(frame: Frame, form: LotsImportForm, text: str, preview: services.LotPreview) -> str:
    form.text.data = text
    rows = [
        [
            line.lot.reference,
            line.lot.name,
            money(line.lot.annual_value_pence),
            count(line.lot.term_years, "year"),
            money(line.lot.ceiling_price_pence),
            {"tag": line.effect, "colour": "grey" if line.effect == "same" else "blue"},
        ]
        for line in preview.rows
    ]
    named = {line.lot.reference for line in preview.rows}
    staying = [lot.reference for lot in frame.competition.lots if lot.reference not in named]
    return shown("lots_check", frame, form=form, rows=rows, preview=preview, staying=staying)


def _as_text(source: str | bytes) -> str:
    return source.decode("utf-8-sig", "replace") if isinstance(source, bytes) else source
