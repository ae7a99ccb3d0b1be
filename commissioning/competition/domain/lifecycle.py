"""Which move of a competition, and of a lot, is legal from where, and what it asks for.

Two tables, which a page and the command line print. A guard's fact is computed by the service that
makes the move; the table only names it.
"""

from __future__ import annotations

from typing import Final

from commissioning.competition.domain.lots import LotStatus
from commissioning.competition.domain.timetable import TimetableEvent
from commissioning.kernel.lifecycle import Guard, Table, Transition
from commissioning.kernel.stage import Stage
from commissioning.kernel.statutory import Period
from commissioning.permissions import Permission

P = Permission

MODEL_IS_SOUND: Final = Guard(
    "model_is_sound",
    "The lots, criteria or rules are not complete. Mend what the check list names, then propose "
    "again.",
)
TIMETABLE_IS_SOUND: Final = Guard(
    "timetable_is_sound",
    "The timetable cannot hold. Mend what the check list names, then propose again.",
)
EVERY_PART_ASSESSED: Final = Guard(
    "every_part_assessed",
    "Some parts of the responses are not assessed yet. Assess every part first.",
)
KEYS_ARE_HELD: Final = Guard(
    "keys_are_held",
    "The opening keys are not held yet. Name the key holders and prepare the keys first.",
)
REHEARSAL_IS_DONE: Final = Guard(
    "rehearsal_is_done",
    "No opening has been rehearsed with these keys. Let the key holders hold the rehearsal first.",
)
THRESHOLD_MET: Final = Guard(
    "threshold_met",
    "Not enough key holders have joined the opening yet. Ask the others to sign in and join.",
)
EVERY_RECORD_COMPLETE: Final = Guard(
    "every_record_complete",
    "Some marks or consensus records are missing. Complete every record first.",
)
ANSWER_IS_PROVEN: Final = Guard(
    "answer_is_proven",
    "This award is not proven to be what the published rule gives. Solve the published problem to "
    "its end first.",
)
AWARD_IS_APPROVED: Final = Guard(
    "award_is_approved",
    "The award is not approved yet. Ask the approver to decide on the recommendation first.",
)
REASON_IS_GIVEN: Final = Guard(
    "reason_is_given", "A termination needs a reason that every bidder can be told. Give one."
)

_DRAFT, _PQQ_OPEN, _PQQ_CLOSED, _SHORTLISTED = (
    Stage.DRAFT, Stage.PQQ_OPEN, Stage.PQQ_CLOSED, Stage.SHORTLISTED,
)  # fmt: skip
_ITN_OPEN, _ITN_CLOSED = Stage.ITN_OPEN, Stage.ITN_CLOSED
_QUALITY, _LOCKED, _PRICE = Stage.QUALITY_EVALUATION, Stage.QUALITY_LOCKED, Stage.PRICE_EVALUATION
_MODELLING, _RECOMMENDED, _PREFERRED = (
    Stage.AWARD_MODELLING, Stage.AWARD_RECOMMENDED, Stage.PREFERRED_BIDDERS,
)  # fmt: skip

# fmt: off
_MOVES: Final[tuple[Transition, ...]] = (
    # PQQ
    Transition(_DRAFT, "pqq_issued", _PQQ_OPEN, P.COMPETITION_APPROVE_ISSUE_PQQ.value, (MODEL_IS_SOUND, TIMETABLE_IS_SOUND), two_person=True),
    Transition(_PQQ_OPEN, "pqq_deadline_passed", _PQQ_CLOSED, None, statutory=Period.PARTICIPATION.value),
    Transition(_PQQ_CLOSED, "shortlist_confirmed", _SHORTLISTED, P.EVALUATION_APPROVE_SHORTLIST.value, (EVERY_PART_ASSESSED,), two_person=True),
    # ITN
    Transition(_SHORTLISTED, "itn_issued", _ITN_OPEN, P.COMPETITION_APPROVE_ISSUE_ITN.value, (MODEL_IS_SOUND, TIMETABLE_IS_SOUND, KEYS_ARE_HELD, REHEARSAL_IS_DONE), two_person=True),
    Transition(_ITN_OPEN, "itn_deadline_passed", _ITN_CLOSED, None, statutory=Period.TENDERING.value),
    # Evaluation; a threshold of key holders opens, which is more than two people
    Transition(_ITN_CLOSED, "quality_envelopes_opened", _QUALITY, P.SUBMISSION_OPEN_QUALITY.value, (THRESHOLD_MET,)),
    Transition(_QUALITY, "quality_locked", _LOCKED, P.EVALUATION_APPROVE_QUALITY_LOCK.value, (EVERY_RECORD_COMPLETE,), two_person=True),
    Transition(_LOCKED, "price_envelopes_opened", _PRICE, P.SUBMISSION_OPEN_PRICE.value, (THRESHOLD_MET,)),
    Transition(_PRICE, "prices_completed", _MODELLING, P.EVALUATION_COMPLETE_PRICES.value),
    # Award; recommendation and approval are two acts by two people
    Transition(_MODELLING, "award_recommended", _RECOMMENDED, P.AWARD_RECOMMEND.value, (ANSWER_IS_PROVEN,)),
    Transition(_RECOMMENDED, "award_sent_back", _MODELLING, P.AWARD_APPROVE.value),
    Transition(_RECOMMENDED, "preferred_bidders_announced", _PREFERRED, P.AWARD_ANNOUNCE.value, (AWARD_IS_APPROVED,)),
    # A way out from every stage
    *(
        Transition(stage, "terminated", Stage.TERMINATED, P.COMPETITION_APPROVE_TERMINATION.value, (REASON_IS_GIVEN,), two_person=True)
        for stage in Stage
        if stage is not Stage.TERMINATED
    ),
)
# fmt: on

TABLE: Final = Table(
    name="competition",
    statuses=Stage,
    initial=Stage.DRAFT,
    terminal=frozenset({Stage.TERMINATED}),
    transitions=_MOVES,
)
"""The moves of a competition, from its draft to its preferred bidders."""

OPEN_UNTIL: Final = {_PQQ_OPEN: TimetableEvent.PQQ_DEADLINE, _ITN_OPEN: TimetableEvent.ITN_DEADLINE}
"""The event of the timetable at whose instant each open stage closes."""

CLOSED_BY: Final = {
    _PQQ_CLOSED: TimetableEvent.PQQ_DEADLINE,
    _ITN_CLOSED: TimetableEvent.ITN_DEADLINE,
}
"""The event of the timetable that closed the stage before each of these."""

ACTUAL_DATES: Final = {
    "pqq_issued": TimetableEvent.NOTICE,
    "shortlist_confirmed": TimetableEvent.SHORTLIST,
    "itn_issued": TimetableEvent.ITN_ISSUE,
}
"""The moves that are themselves events of the timetable: the date planned gives way to the date of
the move, so that every later period is counted from what happened."""

EXTENSION: Final = "deadline_extended"
"""The act of two people that moves a deadline and no stage."""

CHANGE: Final = "itn_changed"
"""The act of two people that changes the documents after the ITN is issued; no stage moves, and
never the evaluation model."""

CORRECTION: Final = "ties_corrected"
"""The act of two people that puts a tie into the record of a competition, or strikes one from it."""

LATE_BID: Final = "late_bid_decided"
"""The act of two people that accepts a late bid, or refuses it."""

INTEREST: Final = "interest_decided"
"""The act of two people that decides what a declared interest keeps its person from."""

AT_ANY_STAGE: Final = frozenset({"terminated", INTEREST})
"""What is proposed of these stays open when the stage moves on."""

_TWO_WITHOUT_A_MOVE: Final = {
    INTEREST: P.EVALUATION_APPROVE_INTEREST,
    EXTENSION: P.COMPETITION_APPROVE_EXTENSION,
    CHANGE: P.COMPETITION_APPROVE_CHANGE,
    CORRECTION: P.COMPETITION_APPROVE_TIES,
    LATE_BID: P.SUBMISSION_APPROVE_LATE_BID,
}

READ_BY: Final = {
    INTEREST: P.EVALUATION_READ_INTERESTS,
    LATE_BID: P.SUBMISSION_READ_LATE_BID_PROPOSALS,
    CORRECTION: P.COMPETITION_READ_TIES,
}
"""Acts of two people that not everybody of the team may read, with the permission that it takes."""

_FIXED_FROM: Final = {
    TimetableEvent.NOTICE: _PQQ_OPEN,
    TimetableEvent.PQQ_CLARIFICATION_DEADLINE: _PQQ_OPEN,
    TimetableEvent.PQQ_DEADLINE: _PQQ_OPEN,
    TimetableEvent.SHORTLIST: _SHORTLISTED,
    TimetableEvent.ITN_ISSUE: _ITN_OPEN,
    TimetableEvent.ITN_CLARIFICATION_DEADLINE: _ITN_OPEN,
    TimetableEvent.ITN_DEADLINE: _ITN_OPEN,
}


def fixed_dates(stage: Stage) -> frozenset[TimetableEvent]:
    """The dates that bidders rely on at a stage: no single person changes them any more.

    A deadline among them moves by an extension only, which takes two people.
    """
    return frozenset(event for event, since in _FIXED_FROM.items() if stage.is_at_or_after(since))


_OPEN = LotStatus.OPEN

# fmt: off
LOT_TABLE: Final = Table(
    name="lot",
    statuses=LotStatus,
    initial=LotStatus.OPEN,
    terminal=frozenset({LotStatus.TERMINATED}),
    transitions=(
        # When the quality envelopes are open it is known how many bid
        Transition(_OPEN, "lot_found_without_bid", LotStatus.UNBID, P.SUBMISSION_OPEN_QUALITY.value),
        Transition(_OPEN, "lot_found_with_one_bid", LotStatus.SINGLE_BID, P.SUBMISSION_OPEN_QUALITY.value),
        Transition(_OPEN, "lot_found_with_bids", LotStatus.EVALUATED, P.SUBMISSION_OPEN_QUALITY.value),
        Transition(LotStatus.SINGLE_BID, "lot_preferred_bidder_announced", LotStatus.PREFERRED, P.AWARD_ANNOUNCE.value),
        Transition(LotStatus.EVALUATED, "lot_preferred_bidder_announced", LotStatus.PREFERRED, P.AWARD_ANNOUNCE.value),
        *(
            Transition(status, "lot_terminated", LotStatus.TERMINATED, P.COMPETITION_APPROVE_TERMINATION.value, two_person=True)
            for status in LotStatus
            if status is not LotStatus.TERMINATED
        ),
    ),
)
"""The moves of a lot; challenge and signature come with the stages after the preferred bidders."""
# fmt: on


def event_to(target: LotStatus, source: LotStatus) -> str | None:
    """The event that brings a lot from one status to another; None where no move does."""
    for row in LOT_TABLE.events_from(source):
        if row.target is target:
            return row.event
    return None


def approval_permission(event: str) -> Permission | None:
    """The permission by which a second person decides on an act; None where one person acts.

    An extension or a correction of ties moves no stage, so it is no row of the table, and takes two
    people all the same.
    """
    if event in _TWO_WITHOUT_A_MOVE:
        return _TWO_WITHOUT_A_MOVE[event]
    for row in TABLE.transitions:
        if row.event == event and row.two_person and row.permission:
            return Permission(row.permission)
    return None
