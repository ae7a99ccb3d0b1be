"""The opening keys, and who has joined a rehearsal or an opening."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from commissioning.competition import queries as competitions
from commissioning.competition.models import Competition
from commissioning.infrastructure.database import db
from commissioning.submission.domain.sealing import FIRST_ROUND, Envelope
from commissioning.submission.models import (
    OpeningAttendance,
    OpeningKey,
)
from commissioning.submission.queries.reached import OPENED_FROM, has_reached


def opening_keys(competition: Competition) -> dict[Envelope, OpeningKey]:
    """The opening keys of the round by envelope; empty before they are prepared."""
    rows = db.session.scalars(
        select(OpeningKey).where(
            OpeningKey.competition_id == competition.id, OpeningKey.round == FIRST_ROUND
        )
    )
    found = {row.envelope: row for row in rows}
    return {envelope: found[envelope.value] for envelope in Envelope if envelope.value in found}


def attendances(
    competition: Competition, envelope: Envelope, purpose: str
) -> Sequence[OpeningAttendance]:
    """Who has joined a rehearsal or an opening, in the order of joining."""
    return db.session.scalars(
        select(OpeningAttendance)
        .where(
            OpeningAttendance.competition_id == competition.id,
            OpeningAttendance.round == FIRST_ROUND,
            OpeningAttendance.envelope == envelope.value,
            OpeningAttendance.purpose == purpose,
        )
        .order_by(OpeningAttendance.id)
    ).all()


@dataclass(frozen=True, slots=True)
class Ceremony:
    """A rehearsal or an opening as it stands: who holds keys, who has joined, how many it takes.

    `joined` are the references of present key holders, in the order of joining; whoever has lost
    the role since does not count.
    """

    envelope: Envelope
    holders: tuple[str, ...]
    joined: tuple[str, ...]
    threshold: int
    is_done: bool

    @property
    def is_met(self) -> bool:
        """Whether as many have joined as it takes."""
        return len(self.joined) >= self.threshold


def ceremony(competition: Competition, envelope: Envelope, purpose: str) -> Ceremony:
    """How far a rehearsal or an opening has come; it says nothing about bids."""
    holders = tuple(competitions.key_holders(competition))
    _, threshold = competitions.key_holders_needed(competition)
    is_done = (
        competition.rehearsed_at is not None
        if purpose == "rehearsal"
        else has_reached(competition, OPENED_FROM[envelope])
    )
    return Ceremony(
        envelope,
        holders,
        tuple(
            row.holder
            for row in attendances(competition, envelope, purpose)
            if row.holder in holders
        ),
        threshold,
        is_done,
    )
