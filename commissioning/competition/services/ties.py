"""The ties that count in a competition: frozen at the deadline, corrected by two people only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.competition import queries
from commissioning.competition.domain.lifecycle import CORRECTION
from commissioning.competition.domain.ties import Correction, CorrectionRefused, TiesOfRecord
from commissioning.competition.models import Competition, Decision, TieRecord
from commissioning.competition.services import mail
from commissioning.competition.services.decisions import (
    close_decision,
    needed_reason,
    open_decision,
    take_up_decision,
)
from commissioning.identity import queries as identity
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor, Role
from commissioning.kernel.canonical import canonical_json, sha256_hex
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, MoveRefused
from commissioning.permissions import Permission, require


def freeze_ties(actor: Actor, competition: Competition, *, at: datetime) -> TieRecord:
    """At the deadline for bids the ties behind the shortlisted bidders are kept as they stand.

    What changes between organisations afterwards changes nothing here. Called by the act that
    closes the ITN, which has authorised it.
    """
    bidders = {row.organisation.reference for row in queries.admissions_of(competition)}
    found = TiesOfRecord.from_dict(identity.ties_behind(bidders))
    kept = _keep(competition, found, at=at)
    _record(actor, Event.TIES_FROZEN, competition, kept, {"ties": len(found.counting)}, at=at)
    return kept


def propose_tie(
    actor: Actor, competition: str, correction: Correction, *, reason: str, clock: Clock
) -> Decision:
    """The lead proposes that a tie counts in this competition, or does not, with the reason.

    For a tie that one organisation declared and the other refused or left open, one that nobody
    declared, or one that has gone wrong. Possible from the deadline for bids until the preferred
    bidders are announced. Raises Forbidden, Conflict, and BadInput at `other`, `act` or `reason`.
    """
    row = queries.competition_for_change(competition)
    require(actor, Permission.COMPETITION_PROPOSE_TIES, queries.facts(row, clock.now()))
    reason = needed_reason(reason, "Say why: the approver, the auditor and a court read it.")
    known = identity.names_of([correction.first, correction.second])
    if known.keys() != {correction.first, correction.second}:
        raise BadInput("other", "Choose two different organisations that are registered here.")
    _corrected(row, correction)
    return open_decision(
        actor, row, CORRECTION, payload=correction.to_dict(), reason=reason, clock=clock
    )


def approve_tie(actor: Actor, decision: str, *, reason: str = "", clock: Clock) -> Competition:
    """A second person decides that a tie counts, or does not: the record gets a new version.

    An award that was solved before stands on ties that no longer hold; it is solved anew before it
    can be recommended, approved or announced. Raises Forbidden, and Conflict where the record has
    changed so that the correction is no longer one.
    """
    now = clock.now()
    proposal = take_up_decision(actor, decision, CORRECTION, clock=clock)
    competition = proposal.competition
    correction = Correction.from_dict(proposal.payload)
    try:
        found = _corrected(competition, correction)
    except BadInput as changed:
        raise MoveRefused(changed.sentence) from None
    close_decision(actor, proposal, approved=True, reason=reason, clock=clock)
    kept = _keep(competition, found, decision=proposal, at=now)
    mail.tell(
        queries.team_addresses(
            competition, Role.PROCUREMENT_LEAD, Role.COMMERCIAL_OFFICER, Role.APPROVER
        ),
        competition,
        "has other ties that count, so an award is solved anew",
        at=now,
    )
    told = {
        **correction.to_dict(),
        "decision": proposal.reference,
        "proposed_by": proposal.proposed_by,
        "reason": proposal.reason,
    }
    _record(actor, Event.TIES_CORRECTED, competition, kept, told, at=now)
    return competition


def _corrected(competition: Competition, correction: Correction) -> TiesOfRecord:
    found = queries.ties_of_record(competition)
    bidders = {row.organisation.reference for row in queries.admissions_of(competition)}
    try:
        return found.corrected(correction, bidders)
    except CorrectionRefused as refusal:
        raise BadInput("other", refusal.sentence) from refusal


def _keep(
    competition: Competition,
    found: TiesOfRecord,
    *,
    decision: Decision | None = None,
    at: datetime,
) -> TieRecord:
    before = queries.latest_tie_record(competition)
    content = found.to_dict()
    kept = TieRecord(
        competition_id=competition.id,
        version=1 if before is None else before.version + 1,
        content=canonical_json(content).decode(),
        sha256=sha256_hex(content),
        decision=decision,
        kept_at=at,
    )
    db.session.add(kept)
    db.session.flush()
    return kept


def _record(
    actor: Actor,
    event: Event,
    competition: Competition,
    kept: TieRecord,
    changes: dict[str, Any],
    *,
    at: datetime,
) -> None:
    audit.record(
        actor,
        event,
        Subject("competition", competition.reference),
        {**changes, "version": kept.version, "sha256": kept.sha256},
        at=at,
        stream=competition_stream(competition.reference),
    )
