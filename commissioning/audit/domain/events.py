"""The names of everything that the trail can say, in the past tense.

A lifecycle move has an event of the same name here; a test compares them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Event(StrEnum):
    """What happened."""

    # identity
    ORGANISATION_REGISTERED = "organisation_registered"
    ORGANISATION_CHANGED = "organisation_changed"
    OWNERSHIP_RECORDED = "ownership_recorded"
    OWNERSHIP_ENDED = "ownership_ended"
    CONSORTIUM_MEMBER_RECORDED = "consortium_member_recorded"
    CONSORTIUM_MEMBER_REMOVED = "consortium_member_removed"
    TIE_CONFIRMED = "tie_confirmed"
    TIE_REFUSED = "tie_refused"
    TIE_END_ASKED = "tie_end_asked"
    TIE_KEPT = "tie_kept"
    REGISTRATION_ASKED = "registration_asked"
    PERSON_INVITED = "person_invited"
    INVITATION_WITHDRAWN = "invitation_withdrawn"
    INVITATION_ACCEPTED = "invitation_accepted"
    PERSON_ADMITTED_TO_KEY = "person_admitted_to_key"
    ROLE_GIVEN = "role_given"
    ROLE_ENDED = "role_ended"
    PERSON_REMOVED = "person_removed"
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    SIGN_IN_SUSPENDED = "sign_in_suspended"
    SIGN_IN_RESTORED = "sign_in_restored"
    PASSWORD_RESET_ASKED = "password_reset_asked"  # noqa: S105 - the name of an event, no secret
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of an event, no secret
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of an event, no secret
    RECOVERY_CODE_MADE = "recovery_code_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    # competition
    PROGRAMME_CREATED = "programme_created"
    COMPETITION_CREATED = "competition_created"
    COMPETITION_CHANGED = "competition_changed"
    LOTS_CHANGED = "lots_changed"
    CRITERIA_CHANGED = "criteria_changed"
    RULES_CHANGED = "rules_changed"
    TIMETABLE_CHANGED = "timetable_changed"
    SELECTION_QUESTIONS_CHANGED = "selection_questions_changed"
    DOCUMENT_VERSION_ADDED = "document_version_added"
    COMPETITION_ROLE_GIVEN = "competition_role_given"
    COMPETITION_ROLE_ENDED = "competition_role_ended"
    DECISION_PROPOSED = "decision_proposed"
    DECISION_SENT_BACK = "decision_sent_back"
    DECISION_LAPSED = "decision_lapsed"
    DEADLINE_EXTENDED = "deadline_extended"
    ITN_CHANGE_DRAFTED = "itn_change_drafted"
    ITN_CHANGE_DROPPED = "itn_change_dropped"
    ITN_CHANGED = "itn_changed"
    OUTAGE_RECORDED = "outage_recorded"
    EXTENDED_BY_OUTAGE = "extended_by_outage"
    TIES_FROZEN = "ties_frozen"
    TIES_CORRECTED = "ties_corrected"
    ADMISSIONS_RECORDED = "admissions_recorded"
    OPENING_KEYS_RECORDED = "opening_keys_recorded"
    REHEARSAL_RECORDED = "rehearsal_recorded"
    # the installation
    SIGNING_KEY_FIRST_USED = "signing_key_first_used"
    # the moves of a lot
    LOT_FOUND_WITHOUT_BID = "lot_found_without_bid"
    LOT_FOUND_WITH_ONE_BID = "lot_found_with_one_bid"
    LOT_FOUND_WITH_BIDS = "lot_found_with_bids"
    LOT_PREFERRED_BIDDER_ANNOUNCED = "lot_preferred_bidder_announced"
    LOT_TERMINATED = "lot_terminated"
    # the moves of a competition
    PQQ_ISSUED = "pqq_issued"
    PQQ_DEADLINE_PASSED = "pqq_deadline_passed"
    SHORTLIST_CONFIRMED = "shortlist_confirmed"
    ITN_ISSUED = "itn_issued"
    ITN_DEADLINE_PASSED = "itn_deadline_passed"
    QUALITY_ENVELOPES_OPENED = "quality_envelopes_opened"
    QUALITY_LOCKED = "quality_locked"
    PRICE_ENVELOPES_OPENED = "price_envelopes_opened"
    PRICES_COMPLETED = "prices_completed"
    AWARD_RECOMMENDED = "award_recommended"
    AWARD_SENT_BACK = "award_sent_back"
    PREFERRED_BIDDERS_ANNOUNCED = "preferred_bidders_announced"
    TERMINATED = "terminated"
    # submission
    PQQ_RESPONSE_SAVED = "pqq_response_saved"
    PQQ_RESPONSE_SUBMITTED = "pqq_response_submitted"
    PQQ_RESPONSE_WITHDRAWN = "pqq_response_withdrawn"
    BID_DRAFT_SAVED = "bid_draft_saved"
    BID_FILE_ADDED = "bid_file_added"
    BID_FILE_REMOVED = "bid_file_removed"
    BID_UPLOAD_BEGUN = "bid_upload_begun"
    BID_UPLOAD_DISCARDED = "bid_upload_discarded"
    BID_SUBMITTED = "bid_submitted"
    BID_CONFIRMED = "bid_confirmed"
    BID_LAPSED = "bid_lapsed"
    BID_WITHDRAWN = "bid_withdrawn"
    BID_READ = "bid_read"
    HELP_ASKED = "help_asked"
    HELP_ANSWERED = "help_answered"
    SUBMISSION_REFUSED_AS_LATE = "submission_refused_as_late"
    LATE_BID_RECEIVED = "late_bid_received"
    LATE_BID_ACCEPTED = "late_bid_accepted"
    LATE_BID_REFUSED = "late_bid_refused"
    OPENING_KEYS_PREPARED = "opening_keys_prepared"
    REHEARSAL_JOINED = "rehearsal_joined"
    REHEARSAL_HELD = "rehearsal_held"
    HOLDER_REPLACEMENT_PROPOSED = "holder_replacement_proposed"
    HOLDER_REPLACEMENT_APPROVED = "holder_replacement_approved"
    HOLDER_REPLACEMENT_JOINED = "holder_replacement_joined"
    HOLDER_REPLACEMENT_DROPPED = "holder_replacement_dropped"
    HOLDER_REPLACED = "holder_replaced"
    OPENING_JOINED = "opening_joined"
    ROUND_CLOSED = "round_closed"
    ROUND_COUNTED = "round_counted"
    ROUND_DIFFERS = "round_differs"
    SHARE_FOUND_WRONG = "share_found_wrong"
    BID_FILE_FOUND_HARMFUL = "bid_file_found_harmful"
    BID_FOUND_UNREADABLE = "bid_found_unreadable"
    SEALED_STREAM_DISCLOSED = "sealed_stream_disclosed"
    # evaluation
    PQQ_PART_ASSIGNED = "pqq_part_assigned"
    PQQ_PART_ASSESSED = "pqq_part_assessed"
    INTEREST_DECLARED = "interest_declared"
    INTEREST_DECIDED = "interest_decided"
    ANSWERS_ASSIGNED = "answers_assigned"
    ANSWERS_REASSIGNED = "answers_reassigned"
    MARK_SAVED = "mark_saved"
    MARKS_SUBMITTED = "marks_submitted"
    CONSENSUS_RECORDED = "consensus_recorded"
    CONSENSUS_CHANGED = "consensus_changed"
    CONSENSUS_CLOSED = "consensus_closed"
    CONSENSUS_AGREED = "consensus_agreed"
    CONSENSUS_DISSENTED = "consensus_dissented"
    QUALITY_POINTS_COMPUTED = "quality_points_computed"
    RANKING_COMPUTED = "ranking_computed"
    # award
    AWARD_SOLVED = "award_solved"
    AWARD_APPROVED = "award_approved"
    SCENARIO_MADE = "scenario_made"
    SCENARIO_CHANGED = "scenario_changed"
    AWARD_WORK_ASKED = "award_work_asked"
    AWARD_WORK_BEGUN = "award_work_begun"
    AWARD_WORK_DONE = "award_work_done"
    AWARD_WORK_STOPPED = "award_work_stopped"
    AWARD_WORK_FAILED = "award_work_failed"
    # everywhere
    DENIED = "denied"


FOLLOWS_FROM_PRICES = frozenset(
    {
        Event.RANKING_COMPUTED,
        Event.AWARD_SOLVED,
        Event.AWARD_RECOMMENDED,
        Event.AWARD_APPROVED,
        Event.AWARD_SENT_BACK,
        Event.SCENARIO_MADE,
        Event.SCENARIO_CHANGED,
        Event.AWARD_WORK_ASKED,
        Event.AWARD_WORK_DONE,
        Event.AWARD_WORK_FAILED,
    }
)
"""What these changed is shown to those alone who may read prices."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event is about: a type and a reference, never a row."""

    type: str
    reference: str


PLATFORM_STREAM = "platform"
SIGNING_KEYS_STREAM = "signing-keys"
"""The public keys with which the installation has signed, in the order of their days."""


def organisation_stream(organisation: str) -> str:
    """The stream of one organisation."""
    return f"organisation:{organisation}"


def competition_stream(competition: str) -> str:
    """The stream of one competition."""
    return f"competition:{competition}"


def sealed_stream(competition: str, organisation: str) -> str:
    """The stream of one bidder's acts on its bids in one competition.

    Until the quality opening only the bidder sees its rows and its head: positions in a common
    chain would count the rivals' submissions.
    """
    return f"sealed:{competition}:{organisation}"
