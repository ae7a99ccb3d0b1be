"""The colours of charts: up to 24, each with an ink that can be read on it.

Colour alone never says anything: every tile and bar prints its code or its figure too.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flask import Flask

_DARK_INK, _LIGHT_INK = "#0b0c0c", "#ffffff"


@dataclass(frozen=True, slots=True)
class Swatch:
    """A fill and the ink that is written on it, as hexadecimal colours."""

    fill: str
    ink: str


def _swatches(ink: str, *fills: str) -> tuple[Swatch, ...]:
    return tuple(Swatch(fill, ink) for fill in fills)


NEUTRAL = Swatch("#e6ecec", _DARK_INK)
"""A tile that nobody has won, or that says nothing yet."""

# Dark and light take turns, so that neighbours in the order differ by more than hue.
_DARK = _swatches(
    _LIGHT_INK,
    "#0f5c66",
    "#8a2b4e",
    "#3b4f9a",
    "#7a4a12",
    "#2f6b2f",
    "#5b3a8c",
    "#9a3412",
    "#1f5f8b",
    "#6b5b00",
    "#444f5a",
    "#8b1e1e",
    "#7b2d7b",
)
_LIGHT = _swatches(
    _DARK_INK,
    "#f2b84b",
    "#9bd3c7",
    "#f29b8e",
    "#b9c6f2",
    "#d8e08a",
    "#e3b3dd",
    "#8fc7e8",
    "#f5d5a8",
    "#a9d08e",
    "#d9c8b0",
    "#ffd9e4",
    "#c4cdd2",
)
SWATCHES: tuple[Swatch, ...] = tuple(
    swatch for pair in zip(_DARK, _LIGHT, strict=True) for swatch in pair
)


def swatch(index: int | None) -> Swatch:
    """The colours of a place in an order, from 0; more than 24 begin again, None is neutral."""
    return NEUTRAL if index is None else SWATCHES[index % len(SWATCHES)]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two hexadecimal colours, as WCAG 2 defines it (from 1 to 21)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


_STATUS_COLOURS = {
    "green": {"done", "completed", "approved", "passed", "met", "awarded", "submitted", "open"},
    "red": {
        "refused",
        "lapsed",
        "failed",
        "rejected",
        "terminated",
        "excluded",
        "overdue",
        "suspended",
    },
    "yellow": {"waiting", "proposed", "due", "draft", "incomplete", "pending", "unconfirmed"},
    "blue": {"in progress", "started", "preferred", "evaluated", "shortlisted", "opened"},
    "grey": {"not started", "closed", "withdrawn", "unbid", "ahead", "cannot start yet", "none"},
}


def status_colour(status: object) -> str:
    """A tag's colour for a status, guessed from its words; grey for one that is not known."""
    words = str(getattr(status, "label", None) or status).replace("_", " ").lower()
    for colour, known in _STATUS_COLOURS.items():
        if words in known:
            return colour
    for colour, known in _STATUS_COLOURS.items():
        if any(words.startswith(f"{word} ") or words.endswith(f" {word}") for word in known):
            return colour
    return "grey"


def bar_width(value: int | Fraction, maximum: int | Fraction) -> str:
    """How much of 100 a bar fills, to a tenth; something that is not nothing can be seen."""
    if maximum <= 0 or value <= 0:
        return "0"
    tenths = max(5, round(Fraction(min(value, maximum)) * 1000 / Fraction(maximum)))
    return f"{tenths // 10}.{tenths % 10}"


def init_app(app: Flask) -> None:
    """Give the templates the colours and the lengths of bars."""
    app.add_template_global(bar_width, "bar_width")
    app.add_template_global(swatch, "swatch")
    app.add_template_global(status_colour, "status_colour")
