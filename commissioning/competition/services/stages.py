"""Moving a competition, and its lots, along: the only places where a stage or a status changes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import DBAPIError

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.competition import queries
from commissioning.competition.domain.lifecycle import (
    ACTUAL_DATES,
    AT_ANY_STAGE,
    LOT_TABLE,
    OPEN_UNTIL,
    TABLE,
    event_to,
)
from commissioning.competition.domain.lots import LotStatus
from commissioning.competition.models import Competition, Decision
from commissioning.competition.queries.soundness import minute_of
from commissioning.competition.services.outages import extend_by_outages
from commissioning.competition.services.ties import freeze_ties
from commissioning.competition.services.timetable import put_date, told
from commissioning.identity import services as identity_services
from commissioning.identity.domain.roles import Need
from commissioning.infrastructure.database import db
from commissioning.kernel import lifecycle
from commissioning.kernel.actor import SYSTEM, Actor, Role
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import IllegalTransition, MoveRefused, NotFound
from commissioning.kernel.lifecycle import Fact, Transition
from commissioning.kernel.stage import Stage

_logger = logging.getLogger(__name__)


def check_move(
    competition: Competition, event: str, facts: Mapping[str, Fact] | None = None
) -> Transition:
    """Whether a move is legal from here, before anything is changed for it.

    Raises IllegalTransition where the table has no such move, or a guard's fact does not hold.
    """
    return lifecycle.advance(TABLE, competition.stage, event, facts)


def advance_stage(
    actor: Actor,
    competition: Competition,
    event: str,
    facts: Mapping[str, Fact] | None = None,
    *,
    at: datetime,
    decision: Decision | None = None,
    changes: dict[str, Any] | None = None,
) -> Transition:
    """A competition moves only along its table, and by two people where the table says two.

    Called by the service of the act, in whichever context, which has authorised it; it authorises
    nothing itself. `facts` are the guards' facts by name; `decision` is the approved decision of a
    move by two; `changes` join the record. Proposals that the new stage overtakes lapse, one
    recorded event each. The event of the move is recorded in the competition's stream, so the act
    needs no other record. Raises IllegalTransition, and Conflict where two people are asked for and
    did not act.
    """
    move = check_move(competition, event, facts)
    if move.two_person:
        _require_two_people(actor, competition, event, decision)
    source = competition.stage
    if move.target is Stage.TERMINATED:
        competition.reached_stage = source
    competition.stage = move.target.value
    competition.stage_since = at
    if event in ACTUAL_DATES:
        put_date(competition, ACTUAL_DATES[event], minute_of(at), by=actor, at=at)
    lapsed = _lapse_proposals(competition, at=at)
    tell_who_is_needed(competition)
    recorded: dict[str, Any] = {"from": source, "to": competition.stage, **(changes or {})}
    if decision is not None:
        recorded |= {"decision": decision.reference, "proposed_by": decision.proposed_by}
    db.session.flush()
    audit.record(
        actor,
        Event(event),
        Subject("competition", competition.reference),
        recorded,
        at=at,
        stream=competition_stream(competition.reference),
    )
    for proposal in lapsed:
        audit.record(
            SYSTEM,
            Event.DECISION_LAPSED,
            Subject("decision", proposal.reference),
            {
                "event": proposal.event,
                "proposed_by": proposal.proposed_by,
                "to": competition.stage,
            },
            at=at,
            stream=competition_stream(competition.reference),
        )
    return move


def tell_who_is_needed(competition: Competition) -> None:
    """A running competition keeps a lead, and its key holders until the price envelopes are open.

    Written down where people are removed, which knows no stage; called by the act that sets the
    competition up or moves it, which has authorised it.
    """
    stage = Stage(competition.stage)
    needs: dict[Role, Need] = {}
    if stage is not Stage.TERMINATED:
        needs[Role.PROCUREMENT_LEAD] = Need.ONE
        if not stage.is_at_or_after(Stage.PRICE_EVALUATION):
            is_sealed = stage.is_at_or_after(Stage.ITN_OPEN)
            needs[Role.KEY_HOLDER] = Need.ALL if is_sealed else Need.REPLACED
    identity_services.record_needed_roles(competition.reference, needs)


def pass_deadlines(
    *,
    clock: Clock,
    grace: timedelta = timedelta(0),
    then: Callable[[Competition], object] | None = None,
) -> list[str]:
    """What comes at the instant of a deadline, or after it, is late: the stage closes then.

    Moves every competition whose PQQ or ITN deadline came at least `grace` ago, as the platform's
    own act; with the ITN's, the ties that count are kept, and `then` does what else belongs to the
    closing. Meanwhile late acts are refused by their own instant. Where the service failed before a
    deadline, that moves first, by the published table and without waiting for `grace`, and nothing
    closes. A competition that cannot be moved holds no other back: it stays as it was, and the log
    says why. Returns the references of those that moved on.
    """
    now = clock.now()
    moved = []
    for competition in queries.open_competitions():
        reference = competition.reference  # a rollback forgets it
        try:
            with db.session.begin_nested():
                if _pass_deadline(competition, now, grace, then):
                    moved.append(reference)
        except DBAPIError:
            raise
        except Exception:
            _logger.exception("The deadline of %s could not be passed.", reference)
    return moved


def _pass_deadline(
    competition: Competition,
    now: datetime,
    grace: timedelta,
    then: Callable[[Competition], object] | None,
) -> bool:
    extend_by_outages(competition, at=now)
    if not queries.is_overdue(competition, now - grace):
        return False
    competition = queries.competition_for_change(competition.reference)
    if not queries.is_overdue(competition, now - grace):  # somebody was here while this one waited
        return False
    event = f"{OPEN_UNTIL[Stage(competition.stage)].value}_passed"
    if event == "itn_deadline_passed":
        freeze_ties(SYSTEM, competition, at=now)
    deadline = told(queries.open_deadline(competition))
    advance_stage(SYSTEM, competition, event, at=now, changes={"deadline": deadline})
    if then is not None:
        then(competition)
    return True


def set_lot_statuses(
    actor: Actor, competition: Competition, statuses: Mapping[str, LotStatus], *, at: datetime
) -> None:
    """A lot moves only along its own table, one recorded event each.

    Called by the service of the act, which has authorised it. `statuses` are by the lot's
    reference; a lot that stands there already stays untouched. Raises IllegalTransition, NotFound.
    """
    lots = {lot.reference: lot for lot in competition.lots}
    if not statuses.keys() <= lots.keys():
        raise NotFound
    moves = []
    for reference, target in statuses.items():
        source = LotStatus(lots[reference].status)
        if source is target:
            continue
        event = event_to(target, source)
        if event is None:
            raise IllegalTransition(
                f"The lot {reference} cannot become “{target.label}”: it is “{source.label}”."
            )
        moves.append((lots[reference], lifecycle.advance(LOT_TABLE, source, event)))
    for lot, move in moves:
        lot.status = move.target.value
    db.session.flush()
    for lot, move in moves:
        audit.record(
            actor,
            Event(move.event),
            Subject("lot", f"{competition.reference}/{lot.reference}"),
            {"from": move.source.value, "to": move.target.value},
            at=at,
            stream=competition_stream(competition.reference),
        )


def _require_two_people(
    actor: Actor, competition: Competition, event: str, decision: Decision | None
) -> None:
    if (
        decision is None
        or decision.competition_id != competition.id
        or decision.event != event
        or decision.status != "approved"
        or decision.decided_by != actor.reference
        or decision.proposed_by == actor.reference
    ):
        raise MoveRefused(
            "This takes two people: one proposes it, and another decides. Propose it first."
        )


def _lapse_proposals(competition: Competition, *, at: datetime) -> list[Decision]:
    """What was proposed at the stage that has ended can no longer happen; gives what has lapsed.

    What is possible at every stage but the last stays open: a termination, and what is to be
    decided of an interest.
    """
    lapsed = []
    for proposal in queries.open_decisions(competition):
        if proposal.event in AT_ANY_STAGE and competition.stage != Stage.TERMINATED.value:
            continue
        proposal.status = "sent_back"
        proposal.decided_by = SYSTEM.reference
        proposal.decided_at = at
        proposal.decision_reason = (
            f"Lapsed: the competition has moved on to “{Stage(competition.stage).label}”."
        )
        lapsed.append(proposal)
    return lapsed
