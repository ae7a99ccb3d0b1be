"""The use cases of the award: solve, recommend, approve or send back, announce."""

from commissioning.award.services.awarding import (
    TIME_LIMIT_SECONDS,
    announce_preferred_bidders,
    approve_award,
    recommend_award,
    send_back_award,
    solve_award,
)

__all__ = [
    "TIME_LIMIT_SECONDS",
    "announce_preferred_bidders",
    "approve_award",
    "recommend_award",
    "send_back_award",
    "solve_award",
]
