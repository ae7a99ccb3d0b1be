"""Lots, one by one and from a file."""

from __future__ import annotations

from typing import Any

from commissioning.competition.domain.lots import StaffTransfer
from commissioning.web.fields import (
    DecimalField,
    Form,
    HiddenField,
    MoneyField,
    ParagraphField,
    RadiosField,
    TextField,
    UploadField,
    WholeNumberField,
)

LARGEST_FILE = 1024 * 1024
CARRIED = (
    "volumes_per_year",
    "binary_baseline_pct",
    "frequency_baseline",
    "resettlement_prisons",
    "local_partners",
    "staff_transfer",
    "value_source",
)
_TRANSFERS = {
    StaffTransfer.NONE: "No staff transfer",
    StaffTransfer.TUPE: "TUPE",
    StaffTransfer.COSOP: "COSOP: the Cabinet Office statement of practice",
    StaffTransfer.STATUTORY_SCHEME: "A statutory staff transfer scheme",
}


class LotForm(Form):
    reference = TextField(
        "Reference",
        hint="As the notice will name it, such as C01.",
        required="Enter a reference.",
        max_length=40,
        width=10,
    )
    name = TextField("Name", required="Enter the name of the lot.")
    annual_value_pence = MoneyField(
        "Indicative annual value",
        hint="The authority’s own figure in pounds a year. Shares of the market are counted by it.",
        required="Enter the annual value in pounds.",
        positive=True,
    )
    value_source = TextField(
        "Where the value comes from", hint="For example: contract notice, section II.2.1."
    )
    term_years = WholeNumberField(
        "Term",
        suffix="years",
        minimum=1,
        maximum=50,
        required="Enter the term in years.",
    )
    ceiling_price_pence = MoneyField(
        "Ceiling price",
        hint="The dearest evaluated price that can win. Leave it empty where none is published.",
        positive=True,
    )
    volumes_per_year = WholeNumberField(
        "Volume", hint="Users of the service in a year, as the authority expects.", suffix="a year"
    )
    binary_baseline_pct = DecimalField(
        "Baseline of the outcome, share",
        hint="Of all users, how many have the outcome that is paid for, such as reoffending.",
        maximum=100,
        places=6,
        suffix="%",
    )
    frequency_baseline = DecimalField(
        "Baseline of the outcome, frequency",
        hint="How often, for each user who has it.",
        maximum=1000,
        places=6,
    )
    resettlement_prisons = ParagraphField(
        "Sites that the lot serves", hint="One a line, such as prisons or hospitals.", rows=3
    )
    local_partners = ParagraphField("Local partners", hint="One a line.", rows=3)
    staff_transfer = RadiosField(
        "Staff transfer", choices=[(value.value, text) for value, text in _TRANSFERS.items()]
    )
    tile_column = WholeNumberField(
        "Column on the map of tiles", hint="From the left. Empty: not on the map.", maximum=99
    )
    tile_row = WholeNumberField("Row on the map of tiles", hint="From the top.", maximum=99)

    def add_error(self, field_name: str | None, sentence: str) -> None:
        """What a lot carries is named "carries.<field>" by the service."""
        super().add_error((field_name or "").removeprefix("carries.") or None, sentence)

    def carries(self) -> dict[str, Any]:
        """What the lot carries, as the service takes it."""
        lists = {"resettlement_prisons", "local_partners"}
        return {
            name: _lines(self._fields[name].data) if name in lists else self._fields[name].data
            for name in CARRIED
        }


class LotsFileForm(Form):
    file = UploadField("A file of lots", extensions=("csv",), max_bytes=LARGEST_FILE)
    text = ParagraphField(
        "Or paste the rows",
        hint="With the heading as its first line.",
        rows=10,
        max_length=LARGEST_FILE,
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """One of the two is needed."""
        is_valid = super().validate(extra_validators)
        if is_valid and self.file.data is None and not self.text.data:
            self.add_error("file", "Choose a file, or paste its rows.")
            return False
        return is_valid


def _as_it_is(text: str) -> str:
    return text


class CarriedText(HiddenField):
    """A whole file that the page carries to its confirmation, as it was read."""

    clean = staticmethod(_as_it_is)


class LotsImportForm(Form):
    text = CarriedText("The file", required="Choose the file again.", max_length=LARGEST_FILE)


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").split("\n") if line.strip()]
