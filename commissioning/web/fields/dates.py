"""Dates and times that people type: real, of this country's wall clock, and never ambiguous."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from govuk_frontend_wtf.wtforms_widgets import GovDateInput
from wtforms import ValidationError
from wtforms import fields as wtf

from commissioning.web.fields.base import PlacedField, Tidy

UK = ZoneInfo("Europe/London")
EARLIEST_YEAR, LATEST_YEAR = 1900, 2200

_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_TIME = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2}))?\s*(am|pm|noon|midday)?", re.IGNORECASE)


class PartError(ValueError):
    """What is wrong with a date or time, and which of its boxes to look at."""

    def __init__(self, sentence: str, part: str) -> None:
        super().__init__(sentence)
        self.part = part


def parse_date(day: str, month: str, year: str, *, name: str = "Date") -> date:
    """The date of three boxes; a month may be a number or a name.

    Raises PartError with a sentence that begins with `name`, for the first box to correct.
    """
    typed = {"day": day.strip(), "month": month.strip(), "year": year.strip()}
    missing = [part for part, text in typed.items() if not text]
    if missing:
        raise PartError(f"{name} must include a {' and a '.join(missing)}.", missing[0])
    numbers = {
        "day": _number(typed["day"]),
        "month": _month(typed["month"]),
        "year": _number(typed["year"]),
    }
    if not EARLIEST_YEAR <= numbers["year"] <= LATEST_YEAR:
        raise PartError(f"{name} must have a year of four digits, such as 2026.", "year")
    if not 1 <= numbers["month"] <= 12:
        raise PartError(f"{name} must be a real date: look at the month.", "month")
    try:
        return date(numbers["year"], numbers["month"], numbers["day"])
    except ValueError:
        raise PartError(f"{name} must be a real date: look at the day.", "day") from None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else -1


def _month(text: str) -> int:
    name = text.lower().rstrip(".")
    if len(name) >= 3 and name.isalpha():
        return next((i for i, full in enumerate(_MONTHS, 1) if full.startswith(name)), -1)
    return _number(text)


def parse_time(text: str, *, name: str = "Time") -> time:
    """A time of day such as "12:00", "17.30", "5:30pm" or "12 noon"; PartError otherwise.

    An hour alone is refused, since "5" may be meant in two ways.
    """
    wrong = PartError(f"{name} must be a time such as 12:00 or 17:30.", "time")
    typed = text.strip().lower()
    if typed in {"noon", "midday"}:
        return time(12)
    found = _TIME.fullmatch(typed)
    if found is None or (found[2] is None and found[3] is None):
        raise wrong
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half in {"noon", "midday"} and (hour, minute) != (12, 0):
        raise wrong
    if half in {"am", "pm"}:
        if not 1 <= hour <= 12:
            raise wrong
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or minute > 59:
        raise wrong
    return time(hour, minute)


def place_in_uk(wall: datetime, *, name: str = "Time") -> datetime:
    """A wall time of the United Kingdom as an aware datetime.

    Raises PartError for an hour that the change to summer time leaves out, or that the change back
    gives twice: a deadline in either could be argued about.
    """
    earlier, later = wall.replace(tzinfo=UK, fold=0), wall.replace(tzinfo=UK, fold=1)
    if earlier.astimezone(UTC).astimezone(UK).replace(tzinfo=None) != wall:
        raise PartError(
            f"{name} does not exist: the clocks go forward that night. Choose a time before 1:00 "
            "or from 2:00 on.",
            "time",
        )
    if earlier.utcoffset() != later.utcoffset():
        raise PartError(
            f"{name} happens twice: the clocks go back that night. Choose a time before 1:00 or "
            "from 2:00 on.",
            "time",
        )
    return earlier


class _DateWidget(Tidy, GovDateInput):
    def map_gov_params(self, field: Any, **kwargs: Any) -> dict[str, Any]:
        """The boxes of the date, each with its own name, the wrong one marked."""
        given = dict(kwargs.pop("params", None) or {})
        given["items"] = [
            {
                "label": label,
                "id": f"{field.id}-{part}",
                "name": f"{field.name}-{part}",
                "value": field.typed.get(part, ""),
                "inputmode": "text" if part == "time" else "numeric",
                "classes": f"govuk-input--width-{width}"
                + (" govuk-input--error" if field.errors and field.marks(part) else ""),
            }
            for part, label, width in field.parts
        ]
        kwargs.pop("value", None)
        # The base class reads three values from the field; the boxes above replace them.
        shown, field.raw_data = field.raw_data, ["", "", ""]
        try:
            params = super().map_gov_params(field, value="", params=given, **kwargs)
        finally:
            field.raw_data = shown
        params.pop("value", None)
        params["attributes"] = {}
        return params


class DateField(PlacedField, wtf.Field):
    """A date in three boxes, posted as `name-day`, `name-month` and `name-year`."""

    widget = _DateWidget()
    has_fieldset = True
    parts: tuple[tuple[str, str, int], ...] = (
        ("day", "Day", 2),
        ("month", "Month", 2),
        ("year", "Year", 4),
    )

    def __init__(self, label: str, **rest: Any) -> None:
        self.typed: dict[str, str] = {}
        self.wrong_part = ""
        super().__init__(label, **rest)

    def _value(self) -> str:
        return ""

    def marks(self, part: str) -> bool:
        """Whether a box is the one to correct; all are where no single one is."""
        return self.wrong_part in {"", part}

    @property
    def error_anchor(self) -> str:
        """The box to correct."""
        return f"{self.id}-{self.wrong_part or 'day'}"

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Gather the boxes from what was posted, or fill them from a stored value."""
        self.process_errors = []
        self.wrong_part = ""
        stored = data if isinstance(data, (date, datetime)) else self.default
        stored = stored() if callable(stored) else stored
        self.object_data = self.data = stored
        self.typed = self.boxes(stored) if stored is not None else {}
        names = {part: f"{self.name}-{part}" for part, _label, _width in self.parts}
        if formdata is None or not any(name in formdata for name in names.values()):
            self.raw_data = [] if formdata is not None else None
            if formdata is not None:
                self.data = None
            return
        self.typed = {part: str(formdata.get(name, "")) for part, name in names.items()}
        self.raw_data = list(self.typed.values())
        self.data = None
        if not self.is_blank:
            try:
                self.data = self.understand()
            except PartError as error:
                self.wrong_part = error.part
                self.process_errors.append(str(error))

    def boxes(self, stored: Any) -> dict[str, str]:
        """A stored value as one would type it."""
        return {"day": str(stored.day), "month": str(stored.month), "year": str(stored.year)}

    def understand(self) -> Any:
        """The value of what was typed."""
        return parse_date(
            self.typed["day"], self.typed["month"], self.typed["year"], name=self.called
        )


class DateTimeField(DateField):
    """A date and a time of the United Kingdom; `data` is aware, in Europe/London."""

    parts = (*DateField.parts, ("time", "Time, such as 12:00", 5))

    def boxes(self, stored: Any) -> dict[str, str]:
        """A stored instant on the wall clock of the United Kingdom."""
        if stored.tzinfo is None:
            raise ValidationError("An instant without a zone cannot be shown.")
        wall = stored.astimezone(UK)
        return {**super().boxes(wall), "time": f"{wall:%H:%M}"}

    def understand(self) -> datetime:
        """The instant of what was typed."""
        name = self.called
        if not self.typed["time"].strip() and any(
            self.typed[part].strip() for part in ("day", "month", "year")
        ):
            parse_date(self.typed["day"], self.typed["month"], self.typed["year"], name=name)
            raise PartError(f"{name} must include a time, such as 12:00.", "time")
        day: date = super().understand()
        return place_in_uk(
            datetime.combine(day, parse_time(self.typed["time"], name=name)), name=name
        )
