"""Extending a deadline: by two people, forward only, before it passes, for everyone at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.competition import queries
from commissioning.competition.domain.lifecycle import EXTENSION, OPEN_UNTIL, fixed_dates
from commissioning.competition.domain.timetable import (
    Deadline,
    ExtensionRefused,
    TimetableEvent,
    extend,
)
from commissioning.competition.models import Competition, Decision
from commissioning.competition.services import mail
from commissioning.competition.services.decisions import (
    close_decision,
    needed_reason,
    open_decision,
    take_up_decision,
)
from commissioning.competition.services.timetable import (
    Moment,
    as_deadline,
    as_deadlines,
    put_date,
    told,
)
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, BadInputs
from commissioning.kernel.stage import Stage
from commissioning.permissions import Permission, require

Payload = dict[str, Any]
"""New dates in JSON, by event: "from", "instant", "zone" and "wall_text"."""

QUESTIONS_UNTIL = {
    TimetableEvent.PQQ_DEADLINE: TimetableEvent.PQQ_CLARIFICATION_DEADLINE,
    TimetableEvent.ITN_DEADLINE: TimetableEvent.ITN_CLARIFICATION_DEADLINE,
}
"""The last day for questions before each deadline: it can be moved with it."""


def propose_extension(
    actor: Actor,
    competition: str,
    *,
    deadline: Moment,
    later: Mapping[TimetableEvent | str, Moment | None] | None = None,
    reason: str,
    clock: Clock,
) -> Decision:
    """The lead proposes to move the deadline of the open stage forward, before it passes.

    `later` gives new dates to the events that the new deadline would overtake, and to the last day
    for questions where that has not passed either. The PQQ deadline is
    extended while the PQQ is open, that for bids while the ITN is. Raises Forbidden (also once the
    deadline has passed), Conflict, and BadInput or BadInputs on `deadline`, `reason` or an event.
    """
    now = clock.now()
    row = queries.competition_for_change(competition)
    require(actor, Permission.COMPETITION_PROPOSE_EXTENSION, queries.facts(row, now))
    reason = needed_reason(reason, "Say why the deadline is extended: every bidder can read it.")
    dates = {
        OPEN_UNTIL[Stage(row.stage)]: as_deadline(deadline, "deadline"),
        **later_dates(later or {}),
    }
    check_dates(row, dates, now)
    return open_decision(
        actor,
        row,
        EXTENSION,
        payload=as_payload(row, dates),
        reason=reason,
        clock=clock,
    )


def approve_extension(
    actor: Actor, decision: str, *, reason: str = "", clock: Clock
) -> Competition:
    """A deadline is extended by a second person, and everyone is told in one event.

    The old date stays as a version. Raises Forbidden, also once the deadline has passed, Conflict,
    and BadInputs where the dates do not hold any more.
    """
    now = clock.now()
    proposal = take_up_decision(actor, decision, EXTENSION, clock=clock)
    competition = proposal.competition
    changes = put_dates(actor, competition, dates_of(proposal.payload), at=now)
    close_decision(actor, proposal, approved=True, reason=reason, clock=clock)
    db.session.flush()
    mail.tell(queries.everyone_concerned(competition), competition, "has a later deadline", at=now)
    audit.record(
        actor,
        Event.DEADLINE_EXTENDED,
        Subject("competition", competition.reference),
        {
            "dates": changes,
            "decision": proposal.reference,
            "proposed_by": proposal.proposed_by,
            "reason": proposal.reason,
        },
        at=now,
        stream=competition_stream(competition.reference),
    )
    return competition


# Steps of every act that moves a deadline ---------------------------------------------------------


def as_payload(competition: Competition, dates: Mapping[TimetableEvent, Deadline]) -> Payload:
    """New dates as a proposal keeps them, each with the one that it takes the place of."""
    return {
        event.value: {
            "from": told(queries.deadline_of(competition, event)),
            "instant": new.instant_utc.isoformat(),
            "zone": new.zone,
            "wall_text": new.wall_text,
        }
        for event, new in dates.items()
    }


def dates_of(payload: Payload) -> dict[TimetableEvent, Deadline]:
    """The new dates of a proposal."""
    return {
        TimetableEvent(event): Deadline(
            datetime.fromisoformat(new["instant"]), new["zone"], new["wall_text"]
        )
        for event, new in payload.items()
    }


def put_dates(
    actor: Actor,
    competition: Competition,
    dates: Mapping[TimetableEvent, Deadline],
    *,
    at: datetime,
) -> dict[str, list[str | None]]:
    """New versions of dates that hold, for the record; BadInput(s) where one does not."""
    check_dates(competition, dates, at)
    changes = {
        event.value: [told(queries.deadline_of(competition, event)), told(new)]
        for event, new in dates.items()
    }
    for event, new in dates.items():
        put_date(competition, event, new, by=actor, at=at)
    return changes


def later_dates(
    later: Mapping[TimetableEvent | str, Moment | None],
) -> dict[TimetableEvent, Deadline]:
    """New dates of the events that a new deadline would overtake; BadInputs where one is none."""
    dates = as_deadlines(later)
    missing = [event.value for event, new in dates.items() if new is None]
    if missing:
        raise BadInputs([(event, "Enter the new date.") for event in missing])
    return {event: new for event, new in dates.items() if new is not None}


def check_dates(
    competition: Competition, dates: Mapping[TimetableEvent, Deadline], now: datetime
) -> None:
    """Each date moves forward, and the whole timetable still holds."""
    current = queries.current_timetable(competition)
    closing = OPEN_UNTIL[Stage(competition.stage)]
    order = list(TimetableEvent)
    movable = {*order[order.index(closing) :], QUESTIONS_UNTIL[closing]}
    for event, new in dates.items():
        field = "deadline" if event is closing else event.value
        if event not in movable:
            raise BadInput(field, f"{event.label} comes before the deadline and stays as it is.")
        if event not in current:
            raise BadInput(field, f"{event.label} has no date that could be moved.")
        try:
            extend(current[event], new, now=now)
        except ExtensionRefused as refusal:
            raise BadInput(field, refusal.sentence) from refusal
    # What is over, or promised beside this deadline, is not in question.
    settled = fixed_dates(Stage(competition.stage)) - dates.keys()
    found = queries.timetable_faults(competition, {**current, **dates}, now=now, settled=settled)
    if found:
        raise BadInputs(
            [
                ("deadline" if problem.event is closing else problem.event.value, problem.sentence)
                for problem in found
            ]
        )
