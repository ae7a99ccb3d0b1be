"""The pages of the award."""

from __future__ import annotations

from commissioning.award.views import (
    alternatives,
    award,
    rehearsal,
    results,
    robustness,
    scenarios,
    why,
    work,
)
from commissioning.award.views.frame import blueprint

__all__ = ["blueprint"]
