"""The opening keys: made before the ITN, and rehearsed by those who will open with them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.competition import queries as competitions
from commissioning.competition import services as competing
from commissioning.competition.models import Competition
from commissioning.identity import queries as identities
from commissioning.identity.domain import keys
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import Conflict
from commissioning.permissions import Permission, require
from commissioning.submission import queries
from commissioning.submission.domain.sealing import (
    FIRST_ROUND,
    Envelope,
    SealBroken,
    open_document,
    seal_document,
)
from commissioning.submission.models import OpeningAttendance, OpeningKey
from commissioning.submission.queries import Ceremony
from commissioning.submission.services import custody

REHEARSAL, OPENING, RENEWAL = "rehearsal", "opening", "renewal"


def prepare_opening_keys(
    actor: Actor, competition: str, *, clock: Clock
) -> dict[Envelope, OpeningKey]:
    """The lead has the pair of keys of each envelope made, once every key holder is named.

    Five holders in the full procedure, three in the short form. The digest of the public halves
    enters the competition's record. Where the holders have changed since, the pairs are made anew
    and rehearsed again. Raises Conflict where holders are missing, or the keys stand.
    """
    now = clock.now()
    contest = competitions.competition_for_change(competition)
    require(actor, Permission.SUBMISSION_PREPARE_KEYS, competitions.facts(contest, now))
    named, (needed, threshold) = (
        len(competitions.key_holders(contest)),
        competitions.key_holders_needed(contest),
    )
    if named != needed:
        raise Conflict(
            f"This procedure takes exactly {needed} key holders, and {named} are named. Name "
            f"{needed} people as key holders first."
        )
    if contest.opening_keys_sha256 is not None:
        raise Conflict("The opening keys are prepared already.")
    _discard_keys(contest)
    holders = _public_keys_of_holders(contest)
    made = {envelope: _new_key(contest, envelope, threshold, holders, now) for envelope in Envelope}
    db.session.flush()
    sha256 = queries.digest_of_keys(made)
    audit.record(
        actor,
        Event.OPENING_KEYS_PREPARED,
        Subject("competition", contest.reference),
        {"sha256": sha256, "threshold": threshold, "holders": needed},
        at=now,
        stream=competition_stream(contest.reference),
    )
    competing.record_opening_keys(actor, contest, sha256=sha256, at=now)
    return made


def _discard_keys(competition: Competition) -> None:
    """Let go of pairs that no bid was ever sealed to, and of the rehearsal held with them."""
    for envelope, row in queries.opening_keys(competition).items():
        db.session.delete(row)
        for attendance in queries.attendances(competition, envelope, REHEARSAL):
            db.session.delete(attendance)
    db.session.flush()


def _new_key(
    competition: Competition,
    envelope: Envelope,
    threshold: int,
    holders: Mapping[str, bytes],
    at: datetime,
) -> OpeningKey:
    pair = keys.new_key_pair()
    row = OpeningKey(
        competition=competition,
        round=FIRST_ROUND,
        envelope=envelope.value,
        public_key=pair.public,
        threshold=threshold,
        made_at=at,
    )
    db.session.add(row)
    custody.entrust(row, pair.private, holders, at=at)
    return row


def _public_keys_of_holders(competition: Competition) -> dict[str, bytes]:
    """Every holder's own public key; Conflict while one has never signed in."""
    named = competitions.key_holders(competition)
    found = identities.public_keys_of(named)
    missing = [one for one in named if one not in found]
    if missing:
        names = ", ".join(identities.names_of(missing).values())
        raise Conflict(
            f"A share is sealed to its holder’s own key, and {names} has none yet. Ask them to "
            "accept the invitation and to sign in once."
        )
    return found


def join_rehearsal(actor: Actor, competition: str, *, clock: Clock) -> Ceremony:
    """A key holder joins the rehearsal; at the threshold a dummy envelope of each kind is opened.

    That it opens shows, before anybody bids, that this competition's bids can be opened. Joining
    again changes nothing. Raises Conflict before the keys are prepared, or when a key fails.
    """
    now = clock.now()
    contest = competitions.competition_for_change(competition)
    require(actor, Permission.SUBMISSION_HOLD_REHEARSAL, competitions.facts(contest, now))
    prepared = queries.opening_keys(contest)
    if not prepared or contest.opening_keys_sha256 is None:
        raise Conflict("The opening keys are not prepared yet. Ask the lead to prepare them.")
    has_joined = [attend(actor, contest, row, REHEARSAL, now) for row in prepared.values()]
    ceremony = queries.ceremony(contest, Envelope.QUALITY, REHEARSAL)
    if any(has_joined):
        audit.record(
            actor,
            Event.REHEARSAL_JOINED,
            Subject("competition", contest.reference),
            {"joined": len(ceremony.joined), "threshold": ceremony.threshold},
            at=now,
            stream=competition_stream(contest.reference),
        )
    if ceremony.is_done:
        return ceremony  # whoever comes later has shown that their share opens
    if not ceremony.is_met:
        leave_shares(actor, contest, REHEARSAL)
    else:
        for row in prepared.values():
            _rehearse(actor, contest, row, ceremony, at=now)
        audit.record(
            actor,
            Event.REHEARSAL_HELD,
            Subject("competition", contest.reference),
            {"holders": list(ceremony.joined)},
            at=now,
            stream=competition_stream(contest.reference),
        )
        competing.record_rehearsal(actor, contest, at=now)
    return ceremony


def attend(
    actor: Actor, competition: Competition, key: OpeningKey, purpose: str, at: datetime
) -> bool:
    """Note that a holder has joined with their share, once; False for one who had joined before.

    A step of a ceremony, authorised and recorded there. The share is not written down: it is used
    at once by whoever completes the ceremony, or left for that holder (`leave_shares`). Raises
    KeyLocked and Conflict where the holder's session does not open their share.
    """
    present = queries.attendances(competition, Envelope(key.envelope), purpose)
    if any(row.holder == actor.reference for row in present):
        return False
    custody.own_share(actor, key)
    db.session.add(
        OpeningAttendance(
            competition_id=competition.id,
            round=FIRST_ROUND,
            envelope=key.envelope,
            purpose=purpose,
            holder=actor.reference,
            joined_at=at,
        )
    )
    db.session.flush()
    return True


def leave_shares(actor: Actor, competition: Competition, purpose: str) -> None:
    """A holder who has joined a ceremony that is not complete leaves their shares for the others.

    Of an opening only the envelope that the holder has joined. A step of that ceremony.
    """
    for envelope, key in queries.opening_keys(competition).items():
        for attendance in queries.attendances(competition, envelope, purpose):
            if attendance.holder == actor.reference and attendance.released is None:
                custody.hand_over(actor, key, attendance)
    db.session.flush()


def _rehearse(
    actor: Actor,
    competition: Competition,
    row: OpeningKey,
    ceremony: Ceremony,
    *,
    at: datetime,
) -> None:
    """Open a dummy with the key; then every holder gets a fresh share.

    What has waited for the rehearsal goes together with none of the fresh ones.
    """
    purpose = f"rehearsal {competition.reference} {row.round} {row.envelope}"
    dummy = {"envelope": row.envelope, "competition": competition.reference}
    sealed = seal_document(row.public_key, dummy, purpose=purpose)
    present = queries.attendances(competition, Envelope(row.envelope), REHEARSAL)
    released = custody.put_together(actor, row, present, joined=ceremony.joined)
    if released is None:
        raise Conflict(
            "The shares of those who have joined do not give the key. Name another key holder, so "
            "that the keys are prepared again, before the ITN is issued."
        )
    try:
        opened = open_document(released.private_key, sealed, purpose=purpose)
    except SealBroken as error:
        raise Conflict(
            "The rehearsal envelope did not open. Prepare new keys before the ITN is issued."
        ) from error
    if opened != dummy:
        raise Conflict("The rehearsal envelope held something else. Call the operator.")
    counted = [one for one in present if one.holder in ceremony.joined]
    custody.renew(actor, row, counted, _public_keys_of_holders(competition), at=at)
    custody.forget(present)
