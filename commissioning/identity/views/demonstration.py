"""What a demonstration shows and no other installation does: sign-ins, and the mail."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

from flask import render_template

from commissioning.identity import queries
from commissioning.identity.views.blueprint import blueprint, only_in_demonstration, settings
from commissioning.web.access import public
from commissioning.web.listing import of

_FIELDS = ("role", "name", "email", "password", "organisation")
_ADDRESS = re.compile(r"https?://\S+")


def sign_ins() -> list[dict[str, str]]:
    """The invented people with whom one may sign in; none where people are real."""
    if not settings().is_demo:
        return []
    path = settings().data_folder / "sign-ins.json"
    if not path.is_file():
        return []
    rows = json.loads(path.read_text(encoding="utf-8"))
    return [{field: str(row.get(field, "")) for field in _FIELDS} for row in rows]


@blueprint.get("/demonstration/outbox")
@public
def outbox() -> str:
    only_in_demonstration()
    messages = of(
        queries.messages_newest_first(),
        sorts={"queued": lambda message: -message.id},
        default="queued",
        per_page=20,
    )
    return render_template("identity/outbox.html", messages=messages, lines_of=_lines_of)


def _lines_of(body: str) -> list[tuple[str, str | None]]:
    """The lines of a letter; one that is an address leads to the same page of this site."""
    return [
        (line, urlsplit(line).path if _ADDRESS.fullmatch(line) else None)
        for line in body.splitlines()
        if line.strip()
    ]
