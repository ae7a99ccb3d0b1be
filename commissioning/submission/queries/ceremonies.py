"""The opening keys, and who has joined a rehearsal or an opening."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from commissioning.competition import queries as competitions
from commissioning.competition.models import Competition
from commissioning.identity import queries as identities
from commissioning.infrastructure import vault
from commissioning.infrastructure.database import db
from commissioning.kernel.canonical import sha256_hex
from commissioning.permissions import has_conflict
from commissioning.submission.domain.sealing import FIRST_ROUND, Envelope
from commissioning.submission.models import (
    HolderReplacement,
    OpeningAttendance,
    OpeningKey,
    opening_key_place,
)
from commissioning.submission.queries.reached import OPENED_FROM, has_reached

_PUBLIC_KEYS = select(OpeningKey.envelope, OpeningKey.vouched_key).where(
    OpeningKey.competition_id == bindparam("competition"), OpeningKey.round == FIRST_ROUND
)


def opening_keys(competition: Competition) -> dict[Envelope, OpeningKey]:
    """The opening keys of the round by envelope; empty before they are prepared."""
    rows = db.session.scalars(
        select(OpeningKey).where(
            OpeningKey.competition_id == competition.id, OpeningKey.round == FIRST_ROUND
        )
    )
    found = {row.envelope: row for row in rows}
    return {envelope: found[envelope.value] for envelope in Envelope if envelope.value in found}


def public_opening_keys(competition: Competition) -> dict[Envelope, bytes]:
    """What bids are sealed to, by envelope, in one statement; KeyNotOurs for one put there."""
    rows = db.session.execute(_PUBLIC_KEYS, {"competition": competition.id})
    found = {
        name: vault.vouched(kept, of=opening_key_place(competition.reference, FIRST_ROUND, name))
        for name, kept in rows.tuples()
    }
    return {envelope: found[envelope.value] for envelope in Envelope if envelope.value in found}


def digest_of_keys(opening_keys: Mapping[Envelope, OpeningKey]) -> str:
    """The SHA-256 over the public opening keys, as the record, the ITN and each receipt name it."""
    return digest_of_public_keys({name: row.public_key for name, row in opening_keys.items()})


def digest_of_public_keys(public_keys: Mapping[Envelope, bytes]) -> str:
    """The same SHA-256, over the keys themselves."""
    return sha256_hex({name.value: key.hex() for name, key in public_keys.items()})


def share_holders(competition: Competition) -> list[str]:
    """Who holds a share of the keys, in the order of the shares; empty before they are prepared."""
    keys = opening_keys(competition)
    return [share.holder for share in keys[Envelope.QUALITY].shares] if keys else []


@dataclass(frozen=True, slots=True)
class Holding:
    """A holder of shares, and whether the shares are sealed to the key that the person has now."""

    holder: str
    opens: bool


def holdings(competition: Competition) -> list[Holding]:
    """Who holds shares, and whose still open: a reset of the password makes another key."""
    keys = opening_keys(competition)
    own = identities.public_keys_of(share_holders(competition))
    sealed_to: dict[str, set[bytes]] = {}
    for key in keys.values():
        for share in key.shares:
            sealed_to.setdefault(share.holder, set()).add(share.sealed_to)
    return [Holding(holder, found == {own.get(holder)}) for holder, found in sealed_to.items()]


def open_replacement(competition: Competition) -> HolderReplacement | None:
    """The replacement of a key holder that waits to be done, if there is one."""
    return open_replacements(competition).get(competition.id)


def open_replacements(*competitions_: Competition) -> dict[int, HolderReplacement]:
    """The replacements that wait to be done, by competition, where there is one."""
    rows = db.session.scalars(
        select(HolderReplacement).where(
            HolderReplacement.competition_id.in_([row.id for row in competitions_]),
            HolderReplacement.done_at.is_(None),
            HolderReplacement.dropped_at.is_(None),
        )
    )
    return {row.competition_id: row for row in rows}


def joined_by(person: str, *competitions_: Competition) -> set[tuple[int, Envelope, str]]:
    """What a person has joined as a present key holder: (competition, envelope, purpose)."""
    holders = competitions.key_holders_of_each(*competitions_)
    rows = db.session.execute(
        select(
            OpeningAttendance.competition_id, OpeningAttendance.envelope, OpeningAttendance.purpose
        ).where(
            OpeningAttendance.competition_id.in_(holders),
            OpeningAttendance.round == FIRST_ROUND,
            OpeningAttendance.holder == person,
        )
    )
    return {
        (competition, Envelope(envelope), purpose)
        for competition, envelope, purpose in rows
        if person in holders[competition]
    }


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
    """How far a rehearsal or an opening has come; it says nothing about bids.

    Who has declared an interest since they joined counts no more.
    """
    holders = tuple(competitions.key_holders(competition))
    _, threshold = competitions.key_holders_needed(competition)
    facts = competitions.facts(competition, competition.stage_since)
    is_done = {
        "rehearsal": lambda: competition.rehearsed_at is not None,
        "opening": lambda: has_reached(competition, OPENED_FROM[envelope]),
        "renewal": lambda: open_replacement(competition) is None,
    }[purpose]()
    return Ceremony(
        envelope,
        holders,
        tuple(
            row.holder
            for row in attendances(competition, envelope, purpose)
            if row.holder in holders and not has_conflict(row.holder, facts)
        ),
        threshold,
        is_done,
    )
