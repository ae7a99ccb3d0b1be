"""Reading an award: the runs and their table, who is preferred, and what a bidder is told."""

from commissioning.award.queries.award import (
    AwardTable,
    Cell,
    DisplacedBid,
    LotRow,
    ShareRow,
    award_table,
    facts,
    groups_of,
    is_outdated,
    latest_run,
    preferred_bidders,
    problem_of_record,
    run_by_reference,
)
from commissioning.award.queries.explained import (
    ExplainedAward,
    LotStory,
    Shortfall,
    explained_award,
    lot_story,
    names_in,
    shortfall_of,
)
from commissioning.award.queries.outcome import (
    CriterionOutcome,
    LeafOutcome,
    LotOutcome,
    own_outcomes,
    own_result_facts,
)
from commissioning.award.queries.waiting import waiting_for

__all__ = [
    "AwardTable",
    "Cell",
    "CriterionOutcome",
    "DisplacedBid",
    "ExplainedAward",
    "LeafOutcome",
    "LotOutcome",
    "LotRow",
    "LotStory",
    "ShareRow",
    "Shortfall",
    "award_table",
    "explained_award",
    "facts",
    "groups_of",
    "is_outdated",
    "latest_run",
    "lot_story",
    "names_in",
    "own_outcomes",
    "own_result_facts",
    "preferred_bidders",
    "problem_of_record",
    "run_by_reference",
    "shortfall_of",
    "waiting_for",
]
