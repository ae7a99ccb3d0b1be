"""Acts of two people: proposing and deciding."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from wtforms import ValidationError

from commissioning.competition.domain.timetable import Deadline, TimetableEvent
from commissioning.web.fields import DateTimeField, Form, ParagraphField, RadiosField, TextField

LONGEST_REASON = 4000


class ProposeForm(Form):
    reason = ParagraphField(
        "A note for whoever approves", hint="Only the team reads it.", max_length=LONGEST_REASON
    )


class DecideForm(Form):
    decision = RadiosField(
        "What do you decide?",
        choices=[
            ("approve", "Approve", "It happens at once."),
            ("send_back", "Send back", "It does not happen, and your colleague reads why."),
        ],
        required="Choose whether you approve it or send it back.",
    )
    reason = ParagraphField(
        "Reason", hint="Needed where you send it back.", max_length=LONGEST_REASON
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """A proposal is sent back with a reason."""
        is_valid = super().validate(extra_validators)
        if is_valid and self.decision.data == "send_back" and not self.reason.data:
            self.add_error("reason", "Say why you send it back.")
            return False
        return is_valid


class ExtensionForm(Form):
    """The new deadline, new dates for what it overtakes, and why."""

    events: tuple[TimetableEvent, ...] = ()

    def later(self) -> dict[TimetableEvent | str, datetime | None]:
        """The new dates of later events; those left as they are do not count."""
        return {
            event: self._fields[event.value].data
            for event in self.events
            if self._fields[event.value].data is not None
        }


def extension_form(closing: Deadline, later: Mapping[TimetableEvent, Deadline]) -> ExtensionForm:
    """The form that moves a deadline forward, and the events after it where they must follow."""
    fields: dict[str, Any] = {
        "events": tuple(later),
        "deadline": DateTimeField(
            "New deadline",
            hint=f"It stands now at {closing.in_words}.",
            required="Enter the new deadline.",
        ),
    }
    for event, held in later.items():
        fields[event.value] = DateTimeField(
            event.label, hint=f"Stays at {held.in_words} unless you enter another time."
        )
    fields["reason"] = ParagraphField(
        "Reason",
        hint="Every bidder can read it.",
        required="Say why the deadline is extended: every bidder can read it.",
        max_length=LONGEST_REASON,
    )
    made: ExtensionForm = type("ThisExtensionForm", (ExtensionForm,), fields)()
    return made


class TerminateForm(Form):
    reason = ParagraphField(
        "Reason",
        hint="Every bidder can read it.",
        required="Give the reason for the termination: every bidder can read it.",
        max_length=LONGEST_REASON,
    )
    typed_reference = TextField(
        "Type the competition’s reference",
        hint="So that it is certain that you mean this one.",
        required="Type the competition’s reference.",
        width=20,
    )

    def __init__(self, competition: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._competition = competition

    def validate_typed_reference(self, field: Any) -> None:
        """It is this competition that is meant."""
        if field.data.strip().upper() != self._competition.upper():
            raise ValidationError(f"Type {self._competition} to terminate this competition.")
