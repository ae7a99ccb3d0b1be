"""The pages of evaluation: selection, interests, assignments, marks, consensus, lock, prices."""

from __future__ import annotations

from commissioning.evaluation.views import (
    assignments,
    consensus,
    interests,
    marking,
    prices,
    progress,
    selection,
    shortlist,
)
from commissioning.evaluation.views.frame import blueprint

__all__ = ["blueprint"]
