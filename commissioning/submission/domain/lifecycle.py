"""The life of a PQQ response and of a bid: sent, replaced, withdrawn, until the deadline.

A submission stays what it is while its draft goes on changing; what counts is what was sent last.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from commissioning.kernel.lifecycle import Guard, Table, Transition
from commissioning.permissions import Permission


class ResponseStatus(StrEnum):
    """Where a PQQ response stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"


class BidStatus(StrEnum):
    """Where a bid stands; what has lapsed was not confirmed after a change of its form."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class LateBidStatus(StrEnum):
    """Where a late bid stands."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"


IS_COMPLETE: Final = Guard("is_complete", "Answer everything that is missing before you submit.")
IS_PRICED: Final = Guard("is_priced", "Complete the price schedule before you submit.")
GAPS_ARE_CONFIRMED: Final = Guard(
    "gaps_are_confirmed",
    "Some answers are missing. Complete them, or confirm that you submit the bid without them.",
)

_R, _B = ResponseStatus, BidStatus
_SUBMIT_PQQ = Permission.SUBMISSION_SUBMIT_PQQ.value
_SUBMIT_BID = Permission.SUBMISSION_SUBMIT_BID.value
_DECIDE_LATE = Permission.SUBMISSION_APPROVE_LATE_BID.value

RESPONSE_TABLE: Final = Table(
    name="PQQ response",
    statuses=ResponseStatus,
    initial=ResponseStatus.DRAFT,
    terminal=frozenset(),  # time ends the moves, not a status: no move is open after the deadline
    transitions=(
        Transition(_R.DRAFT, "pqq_response_submitted", _R.SUBMITTED, _SUBMIT_PQQ, (IS_COMPLETE,)),
        Transition(
            _R.SUBMITTED, "pqq_response_submitted", _R.SUBMITTED, _SUBMIT_PQQ, (IS_COMPLETE,)
        ),
        Transition(
            _R.WITHDRAWN, "pqq_response_submitted", _R.SUBMITTED, _SUBMIT_PQQ, (IS_COMPLETE,)
        ),
        Transition(_R.SUBMITTED, "pqq_response_withdrawn", _R.WITHDRAWN, _SUBMIT_PQQ),
    ),
)

BID_TABLE: Final = Table(
    name="bid",
    statuses=BidStatus,
    initial=BidStatus.DRAFT,
    terminal=frozenset(),  # as above
    transitions=(
        Transition(
            _B.DRAFT, "bid_submitted", _B.SUBMITTED, _SUBMIT_BID, (IS_PRICED, GAPS_ARE_CONFIRMED)
        ),
        Transition(
            _B.SUBMITTED,
            "bid_submitted",
            _B.SUBMITTED,
            _SUBMIT_BID,
            (IS_PRICED, GAPS_ARE_CONFIRMED),
        ),
        Transition(
            _B.WITHDRAWN,
            "bid_submitted",
            _B.SUBMITTED,
            _SUBMIT_BID,
            (IS_PRICED, GAPS_ARE_CONFIRMED),
        ),
        Transition(
            _B.LAPSED, "bid_submitted", _B.SUBMITTED, _SUBMIT_BID, (IS_PRICED, GAPS_ARE_CONFIRMED)
        ),
        Transition(_B.SUBMITTED, "bid_withdrawn", _B.WITHDRAWN, _SUBMIT_BID),
        Transition(_B.SUBMITTED, "bid_lapsed", _B.LAPSED, None),
        Transition(_B.DRAFT, "late_bid_accepted", _B.SUBMITTED, _DECIDE_LATE, two_person=True),
        Transition(_B.WITHDRAWN, "late_bid_accepted", _B.SUBMITTED, _DECIDE_LATE, two_person=True),
        Transition(_B.LAPSED, "late_bid_accepted", _B.SUBMITTED, _DECIDE_LATE, two_person=True),
    ),
)

_L = LateBidStatus
LATE_BID_TABLE: Final = Table(
    name="late bid",
    statuses=LateBidStatus,
    initial=LateBidStatus.WAITING,
    terminal=frozenset({LateBidStatus.ACCEPTED, LateBidStatus.REFUSED}),
    transitions=(
        Transition(_L.WAITING, "late_bid_accepted", _L.ACCEPTED, _DECIDE_LATE, two_person=True),
        Transition(_L.WAITING, "late_bid_refused", _L.REFUSED, _DECIDE_LATE, two_person=True),
    ),
)
