"""The pages of a competition: set-up, issue, what the public reads, and the trail."""

from __future__ import annotations

from commissioning.competition.views import (
    award_rules,
    changes,
    criteria,
    decisions,
    documents,
    extension,
    home,
    issue,
    listings,
    lots,
    lots_file,
    people,
    published,
    questions,
    rules,
    setup,
    termination,
    ties,
    timetable,
    trail,
)
from commissioning.competition.views.frame import blueprint

__all__ = ["blueprint"]
