"""How a refusal names a place in the document: JSON paths such as `$.bids[3].price`."""

from __future__ import annotations

import json
import re

LONGEST_ID = 200
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def inside(path: str, key: str) -> str:
    """The place of a key in the object at `path`: `.key`, or `["a key"]` where it needs quotes."""
    if _PLAIN_KEY.match(key):
        return f"{path}.{key}"
    return f"{path}[{quoted(key)}]"


def quoted(text: str) -> str:
    """A text as JSON shows it, so that no character of an id can upset a terminal or a log."""
    return json.dumps(text[:LONGEST_ID])
