"""Replacing a key holder once bids may be sealed: a ceremony of the threshold gives fresh shares.

The key stays the same and is not put together: those present make fresh shares of it for the new
circle, and the shares of before go with none of them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.competition import queries as competitions
from commissioning.competition import services as competing
from commissioning.competition.models import Competition
from commissioning.identity import queries as identities
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, Conflict, MoveRefused
from commissioning.kernel.references import new_reference
from commissioning.permissions import Permission, require
from commissioning.submission import queries
from commissioning.submission.domain.sealing import FIRST_ROUND, Envelope
from commissioning.submission.models import HolderReplacement
from commissioning.submission.queries import Ceremony
from commissioning.submission.services import custody
from commissioning.submission.services.keys import OPENING, RENEWAL, attend, leave_shares


def propose_replacement(
    actor: Actor, competition: str, *, leaving: str, joining: str, reason: str, clock: Clock
) -> HolderReplacement:
    """The lead proposes who takes a key holder's share; once approved, the holders make it so.

    `leaving` and `joining` are references of people; the same one twice asks for a fresh share,
    such as after a reset of the password. From the issue of the ITN until the price envelopes are
    open; before, the keys are simply prepared again. Raises BadInput at `leaving`, `joining` or
    `reason`, and Conflict while another replacement waits.
    """
    now = clock.now()
    contest = competitions.competition_for_change(competition)
    require(actor, Permission.SUBMISSION_REPLACE_HOLDER, competitions.facts(contest, now))
    if queries.open_replacement(contest) is not None:
        raise MoveRefused("A replacement waits already. Let it be done, or drop it first.")
    holders = queries.share_holders(contest)
    if leaving not in holders:
        raise BadInput("leaving", "Choose somebody who holds a share.")
    if joining != leaving:
        if joining in holders:
            raise BadInput("joining", "Choose somebody who holds no share yet.")
        competing.require_may_hold_keys(contest, joining)
    if joining not in identities.public_keys_of([joining]):
        raise BadInput("joining", "Ask them to sign in once first: a share is sealed to their key.")
    if not reason.strip():
        raise BadInput("reason", "Enter why the holder is replaced.")
    row = HolderReplacement(
        reference=new_reference("HLD"),
        competition_id=contest.id,
        round=FIRST_ROUND,
        leaving=leaving,
        joining=joining,
        reason=reason.strip(),
        proposed_by=actor.reference,
        proposed_at=now,
    )
    db.session.add(row)
    db.session.flush()
    _record(actor, Event.HOLDER_REPLACEMENT_PROPOSED, contest, row, at=now, reason=row.reason)
    return row


def approve_replacement(
    actor: Actor, competition: str, replacement: str, *, clock: Clock
) -> HolderReplacement:
    """A second person approves who takes over a share, before the holders make it so.

    `replacement` is the reference of what was read. Raises Forbidden for whoever proposed it,
    Conflict for another replacement than the one that waits, and for one approved already.
    """
    now = clock.now()
    contest = competitions.competition_for_change(competition)
    row = queries.open_replacement(contest)
    proposer = None if row is None else row.proposed_by
    require(
        actor,
        Permission.SUBMISSION_APPROVE_REPLACEMENT,
        competitions.facts(contest, now, proposer=proposer),
    )
    row = _waiting(contest)
    if row.reference != replacement or row.approved_by is not None:
        raise MoveRefused("This replacement has changed since you read it. Read the page again.")
    row.approved_by, row.approved_at = actor.reference, now
    db.session.flush()
    _record(actor, Event.HOLDER_REPLACEMENT_APPROVED, contest, row, at=now)
    return row


def drop_replacement(actor: Actor, competition: str, *, clock: Clock) -> None:
    """The lead drops a replacement that waits; who has joined it is forgotten."""
    now = clock.now()
    contest = competitions.competition_for_change(competition)
    require(actor, Permission.SUBMISSION_REPLACE_HOLDER, competitions.facts(contest, now))
    row = _waiting(contest)
    row.dropped_at = now
    _forget_those_present(contest, RENEWAL)
    _record(actor, Event.HOLDER_REPLACEMENT_DROPPED, contest, row, at=now)


def join_replacement(actor: Actor, competition: str, *, clock: Clock) -> Ceremony:
    """A key holder joins a replacement with their share; at the threshold it is done.

    Every holder of the new circle then has a fresh share of each key, and the role passes on with
    it. Whoever had joined an opening that waits joins it again. Joining twice counts
    once. Raises Conflict where none waits, or where a share does not open.
    """
    now = clock.now()
    contest = competitions.competition_for_change(competition)
    require(actor, Permission.SUBMISSION_RENEW_SHARES, competitions.facts(contest, now))
    row = _waiting(contest)
    if row.approved_by is None:
        raise Conflict("The approver has not approved this replacement yet.")
    keys = queries.opening_keys(contest)
    has_joined = [attend(actor, contest, key, RENEWAL, now) for key in keys.values()]
    ceremony = queries.ceremony(contest, Envelope.QUALITY, RENEWAL)
    if any(has_joined):
        _record(
            actor,
            Event.HOLDER_REPLACEMENT_JOINED,
            contest,
            row,
            at=now,
            joined=len(ceremony.joined),
            threshold=ceremony.threshold,
        )
    if ceremony.is_met:
        _replace(actor, contest, row, ceremony, clock=clock)
    else:
        leave_shares(actor, contest, RENEWAL)
    return ceremony


def _replace(
    actor: Actor,
    competition: Competition,
    row: HolderReplacement,
    ceremony: Ceremony,
    *,
    clock: Clock,
) -> None:
    at = clock.now()
    circle = [
        row.joining if holder == row.leaving else holder
        for holder in queries.share_holders(competition)
    ]
    public_keys = identities.public_keys_of(circle)
    if len(public_keys) != len(circle):
        raise Conflict("One of the new circle has no key of their own. Drop this replacement.")
    for envelope, key in queries.opening_keys(competition).items():
        present = [
            one
            for one in queries.attendances(competition, envelope, RENEWAL)
            if one.holder in ceremony.joined
        ]
        custody.renew(actor, key, present, public_keys, at=at)
    _forget_those_present(competition, RENEWAL)
    _forget_those_present(competition, OPENING)
    if row.joining != row.leaving:
        competing.pass_on_key_holding(
            actor, competition, leaving=row.leaving, joining=row.joining, clock=clock
        )
    row.done_at = at
    db.session.flush()
    _record(actor, Event.HOLDER_REPLACED, competition, row, at=at, holders=list(ceremony.joined))


def _forget_those_present(competition: Competition, purpose: str) -> None:
    """Nobody has joined any more; an opening that has happened keeps who was there."""
    for envelope in Envelope:
        if purpose == OPENING and queries.ceremony(competition, envelope, OPENING).is_done:
            continue
        for attendance in queries.attendances(competition, envelope, purpose):
            db.session.delete(attendance)
    db.session.flush()


def _waiting(competition: Competition) -> HolderReplacement:
    row = queries.open_replacement(competition)
    if row is None:
        raise Conflict("No replacement of a key holder waits.")
    return row


def _record(
    actor: Actor,
    event: Event,
    competition: Competition,
    row: HolderReplacement,
    *,
    at: datetime,
    **told: Any,
) -> None:
    audit.record(
        actor,
        event,
        Subject("holder_replacement", row.reference),
        {"leaving": row.leaving, "joining": row.joining, **told},
        at=at,
        stream=competition_stream(competition.reference),
    )
