"""Who the bidder is, for which lot, and whether there is still time.

Every act of a bidder begins here. One row of the organisation is locked, so that two of its people
who write at the same moment do so one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from commissioning.competition import queries as competitions
from commissioning.competition.domain.timetable import LONDON, TimetableEvent
from commissioning.competition.models import Competition, Lot
from commissioning.identity import queries as identities
from commissioning.identity.models import Organisation
from commissioning.kernel.actor import Actor
from commissioning.kernel.errors import Conflict
from commissioning.kernel.stage import Stage
from commissioning.permissions import Facts, Permission, may, require
from commissioning.submission import queries

_MOMENT_BEFORE = timedelta(microseconds=1)


class TooLate(Conflict):
    """What arrived at the deadline or after it is not taken; the sentence names both instants.

    `standing` is where the bidder stood, for whoever records the attempt.
    """

    def __init__(self, sentence: str, standing: Standing | None = None) -> None:
        super().__init__(sentence)
        self.standing = standing


@dataclass(frozen=True, slots=True)
class Standing:
    """A bidder in a competition, for one lot where that matters, with the facts of the moment."""

    competition: Competition
    organisation: Organisation
    lot: Lot | None
    facts: Facts
    open_stage: Stage
    deadline: datetime | None


def for_pqq(competition: str, organisation: str, at: datetime, *, lock: bool = False) -> Standing:
    """Where a bidder stands in the PQQ at an instant; NotFound for an unknown reference."""
    return _standing(competition, organisation, None, at, lock=lock)


def for_bid(
    competition: str, lot: str, organisation: str, at: datetime, *, lock: bool = False
) -> Standing:
    """Where a bidder stands for a lot at an instant; NotFound for an unknown reference."""
    return _standing(competition, organisation, lot, at, lock=lock)


def _standing(
    competition: str, organisation: str, lot: str | None, at: datetime, *, lock: bool
) -> Standing:
    find = competitions.competition_held if lock else competitions.competition_by_reference
    contest = find(competition)
    bidder = bidder_of(organisation, lock=lock)
    chosen, is_admitted = None, False
    if lot is not None:
        chosen, is_admitted = competitions.lot_for(contest, lot, bidder.reference)
    event = TimetableEvent.PQQ_DEADLINE if chosen is None else TimetableEvent.ITN_DEADLINE
    deadline = competitions.deadline_of(contest, event)
    facts = competitions.facts(
        contest,
        at,
        organisation=bidder.reference,
        is_suspended=bidder.status == "suspended",
        is_admitted=is_admitted,
    )
    return Standing(
        contest,
        bidder,
        chosen,
        facts,
        Stage.PQQ_OPEN if chosen is None else Stage.ITN_OPEN,
        None if deadline is None else deadline.instant_utc,
    )


def bidder_of(reference: str, *, lock: bool) -> Organisation:
    """The organisation; locked, its people's acts come one after the other. NotFound."""
    if lock:
        return identities.organisation_held(reference)
    return identities.organisation_by_reference(reference)


def own_standing(
    actor: Actor, competition: str, organisation: str, *, lot: str | None = None, at: datetime
) -> Standing:
    """Where a bidder stands at an instant, for its own people: in the PQQ, or for a lot.

    Raises NotFound where the competition is not published, and for anybody else.
    """
    standing = _standing(competition, organisation, lot, at, lock=False)
    permission = (
        Permission.SUBMISSION_READ_OWN_PQQ if lot is None else Permission.SUBMISSION_READ_OWN_BID
    )
    queries.require_own(actor, permission, standing.competition, organisation)
    return standing


def require_in_time(actor: Actor, permission: Permission, standing: Standing) -> None:
    """A bidder's act is taken before the deadline, and not at it.

    Raises TooLate, with both instants, where the deadline alone stands in the way; Forbidden where
    anything else does.
    """
    if is_too_late(actor, permission, standing):
        raise TooLate(late_sentence(standing), standing)
    require(actor, permission, standing.facts)


def is_too_late(actor: Actor, permission: Permission, standing: Standing) -> bool:
    """Whether nothing but the deadline keeps the actor from doing this.

    It came at the deadline or later; or it came in time, and the service had closed the stage
    before it could be stored.
    """
    facts, deadline = standing.facts, standing.deadline
    if deadline is None or facts.now is None or facts.stage is None:
        return False
    if facts.stage is standing.open_stage and facts.now < deadline:
        return False
    if not facts.stage.is_at_or_after(standing.open_stage):
        return False
    now = min(facts.now, deadline - _MOMENT_BEFORE)
    in_time = replace(facts, stage=standing.open_stage, now=now, deadline=deadline)
    return may(actor, permission, in_time)


def late_sentence(standing: Standing) -> str:
    """When the deadline was, when this arrived, and what stands."""
    deadline, now = standing.deadline, standing.facts.now
    if deadline is None or now is None:
        raise ValueError("Only what has a deadline can be late.")
    if now < deadline:
        return (
            f"This was received at {instant_in_words(now)}, before the deadline, but the service "
            "could not store it before it closed. It does not count by itself: tell the authority "
            "at once and name this instant, which is on the record."
        )
    return (
        f"The deadline was {instant_in_words(deadline)} and this was received at "
        f"{instant_in_words(now)}, so it came too late. What you submitted before the deadline "
        "stands."
    )


def instant_in_words(instant: datetime) -> str:
    """An instant to the thousandth of a second, in the time of the United Kingdom."""
    local = instant.astimezone(ZoneInfo(LONDON))
    clock_time = f"{local:%H:%M:%S}.{local.microsecond // 1000:03d}"
    return f"{clock_time} on {local:%A} {local.day} {local:%B %Y} (UK time)"
