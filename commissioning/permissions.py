"""The policy: who may do what, when, and under what condition.

One table of rows. A row names a permission, the roles that hold it, where the role must be held,
and the conditions that must be true as well. Several rows may give the same permission; where no
row gives it, the answer is no. Services ask `require`; views declare the same permission, so that
tests and the help page can read it.

The rows come from the rules of procurement. Where two people are needed, the row of the first
ends in `propose` and that of the second in `approve`, whose condition `two_person` refuses the
person who proposed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from commissioning.kernel.actor import Actor, Role
from commissioning.kernel.errors import Forbidden
from commissioning.kernel.stage import Stage


class Permission(StrEnum):
    """What may be done: "context:resource:action", in alphabetical order."""

    AUDIT_READ_ORGANISATION = "audit:organisation:read"
    AUDIT_READ_PLATFORM = "audit:platform:read"
    AUDIT_READ_COMPETITION = "audit:competition:read"
    AUDIT_READ_PRICES = "audit:prices:read"
    AWARD_ANNOUNCE = "award:preferred_bidders:announce"
    AWARD_APPROVE = "award:recommendation:approve"
    AWARD_BUILD = "award:problem:build"
    AWARD_READ = "award:result:read"
    AWARD_READ_PREFERRED = "award:preferred_bidders:read"
    AWARD_RECOMMEND = "award:recommendation:propose"
    COMPETITION_APPROVE_ISSUE_ITN = "competition:itn:approve"
    COMPETITION_APPROVE_ISSUE_PQQ = "competition:pqq:approve"
    COMPETITION_APPROVE_TIES = "competition:ties:approve"
    COMPETITION_APPROVE_TERMINATION = "competition:termination:approve"
    COMPETITION_APPROVE_EXTENSION = "competition:extension:approve"
    COMPETITION_CREATE = "competition:competition:create"
    COMPETITION_EDIT_DOCUMENTS = "competition:documents:edit"
    COMPETITION_EDIT_MODEL = "competition:model:edit"
    COMPETITION_EDIT_NOTICE = "competition:notice:edit"
    COMPETITION_EDIT_TIMETABLE = "competition:timetable:edit"
    COMPETITION_GIVE_ROLES = "competition:roles:give"
    COMPETITION_PROPOSE_EXTENSION = "competition:extension:propose"
    COMPETITION_PROPOSE_ISSUE_ITN = "competition:itn:propose"
    COMPETITION_PROPOSE_ISSUE_PQQ = "competition:pqq:propose"
    COMPETITION_PROPOSE_TIES = "competition:ties:propose"
    COMPETITION_PROPOSE_TERMINATION = "competition:termination:propose"
    COMPETITION_READ = "competition:competition:read"
    COMPETITION_READ_TIES = "competition:ties:read"
    COMPETITION_READ_PUBLISHED = "competition:published:read"
    EVALUATION_AGREE_CONSENSUS = "evaluation:consensus:agree"
    EVALUATION_APPROVE_QUALITY_LOCK = "evaluation:quality_lock:approve"
    EVALUATION_APPROVE_SHORTLIST = "evaluation:shortlist:approve"
    EVALUATION_ASSESS_PQQ_PART = "evaluation:pqq_part:assess"
    EVALUATION_ASSIGN = "evaluation:assignment:edit"
    EVALUATION_ASSIGN_PQQ_PART = "evaluation:pqq_part:assign"
    EVALUATION_COMPLETE_PRICES = "evaluation:prices:complete"
    EVALUATION_DECLARE_INTEREST = "evaluation:interest:declare"
    EVALUATION_MARK = "evaluation:mark:write"
    EVALUATION_PROPOSE_QUALITY_LOCK = "evaluation:quality_lock:propose"
    EVALUATION_PROPOSE_SHORTLIST = "evaluation:shortlist:propose"
    EVALUATION_READ_INTERESTS = "evaluation:interest:read"
    EVALUATION_READ_MARKS = "evaluation:mark:read"
    EVALUATION_READ_POINTS = "evaluation:quality_points:read"
    EVALUATION_READ_PRICES = "evaluation:prices:read"
    EVALUATION_READ_PROGRESS = "evaluation:progress:read"
    EVALUATION_READ_RANKING = "evaluation:ranking:read"
    EVALUATION_READ_SELECTION = "evaluation:selection:read"
    EVALUATION_RECORD_CONSENSUS = "evaluation:consensus:record"
    IDENTITY_ADMIT_TO_KEY = "identity:key:admit"
    IDENTITY_CREATE_AUTHORITY_PEOPLE = "identity:authority_people:create"
    IDENTITY_EDIT_ORGANISATION = "identity:organisation:edit"
    IDENTITY_EDIT_OWN_ACCOUNT = "identity:account:edit"
    IDENTITY_INVITE_PEOPLE = "identity:people:invite"
    IDENTITY_READ_ORGANISATION = "identity:organisation:read"
    IDENTITY_REGISTER = "identity:organisation:register"
    IDENTITY_REMOVE_PEOPLE = "identity:people:remove"
    IDENTITY_SUSPEND_SIGN_IN = "identity:sign_in:suspend"
    SUBMISSION_APPROVE_LATE_BID = "submission:late_bid:approve"
    SUBMISSION_HOLD_REHEARSAL = "submission:rehearsal:hold"
    SUBMISSION_OPEN_PRICE = "submission:price_envelopes:open"
    SUBMISSION_OPEN_QUALITY = "submission:quality_envelopes:open"
    SUBMISSION_PREPARE_KEYS = "submission:opening_keys:prepare"
    SUBMISSION_PROPOSE_LATE_BID = "submission:late_bid:propose"
    SUBMISSION_READ_CLOSING = "submission:closing:read"
    SUBMISSION_READ_LATE_BIDS = "submission:late_bid:read"
    SUBMISSION_READ_LATE_BID_PROPOSALS = "submission:late_bid_proposal:read"
    SUBMISSION_READ_OWN_BID = "submission:own_bid:read"
    SUBMISSION_READ_OWN_PQQ = "submission:own_pqq_response:read"
    SUBMISSION_READ_PQQ = "submission:pqq_response:read"
    SUBMISSION_READ_PRICE_ENVELOPE = "submission:price_envelope:read"
    SUBMISSION_READ_QUALITY_ENVELOPE = "submission:quality_envelope:read"
    SUBMISSION_RENEW_SHARES = "submission:shares:renew"
    SUBMISSION_APPROVE_REPLACEMENT = "submission:key_holder:approve"
    SUBMISSION_REPLACE_HOLDER = "submission:key_holder:replace"
    SUBMISSION_SEND_LATE_BID = "submission:late_bid:send"
    SUBMISSION_SUBMIT_BID = "submission:bid:submit"
    SUBMISSION_SUBMIT_PQQ = "submission:pqq_response:submit"
    SUBMISSION_WRITE_BID = "submission:bid:write"
    SUBMISSION_WRITE_PQQ = "submission:pqq_response:write"


class Scope(StrEnum):
    """Where the role must be held for a row to apply."""

    ANYONE = "anyone, signed in or not"
    SIGNED_IN = "anyone who has signed in, about themselves"
    PLATFORM = "for the platform"
    AUTHORITY = "for the authority"
    COMPETITION = "on this competition"
    OWN = "for the own organisation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a subject says of itself, so that the conditions can be judged.

    `authority`, `competition` and `organisation` are references: of the authority that runs the
    programme, of the competition, and of the organisation whose thing it is. `stage` is where the
    competition stands, `reached` the furthest stage it came to where it was terminated. `person` is
    the person whose thing it is, `proposer` who proposed the act now to be approved. `is_assigned`
    is about the actor, as is `has_marked_here`: whether they ever marked or moderated in the
    competition. `interests` are all that were declared in the competition, as (person,
    organisation or None for the competition as a whole); `bidders` are those whom the thing
    concerns, None where that may be anybody. `has_lead` says whether somebody is lead of the
    competition who can act. `now` and `deadline` are UTC instants, as is `closed_deadline`, at
    which the stage before closed.
    """

    authority: str | None = None
    competition: str | None = None
    organisation: str | None = None
    stage: Stage | None = None
    reached: Stage | None = None
    person: str | None = None
    proposer: str | None = None
    is_assigned: bool = False
    is_admitted: bool = False
    is_suspended: bool = False
    interests: frozenset[tuple[str, str | None]] = frozenset()
    bidders: frozenset[str] | None = None
    has_lead: bool = True
    has_marked_here: bool = False
    all_submitted: bool = False
    is_approved: bool = False
    now: datetime | None = None
    deadline: datetime | None = None
    closed_deadline: datetime | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """A named, pure predicate over the actor and the facts."""

    name: str
    holds: Callable[[Actor, Facts], bool]


def at(*stages: Stage) -> Condition:
    """The competition stands at one of these stages."""
    names = " or ".join(stage.label for stage in stages)
    return Condition(f"at {names}", lambda _actor, facts: facts.stage in stages)


def since(stage: Stage) -> Condition:
    """The competition has reached this stage."""

    def holds(_actor: Actor, facts: Facts) -> bool:
        reached = facts.reached or facts.stage
        return reached is not None and reached.is_at_or_after(stage)

    return Condition(f"from {stage.label}", holds)


def until(stage: Stage) -> Condition:
    """The competition has not yet reached this stage."""
    return Condition(
        f"before {stage.label}",
        lambda _actor, facts: (
            facts.stage is not None and 0 <= facts.stage.position < stage.position
        ),
    )


before_deadline = Condition(
    "before the deadline",
    lambda _actor, facts: (
        facts.now is not None and facts.deadline is not None and facts.now < facts.deadline
    ),
)
after_deadline = Condition(
    "after the deadline",
    lambda _actor, facts: (
        facts.now is not None
        and facts.closed_deadline is not None
        and facts.now >= facts.closed_deadline
    ),
)


def _is_late(_actor: Actor, facts: Facts) -> bool:
    deadline = facts.closed_deadline or facts.deadline
    return facts.now is not None and deadline is not None and facts.now >= deadline


late = Condition("at the deadline or later", _is_late)
two_person = Condition(
    "not the person who proposed",
    lambda actor, facts: facts.proposer is not None and facts.proposer != actor.reference,
)
assigned = Condition("assigned to it", lambda _actor, facts: facts.is_assigned)
admitted = Condition("shortlisted for the lot", lambda _actor, facts: facts.is_admitted)
not_suspended = Condition("not suspended", lambda _actor, facts: not facts.is_suspended)


def has_conflict(person: str, facts: Facts) -> bool:
    """Whether what a person declared bears on the subject: as a whole, or by one of its bidders.

    Where the bidders are not known yet, or must not be, an interest in any organisation does.
    """
    declared = {organisation for who, organisation in facts.interests if who == person}
    return bool(declared) and (
        None in declared or facts.bidders is None or bool(declared & facts.bidders)
    )


no_declared_conflict = Condition(
    "no declared conflict", lambda actor, facts: not has_conflict(actor.reference, facts)
)
without_lead = Condition("no lead of it can act", lambda _actor, facts: not facts.has_lead)
all_marks_submitted = Condition(
    "every evaluator of the answer has submitted", lambda _actor, facts: facts.all_submitted
)
sees_no_quality_marks = Condition(
    "neither evaluator nor moderator here",
    lambda actor, facts: (
        not facts.has_marked_here
        and not (actor.roles_on(facts.competition) & {Role.EVALUATOR, Role.MODERATOR})
    ),
)
approved = Condition("the award is approved", lambda _actor, facts: facts.is_approved)


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
    _row(P.SUBMISSION_HOLD_REHEARSAL, (R.KEY_HOLDER,), S.COMPETITION, at(Stage.SHORTLISTED)),
    _row(P.SUBMISSION_REPLACE_HOLDER, (_LEAD,), S.COMPETITION, at(Stage.ITN_OPEN, Stage.ITN_CLOSED, Stage.QUALITY_EVALUATION, Stage.QUALITY_LOCKED), no_declared_conflict),
    _row(P.SUBMISSION_APPROVE_REPLACEMENT, (_APPROVER,), S.COMPETITION, at(Stage.ITN_OPEN, Stage.ITN_CLOSED, Stage.QUALITY_EVALUATION, Stage.QUALITY_LOCKED), two_person, no_declared_conflict),
    _row(P.SUBMISSION_RENEW_SHARES, (R.KEY_HOLDER,), S.COMPETITION, at(Stage.ITN_OPEN, Stage.ITN_CLOSED, Stage.QUALITY_EVALUATION, Stage.QUALITY_LOCKED)),
    _row(P.SUBMISSION_WRITE_BID, (R.BID_MANAGER, R.BID_WRITER), S.OWN, at(Stage.ITN_OPEN), before_deadline, admitted, not_suspended),
    _row(P.SUBMISSION_SUBMIT_BID, (R.SIGNATORY,), S.OWN, at(Stage.ITN_OPEN), before_deadline, admitted, not_suspended),
    _row(P.SUBMISSION_SEND_LATE_BID, (R.SIGNATORY,), S.OWN, at(Stage.ITN_OPEN, Stage.ITN_CLOSED), late, admitted, not_suspended),
    _row(P.SUBMISSION_READ_LATE_BIDS, (_LEAD,), S.COMPETITION, since(Stage.ITN_CLOSED), no_declared_conflict),
    _row(P.SUBMISSION_READ_LATE_BID_PROPOSALS, (_LEAD, _APPROVER), S.COMPETITION, since(Stage.ITN_CLOSED), no_declared_conflict),
    _row(P.SUBMISSION_PROPOSE_LATE_BID, (_LEAD,), S.COMPETITION, at(Stage.ITN_CLOSED), no_declared_conflict),
    _row(P.SUBMISSION_APPROVE_LATE_BID, (_APPROVER,), S.COMPETITION, at(Stage.ITN_CLOSED), two_person, no_declared_conflict),
    _row(P.SUBMISSION_READ_OWN_BID, (R.BID_MANAGER, R.BID_WRITER, R.SIGNATORY), S.OWN),
    _row(P.SUBMISSION_READ_CLOSING, (), S.ANYONE, since(Stage.ITN_CLOSED)),
    _row(P.SUBMISSION_OPEN_QUALITY, (R.KEY_HOLDER,), S.COMPETITION, at(Stage.ITN_CLOSED), after_deadline),
    _row(P.SUBMISSION_READ_QUALITY_ENVELOPE, (R.EVALUATOR,), S.COMPETITION, since(Stage.QUALITY_EVALUATION), assigned, no_declared_conflict),
    _row(P.SUBMISSION_READ_QUALITY_ENVELOPE, (R.MODERATOR,), S.COMPETITION, since(Stage.QUALITY_EVALUATION), assigned, no_declared_conflict),
    _row(P.SUBMISSION_READ_QUALITY_ENVELOPE, (_LEAD, R.AUDITOR), S.COMPETITION, since(Stage.QUALITY_EVALUATION), no_declared_conflict),
    _row(P.SUBMISSION_OPEN_PRICE, (R.KEY_HOLDER,), S.COMPETITION, at(Stage.QUALITY_LOCKED)),
    _row(P.SUBMISSION_READ_PRICE_ENVELOPE, (_COMMERCIAL, _LEAD, _APPROVER, R.AUDITOR), S.COMPETITION, since(Stage.PRICE_EVALUATION), sees_no_quality_marks, no_declared_conflict),
    # Ties: what the authority decides of those that count, from the deadline to the announcement
    _row(P.COMPETITION_READ_TIES, (_LEAD, _COMMERCIAL, _APPROVER, R.AUDITOR), S.COMPETITION, since(Stage.ITN_CLOSED), no_declared_conflict),
    _row(P.COMPETITION_PROPOSE_TIES, (_LEAD,), S.COMPETITION, since(Stage.ITN_CLOSED), until(Stage.PREFERRED_BIDDERS), no_declared_conflict),
    _row(P.COMPETITION_APPROVE_TIES, (_APPROVER,), S.COMPETITION, since(Stage.ITN_CLOSED), until(Stage.PREFERRED_BIDDERS), two_person, no_declared_conflict),
    # Evaluation
    _row(P.EVALUATION_DECLARE_INTEREST, (*_TEAM, R.AUDITOR), S.COMPETITION),
    _row(P.EVALUATION_DECLARE_INTEREST, (R.AUDITOR,), S.AUTHORITY),
    _row(P.EVALUATION_READ_INTERESTS, (_LEAD, _APPROVER, R.AUDITOR), S.COMPETITION),
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
    # Award
    _row(P.AWARD_BUILD, (_COMMERCIAL, _LEAD), S.COMPETITION, at(Stage.AWARD_MODELLING), sees_no_quality_marks, no_declared_conflict),
    _row(P.AWARD_RECOMMEND, (_COMMERCIAL,), S.COMPETITION, at(Stage.AWARD_MODELLING), sees_no_quality_marks, no_declared_conflict),
    _row(P.AWARD_APPROVE, (_APPROVER,), S.COMPETITION, at(Stage.AWARD_RECOMMENDED), two_person, sees_no_quality_marks, no_declared_conflict),
    _row(P.AWARD_ANNOUNCE, (_LEAD,), S.COMPETITION, at(Stage.AWARD_RECOMMENDED), approved, sees_no_quality_marks, no_declared_conflict),
    _row(P.AWARD_READ_PREFERRED, (), S.ANYONE, since(Stage.PREFERRED_BIDDERS)),
    _row(P.AWARD_READ, (_COMMERCIAL, _LEAD, _APPROVER, R.AUDITOR), S.COMPETITION, since(Stage.AWARD_MODELLING), sees_no_quality_marks, no_declared_conflict),
)
# fmt: on

_BY_PERMISSION: dict[Permission, tuple[Row, ...]] = {
    permission: tuple(row for row in ROWS if row.permission is permission)
    for permission in Permission
}


def rows_for(permission: Permission) -> tuple[Row, ...]:
    """The rows that can give a permission."""
    return _BY_PERMISSION[permission]


def _role_is_held(row: Row, actor: Actor, facts: Facts) -> bool:
    match row.scope:
        case Scope.ANYONE:
            return True
        case Scope.SIGNED_IN:
            return not actor.is_anonymous and facts.person in {None, actor.reference}
        case Scope.PLATFORM:
            return bool(row.roles & actor.roles())
        case Scope.AUTHORITY:
            return facts.authority is not None and bool(row.roles & actor.roles_in(facts.authority))
        case Scope.COMPETITION:
            return bool(row.roles & actor.roles_on(facts.competition))
        case Scope.OWN:
            return facts.organisation is not None and bool(
                row.roles & actor.roles_in(facts.organisation)
            )


def may(actor: Actor, permission: Permission, facts: Facts | None = None) -> bool:
    """Whether some row gives the actor the permission under these facts."""
    subject = facts or Facts()
    return any(
        _role_is_held(row, actor, subject)
        and all(condition.holds(actor, subject) for condition in row.conditions)
        for row in _BY_PERMISSION[permission]
    )


def require(actor: Actor, permission: Permission, facts: Facts | None = None) -> None:
    """Refuse, unless some row gives the actor the permission under these facts.

    Raises Forbidden, which a page shows exactly as something absent and the trail keeps.
    """
    if not may(actor, permission, facts):
        raise Forbidden(permission.value, _reason(actor, permission, facts or Facts()))


def _reason(actor: Actor, permission: Permission, facts: Facts) -> str:
    """Why not, for the trail: the first condition that fails in a row whose role is held."""
    for row in _BY_PERMISSION[permission]:
        if _role_is_held(row, actor, facts):
            for condition in row.conditions:
                if not condition.holds(actor, facts):
                    return f"fails: {condition.name}"
    return "role not held"


def could_ever(actor: Actor, permission: Permission) -> bool:
    """Whether the actor holds, anywhere, a role that some row of the permission names.

    A view asks this first: it gives an early no, never a yes.
    """
    return any(
        row.scope is Scope.ANYONE
        or (row.scope is Scope.SIGNED_IN and not actor.is_anonymous)
        or bool(row.roles & actor.roles())
        for row in _BY_PERMISSION[permission]
    )


def matrix() -> list[tuple[str, str, str, str]]:
    """The whole policy as lines (permission, role, where held, conditions), in the table's order.

    The help page, the command line and the committed copy all print this.
    """
    lines: list[tuple[str, str, str, str]] = []
    for row in ROWS:
        conditions = "; ".join(condition.name for condition in row.conditions)
        lines += [
            (row.permission.value, role, row.scope.value, conditions)
            for role in sorted(role.value for role in row.roles) or ["-"]
        ]
    return lines
