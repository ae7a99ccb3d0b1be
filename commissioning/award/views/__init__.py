"""The pages of the award."""

from __future__ import annotations

from commissioning.award.views import award, results, why
from commissioning.award.views.frame import blueprint

__all__ = ["blueprint"]
