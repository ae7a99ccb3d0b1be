"""What is waiting for a person: the line that a dashboard shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """One thing that a person should do next, and where.

    `endpoint` and `values` name the page; `due_at` is a UTC instant or None; `context` is the
    competition's or organisation's name that groups the list. What is urgent comes first.
    """

    title: str
    detail: str
    endpoint: str
    values: dict[str, str] = field(default_factory=dict)
    due_at: datetime | None = None
    context: str = ""
    is_urgent: bool = False
