"""A price schedule from a file: loaded, shown with its faults, and saved by the price page."""

from __future__ import annotations

from flask import Response
from flask.typing import ResponseReturnValue

from commissioning.competition import queries as competitions
from commissioning.infrastructure.spreadsheets import MEDIA_TYPE
from commissioning.kernel.csv_text import csv_text
from commissioning.kernel.sheets import SheetProblem
from commissioning.permissions import Permission
from commissioning.submission import services
from commissioning.submission.domain import price_file, pricing
from commissioning.submission.forms import PlainForm, PriceFileForm
from commissioning.submission.views.bids import READ, shown
from commissioning.submission.views.frame import BidFrame, bid_frame, blueprint
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.downloads import attachment
from commissioning.web.errors import shown_on
from commissioning.web.filters import count

_WRITE = Permission.SUBMISSION_WRITE_BID
_URL = "/competitions/<string:reference>/bids/<string:lot>/price"


def _years(frame: BidFrame) -> int:
    return competitions.evaluation_model(frame.competition).price.years


@blueprint.get(f"{_URL}/template.csv")
@requires(READ, _WRITE)
def price_template_csv(reference: str, lot: str) -> Response:
    rows = price_file.template(_years(bid_frame(reference, lot)))
    # With a byte order mark, spreadsheets read it as UTF-8 and keep it so.
    written = csv_text(rows).encode("utf-8-sig")
    return attachment(written, f"price-schedule-{lot}.csv", "text/csv; charset=utf-8")


@blueprint.get(f"{_URL}/template.xlsx")
@requires(READ, _WRITE)
def price_template_xlsx(reference: str, lot: str) -> Response:
    written = services.price_template_xlsx(_years(bid_frame(reference, lot)))
    return attachment(written, f"price-schedule-{lot}.xlsx", MEDIA_TYPE)


@blueprint.route(f"{_URL}/file", methods=["GET", "POST"])
@requires(READ, _WRITE)
def load_price_file(reference: str, lot: str) -> ResponseReturnValue:
    """The file; what follows shows what it would do, and saves nothing yet."""
    frame = bid_frame(reference, lot)
    form = PriceFileForm()
    faults: tuple[SheetProblem, ...] = ()
    if form.validate_on_submit() and form.file.data is not None:
        with shown_on(form):
            read = services.preview_price_file(
                current_actor(), *frame.place, form.file.data.content, clock=clock()
            )
            if read.schedule is not None:
                return _checked(frame, read.schedule, read.note)
            faults = read.problems
            form.add_error(
                "file",
                f"Nothing is loaded: mend {count(len(faults), 'place')} in the file first.",
            )
    page = shown("load_price_file", frame, form=form, faults=faults, years=_years(frame))
    return page, 422 if faults else form.status


def _checked(frame: BidFrame, schedule: pricing.PriceSchedule, note: str) -> str:
    """What was read; its form posts the same fields as the price page, and to it."""
    model = competitions.evaluation_model(frame.competition).price
    price_pence = pricing.evaluated_price_pence(
        schedule.fees_pence, schedule.adjustments_pence, model.discount_rate
    )
    fields = {f"fee_{year}": _typed(fee) for year, fee in enumerate(schedule.fees_pence, start=1)}
    return shown(
        "check_price_file",
        frame,
        form=PlainForm(formdata=None),
        price=schedule,
        note=note,
        model=model,
        price_pence=price_pence,
        fields={**fields, "adjustments_pence": _typed(schedule.adjustments_pence), "note": note},
    )


def _typed(pence: int) -> str:
    """An amount as one would type it into the price page."""
    pounds, rest = divmod(abs(pence), 100)
    return f"{'-' if pence < 0 else ''}{pounds}.{rest:02d}"
