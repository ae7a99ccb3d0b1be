"""What a subject says of itself, and the conditions that are judged by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from commissioning.kernel.actor import Actor, Role
from commissioning.kernel.stage import Stage


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
    concerns, None where that may be anybody. `lifted` are (person, bidder): for a thing of these
    bidders alone, two people have decided, the person's interest in the whole is no conflict.
    `has_lead` says whether somebody is lead of the
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
    lifted: frozenset[tuple[str, str]] = frozenset()
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
not_concerned = Condition(
    "not the person whom it concerns",
    lambda actor, facts: facts.person is not None and facts.person != actor.reference,
)
assigned = Condition("assigned to it", lambda _actor, facts: facts.is_assigned)
admitted = Condition("shortlisted for the lot", lambda _actor, facts: facts.is_admitted)
not_suspended = Condition("not suspended", lambda _actor, facts: not facts.is_suspended)


def has_conflict(person: str, facts: Facts) -> bool:
    """Whether what a person declared bears on the subject: as a whole, or by one of its bidders.

    Where the bidders are not known yet, or must not be, an interest in any organisation does.
    """
    declared = {organisation for who, organisation in facts.interests if who == person}
    if None in declared:
        lifted = {bidder for who, bidder in facts.lifted if who == person}
        if not facts.bidders or not facts.bidders <= lifted:
            return True
    named = declared - {None}
    return bool(named) and (facts.bidders is None or bool(named & facts.bidders))


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
