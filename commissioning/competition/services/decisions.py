"""Acts that take two people: one proposes, another decides, and neither can do both."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.competition import queries
from commissioning.competition.models import Competition, Decision
from commissioning.competition.services import mail
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor, Role
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, Conflict, MoveRefused, NotFound
from commissioning.kernel.references import new_reference
from commissioning.permissions import Permission, require, rows_for

LONGEST_REASON = 4000
_DOUBLE_CLICK: Final = timedelta(minutes=1)
"""How long the same person's same act, sent again, is taken for a button that was pressed twice."""


_DECIDED: Final = "This is decided already. Go back to the competition’s page."


def open_decision(
    actor: Actor,
    competition: Competition,
    event: str,
    *,
    payload: dict[str, Any] | None = None,
    reason: str = "",
    clock: Clock,
) -> Decision:
    """An act of two people begins with a proposal; one proposal of an act is open at a time.

    Called by the service that proposes, in whichever context, which has authorised it and holds the
    competition for change. `payload` is JSON: what the second person approves with the act. Records
    `decision_proposed` and tells those who may decide. Raises MoveRefused where one is open, plain
    Conflict where it is the same proposal sent twice, BadInput on too long a reason.
    """
    now = clock.now()
    permission = queries.permission_to_decide(event)
    reason = checked_reason(reason)
    is_open = queries.open_decision_for(competition, event)
    if is_open is not None:
        sentence = "This is proposed already. Ask the second person to decide on it."
        is_repeated = (
            is_open.proposed_by == actor.reference
            and (is_open.payload, is_open.reason) == (payload or {}, reason)
            and now < is_open.proposed_at + _DOUBLE_CLICK
        )
        raise Conflict(sentence) if is_repeated else MoveRefused(sentence)
    decision = Decision(
        reference=new_reference("DEC"),
        competition=competition,
        event=event,
        payload=payload or {},
        reason=reason,
        status="proposed",
        proposed_by=actor.reference,
        proposed_at=now,
        decision_reason="",
    )
    db.session.add(decision)
    db.session.flush()
    mail.tell(
        queries.team_addresses(competition, *_deciders(permission)),
        competition,
        "a decision waits for you",
        at=now,
    )
    audit.record(
        actor,
        Event.DECISION_PROPOSED,
        Subject("decision", decision.reference),
        {"event": event, "payload": decision.payload, "reason": reason},
        at=now,
        stream=competition_stream(competition.reference),
    )
    return decision


def take_up_decision(actor: Actor, decision: str, event: str, *, clock: Clock) -> Decision:
    """Only a second person, in the role that the policy names, takes up a proposal.

    Begins every act that approves: holds the competition for change, and authorises by the event's
    permission to approve, whose condition refuses the person who proposed. The act is recorded by
    the service that takes the decision up. Raises NotFound where
    there is no such proposal of this event, Forbidden, and MoveRefused where it is decided already;
    plain Conflict where the same person has just decided it, whatever the act has led to since.
    """
    found = queries.decision_by_reference(decision)
    if found.event != event:
        raise NotFound
    competition = queries.competition_for_change(found.competition.reference)
    # Another person may have decided while this one waited for the lock.
    db.session.refresh(found)
    now = clock.now()
    if (
        found.decided_at is not None
        and found.decided_by == actor.reference
        and now < found.decided_at + _DOUBLE_CLICK
    ):
        raise Conflict(_DECIDED)
    require(
        actor,
        queries.permission_to_decide(event),
        queries.facts_to_decide(found, queries.facts(competition, now)),
    )
    if found.status != "proposed":
        raise MoveRefused(_DECIDED)
    return found


def close_decision(
    actor: Actor, decision: Decision, *, approved: bool, reason: str = "", clock: Clock
) -> None:
    """A proposal is decided once, by another person than the one who made it.

    Called by the service that decides, authorised there by `take_up_decision`. An approval has no
    record of its own: the move that follows carries it. Sending back is recorded here. Raises
    MoveRefused.
    """
    if decision.proposed_by == actor.reference:
        raise MoveRefused("You proposed this yourself. Another person has to decide on it.")
    if decision.status != "proposed":
        raise MoveRefused(_DECIDED)
    now = clock.now()
    decision.status = "approved" if approved else "sent_back"
    decision.decided_by = actor.reference
    decision.decided_at = now
    decision.decision_reason = checked_reason(reason)
    db.session.flush()
    if not approved:
        audit.record(
            actor,
            Event.DECISION_SENT_BACK,
            Subject("decision", decision.reference),
            {
                "event": decision.event,
                "proposed_by": decision.proposed_by,
                "reason": decision.decision_reason,
            },
            at=now,
            stream=competition_stream(decision.competition.reference),
        )


def send_back(actor: Actor, decision: str, *, reason: str, clock: Clock) -> Decision:
    """Whoever may approve a proposal may send it back instead, with a reason.

    Serves the proposals of every context. Raises NotFound, Forbidden, Conflict, and BadInput
    without a reason.
    """
    event = queries.decision_by_reference(decision).event
    found = take_up_decision(actor, decision, event, clock=clock)
    reason = needed_reason(reason, "Say why you send it back.")
    competition = found.competition
    mail.tell(
        queries.team_addresses(competition, Role.PROCUREMENT_LEAD),
        competition,
        "a proposal was sent back",
        at=clock.now(),
    )
    close_decision(actor, found, approved=False, reason=reason, clock=clock)
    return found


def checked_reason(reason: str) -> str:
    """A reason of a length that can be read; BadInput on one that is longer."""
    text = reason.strip()
    if len(text) > LONGEST_REASON:
        raise BadInput("reason", f"Give the reason in {LONGEST_REASON:,} characters or fewer.")
    return text


def needed_reason(reason: str, sentence: str) -> str:
    """A reason where one is needed; BadInput with the sentence where none is given."""
    text = checked_reason(reason)
    if not text:
        raise BadInput("reason", sentence)
    return text


def _deciders(permission: Permission) -> frozenset[Role]:
    return frozenset(role for row in rows_for(permission) for role in row.roles)
