"""Ending a competition without an award: by two people, with a reason, and a notice to bidders."""

from __future__ import annotations

from commissioning.competition import queries
from commissioning.competition.domain.lots import LotStatus
from commissioning.competition.models import Competition, Decision
from commissioning.competition.services import mail
from commissioning.competition.services.decisions import (
    close_decision,
    needed_reason,
    open_decision,
    take_up_decision,
)
from commissioning.competition.services.stages import advance_stage, check_move, set_lot_statuses
from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock
from commissioning.permissions import Permission, require

_TERMINATED = "terminated"


def propose_termination(actor: Actor, competition: str, *, reason: str, clock: Clock) -> Decision:
    """The lead proposes to end a competition; the reason is what every bidder will be told.

    Possible from every stage. Raises Forbidden, Conflict, IllegalTransition where it has ended
    already, and BadInput without a reason.
    """
    row = queries.competition_for_change(competition)
    require(actor, Permission.COMPETITION_PROPOSE_TERMINATION, queries.facts(row, clock.now()))
    reason = needed_reason(reason, "Give the reason for the termination: every bidder can read it.")
    check_move(row, _TERMINATED, {"reason_is_given": True})
    return open_decision(actor, row, _TERMINATED, payload={}, reason=reason, clock=clock)


def approve_termination(
    actor: Actor, decision: str, *, reason: str = "", clock: Clock
) -> Competition:
    """A competition is terminated by a second person, and every bidder gets a notice.

    Its lots end with it. Raises Forbidden, Conflict, and IllegalTransition where it has ended.
    """
    now = clock.now()
    proposal = take_up_decision(actor, decision, _TERMINATED, clock=clock)
    competition = proposal.competition
    facts = {"reason_is_given": bool(proposal.reason)}
    check_move(competition, _TERMINATED, facts)
    is_public = competition.notice_sha256 is not None
    addresses = (
        queries.everyone_concerned(competition)
        if is_public
        else queries.team_addresses(competition)
    )
    close_decision(actor, proposal, approved=True, reason=reason, clock=clock)
    mail.tell(addresses, competition, "is terminated, and the notice says why", at=now)
    set_lot_statuses(
        actor,
        competition,
        {lot.reference: LotStatus.TERMINATED for lot in competition.lots},
        at=now,
    )
    advance_stage(
        actor,
        competition,
        _TERMINATED,
        facts,
        at=now,
        decision=proposal,
        changes={"reason": proposal.reason},
    )
    return competition
