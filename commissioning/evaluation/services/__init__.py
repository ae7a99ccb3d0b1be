"""The use cases of evaluation, from the parts of the PQQ to the ranking of each lot."""

from commissioning.evaluation.services.assignments import assign, assign_team, reassign
from commissioning.evaluation.services.consensus import (
    agree_consensus,
    change_consensus,
    dissent,
    record_consensus,
    withdraw_dissent,
)
from commissioning.evaluation.services.interests import (
    approve_interest_decision,
    declare_interest,
    propose_interest_decision,
)
from commissioning.evaluation.services.lock import (
    AGREED,
    CHANGED_SINCE,
    LOCK,
    approve_quality_lock,
    missing_records,
    propose_quality_lock,
)
from commissioning.evaluation.services.marks import save_mark, sheet_digest, submit_marks
from commissioning.evaluation.services.prices import complete_prices
from commissioning.evaluation.services.reading import read_bid_file
from commissioning.evaluation.services.selection import (
    SHORTLIST,
    approve_shortlist,
    assess_part,
    assign_part,
    propose_shortlist,
)

__all__ = [
    "AGREED",
    "CHANGED_SINCE",
    "LOCK",
    "SHORTLIST",
    "agree_consensus",
    "approve_interest_decision",
    "approve_quality_lock",
    "approve_shortlist",
    "assess_part",
    "assign",
    "assign_part",
    "assign_team",
    "change_consensus",
    "complete_prices",
    "declare_interest",
    "dissent",
    "missing_records",
    "propose_interest_decision",
    "propose_quality_lock",
    "propose_shortlist",
    "read_bid_file",
    "reassign",
    "record_consensus",
    "save_mark",
    "sheet_digest",
    "submit_marks",
    "withdraw_dissent",
]
