"""What every field and form shares: blank or given, where an error is shown, how it is labelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.validators import StopValidation


class Required:
    """Refuse a blank field with the sentence that says what to enter."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence

    def __call__(self, form: Any, field: Any) -> None:
        """Stop with the sentence, in place of whatever else was wrong with nothing."""
        if field.is_blank:
            field.errors = []
            raise StopValidation(self.sentence)


class GivenOrBlank:
    """Let a blank field be; check one that was filled in."""

    def __call__(self, form: Any, field: Any) -> None:
        """Stop without an error when nothing was entered."""
        if field.is_blank:
            field.errors = []
            raise StopValidation


class PlacedField(Field):
    """A field with a hint, a sentence when it is left blank, and a place for its error.

    `required` is that sentence; without one the field is optional. `gov_params` are added to what
    the GOV.UK macro is given.
    """

    has_fieldset = False
    # A form that was validated has a value wherever one is required; no type can say so.
    data: Any

    def __init__(
        self,
        label: str,
        *,
        hint: str = "",
        required: str | None = None,
        validators: Sequence[Any] = (),
        gov_params: dict[str, Any] | None = None,
        **rest: Any,
    ) -> None:
        presence: Any = Required(required) if required else GivenOrBlank()
        self.gov_params = gov_params or {}
        super().__init__(label, [presence, *validators], description=hint, **rest)

    @property
    def is_blank(self) -> bool:
        """Whether nothing was entered."""
        return not self.raw_data or not any(str(part).strip() for part in self.raw_data)

    @property
    def called(self) -> str:
        """What a sentence about the field calls it: its label, unless that is a whole question."""
        text = str(self.label.text)
        return "Your answer" if text.endswith("?") else text

    @property
    def error_anchor(self) -> str:
        """The id of the element to which the error summary leads."""
        return str(self.id)

    def shown(self, size: str = "s", *, heading: bool = False) -> Any:
        """The field as HTML; `size` s, m or l of its label, which `heading` makes the page's h1."""
        part = "legend" if self.has_fieldset else "label"
        titled: dict[str, Any] = {
            "text": self.label.text,
            "classes": f"govuk-{'fieldset__legend' if self.has_fieldset else 'label'}--{size}",
            "isPageHeading": heading,
        }
        params = {**self.gov_params}
        if self.has_fieldset:
            params["fieldset"] = {part: titled}
        else:
            params[part] = titled
        return self(params=params)


class Tidy:
    """Mixed in before a GOV.UK widget: no empty hints, and no browser's own validation."""

    def map_gov_params(self, field: Any, **kwargs: Any) -> dict[str, Any]:
        """What the macro is given, without a hint that says nothing."""
        params: dict[str, Any] = super().map_gov_params(  # type: ignore[misc]
            field, **kwargs
        )
        if not (params.get("hint") or {}).get("text"):
            params.pop("hint", None)
        return params


@dataclass(frozen=True, slots=True)
class PlacedError:
    """A line of the error summary: what is wrong, and the id of its place ("" for the form)."""

    sentence: str
    anchor: str


class Form(FlaskForm):
    """A form whose errors stand in a summary as well as beside their fields."""

    def add_error(self, field_name: str | None, sentence: str) -> None:
        """Put a sentence beside a field; on the form as a whole for None or an unknown name."""
        field = self._fields.get(field_name) if field_name else None
        if field is None:
            self.form_errors.append(sentence)
        else:
            field.errors = [*field.errors, sentence]

    @property
    def has_errors(self) -> bool:
        """Whether something has to be put right."""
        return bool(self.error_list)

    @property
    def status(self) -> int:
        """The status to answer with: 422 for a form that is handed back, else 200."""
        return 422 if self.has_errors else 200

    @property
    def error_list(self) -> list[PlacedError]:
        """Every place that is wrong, once, in the form's order; the whole form's come first."""
        found = [PlacedError(str(sentence), "") for sentence in self.form_errors]
        for field in self:
            if field.errors:
                anchor = getattr(field, "error_anchor", field.id)
                found.append(PlacedError(_first(field.errors), anchor))
        return found


def _first(errors: Any) -> str:
    """The first sentence, also of a field that is made of fields."""
    if isinstance(errors, dict):
        return _first(next(iter(errors.values())))
    if isinstance(errors, (list, tuple)):
        return _first(next(part for part in errors if part))
    return str(errors)
