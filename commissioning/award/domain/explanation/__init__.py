"""Why an award is as it is: what each limit costs, why each bid lost, how each lot was won."""

from commissioning.award.domain.explanation.parts import (
    Explanation,
    LimitCost,
    Loser,
    Reason,
    RuleAnswer,
    Winner,
)
from commissioning.award.domain.explanation.swap import reason_of_loss, winners_of

__all__ = [
    "Explanation",
    "LimitCost",
    "Loser",
    "Reason",
    "RuleAnswer",
    "Winner",
    "reason_of_loss",
    "winners_of",
]
