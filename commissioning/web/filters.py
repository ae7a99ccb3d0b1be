"""How exact values are written for people. Nothing here is read back, and nothing is decided by it.

Where two different figures would look alike, more digits are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from markupsafe import Markup, escape

from commissioning.kernel.money import Money

UK_ZONE = "Europe/London"
_MOST_DIGITS = 12
_THIN_SIZES = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"))


def fixed(value: Fraction | int, places: int) -> str:
    """An exact number with so many digits after the point, half to even, thousands grouped."""
    scaled = round(Fraction(value) * 10**places)
    whole, rest = divmod(abs(scaled), 10**places)
    sign = "-" if scaled < 0 else ""
    return f"{sign}{whole:,}" + (f".{rest:0{places}d}" if places else "")


def _pence(amount: Money | int) -> int:
    return amount.pence if isinstance(amount, Money) else amount


def money(amount: Money | int | None) -> str:
    """Pence as "£1,234,567.89"; nothing as a dash."""
    return "–" if amount is None else str(Money(_pence(amount)))


def money_compact(amount: Money | int | None) -> str:
    """Pence as "£65.0m", for tables that compare; small amounts are written in full."""
    if amount is None:
        return "–"
    pence = _pence(amount)
    sign, size = ("-" if pence < 0 else ""), abs(pence)
    if size >= 100_000_000_000:
        return f"{sign}£{fixed(Fraction(size, 100_000_000_000), 2)}bn"
    if size >= 100_000_000:
        return f"{sign}£{fixed(Fraction(size, 100_000_000), 1)}m"
    return money(pence)


def _ppqp(value: Fraction | str | int) -> Fraction:
    return Fraction(value)


def ppqp(value: Fraction | str | int | None, places: int = 2) -> str:
    """Price per quality point, from pence a point ("N/D" or a Fraction), as pounds a point."""
    if value is None:
        return "–"
    pounds = fixed(_ppqp(value) / 100, places)
    return f"-£{pounds[1:]}" if pounds.startswith("-") else f"£{pounds}"


def ppqp_apart(values: Iterable[Fraction | str | int | None], least: int = 2) -> list[str]:
    """Prices per quality point with as many digits as tell different ones apart, or `least`."""
    given = [None if value is None else _ppqp(value) for value in values]
    different = len({value for value in given if value is not None})
    for places in range(least, _MOST_DIGITS + 1):
        shown = [ppqp(value, places) for value in given]
        if len({text for text, value in zip(shown, given, strict=True) if value is not None}) == (
            different
        ):
            return shown
    return [
        "–" if value is None else f"{ppqp(value, _MOST_DIGITS)} ({value} pence)" for value in given
    ]


def points(milli_points: int | None) -> str:
    """Quality points from thousandths: 71250 is "71.250"."""
    return "–" if milli_points is None else fixed(Fraction(milli_points, 1000), 3)


def percent(value: Decimal | Fraction | int | None, places: int | None = None) -> str:
    """A percentage: Decimal("12.5") is "12.5%"; with `places`, so many digits."""
    if value is None:
        return "–"
    if places is not None:
        return f"{fixed(Fraction(value), places)}%"
    if isinstance(value, Fraction):
        return f"{fixed(value, 2)}%"
    text = f"{Decimal(value):f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"


def percent_ppm(parts: int | None) -> str:
    """A percentage from parts in a million: 250000 is "25%"."""
    return "–" if parts is None else percent(Decimal(parts) / 10_000)


def _clock_time(wall: datetime) -> str:
    if (wall.hour, wall.minute) == (12, 0):
        return "12 noon"
    if (wall.hour, wall.minute) == (0, 0):
        return "12 midnight at the start of the day"
    half = "am" if wall.hour < 12 else "pm"
    minutes = f":{wall.minute:02d}" if wall.minute else ""
    return f"{wall.hour % 12 or 12}{minutes}{half}"


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("An instant without a zone cannot be shown.")
    return instant


def _zone_words(zone: str) -> str:
    return "UK time" if zone == UK_ZONE else f"{zone} time"


def moment(instant: datetime | None, zone: str = UK_ZONE) -> str:
    """An instant on the wall clock of a zone: "Wednesday 29 October 2014, 12 noon (UK time)"."""
    if instant is None:
        return "–"
    wall = _aware(instant).astimezone(ZoneInfo(zone))
    return f"{wall:%A} {wall.day} {wall:%B %Y}, {_clock_time(wall)} ({_zone_words(zone)})"


def moment_short(instant: datetime | None, zone: str = UK_ZONE) -> str:
    """An instant for a table whose heading names the zone: "29 Oct 2014, 12:00"."""
    if instant is None:
        return "–"
    wall = _aware(instant).astimezone(ZoneInfo(zone))
    return f"{wall.day} {wall:%b %Y, %H:%M}"


def moment_exact(instant: datetime | None) -> str:
    """An instant to the second on the wall clock of the UK: "30 Jun 2014, 12:00:00 BST"."""
    if instant is None:
        return "–"
    wall = _aware(instant).astimezone(ZoneInfo(UK_ZONE))
    return f"{wall.day} {wall:%b %Y, %H:%M:%S %Z}"


def day(value: date | datetime | None) -> str:
    """A date: "29 October 2014"; an instant is placed on the wall calendar of the UK first."""
    if value is None:
        return "–"
    local = value.astimezone(ZoneInfo(UK_ZONE)) if isinstance(value, datetime) else value
    return f"{local.day} {local:%B %Y}"


def machine_time(instant: datetime) -> str:
    """An instant for the `datetime` attribute of a `time` element."""
    return _aware(instant).astimezone(UTC).isoformat().replace("+00:00", "Z")


def short_hash(value: str | None, length: int = 12) -> str:
    """The first signs of a hash, for tables; the whole stands on the page of the thing itself."""
    return "–" if value is None else value[:length]


def count(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun: "1 bid", "2 bids"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def words(value: Any) -> str:
    """A name of ours as people say it: `preferred_bidders` is "Preferred bidders"."""
    if value is None:
        return "–"
    label = getattr(value, "label", None)
    text = (
        label
        if isinstance(label, str)
        else str(value.value if isinstance(value, Enum) else value).replace("_", " ")
    )
    return text[:1].upper() + text[1:]


def file_size(size: int) -> str:
    """A size in bytes as people say it: "1.2 MB"."""
    for unit, name in _THIN_SIZES:
        if size >= unit:
            tenths = f"{Decimal(size) / unit:.1f}"
            return f"{tenths.removesuffix('.0')} {name}"
    return count(size, "byte")


def paragraphs(text: str | None) -> Markup:
    """Plain text as paragraphs; a single break stays a break. Everything in it is escaped."""
    blocks = [block for block in (text or "").split("\n\n") if block.strip()]
    lines = Markup("<br>").join
    return Markup("").join(
        Markup('<p class="govuk-body">{}</p>').format(
            lines(escape(line) for line in block.strip("\n").split("\n"))
        )
        for block in blocks
    )


_FILTERS: tuple[Callable[..., Any], ...] = (
    count,
    day,
    file_size,
    machine_time,
    moment,
    moment_exact,
    moment_short,
    money,
    money_compact,
    paragraphs,
    percent,
    percent_ppm,
    points,
    ppqp,
    short_hash,
    words,
)


def init_app(app: Flask) -> None:
    """Give the templates every filter under its own name."""
    for function in _FILTERS:
        app.add_template_filter(function, function.__name__)
    app.add_template_global(ppqp_apart, "ppqp_apart")
