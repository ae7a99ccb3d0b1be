"""The pages of identity: the door, registration, organisations, people and keys."""

from __future__ import annotations

from commissioning.identity.views import (
    administration,
    demonstration,
    entry,
    kept,
    organisation,
    people,
    registration,
    ties,
    trail,
)
from commissioning.identity.views.blueprint import blueprint

__all__ = ["blueprint"]
