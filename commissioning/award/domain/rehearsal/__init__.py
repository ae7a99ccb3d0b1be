"""A rehearsal of the award at design time: the rules to be published, on invented markets.

While rules may still lawfully change, nobody knows who will bid. `assumptions` says in numbers what
markets are thought plausible, `markets` invents them from a seed, `rehearsing` solves each by the
rules as they stand, `report` holds what came of it, and `words` says it. All markets are invented:
no bidder, price or mark is real, and nothing here foretells a competition.
"""

from commissioning.award.domain.rehearsal.assumptions import (
    Assumptions,
    Between,
    BidderKind,
    plausible_assumptions,
)
from commissioning.award.domain.rehearsal.markets import (
    InventedBidder,
    InventedMarket,
    Rules,
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
from commissioning.award.domain.rehearsal.words import rehearsal_in_words

__all__ = [
    "Assumptions",
    "Between",
    "BidderKind",
    "InventedBidder",
    "InventedMarket",
    "KindOutlook",
    "LimitOutlook",
    "LotOutlook",
    "MarketOutcome",
    "Rehearsal",
    "RuleOutlook",
    "Rules",
    "Spread",
    "invented_market",
    "plausible_assumptions",
    "rehearsal_in_words",
    "rehearse",
    "spread_of",
]
