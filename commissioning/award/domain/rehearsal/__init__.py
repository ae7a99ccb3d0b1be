"""A rehearsal of the award at design time: the rules to be published, on invented markets.

While rules may still lawfully change, nobody knows who will bid. `assumptions` says in numbers what
markets are thought plausible, `markets` invents them from a seed, `rehearsing` solves each by the
rules as they stand, `firmness` says how often a single mark would decide, `report` holds what came
of it, and `words` says it. All markets are invented:
no bidder, price or mark is real, and nothing here foretells a competition.
"""

from commissioning.award.domain.rehearsal.assumptions import (
    Assumptions,
    Between,
    BidderKind,
    plausible_assumptions,
    with_counts,
)
from commissioning.award.domain.rehearsal.firmness import MarksOutlook, single_marks
from commissioning.award.domain.rehearsal.markets import (
    InventedBidder,
    InventedMarket,
    Rules,
    fitted,
    invented_market,
)
from commissioning.award.domain.rehearsal.rehearsing import rehearse
from commissioning.award.domain.rehearsal.report import (
    KindOutlook,
    LimitOutlook,
    LotOutlook,
    MarketOutcome,
    Rehearsal,
    RuleOutlook,
    Spread,
    spread_of,
)
from commissioning.award.domain.rehearsal.words import (
    RULE_WORDS,
    assumptions_in_words,
    award_in_words,
    bids_in_words,
    invention_in_words,
    kinds_in_words,
    limits_in_words,
    marks_in_words,
    rehearsal_in_words,
    reservations_in_words,
    rules_in_words,
)

__all__ = [
    "RULE_WORDS",
    "Assumptions",
    "Between",
    "BidderKind",
    "InventedBidder",
    "InventedMarket",
    "KindOutlook",
    "LimitOutlook",
    "LotOutlook",
    "MarketOutcome",
    "MarksOutlook",
    "Rehearsal",
    "RuleOutlook",
    "Rules",
    "Spread",
    "assumptions_in_words",
    "award_in_words",
    "bids_in_words",
    "fitted",
    "invented_market",
    "invention_in_words",
    "kinds_in_words",
    "limits_in_words",
    "marks_in_words",
    "plausible_assumptions",
    "rehearsal_in_words",
    "rehearse",
    "reservations_in_words",
    "rules_in_words",
    "single_marks",
    "spread_of",
    "with_counts",
]
