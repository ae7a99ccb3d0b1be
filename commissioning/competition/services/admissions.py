"""Facts that later contexts establish and a competition keeps: keys, admissions, interests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.competition import queries
from commissioning.competition.models import Admission, Competition, Interest
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.errors import Conflict, NotFound
from commissioning.kernel.stage import Stage


def record_opening_keys(
    actor: Actor, competition: Competition, *, sha256: str, at: datetime
) -> None:
    """The ITN waits for the opening keys: their digest is kept, and published with the ITN.

    Called by the service that makes the keys, which has authorised it. New keys have to be
    rehearsed again. Raises Conflict once the ITN is issued.
    """
    _refuse_after_issue(competition)
    competition.opening_keys_sha256 = sha256
    competition.rehearsed_at = None
    db.session.flush()
    _record(actor, Event.OPENING_KEYS_RECORDED, competition, {"sha256": sha256}, at)


def record_rehearsal(actor: Actor, competition: Competition, *, at: datetime) -> None:
    """The ITN waits until an opening was rehearsed with the very keys that will open the bids.

    Called by the service of the rehearsal, which has authorised it. Raises Conflict where there
    are no keys, or the ITN is issued.
    """
    _refuse_after_issue(competition)
    if competition.opening_keys_sha256 is None:
        raise Conflict("There are no opening keys to rehearse with. Prepare them first.")
    competition.rehearsed_at = at
    db.session.flush()
    _record(
        actor,
        Event.REHEARSAL_RECORDED,
        competition,
        {"opening_keys_sha256": competition.opening_keys_sha256},
        at,
    )


def record_interest(
    actor: Actor,
    competition: Competition,
    *,
    organisation: str | None,
    statement: str,
    at: datetime,
) -> Interest:
    """What somebody declared of themselves is kept with the competition, and never taken back.

    Called by the service of the declaration, which has authorised it; it is recorded by that
    service. From the next look on the policy asks for it in every act on the competition.
    """
    interest = Interest(
        competition_id=competition.id,
        person=actor.reference,
        organisation=organisation,
        statement=statement,
        declared_at=at,
    )
    db.session.add(interest)
    db.session.flush()
    return interest


def record_admissions(
    actor: Actor,
    competition: Competition,
    admissions: Iterable[tuple[str, str, int | None]],
    *,
    how: str = "shortlist",
    at: datetime,
) -> list[Admission]:
    """Only whoever is admitted to a lot may bid for it.

    Called by the service that decides who goes on, which has authorised it. `admissions` are
    (lot, organisation, funding proved in pence); the funding is the same on every row of one
    organisation. Raises NotFound on an unknown lot or organisation, Conflict on a second admission
    of the same pair or on two amounts of funding of one organisation.
    """
    wanted = list(admissions)
    lots = {lot.reference: lot for lot in competition.lots}
    funding: dict[str, int | None] = {}
    for lot, organisation, proved in wanted:
        if lot not in lots:
            raise NotFound
        if funding.setdefault(organisation, proved) != proved:
            raise Conflict("An organisation proves one amount of funding in a competition.")
    if len({(lot, organisation) for lot, organisation, _ in wanted}) < len(wanted):
        raise Conflict("An organisation is admitted to a lot once.")
    organisations = queries.organisations_named(funding)
    if organisations.keys() != funding.keys():
        raise NotFound
    before = {
        (row.lot.reference, row.organisation.reference)
        for row in queries.admissions_of(competition)
    }
    if before & {(lot, organisation) for lot, organisation, _ in wanted}:
        raise Conflict("An organisation is admitted to a lot once.")
    rows = [
        Admission(
            competition_id=competition.id,
            lot=lots[lot],
            organisation=organisations[organisation],
            how=how,
            proved_funding_pence=proved,
            admitted_at=at,
        )
        for lot, organisation, proved in wanted
    ]
    db.session.add_all(rows)
    db.session.flush()
    admitted: dict[str, list[str]] = {}
    for lot, organisation, _ in wanted:
        admitted.setdefault(organisation, []).append(lot)
    _record(actor, Event.ADMISSIONS_RECORDED, competition, {"how": how, "admitted": admitted}, at)
    return rows


def _refuse_after_issue(competition: Competition) -> None:
    if Stage(competition.stage).is_at_or_after(Stage.ITN_OPEN):
        raise Conflict("The ITN is issued with the opening keys that it names; they stay.")


def _record(
    actor: Actor, event: Event, competition: Competition, changes: dict[str, object], at: datetime
) -> None:
    audit.record(
        actor,
        event,
        Subject("competition", competition.reference),
        changes,
        at=at,
        stream=competition_stream(competition.reference),
    )
