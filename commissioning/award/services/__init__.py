"""The use cases of the award: solve, recommend, approve or send back, announce; and scenarios."""

from commissioning.award.services.awarding import (
    TIME_LIMIT_SECONDS,
    announce_preferred_bidders,
    approve_award,
    recommend_award,
    send_back_award,
    solve_award,
)
from commissioning.award.services.rehearsal import (
    FEWEST_MARKETS,
    MARKETS_FOR_MARKS,
    MOST_MARKETS,
    Plan,
    rehearse_rules,
)
from commissioning.award.services.robustness import FURTHEST_WEIGHT, study_robustness
from commissioning.award.services.scenarios import (
    WIDEST_MARGIN_PPM,
    change_scenario,
    make_scenario,
    seek_alternatives,
    solve_scenario,
)
from commissioning.award.services.work import (
    Task,
    end_silent_work,
    fail_work,
    finish_work,
    note_progress,
    stop_work,
    take_up_work,
)

__all__ = [
    "FEWEST_MARKETS",
    "FURTHEST_WEIGHT",
    "MARKETS_FOR_MARKS",
    "MOST_MARKETS",
    "TIME_LIMIT_SECONDS",
    "WIDEST_MARGIN_PPM",
    "Plan",
    "Task",
    "announce_preferred_bidders",
    "approve_award",
    "change_scenario",
    "end_silent_work",
    "fail_work",
    "finish_work",
    "make_scenario",
    "note_progress",
    "recommend_award",
    "rehearse_rules",
    "seek_alternatives",
    "send_back_award",
    "solve_award",
    "solve_scenario",
    "stop_work",
    "study_robustness",
    "take_up_work",
]
