"""The questions of the PQQ."""

from __future__ import annotations

from typing import Any

from wtforms import ValidationError

from commissioning.competition.domain.selection_rules import QuestionKind
from commissioning.web.fields import (
    Form,
    ParagraphField,
    RadiosField,
    TextField,
    WholeNumberField,
)

_K = QuestionKind


class QuestionForm(Form):
    reference = TextField(
        "Reference", hint="Such as Q1.", required="Enter a reference.", max_length=20, width=10
    )
    part = TextField(
        "Part of the questionnaire",
        hint="One assessor reads a part: for example, Experience.",
        required="Enter the part of the questionnaire.",
        max_length=80,
    )
    text = ParagraphField("Question", required="Enter the question.", max_length=20_000)
    answer = RadiosField(
        "Answered",
        choices=[("text", "In words"), ("yes_no", "By yes or no")],
        default="text",
        required="Choose whether it is answered in words, or by yes or no.",
    )
    word_limit = WholeNumberField(
        "Word limit",
        suffix="words",
        minimum=1,
        maximum=20_000,
        default=500,
        required="Enter the word limit.",
    )
    kind = RadiosField(
        "What is it for?",
        choices=[
            (_K.NOT_SCORED.value, "Not scored", "It informs, and decides nothing."),
            (_K.PASS_FAIL.value, "Pass or fail", "Whoever fails it goes no further."),
            (_K.SCORED.value, "Scored", "An assessor gives a score, which has a minimum."),
        ],
        required="Choose whether it is not scored, pass or fail, or scored.",
    )
    passes = RadiosField(
        "Which answer passes?",
        hint="Only for a question of pass or fail.",
        choices=[("yes", "Yes"), ("no", "No"), ("assessor", "An assessor decides")],
        default="assessor",
    )
    max_score = WholeNumberField(
        "Highest score", hint="Only for a scored question.", minimum=1, maximum=100
    )
    minimum = WholeNumberField("Least score that passes", maximum=100)

    def validate_passes(self, field: Any) -> None:
        """Only a question of yes or no has an answer that passes by itself."""
        if (
            self.kind.data == _K.PASS_FAIL.value
            and field.data in {"yes", "no"}
            and self.answer.data != "yes_no"
        ):
            raise ValidationError("An answer in words is read by an assessor: choose so.")

    def validate(self, extra_validators: Any = None) -> bool:
        """A scored question needs its two scores."""
        is_valid = super().validate(extra_validators)
        if self.kind.data == _K.SCORED.value:
            for field, sentence in (
                (self.max_score, "Enter the highest score."),
                (self.minimum, "Enter the least score that passes."),
            ):
                if field.data is None and not field.errors:
                    self.add_error(field.short_name, sentence)
                    is_valid = False
        return is_valid

    def add_error(self, field_name: str | None, sentence: str) -> None:
        """The service speaks of the pass rule as a whole."""
        if field_name == "rule":
            field_name = "minimum" if self.kind.data == _K.SCORED.value else "passes"
        super().add_error(field_name, sentence)

    def rule(self) -> dict[str, Any]:
        """The pass rule, as the service takes it."""
        if self.kind.data == _K.SCORED.value:
            return {"max_score": self.max_score.data, "minimum": self.minimum.data}
        if self.kind.data == _K.PASS_FAIL.value:
            return {"passes": [self.passes.data] if self.passes.data in {"yes", "no"} else []}
        return {}
