"""Interests that people declare, each for themselves."""

from __future__ import annotations

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.competition import queries as competition_queries
from commissioning.competition import services as competition_services
from commissioning.competition.models import Interest
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
    declaration is taken all the same. Nobody takes a declaration back. Raises BadInput at
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
