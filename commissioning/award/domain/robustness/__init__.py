"""How firmly an award stands: the smallest changes of the record that would send a lot elsewhere.

Each question is answered by solving the changed problem again, exactly, under the published award
rule. A change is left out only where it is proven that no winner can change (`pruning`). What is
found says how close the competition was; it never says that a mark, a weight or a price is wrong.

`standing` is the award that is asked about, `quality` what the quality points of its bids are made
of; `marks`, `weights`, `withdrawals` and `prices` are the four questions, `findings` what they
answer, `words` how a person reads it, and `study` all of them together.
"""

from commissioning.award.domain.robustness.findings import (
    EnteringBid,
    EnteringMark,
    Heard,
    MarkChange,
    MarkFindings,
    MovedLot,
    PriceChange,
    PriceFindings,
    Search,
    WeightChange,
    WeightFindings,
    Withdrawal,
    WithdrawalFindings,
    go_on,
)
from commissioning.award.domain.robustness.marks import marks_that_decide
from commissioning.award.domain.robustness.prices import prices_that_decide
from commissioning.award.domain.robustness.quality import Leaf, MarkedBid, Quality
from commissioning.award.domain.robustness.standing import Standing
from commissioning.award.domain.robustness.study import (
    WEIGHT_STEP,
    Study,
    agreed_bids,
    quality_of,
    study_award,
)
from commissioning.award.domain.robustness.weights import weights_that_decide
from commissioning.award.domain.robustness.withdrawals import withdrawals_that_decide
from commissioning.award.domain.robustness.words import (
    mark_in_words,
    marks_in_words,
    points_in_words,
    price_in_words,
    prices_in_words,
    search_in_words,
    weight_in_words,
    weights_in_words,
    winners_in_words,
    withdrawal_in_words,
    withdrawals_in_words,
)

__all__ = [
    "WEIGHT_STEP",
    "EnteringBid",
    "EnteringMark",
    "Heard",
    "Leaf",
    "MarkChange",
    "MarkFindings",
    "MarkedBid",
    "MovedLot",
    "PriceChange",
    "PriceFindings",
    "Quality",
    "Search",
    "Standing",
    "Study",
    "WeightChange",
    "WeightFindings",
    "Withdrawal",
    "WithdrawalFindings",
    "agreed_bids",
    "go_on",
    "mark_in_words",
    "marks_in_words",
    "marks_that_decide",
    "points_in_words",
    "price_in_words",
    "prices_in_words",
    "prices_that_decide",
    "quality_of",
    "search_in_words",
    "study_award",
    "weight_in_words",
    "weights_in_words",
    "weights_that_decide",
    "winners_in_words",
    "withdrawal_in_words",
    "withdrawals_in_words",
    "withdrawals_that_decide",
]
