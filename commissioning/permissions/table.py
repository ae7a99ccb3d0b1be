"""The rows of the policy: who may do what, when, and under what condition."""

from __future__ import annotations

from dataclasses import dataclass

from commissioning.kernel.actor import Role
from commissioning.kernel.stage import Stage
from commissioning.permissions.conditions import (
    Condition,
    admitted,
    after_deadline,
    all_marks_submitted,
    approved,
    assigned,
    at,
    before_deadline,
    late,
    no_declared_conflict,
    not_concerned,
    not_suspended,
    sees_no_quality_marks,
    since,
    two_person,
    until,
    without_lead,
)
from commissioning.permissions.names import Permission, Scope


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the policy."""

    permission: Permission
    roles: frozenset[Role]
    scope: Scope
    conditions: tuple[Condition, ...] = ()


def _row(
    permission: Permission,
    roles: tuple[Role, ...],
    scope: Scope,
    *conditions: Condition,
) -> Row:
    return Row(permission, frozenset(roles), scope, conditions)


P, R, S = Permission, Role, Scope
_LEAD, _COMMERCIAL, _APPROVER = R.PROCUREMENT_LEAD, R.COMMERCIAL_OFFICER, R.APPROVER
_TEAM = (
    _LEAD, _COMMERCIAL, _APPROVER, R.KEY_HOLDER, R.EVALUATOR, R.MODERATOR, R.PANEL_MEMBER,
    R.ASSESSOR, R.NEGOTIATOR, R.LEGAL_ADVISER, R.DUTY_OFFICER, R.MOBILISATION_MANAGER,
)  # fmt: skip
_OWN_PEOPLE = (R.BID_MANAGER, R.BID_WRITER, R.SIGNATORY, R.PROVIDER_CONTACT)

# fmt: off
ROWS: tuple[Row, ...] = (
    # Identity
    _row(P.IDENTITY_REGISTER, (), S.ANYONE),
    _row(P.IDENTITY_EDIT_OWN_ACCOUNT, (), S.SIGNED_IN),
    _row(P.IDENTITY_READ_ORGANISATION, _OWN_PEOPLE, S.OWN),
    _row(P.IDENTITY_READ_ORGANISATION, (*_TEAM, R.AUDITOR), S.OWN),
    _row(P.IDENTITY_READ_ORGANISATION, (R.ADMINISTRATOR,), S.PLATFORM),
    _row(P.IDENTITY_EDIT_ORGANISATION, (R.BID_MANAGER, R.PROVIDER_CONTACT), S.OWN, not_suspended),
    _row(P.IDENTITY_INVITE_PEOPLE, (R.BID_MANAGER, R.PROVIDER_CONTACT), S.OWN, not_suspended),
    _row(P.IDENTITY_REMOVE_PEOPLE, (R.BID_MANAGER, R.PROVIDER_CONTACT), S.OWN, not_suspended),
    _row(P.IDENTITY_ADMIT_TO_KEY, _OWN_PEOPLE, S.OWN, not_suspended),
    _row(P.IDENTITY_CREATE_AUTHORITY_PEOPLE, (R.ADMINISTRATOR,), S.PLATFORM),
    _row(P.IDENTITY_SUSPEND_SIGN_IN, (R.ADMINISTRATOR,), S.PLATFORM),
    # The trail
    _row(P.AUDIT_READ_PLATFORM, (R.AUDITOR,), S.PLATFORM),
    _row(P.AUDIT_READ_COMPETITION, (R.AUDITOR,), S.AUTHORITY, no_declared_conflict),
    _row(P.AUDIT_READ_COMPETITION, (R.AUDITOR, _LEAD), S.COMPETITION, no_declared_conflict),
    _row(P.AUDIT_READ_PRICES, (R.AUDITOR,), S.AUTHORITY, sees_no_quality_marks, no_declared_conflict),
    _row(P.AUDIT_READ_PRICES, (R.AUDITOR, _LEAD), S.COMPETITION, sees_no_quality_marks, no_declared_conflict),
    _row(P.AUDIT_READ_ORGANISATION, _OWN_PEOPLE, S.OWN),
    # Competition: set-up
    _row(P.COMPETITION_CREATE, (_LEAD,), S.AUTHORITY),
    _row(P.COMPETITION_READ, (*_TEAM, R.AUDITOR), S.COMPETITION),
    _row(P.COMPETITION_READ, (R.AUDITOR,), S.AUTHORITY),
    _row(P.COMPETITION_READ, (_LEAD,), S.AUTHORITY, without_lead),
    _row(P.COMPETITION_READ_PUBLISHED, (), S.ANYONE, since(Stage.PQQ_OPEN)),
    _row(P.COMPETITION_EDIT_NOTICE, (_LEAD,), S.COMPETITION, at(Stage.DRAFT), no_declared_conflict),
    _row(P.COMPETITION_EDIT_MODEL, (_LEAD,), S.COMPETITION, until(Stage.ITN_OPEN), no_declared_conflict),
    _row(P.COMPETITION_EDIT_TIMETABLE, (_LEAD,), S.COMPETITION, until(Stage.ITN_OPEN), no_declared_conflict),
    _row(P.COMPETITION_EDIT_DOCUMENTS, (_LEAD,), S.COMPETITION, until(Stage.ITN_OPEN), no_declared_conflict),
    _row(P.COMPETITION_GIVE_ROLES, (_LEAD,), S.COMPETITION, no_declared_conflict),
    _row(P.COMPETITION_GIVE_ROLES, (_LEAD,), S.AUTHORITY, without_lead, no_declared_conflict),
    # Competition: issue, extension, termination by two
    _row(P.COMPETITION_PROPOSE_ISSUE_PQQ, (_LEAD,), S.COMPETITION, at(Stage.DRAFT), no_declared_conflict),
    _row(P.COMPETITION_APPROVE_ISSUE_PQQ, (_APPROVER,), S.COMPETITION, at(Stage.DRAFT), two_person, no_declared_conflict),
    _row(P.COMPETITION_PROPOSE_ISSUE_ITN, (_LEAD,), S.COMPETITION, at(Stage.SHORTLISTED), no_declared_conflict),
    _row(P.COMPETITION_APPROVE_ISSUE_ITN, (_APPROVER,), S.COMPETITION, at(Stage.SHORTLISTED), two_person, no_declared_conflict),
    _row(P.COMPETITION_PROPOSE_EXTENSION, (_LEAD,), S.COMPETITION, at(Stage.PQQ_OPEN, Stage.ITN_OPEN), before_deadline, no_declared_conflict),
    _row(P.COMPETITION_APPROVE_EXTENSION, (_APPROVER,), S.COMPETITION, at(Stage.PQQ_OPEN, Stage.ITN_OPEN), before_deadline, two_person, no_declared_conflict),
    _row(P.COMPETITION_PROPOSE_CHANGE, (_LEAD,), S.COMPETITION, at(Stage.ITN_OPEN), before_deadline, no_declared_conflict),
    _row(P.COMPETITION_APPROVE_CHANGE, (_APPROVER,), S.COMPETITION, at(Stage.ITN_OPEN), before_deadline, two_person, no_declared_conflict),
    _row(P.COMPETITION_RECORD_OUTAGE, (R.ADMINISTRATOR,), S.PLATFORM),
    _row(P.COMPETITION_PROPOSE_TERMINATION, (_LEAD,), S.COMPETITION, since(Stage.DRAFT), no_declared_conflict),
    _row(P.COMPETITION_APPROVE_TERMINATION, (_APPROVER,), S.COMPETITION, since(Stage.DRAFT), two_person, no_declared_conflict),
    # PQQ
    _row(P.SUBMISSION_WRITE_PQQ, (R.BID_MANAGER, R.BID_WRITER), S.OWN, at(Stage.PQQ_OPEN), before_deadline, not_suspended),
    _row(P.SUBMISSION_SUBMIT_PQQ, (R.SIGNATORY,), S.OWN, at(Stage.PQQ_OPEN), before_deadline, not_suspended),
    _row(P.SUBMISSION_READ_OWN_PQQ, (R.BID_MANAGER, R.BID_WRITER, R.SIGNATORY), S.OWN),
    _row(P.SUBMISSION_READ_PQQ, (_LEAD, _COMMERCIAL, R.ASSESSOR, R.AUDITOR), S.COMPETITION, since(Stage.PQQ_CLOSED), no_declared_conflict),
    _row(P.EVALUATION_ASSIGN_PQQ_PART, (_LEAD,), S.COMPETITION, until(Stage.SHORTLISTED), no_declared_conflict),
    _row(P.EVALUATION_ASSESS_PQQ_PART, (R.ASSESSOR,), S.COMPETITION, at(Stage.PQQ_CLOSED), assigned, no_declared_conflict),
    _row(P.EVALUATION_READ_SELECTION, (_LEAD, _COMMERCIAL, _APPROVER, R.ASSESSOR, R.AUDITOR), S.COMPETITION, since(Stage.PQQ_CLOSED), no_declared_conflict),
    _row(P.EVALUATION_PROPOSE_SHORTLIST, (_LEAD,), S.COMPETITION, at(Stage.PQQ_CLOSED), no_declared_conflict),
    _row(P.EVALUATION_APPROVE_SHORTLIST, (_APPROVER,), S.COMPETITION, at(Stage.PQQ_CLOSED), two_person, no_declared_conflict),
    # Bids
    _row(P.SUBMISSION_PREPARE_KEYS, (_LEAD,), S.COMPETITION, at(Stage.SHORTLISTED), no_declared_conflict),
    _row(P.SUBMISSION_HOLD_REHEARSAL, (R.KEY_HOLDER,), S.COMPETITION, at(Stage.SHORTLISTED), no_declared_conflict),
    _row(P.SUBMISSION_REPLACE_HOLDER, (_LEAD,), S.COMPETITION, at(Stage.ITN_OPEN, Stage.ITN_CLOSED, Stage.QUALITY_EVALUATION, Stage.QUALITY_LOCKED), no_declared_conflict),
    _row(P.SUBMISSION_APPROVE_REPLACEMENT, (_APPROVER,), S.COMPETITION, at(Stage.ITN_OPEN, Stage.ITN_CLOSED, Stage.QUALITY_EVALUATION, Stage.QUALITY_LOCKED), two_person, no_declared_conflict),
    _row(P.SUBMISSION_RENEW_SHARES, (R.KEY_HOLDER,), S.COMPETITION, at(Stage.ITN_OPEN, Stage.ITN_CLOSED, Stage.QUALITY_EVALUATION, Stage.QUALITY_LOCKED), no_declared_conflict),
    _row(P.SUBMISSION_WRITE_BID, (R.BID_MANAGER, R.BID_WRITER), S.OWN, at(Stage.ITN_OPEN), before_deadline, admitted, not_suspended),
    _row(P.SUBMISSION_SUBMIT_BID, (R.SIGNATORY,), S.OWN, at(Stage.ITN_OPEN), before_deadline, admitted, not_suspended),
    _row(P.SUBMISSION_SEND_LATE_BID, (R.SIGNATORY,), S.OWN, at(Stage.ITN_OPEN, Stage.ITN_CLOSED), late, admitted, not_suspended),
    _row(P.SUBMISSION_READ_LATE_BIDS, (_LEAD,), S.COMPETITION, since(Stage.ITN_CLOSED), no_declared_conflict),
    _row(P.SUBMISSION_READ_LATE_BID_PROPOSALS, (_LEAD, _APPROVER), S.COMPETITION, since(Stage.ITN_CLOSED), no_declared_conflict),
    _row(P.SUBMISSION_PROPOSE_LATE_BID, (_LEAD,), S.COMPETITION, at(Stage.ITN_CLOSED), no_declared_conflict),
    _row(P.SUBMISSION_APPROVE_LATE_BID, (_APPROVER,), S.COMPETITION, at(Stage.ITN_CLOSED), two_person, no_declared_conflict),
    _row(P.SUBMISSION_READ_OWN_BID, (R.BID_MANAGER, R.BID_WRITER, R.SIGNATORY), S.OWN),
    _row(P.SUBMISSION_READ_CLOSING, (), S.ANYONE, since(Stage.ITN_CLOSED)),
    _row(P.SUBMISSION_OPEN_QUALITY, (R.KEY_HOLDER,), S.COMPETITION, at(Stage.ITN_CLOSED), after_deadline, no_declared_conflict),
    _row(P.SUBMISSION_READ_QUALITY_ENVELOPE, (R.EVALUATOR,), S.COMPETITION, since(Stage.QUALITY_EVALUATION), assigned, no_declared_conflict),
    _row(P.SUBMISSION_READ_QUALITY_ENVELOPE, (R.MODERATOR,), S.COMPETITION, since(Stage.QUALITY_EVALUATION), assigned, no_declared_conflict),
    _row(P.SUBMISSION_READ_QUALITY_ENVELOPE, (_LEAD, R.AUDITOR), S.COMPETITION, since(Stage.QUALITY_EVALUATION), no_declared_conflict),
    _row(P.SUBMISSION_OPEN_PRICE, (R.KEY_HOLDER,), S.COMPETITION, at(Stage.QUALITY_LOCKED), no_declared_conflict),
    _row(P.SUBMISSION_READ_PRICE_ENVELOPE, (_COMMERCIAL, _LEAD, _APPROVER, R.AUDITOR), S.COMPETITION, since(Stage.PRICE_EVALUATION), sees_no_quality_marks, no_declared_conflict),
    # Help with the service: that a bidder asks for it would tell that it bids
    _row(P.SUBMISSION_ASK_FOR_HELP, (R.BID_MANAGER, R.BID_WRITER, R.SIGNATORY), S.OWN, at(Stage.PQQ_OPEN, Stage.PQQ_CLOSED)),
    _row(P.SUBMISSION_ASK_FOR_HELP, (R.BID_MANAGER, R.BID_WRITER, R.SIGNATORY), S.OWN, at(Stage.SHORTLISTED, Stage.ITN_OPEN, Stage.ITN_CLOSED), admitted),
    _row(P.SUBMISSION_READ_HELP, (R.DUTY_OFFICER,), S.COMPETITION, since(Stage.PQQ_OPEN), no_declared_conflict),
    _row(P.SUBMISSION_READ_HELP, (R.AUDITOR,), S.AUTHORITY, since(Stage.ITN_CLOSED), no_declared_conflict),
    _row(P.SUBMISSION_READ_HELP, (R.AUDITOR,), S.COMPETITION, since(Stage.ITN_CLOSED), no_declared_conflict),
    _row(P.SUBMISSION_ANSWER_HELP, (R.DUTY_OFFICER,), S.COMPETITION, since(Stage.PQQ_OPEN), no_declared_conflict),
    # Ties: what the authority decides of those that count, from the deadline to the announcement
    _row(P.COMPETITION_READ_TIES, (_LEAD, _COMMERCIAL, _APPROVER, R.AUDITOR), S.COMPETITION, since(Stage.ITN_CLOSED), no_declared_conflict),
    _row(P.COMPETITION_PROPOSE_TIES, (_LEAD,), S.COMPETITION, since(Stage.ITN_CLOSED), until(Stage.PREFERRED_BIDDERS), no_declared_conflict),
    _row(P.COMPETITION_APPROVE_TIES, (_APPROVER,), S.COMPETITION, since(Stage.ITN_CLOSED), until(Stage.PREFERRED_BIDDERS), two_person, no_declared_conflict),
    # Evaluation
    _row(P.EVALUATION_DECLARE_INTEREST, (*_TEAM, R.AUDITOR), S.COMPETITION),
    _row(P.EVALUATION_DECLARE_INTEREST, (R.AUDITOR,), S.AUTHORITY),
    _row(P.EVALUATION_READ_INTERESTS, (_LEAD, _APPROVER, R.AUDITOR), S.COMPETITION),
    _row(P.EVALUATION_PROPOSE_INTEREST, (_LEAD,), S.COMPETITION, not_concerned, no_declared_conflict),
    _row(P.EVALUATION_APPROVE_INTEREST, (_APPROVER,), S.COMPETITION, two_person, not_concerned, no_declared_conflict),
    _row(P.EVALUATION_ASSIGN, (R.MODERATOR, _LEAD), S.COMPETITION, since(Stage.SHORTLISTED), until(Stage.QUALITY_LOCKED), no_declared_conflict),
    _row(P.EVALUATION_MARK, (R.EVALUATOR,), S.COMPETITION, at(Stage.QUALITY_EVALUATION), assigned, no_declared_conflict),
    _row(P.EVALUATION_READ_MARKS, (R.EVALUATOR,), S.COMPETITION, since(Stage.QUALITY_EVALUATION), assigned, no_declared_conflict, all_marks_submitted),
    _row(P.EVALUATION_READ_MARKS, (R.MODERATOR,), S.COMPETITION, since(Stage.QUALITY_EVALUATION), assigned, no_declared_conflict, all_marks_submitted),
    _row(P.EVALUATION_READ_MARKS, (_LEAD, R.AUDITOR), S.COMPETITION, since(Stage.QUALITY_EVALUATION), all_marks_submitted, no_declared_conflict),
    _row(P.EVALUATION_READ_PROGRESS, (_LEAD, _APPROVER, R.MODERATOR, R.AUDITOR), S.COMPETITION, since(Stage.QUALITY_EVALUATION), no_declared_conflict),
    _row(P.EVALUATION_RECORD_CONSENSUS, (R.MODERATOR,), S.COMPETITION, at(Stage.QUALITY_EVALUATION), assigned, no_declared_conflict, all_marks_submitted),
    _row(P.EVALUATION_AGREE_CONSENSUS, (R.EVALUATOR,), S.COMPETITION, at(Stage.QUALITY_EVALUATION), assigned, no_declared_conflict, all_marks_submitted),
    _row(P.EVALUATION_PROPOSE_QUALITY_LOCK, (_LEAD,), S.COMPETITION, at(Stage.QUALITY_EVALUATION), no_declared_conflict),
    _row(P.EVALUATION_APPROVE_QUALITY_LOCK, (_APPROVER,), S.COMPETITION, at(Stage.QUALITY_EVALUATION), two_person, no_declared_conflict),
    _row(P.EVALUATION_READ_POINTS, (_LEAD, _COMMERCIAL, _APPROVER, R.AUDITOR), S.COMPETITION, since(Stage.QUALITY_LOCKED), no_declared_conflict),
    _row(P.EVALUATION_READ_PRICES, (_COMMERCIAL, _LEAD, _APPROVER, R.AUDITOR), S.COMPETITION, since(Stage.PRICE_EVALUATION), sees_no_quality_marks, no_declared_conflict),
    _row(P.EVALUATION_COMPLETE_PRICES, (_COMMERCIAL,), S.COMPETITION, at(Stage.PRICE_EVALUATION), sees_no_quality_marks, no_declared_conflict),
    _row(P.EVALUATION_READ_RANKING, (_COMMERCIAL, _LEAD, _APPROVER, R.AUDITOR), S.COMPETITION, since(Stage.AWARD_MODELLING), sees_no_quality_marks, no_declared_conflict),
    # Award: at design, on invented markets; then on the record
    _row(P.AWARD_REHEARSE, (_LEAD,), S.COMPETITION, at(Stage.DRAFT), no_declared_conflict),
    _row(P.AWARD_READ_REHEARSAL, (_LEAD, _COMMERCIAL, _APPROVER, R.AUDITOR), S.COMPETITION),
    _row(P.AWARD_READ_REHEARSAL, (R.AUDITOR,), S.AUTHORITY),
    _row(P.AWARD_STOP_WORK, (_LEAD,), S.COMPETITION, at(Stage.DRAFT), no_declared_conflict),
    _row(P.AWARD_STOP_WORK, (_COMMERCIAL, _LEAD), S.COMPETITION, at(Stage.AWARD_MODELLING), sees_no_quality_marks, no_declared_conflict),
    _row(P.AWARD_STOP_WORK, (_APPROVER, R.AUDITOR), S.COMPETITION, since(Stage.AWARD_MODELLING), sees_no_quality_marks, no_declared_conflict),
    _row(P.AWARD_BUILD, (_COMMERCIAL, _LEAD), S.COMPETITION, at(Stage.AWARD_MODELLING), sees_no_quality_marks, no_declared_conflict),
    _row(P.AWARD_MODEL_SCENARIOS, (_COMMERCIAL, _LEAD), S.COMPETITION, at(Stage.AWARD_MODELLING), sees_no_quality_marks, no_declared_conflict),
    _row(P.AWARD_READ_SCENARIOS, (_COMMERCIAL, _LEAD, R.AUDITOR), S.COMPETITION, since(Stage.AWARD_MODELLING), sees_no_quality_marks, no_declared_conflict),
    # A study names single marks beside prices: the second pair of eyes and the auditor alone.
    _row(P.AWARD_STUDY_ROBUSTNESS, (_APPROVER, R.AUDITOR), S.COMPETITION, since(Stage.AWARD_MODELLING), sees_no_quality_marks, no_declared_conflict),
    _row(P.AWARD_RECOMMEND, (_COMMERCIAL,), S.COMPETITION, at(Stage.AWARD_MODELLING), sees_no_quality_marks, no_declared_conflict),
    _row(P.AWARD_APPROVE, (_APPROVER,), S.COMPETITION, at(Stage.AWARD_RECOMMENDED), two_person, sees_no_quality_marks, no_declared_conflict),
    _row(P.AWARD_ANNOUNCE, (_LEAD,), S.COMPETITION, at(Stage.AWARD_RECOMMENDED), approved, sees_no_quality_marks, no_declared_conflict),
    _row(P.AWARD_READ_PREFERRED, (), S.ANYONE, since(Stage.PREFERRED_BIDDERS)),
    _row(P.AWARD_READ_OWN_RESULT, (R.BID_MANAGER, R.BID_WRITER, R.SIGNATORY), S.OWN, since(Stage.PREFERRED_BIDDERS)),
    _row(P.AWARD_READ, (_COMMERCIAL, _LEAD, _APPROVER, R.AUDITOR), S.COMPETITION, since(Stage.AWARD_MODELLING), sees_no_quality_marks, no_declared_conflict),
)
# fmt: on
