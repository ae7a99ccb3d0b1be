"""How far a competition has come; before that, a query gives nothing."""

from __future__ import annotations

from commissioning.competition.models import Competition
from commissioning.kernel.stage import Stage
from commissioning.submission.domain.sealing import Envelope

OPENED_FROM = {
    Envelope.QUALITY: Stage.QUALITY_EVALUATION,
    Envelope.PRICE: Stage.PRICE_EVALUATION,
}


def has_reached(competition: Competition, stage: Stage) -> bool:
    """Whether the competition came as far as this stage, also where it was terminated since."""
    return Stage(competition.reached_stage or competition.stage).is_at_or_after(stage)
