"""The first page after signing in: what is waiting for this person."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from flask import Blueprint, render_template

from commissioning.kernel.waiting import WaitingItem
from commissioning.web.access import clock, current_actor, signed_in
from commissioning.web.shell import current_shell

blueprint = Blueprint("dashboard", __name__, url_prefix="/dashboard")


def in_order(items: Iterable[WaitingItem]) -> list[tuple[str, list[WaitingItem]]]:
    """The items grouped by context, the most urgent first: by due time, those without one last.

    What says that it is urgent comes before all others.
    """

    def urgency(item: WaitingItem) -> tuple[bool, bool, float]:
        due = item.due_at.timestamp() if item.due_at else 0.0
        return not item.is_urgent, item.due_at is None, due

    groups = [
        (context, sorted(group, key=urgency))
        for context, group in groupby(
            sorted(items, key=lambda item: item.context), key=lambda item: item.context
        )
    ]
    return sorted(groups, key=lambda pair: urgency(pair[1][0]))


@blueprint.get("")
@signed_in
def home() -> str:
    """What waits for the person in every context."""
    actor, now = current_actor(), clock().now()
    items = [item for waiting in current_shell().waiting for item in waiting(actor, now)]
    return render_template("web/dashboard.html", groups=in_order(items), now=now)
