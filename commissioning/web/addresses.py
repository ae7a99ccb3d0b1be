"""What a part of an address can be: anything else is an address of nothing."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, UnicodeConverter

_LARGEST_NUMBER = 2**31 - 1
"""No row has a larger number, and databases differ in what they say of one."""


class _Text(UnicodeConverter):
    """Text without a zero character, which PostgreSQL refuses to look for."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.regex = self.regex.replace("[^/]", r"[^/\x00]")


class _Number(IntegerConverter):
    """A number that a row can have."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"max": _LARGEST_NUMBER, **options})


def init_app(app: Flask) -> None:
    """Take these for every address; before the first is made."""
    app.url_map.converters |= {"default": _Text, "string": _Text, "int": _Number}
