"""The trail of a competition: what happened, by whom, and whether the chain is whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flask.typing import ResponseReturnValue

from commissioning.audit import queries as audit
from commissioning.audit.domain.chain import breaks
from commissioning.audit.domain.events import competition_stream
from commissioning.competition.queries import trail as trail_of
from commissioning.competition.views.frame import blueprint, shown, team_frame
from commissioning.competition.views.tables import in_words
from commissioning.identity import queries as identity
from commissioning.kernel.actor import SYSTEM
from commissioning.permissions import Permission
from commissioning.web import listing
from commissioning.web.access import requires

_LONGEST_SHOWN = 300
_PEOPLE = ("USR-", "ORG-")


@blueprint.get("/<string:reference>/trail")
@requires(Permission.AUDIT_READ_COMPETITION)
def trail(reference: str) -> ResponseReturnValue:
    frame = team_frame(reference, Permission.AUDIT_READ_COMPETITION)
    stream = competition_stream(reference)
    asked = listing.asked(("position",), "-position", per_page=25)
    total = audit.event_count(stream)
    events = trail_of.page_of(
        stream, offset=asked.offset, limit=asked.limit, oldest_first=not asked.descending
    )
    names = identity.names_of(
        {event.actor for event in events}
        | {text for event in events for text in _texts([event.subject, event.changes])}
    )
    rows = [
        {
            "position": event.position,
            "at": event.at,
            "actor": "The platform"
            if event.actor == SYSTEM.reference
            else names.get(event.actor, event.actor),
            "event": in_words(event.event),
            "subject_type": in_words(event.subject_type),
            "subject": names.get(event.subject, event.subject),
            "changes": [
                (in_words(key), _shown(value, names)) for key, value in event.changes.items()
            ],
            "hash": event.hash,
        }
        for event in events
    ]
    heads = audit.heads(stream)
    return shown(
        "trail",
        frame,
        events=listing.Listing(asked, rows, total),
        broken=breaks(audit.links(stream), heads=heads),
        head=heads.get(stream),
        total=total,
    )


def _texts(value: Any) -> Iterator[str]:
    """Every reference of a person or organisation in a value of JSON."""
    if isinstance(value, str):
        if value.startswith(_PEOPLE):
            yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _shown(value: Any, names: dict[str, str]) -> str:
    """A value as a person reads it: names for references, and no more than a few lines."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        text = names.get(value, value)
    elif isinstance(value, list) and len(value) == 2 and not _is_deep(value):
        text = " → ".join(_shown(one, names) for one in value)
    elif isinstance(value, list | dict):
        text = json.dumps(value, ensure_ascii=False)
    else:
        text = str(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _is_deep(value: list[Any]) -> bool:
    return any(isinstance(one, list | dict) for one in value)
