"""A change of the documents after the ITN is issued."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from commissioning.competition.domain.timetable import Deadline, TimetableEvent
from commissioning.competition.forms.acts import LONGEST_REASON, ExtensionForm
from commissioning.competition.forms.documents import KINDS
from commissioning.competition.models import TenderDocument
from commissioning.web.fields import (
    DateTimeField,
    ParagraphField,
    RadiosField,
    SelectField,
    TextField,
    UploadField,
)

NEW = "new"


class ChangeForm(ExtensionForm):
    """Which document, what changed, what it means for bids, and the dates."""

    def validate(self, extra_validators: Any = None) -> bool:
        """A document that is new has a title."""
        is_valid = super().validate(extra_validators)
        if self["document"].data == NEW and not self["title"].data:
            self.add_error("title", "Enter the title of the new document.")
            return False
        return is_valid


def change_form(
    documents: Iterable[TenderDocument],
    closing: Deadline,
    earliest: Deadline,
    later: Mapping[TimetableEvent, Deadline],
) -> ChangeForm:
    """The form of a change; the deadline may stay where enough time remains after it."""
    stays = closing.instant_utc >= earliest.instant_utc
    fields: dict[str, Any] = {
        "events": tuple(later),
        "document": SelectField(
            "Which document changes?",
            choices=[
                *((row.reference, row.title) for row in documents),
                (NEW, "A new document"),
            ],
            required="Choose the document that changes.",
        ),
        "title": TextField("Title of a new document", hint="For a new document only."),
        "file": UploadField("File", required="Choose a file.", extensions=KINDS),
        "summary": ParagraphField(
            "What changes?",
            hint="In words that a bidder can act on. Every bidder reads them.",
            required="Say what changes: every bidder reads it.",
            max_length=LONGEST_REASON,
        ),
        "alters_form": RadiosField(
            "Does it alter the form of the bid?",
            choices=[
                (
                    "no",
                    "No",
                    "A bid that is submitted already stands, also where it is not confirmed.",
                ),
                (
                    "yes",
                    "Yes",
                    "A bid that is not confirmed or replaced by the deadline does not count.",
                ),
            ],
            required="Choose whether it alters the form of the bid.",
        ),
        "deadline": DateTimeField(
            "New deadline for bids",
            hint=f"It stands now at {closing.in_words}, and may stay there if you leave this empty."
            if stays
            else f"It stands now at {closing.in_words}. If it is approved at once, the earliest is "
            f"{earliest.in_words}; leave the approver some time.",
            required=None if stays else "Enter the new deadline for bids.",
        ),
    }
    for event, held in later.items():
        fields[event.value] = DateTimeField(
            event.label, hint=f"Stays at {held.in_words} unless you enter another time."
        )
    made: ChangeForm = type("ThisChangeForm", (ChangeForm,), fields)()
    return made
