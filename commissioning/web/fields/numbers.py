"""Numbers that people type: exact, with their unit said, and never guessed at."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from govuk_frontend_wtf.wtforms_widgets import GovTextInput
from wtforms import ValidationError
from wtforms import fields as wtf

from commissioning.web.fields.base import PlacedField, Tidy

LARGEST_PENCE = 10_000_000_000_000
"""A hundred thousand million pounds: more than any public contract, and safe in every column."""

_POUNDS = re.compile(
    r"(?P<sign>[-\u2212]?)\s*£?\s*(?P<whole>[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?P<fraction>[0-9]+))?"
)
_PLAIN = re.compile(r"[0-9]+")
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")
_SUFFIXED = re.compile(r"[£\s0-9.,-]+\s*(k|m|mn|bn|b|million|billion|thousand)\.?", re.IGNORECASE)
_IN_PENCE = re.compile(r"[\s0-9.,-]+(p|pence)", re.IGNORECASE)
_OTHER_CURRENCY = re.compile(r"[$€¥]|\b(usd|eur|euros?|dollars?)\b", re.IGNORECASE)
_DECIMAL = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?")


class _NumberWidget(Tidy, GovTextInput):
    pass


def parse_pounds(text: str) -> int:
    """An amount in pounds, as people write it, in integer pence.

    "1,234,567", "£1,234.50" and "-3.00" are taken. Raises ValueError, with the sentence to show,
    for anything that could be meant in two ways: "12.5" (million?), "12.5m", "1,23", "50p", three
    decimals, other currencies.
    """
    typed = text.strip()
    found = _POUNDS.fullmatch(typed)
    if found is None:
        raise ValueError(_why_no_pounds(typed))
    whole, fraction = found["whole"], found["fraction"] or ""
    if len(fraction) > 2:
        raise ValueError("Enter pounds and whole pence: no more than two digits after the point.")
    if len(fraction) == 1:
        raise ValueError(
            f"Enter pence as two digits, such as {whole}.{fraction}0, or the amount in full "
            "if you mean millions."
        )
    if len(whole) > 20:
        raise ValueError("Enter a smaller amount: this one has too many digits.")
    pence = int(whole.replace(",", "")) * 100 + int(fraction or 0)
    return -pence if found["sign"] else pence


def _why_no_pounds(typed: str) -> str:
    if _OTHER_CURRENCY.search(typed):
        return "Enter the amount in pounds sterling."
    if _SUFFIXED.fullmatch(typed):
        return "Enter the amount in full, such as 12,500,000, without m, million or k."
    if _IN_PENCE.fullmatch(typed):
        return "Enter the amount in pounds, such as 0.50 for 50 pence."
    if "," in typed:
        return "Use commas only between thousands, such as 1,234,567.89."
    return "Enter an amount in pounds, such as 1,234,567 or 1234567.89."


def parse_decimal(text: str, *, places: int) -> Decimal:
    """A decimal number as written, exactly; ValueError when it is none or has more `places`."""
    found = _DECIMAL.fullmatch(text.strip())
    if found is None:
        raise ValueError("Enter a number, such as 12 or 12.5, without other signs.")
    if len(found[3] or "") > places:
        raise ValueError(f"Enter a number with no more than {places} digits after the point.")
    if len(found[2]) > 15:
        raise ValueError("Enter a smaller number: this one has too many digits.")
    return Decimal(found[0])


class _Number(PlacedField, wtf.Field):
    """A number typed into a text box; `data` is None until it is understood."""

    widget = _NumberWidget()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.written(self.data)

    def written(self, value: Any) -> str:
        """A stored value as one would type it."""
        return str(value)

    def understand(self, typed: str) -> Any:
        """The value of what was typed; ValueError with a sentence."""
        raise NotImplementedError

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Understand what was typed."""
        self.data = None
        if valuelist and str(valuelist[0]).strip():
            self.data = self.understand(str(valuelist[0]))


class WholeNumberField(_Number):
    """A whole number within limits."""

    out_of_range = "{} must be between {:,} and {:,}."

    def __init__(
        self,
        label: str,
        *,
        minimum: int = 0,
        maximum: int = 1_000_000_000,
        suffix: str = "",
        **rest: Any,
    ) -> None:
        self.minimum, self.maximum = minimum, maximum
        super().__init__(label, gov_params=_box(5, "numeric", suffix=suffix), **rest)

    def understand(self, typed: str) -> int:
        """A whole number; commas between thousands are taken."""
        body = typed.strip()
        digits = body.removeprefix("-")
        if not (_PLAIN.fullmatch(digits) or _GROUPED.fullmatch(digits)) or len(digits) > 20:
            raise ValueError(f"{self.called} must be a whole number, such as 12.")
        return int(body.replace(",", ""))

    def pre_validate(self, form: Any) -> None:
        """Refuse a number outside the limits."""
        if self.data is not None and not self.minimum <= self.data <= self.maximum:
            raise ValidationError(self.out_of_range.format(self.called, self.minimum, self.maximum))


class YearField(WholeNumberField):
    """A year of four digits, which nobody writes with a comma."""

    out_of_range = "{} must be a year from {} to {}."


class MoneyField(_Number):
    """An amount typed in pounds and kept in integer pence."""

    def __init__(
        self,
        label: str,
        *,
        minimum_pence: int = 0,
        maximum_pence: int = LARGEST_PENCE,
        positive: bool = False,
        **rest: Any,
    ) -> None:
        self.minimum_pence = max(minimum_pence, 1) if positive else minimum_pence
        self.maximum_pence, self.positive = maximum_pence, positive
        super().__init__(label, gov_params=_box(10, "decimal", prefix="£"), **rest)

    def written(self, value: int) -> str:
        """Pence as pounds."""
        pounds, pence = divmod(abs(value), 100)
        return f"{'-' if value < 0 else ''}{pounds:,}.{pence:02d}"

    def understand(self, typed: str) -> int:
        """Pounds as pence."""
        return parse_pounds(typed)

    def pre_validate(self, form: Any) -> None:
        """Refuse an amount outside the limits."""
        if self.data is None:
            return
        if self.positive and self.data <= 0:
            raise ValidationError(f"{self.called} must be more than £0.")
        if self.data < self.minimum_pence:
            raise ValidationError(
                f"{self.called} must be £{self.written(self.minimum_pence)} or more."
            )
        if self.data > self.maximum_pence:
            raise ValidationError(
                f"{self.called} must be £{self.written(self.maximum_pence)} or less."
            )


class DecimalField(_Number):
    """A decimal number, kept exactly as written."""

    def __init__(
        self,
        label: str,
        *,
        minimum: Decimal | int = 0,
        maximum: Decimal | int = 1_000_000_000,
        places: int = 4,
        suffix: str = "",
        **rest: Any,
    ) -> None:
        self.minimum, self.maximum = Decimal(minimum), Decimal(maximum)
        self.places, self.suffix = places, suffix
        super().__init__(label, gov_params=_box(5, "decimal", suffix=suffix), **rest)

    def understand(self, typed: str) -> Decimal:
        """The number as written, less its unit."""
        return parse_decimal(typed.strip().removesuffix(self.suffix or "\0"), places=self.places)

    def pre_validate(self, form: Any) -> None:
        """Refuse a number outside the limits."""
        if self.data is not None and not self.minimum <= self.data <= self.maximum:
            raise ValidationError(
                f"{self.called} must be between {self.minimum:f}{self.suffix} and "
                f"{self.maximum:f}{self.suffix}."
            )


class PercentField(DecimalField):
    """A percentage, kept exactly as written: "12.5" is Decimal("12.5")."""

    def __init__(self, label: str, *, maximum: Decimal | int = 100, **rest: Any) -> None:
        super().__init__(label, maximum=maximum, suffix="%", **rest)


def _box(width: int, inputmode: str, *, prefix: str = "", suffix: str = "") -> dict[str, Any]:
    params: dict[str, Any] = {
        "classes": f"govuk-input--width-{width}",
        "inputmode": inputmode,
        "spellcheck": False,
    }
    if prefix:
        params["prefix"] = {"text": prefix}
    if suffix:
        params["suffix"] = {"text": suffix}
    return params
