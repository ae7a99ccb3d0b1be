"""Two steps: what was typed is carried to a page that shows it, and only then done."""

from __future__ import annotations

from flask import request


def step() -> str:
    """Which button brought the form here: "", "confirm", or "change" to go on typing."""
    return request.form.get("step", "")


def carried() -> list[tuple[str, str]]:
    """Everything that was typed, for the page that shows it to carry on."""
    left_out = {"csrf_token", "step"}
    return [pair for pair in request.form.items(multi=True) if pair[0] not in left_out]
