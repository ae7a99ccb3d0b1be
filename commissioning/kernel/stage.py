"""The stages of a competition, in the order of its life.

They stand in the kernel because the permission table, below every context, speaks of them. The
moves between them are the table of `commissioning.competition.domain.lifecycle`.
"""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """Where a competition stands."""

    DRAFT = "draft"
    PQQ_OPEN = "pqq_open"
    PQQ_CLOSED = "pqq_closed"
    SHORTLISTED = "shortlisted"
    ITN_OPEN = "itn_open"
    ITN_CLOSED = "itn_closed"
    QUALITY_EVALUATION = "quality_evaluation"
    QUALITY_LOCKED = "quality_locked"
    PRICE_EVALUATION = "price_evaluation"
    AWARD_MODELLING = "award_modelling"
    AWARD_RECOMMENDED = "award_recommended"
    PREFERRED_BIDDERS = "preferred_bidders"
    TERMINATED = "terminated"

    @property
    def label(self) -> str:
        """The stage as people say it."""
        return _LABELS[self]

    @property
    def position(self) -> int:
        """How far along the life this stage is; termination has no place in the order."""
        return _ORDER.index(self) if self in _ORDER else -1

    def is_at_or_after(self, other: Stage) -> bool:
        """Whether this stage is the other, or later; never true of a terminated competition."""
        return self.position >= other.position >= 0


_ORDER = tuple(stage for stage in Stage if stage is not Stage.TERMINATED)
_LABELS = {
    Stage.DRAFT: "Draft",
    Stage.PQQ_OPEN: "PQQ open",
    Stage.PQQ_CLOSED: "PQQ closed",
    Stage.SHORTLISTED: "Shortlisted",
    Stage.ITN_OPEN: "ITN open",
    Stage.ITN_CLOSED: "ITN closed",
    Stage.QUALITY_EVALUATION: "Quality evaluation",
    Stage.QUALITY_LOCKED: "Quality locked",
    Stage.PRICE_EVALUATION: "Price evaluation",
    Stage.AWARD_MODELLING: "Award modelling",
    Stage.AWARD_RECOMMENDED: "Award recommended",
    Stage.PREFERRED_BIDDERS: "Preferred bidders",
    Stage.TERMINATED: "Terminated",
}
