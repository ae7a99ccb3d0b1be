"""The trail has no word that nothing ever says."""

from __future__ import annotations

import re

from commissioning.audit.domain.events import Event
from commissioning.kernel.lifecycle import Table
from tests.support import source


def moves():
    """The events of the tables whose moves are recorded by the name of the move."""
    return {
        row.event
        for module in source.modules("domain")
        for value in vars(module).values()
        if isinstance(value, Table)
        for row in value.transitions
    }


def test_every_event_is_recorded_somewhere():
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for path in source.python_files()
        if path.relative_to(source.PACKAGE).parts[:2] != ("audit", "domain")
    )
    named = set(re.findall(r"\bEvent\.([A-Z_]+)\b", text))

    assert [e.name for e in Event if e.name not in named and e.value not in moves()] == []
