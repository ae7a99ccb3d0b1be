"""A price schedule from a file: read, checked and shown; saving it is the act of the price page."""

from __future__ import annotations

from commissioning.competition import queries as competitions
from commissioning.infrastructure import spreadsheets
from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.csv_text import BadCsv
from commissioning.kernel.sheets import BadSheet, Sheet, SheetProblem, sheet_from_csv
from commissioning.permissions import Permission
from commissioning.submission.domain import completeness, price_file
from commissioning.submission.domain.price_file import PriceFile
from commissioning.submission.services.drafts import NOTE_WORDS
from commissioning.submission.services.standing import for_bid, require_in_time


def preview_price_file(
    actor: Actor, competition: str, lot: str, organisation: str, content: bytes, *, clock: Clock
) -> PriceFile:
    """What a file would bring into a price schedule is shown before it is saved, with its errors.

    `content` is XLSX, or CSV in UTF-8, with the rows of `price_file.template`. Changes nothing;
    what changes is recorded by `save_price_draft`. Raises TooLate, Forbidden.
    """
    standing = for_bid(competition, lot, organisation, clock.now())
    require_in_time(actor, Permission.SUBMISSION_WRITE_BID, standing)
    if standing.lot is None:
        raise ValueError("A price schedule is for a lot.")
    try:
        sheet = _sheet(content)
    except BadSheet as error:
        return PriceFile(None, "", error.problems)
    except BadCsv as error:
        return PriceFile(None, "", (SheetProblem("", str(error)),))
    model = competitions.evaluation_model(standing.competition)
    read = price_file.read_schedule(
        sheet,
        years=model.price.years,
        discount_rate=model.price.discount_rate,
        annual_value_pence=standing.lot.annual_value_pence,
    )
    if completeness.word_count(read.note) > NOTE_WORDS:
        reason = f"The note must have {NOTE_WORDS} words or fewer."
        return PriceFile(None, "", (SheetProblem(price_file.note_cell(sheet), reason),))
    return read


def price_template_xlsx(years: int) -> bytes:
    """The spreadsheet that a bidder fills in: the rows of `price_file.template`."""
    rows = price_file.template(years)
    return spreadsheets.xlsx_of(rows, title="Price schedule", widths=(24, 28))


def _sheet(content: bytes) -> Sheet:
    if spreadsheets.is_spreadsheet(content):
        return spreadsheets.sheet_from_xlsx(content)
    return sheet_from_csv(content)
