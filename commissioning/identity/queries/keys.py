"""Reading who holds an organisation's key, who is invited, and what waits for that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import contains_eager

from commissioning.identity.domain.ties import Standing
from commissioning.identity.models import (
    Invitation,
    Organisation,
    OrganisationKeyWrap,
    RecoveryCode,
    User,
)
from commissioning.identity.queries.organisations import (
    facts,
    organisation_by_reference,
    ties_to_answer,
)
from commissioning.identity.queries.people import people_of
from commissioning.infrastructure.database import db
from commissioning.infrastructure.outbox import OutboxMessage
from commissioning.kernel.actor import Actor
from commissioning.kernel.waiting import WaitingItem
from commissioning.permissions import Facts, Permission, may

_WRAP = (
    select(OrganisationKeyWrap.wrapped_key)
    .join(Organisation, OrganisationKeyWrap.organisation_id == Organisation.id)
    .join(User, OrganisationKeyWrap.user_id == User.id)
    .where(Organisation.reference == bindparam("organisation"), User.reference == bindparam("user"))
)


def key_wrap(organisation: str, user: str) -> bytes | None:
    """The organisation's key as it is sealed to one member; None where it is not."""
    return db.session.scalar(_WRAP, {"organisation": organisation, "user": user})


def key_holders_of(organisation: str) -> frozenset[str]:
    """The references of the people who can open what the organisation has sealed."""
    return frozenset(
        db.session.scalars(
            select(User.reference)
            .join(OrganisationKeyWrap, OrganisationKeyWrap.user_id == User.id)
            .join(Organisation, OrganisationKeyWrap.organisation_id == Organisation.id)
            .where(Organisation.reference == organisation)
        )
    )


def recovery_code_of(organisation: str) -> RecoveryCode | None:
    """The organisation's recovery code that still opens its key, if it has one."""
    return db.session.scalar(
        select(RecoveryCode)
        .join(Organisation, RecoveryCode.organisation_id == Organisation.id)
        .where(Organisation.reference == organisation, RecoveryCode.used_at.is_(None))
        .order_by(RecoveryCode.id.desc())
        .limit(1)
    )


def open_invitations(organisation: str, now: datetime) -> Sequence[Invitation]:
    """The invitations that can still be accepted at `now` of the real clock, oldest first."""
    return db.session.scalars(
        select(Invitation)
        .join(Invitation.organisation)
        .options(contains_eager(Invitation.organisation))
        .where(
            Organisation.reference == organisation,
            Invitation.accepted_at.is_(None),
            Invitation.expires_at > now,
        )
        .order_by(Invitation.id)
    ).all()


def waiting_for(actor: Actor, _now: datetime) -> list[WaitingItem]:
    """What a person should do for their organisation: answer for its ties, and open its key."""
    if actor.organisation is None:
        return []
    return [*_ties(actor, actor.organisation), *_key(actor, actor.organisation)]


def _ties(actor: Actor, own: str) -> list[WaitingItem]:
    """What other organisations have said of this one, or ask of it."""
    if not may(actor, Permission.IDENTITY_EDIT_ORGANISATION, Facts(organisation=own)):
        return []
    organisation = organisation_by_reference(own)
    if not may(actor, Permission.IDENTITY_EDIT_ORGANISATION, facts(organisation)):
        return []
    return [
        WaitingItem(
            f"Confirm or refuse the tie to {other.name}"
            if step is Standing.ANSWER_WANTED
            else f"Say whether the tie to {other.name} has ended",
            "They declared it. It counts against the limits of an award only if you confirm it."
            if step is Standing.ANSWER_WANTED
            else "They ask you to end it. It counts until you agree.",
            "identity.ties",
            {"reference": own},
            context=organisation.name,
        )
        for other, step in ties_to_answer(organisation)
    ]


def _key(actor: Actor, own: str) -> list[WaitingItem]:
    subject = Facts(organisation=own)
    if not may(actor, Permission.IDENTITY_ADMIT_TO_KEY, subject):
        return []
    holders = key_holders_of(own)
    people = people_of(own)
    context = next((p.organisation.name for p in people), "")
    if actor.reference not in holders:
        return [
            WaitingItem(
                "Open your organisation’s key",
                "You cannot read or write drafts until a colleague lets you in, or you use the "
                "recovery code.",
                "identity.key",
                context=context,
            )
        ]
    items = [
        WaitingItem(
            f"Let {person.name} in",
            "They cannot open your organisation’s drafts until you do.",
            "identity.person",
            {"reference": person.reference},
            context=context,
        )
        for person in people
        if person.reference not in holders and person.is_active
    ]
    if len(holders) == 1 and recovery_code_of(own) is None:
        items.append(
            WaitingItem(
                "Make a recovery code",
                "You alone can open your organisation’s drafts. Without a code, a forgotten "
                "password would lose them.",
                "identity.key",
                context=context,
            )
        )
    return items


def messages_newest_first(limit: int = 200) -> Sequence[OutboxMessage]:
    """The mail of this installation, newest first, for a demonstration to show."""
    return db.session.scalars(
        select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(limit)
    ).all()
