"""Choices that people make: radios, a drop-down, check boxes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxesInput,
    GovCheckboxInput,
    GovRadioInput,
    GovSelect,
)
from wtforms import ValidationError
from wtforms import fields as wtf
from wtforms.fields import choices as wtf_choices

from commissioning.web.fields.base import PlacedField, Tidy

Choice = tuple[Any, str] | tuple[Any, str, str]


# The published types of WTForms do not know these two yet.
_Offered: Any = vars(wtf_choices)["SelectChoice"]
_Shown: Any = vars(wtf_choices)["Choice"]


class _Hinted(Tidy):
    """Gives each item of a list of choices the hint that stands with it."""

    def map_gov_params(self, field: Any, **kwargs: Any) -> dict[str, Any]:
        """What the macro is given, each item with its hint."""
        params = super().map_gov_params(field, **kwargs)
        for item, hint in zip(params["items"], field.choice_hints, strict=True):
            if hint:
                item["hint"] = {"text": hint}
        return params


class _RadioWidget(_Hinted, GovRadioInput):
    pass


class _CheckboxesWidget(_Hinted, GovCheckboxesInput):
    pass


class _SelectWidget(Tidy, GovSelect):
    pass


class _CheckboxWidget(Tidy, GovCheckboxInput):
    def map_gov_params(self, field: Any, **kwargs: Any) -> dict[str, Any]:
        """One box, whose label is the field's: a fieldset around it would say it twice."""
        params = kwargs.pop("params", None) or {}
        kwargs["params"] = {k: v for k, v in params.items() if k not in {"fieldset", "label"}}
        # The widget takes a fieldset away again, and so needs one to be there.
        kwargs["params"].setdefault("fieldset", {})
        return super().map_gov_params(field, **kwargs)


class _Choosing(PlacedField):
    """A field with choices of (value, label) or (value, label, hint)."""

    coerce: Any
    _given: tuple[tuple[Any, ...], ...] = ()

    def __init__(self, label: str, *, choices: Iterable[Choice] = (), **rest: Any) -> None:
        super().__init__(label, **rest)
        self.choices = choices

    @property
    def choices(self) -> Any:
        """The choices as WTForms takes them."""
        return [_Offered(value=choice[0], label=choice[1]) for choice in self._given]

    @choices.setter
    def choices(self, given: Iterable[Choice] | None) -> None:
        self._given = tuple(given or ())

    @property
    def choice_hints(self) -> list[str]:
        """The hint of each choice, or ""."""
        return [str(choice[2]) if len(choice) > 2 else "" for choice in self._given]

    @property
    def offered(self) -> set[Any]:
        """Every value that may be chosen."""
        return {self.coerce(choice[0]) for choice in self._given}

    @property
    def error_anchor(self) -> str:
        """The first of the boxes, which bears the name of the field."""
        return str(self.name)


class RadiosField(_Choosing, wtf.RadioField):
    """One of a few choices, all of them in sight."""

    widget = _RadioWidget()
    has_fieldset = True

    def pre_validate(self, form: Any) -> None:
        """Refuse a value that was never offered."""
        _refuse_unknown(self)


class SelectField(_Choosing, wtf.SelectField):
    """One of many choices; nothing is chosen until somebody chooses."""

    widget = _SelectWidget()
    prompt = "Choose one"

    @property
    def is_blank(self) -> bool:
        """Whether the line at the top, which stands for no choice, was left."""
        return not self.raw_data or self.raw_data[0] == ""

    @property
    def error_anchor(self) -> str:
        """The drop-down itself."""
        return str(self.id)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the choice; the empty line is none."""
        self.data = None
        if valuelist and valuelist[0] != "":
            super().process_formdata(valuelist)

    def iter_choices(self) -> Any:
        """The empty line, then the choices."""
        yield _Shown("", self.prompt, self.data is None, {})
        yield from super().iter_choices()

    def pre_validate(self, form: Any) -> None:
        """Refuse a value that was never offered."""
        _refuse_unknown(self)


class CheckboxesField(_Choosing, wtf.SelectMultipleField):
    """Any number of choices."""

    widget = _CheckboxesWidget()
    has_fieldset = True

    def process_data(self, value: Any) -> None:
        """Nothing stored is nothing ticked."""
        super().process_data(value or [])

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take what was ticked, each once."""
        super().process_formdata(list(dict.fromkeys(valuelist)))

    def pre_validate(self, form: Any) -> None:
        """Refuse values that were never offered."""
        if not set(self.data or []) <= self.offered:
            raise ValidationError("Choose from what is shown on the page.")


class CheckboxField(PlacedField, wtf.BooleanField):
    """One box to tick; `required` is what to say when it must be and is not."""

    widget = _CheckboxWidget()

    @property
    def is_blank(self) -> bool:
        """Whether it was left unticked."""
        return not self.data

    @property
    def error_anchor(self) -> str:
        """The box, which bears the name of the field."""
        return str(self.name)


def _refuse_unknown(field: Any) -> None:
    if field.data is not None and field.data not in field.offered:
        raise ValidationError("Choose one of what is shown on the page.")
