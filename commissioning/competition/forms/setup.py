"""Setting up a programme and a competition."""

from __future__ import annotations

from typing import Any

from wtforms import ValidationError

from commissioning.kernel.errors import DomainError
from commissioning.kernel.statutory import Regime, regime_for
from commissioning.web.fields import (
    DateField,
    Form,
    ParagraphField,
    RadiosField,
    SelectField,
    TextField,
)

PROFILES = (
    (
        "full",
        "Full",
        "Five people hold a share of the opening keys, and three of them open together.",
    ),
    (
        "short",
        "Short form",
        "For contracts under the published value: three people hold a share, two open together.",
    ),
)


class ProgrammeForm(Form):
    name = TextField(
        "Name of the programme",
        hint="What the authority buys, over one or several competitions.",
        required="Enter the name of the programme.",
    )
    description = ParagraphField("What it is for")


class ParticularsForm(Form):
    """What can change until the notice; the reference cannot."""

    title = TextField("Title", required="Enter the title.")
    summary = ParagraphField(
        "Summary",
        hint="What is bought, for whom, and for how long. The public reads this first.",
        rows=6,
    )
    commenced_on = DateField(
        "Start of the procurement",
        hint="The competition keeps the law of this day to its end.",
        required="Enter the day on which the procurement starts.",
    )
    light_touch = RadiosField(
        "Are these light touch services?",
        hint="Social, health, education and justice services on the light touch list. Before 26 "
        "February 2015 they were called Part B services.",
        choices=[("yes", "Yes"), ("no", "No")],
        required="Choose yes if these are light touch services.",
    )
    profile = RadiosField(
        "How many people run it?",
        choices=PROFILES,
        default="full",
        required="Choose the full procedure or the short form.",
    )

    def validate_commenced_on(self, field: Any) -> None:
        """A start for which the platform holds no law is refused beside the date."""
        if field.data is None:  # what was typed is no date, and is told so already
            return
        try:
            self.law_of(field.data)
        except DomainError as refusal:
            raise ValidationError(refusal.sentence) from refusal

    def law_of(self, day: Any) -> Regime:
        return regime_for(day, light_touch=self.light_touch.data == "yes")

    @property
    def regime(self) -> Regime:
        """The law that what was typed leads to."""
        return self.law_of(self.commenced_on.data)


class CompetitionForm(ParticularsForm):
    programme = SelectField("Programme", required="Choose the programme.")
    reference = TextField(
        "Reference",
        hint="Capitals, digits and hyphens, such as TR-2026. It stands in every address and "
        "record, and does not change.",
        required="Enter a reference.",
        max_length=32,
        width=20,
    )

    def __iter__(self) -> Any:
        """The programme and the reference come before the particulars."""
        first = ("programme", "reference")
        yield from (self._fields[name] for name in first)
        yield from (field for name, field in self._fields.items() if name not in first)
