"""The organisation's key: who is let in, what the recovery code opens, and reading it."""

from __future__ import annotations

from commissioning.audit.domain.events import Event, Subject, organisation_stream
from commissioning.audit.services import record
from commissioning.identity import queries
from commissioning.identity.domain import keys
from commissioning.identity.models import Organisation
from commissioning.identity.services.particulars import seal_organisation_key
from commissioning.identity.services.registration import add_recovery_code
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, Conflict, KeyLocked, NotFound
from commissioning.permissions import Permission, require


def organisation_private_key(actor: Actor, organisation: str) -> bytes:
    """Only a member whom the organisation's key was sealed to, and who has signed in, opens it.

    Returns the organisation's private key, 32 bytes, for the length of a request: it is never
    stored or shown. Raises KeyLocked when the session has no personal key, or the person was not
    let in (a new colleague, or one whose password was reset).
    """
    wrap = None
    if actor.personal_key is not None and actor.organisation == organisation:
        wrap = queries.key_wrap(organisation, actor.reference)
    if wrap is None or actor.personal_key is None:
        raise KeyLocked
    purpose = keys.member_purpose(organisation, actor.reference)
    try:
        return keys.open_with(actor.personal_key, wrap, purpose=purpose)
    except keys.CannotOpen as error:
        raise KeyLocked from error


def admit_to_key(actor: Actor, user: str, *, clock: Clock) -> None:
    """A member who holds the organisation's key lets a colleague in, who then reads the drafts.

    Raises NotFound for a person of another organisation, Conflict for one who is in already,
    KeyLocked where the actor does not hold the key.
    """
    person = queries.user_by_reference(user)
    organisation = person.organisation
    require(actor, Permission.IDENTITY_ADMIT_TO_KEY, queries.facts(organisation))
    if person.removed_at is not None:
        raise NotFound
    private_key = organisation_private_key(actor, organisation.reference)
    if queries.key_wrap(organisation.reference, person.reference) is not None:
        raise Conflict(f"{person.name} can open your organisation’s drafts already.")
    now = clock.now()
    seal_organisation_key(organisation, private_key, person, at=now)
    record(
        actor,
        Event.PERSON_ADMITTED_TO_KEY,
        Subject("person", person.reference),
        {},
        at=now,
        stream=organisation_stream(organisation.reference),
    )


def make_recovery_code(actor: Actor, *, clock: Clock) -> str:
    """A manager who holds the organisation's key has it put under a new code, kept on paper.

    The code is returned once and stored nowhere; an earlier code opens nothing any more. Raises
    KeyLocked where the actor does not hold the key.
    """
    organisation = _own(actor)
    require(actor, Permission.IDENTITY_EDIT_ORGANISATION, queries.facts(organisation))
    private_key = organisation_private_key(actor, organisation.reference)
    now = clock.now()
    code = add_recovery_code(organisation, private_key, at=now)
    record(
        actor,
        Event.RECOVERY_CODE_MADE,
        Subject("organisation", organisation.reference),
        {},
        at=now,
        stream=organisation_stream(organisation.reference),
    )
    return code


def use_recovery_code(actor: Actor, code: str, *, clock: Clock) -> None:
    """The code on paper lets a person of the organisation back in when no colleague can; once.

    Raises BadInput at `code` for a code that is not the organisation's, Conflict for a person who
    is in already.
    """
    organisation = _own(actor)
    require(actor, Permission.IDENTITY_ADMIT_TO_KEY, queries.facts(organisation))
    if queries.key_wrap(organisation.reference, actor.reference) is not None:
        raise Conflict("You can open your organisation’s drafts already.")
    signs = keys.recovery_code_signs(code)
    if signs is None:
        raise BadInput("code", "Enter the 25 letters and digits of the recovery code.")
    row = queries.recovery_code_of(organisation.reference)
    private_key = None
    if row is not None:
        key = keys.key_from_secret(signs, purpose="recovery code", salt=row.salt)
        try:
            purpose = keys.recovery_purpose(organisation.reference)
            private_key = keys.unwrap(key, row.wrapped_key, purpose)
        except keys.CannotOpen:
            private_key = None
    if row is None or private_key is None:
        raise BadInput(
            "code",
            "This is not your organisation’s recovery code, or it was used or replaced. Look at "
            "the latest one, or ask a colleague to let you in.",
        )
    now = clock.now()
    seal_organisation_key(
        organisation, private_key, queries.user_by_reference(actor.reference), at=now
    )
    row.used_at = now
    row.wrapped_key = b""
    db.session.flush()
    record(
        actor,
        Event.RECOVERY_CODE_USED,
        Subject("organisation", organisation.reference),
        {},
        at=now,
        stream=organisation_stream(organisation.reference),
    )


def _own(actor: Actor) -> Organisation:
    if actor.organisation is None:
        raise NotFound
    return queries.organisation_by_reference(actor.organisation)
