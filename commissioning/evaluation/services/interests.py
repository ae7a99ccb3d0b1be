"""Interests: each person declares their own; two others decide what it keeps the person from."""

from __future__ import annotations

from collections.abc import Collection

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.competition import queries as competition_queries
from commissioning.competition import services as competition_services
from commissioning.competition.domain.interests import Outcome
from commissioning.competition.domain.lifecycle import INTEREST
from commissioning.competition.models import Competition, Decision, Interest
from commissioning.identity import queries as identity_queries
from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, NotFound
from commissioning.permissions import Permission, require


def declare_interest(
    actor: Actor,
    competition: str,
    *,
    organisation: str | None,
    statement: str,
    clock: Clock,
) -> Interest:
    """Whoever has an interest in a bidder, or in the competition, declares it and loses access.

    Access ends with the declaration itself, at the next look: to what the bidder sent in, and to
    every answer that competes with it; to everything where `organisation` is None, and to every act
    and figure that concerns all bidders. A competition may lose its last lead by it: the
    declaration is taken all the same. Nobody takes a declaration back; two others may decide that
    it is no conflict (`approve_interest_decision`). Raises BadInput at
    `organisation` or `statement`.
    """
    now = clock.now()
    row = competition_queries.competition_by_reference(competition)
    require(actor, Permission.EVALUATION_DECLARE_INTEREST, competition_queries.facts(row, now))
    if organisation is not None:
        try:
            identity_queries.organisation_by_reference(organisation)
        except NotFound:
            raise BadInput("organisation", "Choose one of the organisations shown.") from None
    if not statement.strip():
        raise BadInput("statement", "Say in a sentence what the interest is.")
    interest = competition_services.record_interest(
        actor, row, organisation=organisation, statement=statement.strip(), at=now
    )
    audit.record(
        actor,
        Event.INTEREST_DECLARED,
        Subject("competition", competition),
        {"organisation": organisation},
        at=now,
        stream=competition_stream(competition),
    )
    return interest


def propose_interest_decision(
    actor: Actor,
    competition: str,
    interest: int,
    outcome: Outcome,
    *,
    lots: Collection[str] = (),
    bidders: Collection[str] = (),
    reason: str,
    clock: Clock,
) -> Decision:
    """The lead proposes whether a declared interest is a conflict; never the person concerned.

    `interest` is its number. With `Outcome.PART` the bar is lifted for the `lots` named and, where
    the interest is in the competition as a whole, for the `bidders` named. The person stays barred
    until a second person has approved. Raises NotFound, Forbidden, MoveRefused while another
    proposal of this kind is open, and BadInput at `reason`, `outcome`, `lots` or `bidders`.
    """
    now = clock.now()
    row = competition_queries.competition_for_change(competition)
    declared = competition_queries.interest_by_id(row, interest)
    facts = competition_queries.facts(row, now, person=declared.person)
    require(actor, Permission.EVALUATION_PROPOSE_INTEREST, facts)
    _refuse_unfit(row, declared, outcome, lots, bidders)
    is_part = outcome is Outcome.PART
    return competition_services.open_decision(
        actor,
        row,
        INTEREST,
        payload={
            "interest": declared.id,
            "person": declared.person,
            "organisation": declared.organisation,
            "outcome": outcome.value,
            "lots": sorted(lots) if is_part else [],
            "bidders": sorted(bidders) if is_part else [],
        },
        reason=competition_services.needed_reason(reason, "Say why it is, or is not, a conflict."),
        clock=clock,
    )


def approve_interest_decision(
    actor: Actor, decision: str, *, reason: str = "", clock: Clock
) -> Decision:
    """A second person decides what a declared interest keeps its person from.

    Neither the one who proposed nor the person concerned. What is approved last holds; a new
    declaration bars anew. Raises NotFound, Forbidden and MoveRefused.
    """
    now = clock.now()
    taken = competition_services.take_up_decision(actor, decision, INTEREST, clock=clock)
    competition_services.close_decision(actor, taken, approved=True, reason=reason, clock=clock)
    audit.record(
        actor,
        Event.INTEREST_DECIDED,
        Subject("decision", taken.reference),
        {**taken.payload, "proposed_by": taken.proposed_by, "reason": taken.reason},
        at=now,
        stream=competition_stream(taken.competition.reference),
    )
    return taken


def _refuse_unfit(
    competition: Competition,
    declared: Interest,
    outcome: Outcome,
    lots: Collection[str],
    bidders: Collection[str],
) -> None:
    if outcome is not Outcome.PART:
        return
    known = {lot.reference for lot in competition.lots}
    if not set(lots) <= known:
        raise BadInput("lots", "Choose lots of this competition.")
    if bidders and declared.organisation is not None:
        raise BadInput("bidders", "This interest is in one organisation: lift it for lots.")
    admissions = competition_queries.admissions_of(competition)
    if not set(bidders) <= {row.organisation.reference for row in admissions}:
        raise BadInput("bidders", "Choose bidders that are shortlisted in this competition.")
    if not lots and not bidders:
        raise BadInput("lots", "Choose at least one lot or bidder for which the bar is lifted.")
