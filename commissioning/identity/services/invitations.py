"""People come in by invitation: colleagues by their own manager, an authority's people by the
administrator.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable
from datetime import timedelta

from sqlalchemy import select

from commissioning.audit.domain.events import Event, Subject, organisation_stream
from commissioning.audit.services import record
from commissioning.identity import queries
from commissioning.identity.domain import keys, people
from commissioning.identity.domain.roles import roles_of
from commissioning.identity.models import Invitation, Organisation, User
from commissioning.identity.services.particulars import (
    TAKEN_EMAIL,
    add_person,
    by_themselves,
    checked,
    give_new_keys,
    grant,
    password_check,
    seal_organisation_key,
)
from commissioning.infrastructure import vault
from commissioning.infrastructure.database import db
from commissioning.infrastructure.outbox import post
from commissioning.kernel.actor import Actor, Role
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, Conflict, NotFound
from commissioning.permissions import Permission, require

INVITATION_DAYS = 14
_INVITATION = "invitation"


def invite_person(
    actor: Actor,
    organisation: str,
    *,
    name: str,
    email: str,
    roles: Iterable[Role],
    link: Callable[[str], str],
    clock: Clock,
    real_clock: Clock,
) -> str:
    """A manager invites a colleague, and the administrator an authority's people, in given roles.

    The mail says that an invitation waits, and where; the link lasts for 14 days of the real clock
    and works once. An invitation of the organisation that still waits at that address ends with it.
    A person of an authority may be invited without a role: a competition's lead gives them theirs.
    Whether the address has an account elsewhere is not told. Returns the link's token. Raises
    BadInput or BadInputs at `name`, `email`, `roles`.
    """
    row = queries.organisation_for_change(organisation)
    require(
        actor,
        queries.people_permission(row, Permission.IDENTITY_INVITE_PEOPLE),
        queries.facts(row),
    )
    name, address = checked(
        ("name", lambda: people.normal_name(name)),
        ("email", lambda: people.normal_email(email)),
    )
    wanted = _roles_offered(row, roles)
    colleague = queries.user_by_email(address)
    if colleague and colleague.organisation_id == row.id and colleague.removed_at is None:
        raise BadInput("email", f"{colleague.name} is one of your organisation’s people already.")
    moment = real_clock.now()
    earlier = [
        one for one in queries.open_invitations(row.reference, moment) if one.email == address
    ]
    for one in earlier:
        one.expires_at = moment
    token = vault.sign(secrets.token_urlsafe(32), purpose=_INVITATION)
    invitation = Invitation(
        organisation=row,
        email=address,
        name=name,
        roles=",".join(wanted),
        token_hash=_hash(token),
        invited_by=actor.reference,
        invited_at=moment,
        expires_at=moment + timedelta(days=INVITATION_DAYS),
    )
    db.session.add(invitation)
    post(
        address,
        "You are invited to join an organisation",
        f"An invitation waits for you. Read it, and accept or leave it, within {INVITATION_DAYS} "
        f"days:\n{link(token)}\n",
        at=clock.now(),
    )
    db.session.flush()
    record(
        actor,
        Event.PERSON_INVITED,
        Subject("invitation", str(invitation.id)),
        {
            "address": vault.fingerprint(address, purpose="address"),
            "roles": wanted,
            "in_place_of": [str(one.id) for one in earlier],
        },
        at=clock.now(),
        stream=organisation_stream(row.reference),
    )
    return token


def invitation_for(token: str, *, real_clock: Clock) -> Invitation:
    """The invitation behind a link; Conflict when the link is used, withdrawn, old or not whole."""
    found = None
    if vault.signed_text(token, purpose=_INVITATION) is not None:
        found = db.session.scalar(
            select(Invitation).where(Invitation.token_hash == _hash(token)).with_for_update()
        )
    if found is None or found.accepted_at or found.expires_at <= real_clock.now():
        raise Conflict(
            "This invitation has run out, was used, or was withdrawn. Ask for another one, or "
            "sign in if you have accepted it."
        )
    return found


def accept_invitation(token: str, *, password: str, clock: Clock, real_clock: Clock) -> User:
    """Whoever holds the link joins the organisation, in the roles offered, with a password.

    They get a pair of keys of their own, but not the organisation's key: a colleague who holds it
    lets them in (`admit_to_key`). The first person of an organisation has no such colleague; the
    organisation's pair is then made anew and sealed to them. A person who had left comes back under
    the same reference, and who was suspended before that stays so. Raises Conflict for a link that
    is no longer good or an address with an account, BadInput at `password`.
    """
    invitation = invitation_for(token, real_clock=real_clock)
    organisation = invitation.organisation
    name, address = invitation.name, invitation.email
    checked(("password", password_check(password, name=name, email=address)))
    now = clock.now()
    is_first = not queries.has_had_people(organisation)
    user = queries.user_by_email(address)
    if user is None:
        user = add_person(organisation, name=name, email=address, password=password, at=now)
    elif user.removed_at is not None and user.organisation_id == organisation.id:
        user.name, user.removed_at = name, None
        user.is_active = user.suspended_at is None
        give_new_keys(user, password)
    else:
        raise Conflict(TAKEN_EMAIL)
    roles = [Role(role) for role in invitation.roles.split(",") if role]
    grant(user, roles, given_by=invitation.invited_by, at=now)
    if is_first:
        pair = keys.new_key_pair()
        organisation.public_key = pair.public
        seal_organisation_key(organisation, pair.private, user, at=now)
    invitation.accepted_at = real_clock.now()
    record(
        by_themselves(user),
        Event.INVITATION_ACCEPTED,
        Subject("person", user.reference),
        {"invitation": str(invitation.id), "roles": sorted(roles), "first": is_first},
        at=now,
        stream=organisation_stream(organisation.reference),
    )
    return user


def withdraw_invitation(
    actor: Actor, organisation: str, invitation: int, *, clock: Clock, real_clock: Clock
) -> None:
    """Whoever may invite may take an invitation back before it is accepted; its link then dies.

    Raises NotFound for an invitation of another organisation, Conflict for one that is over.
    """
    row = queries.organisation_by_reference(organisation)
    require(
        actor,
        queries.people_permission(row, Permission.IDENTITY_INVITE_PEOPLE),
        queries.facts(row),
    )
    found = db.session.get(Invitation, invitation)
    if found is None or found.organisation_id != row.id:
        raise NotFound
    moment = real_clock.now()
    if found.accepted_at or found.expires_at <= moment:
        raise Conflict("This invitation is over: it was accepted, withdrawn, or has run out.")
    found.expires_at = moment
    db.session.flush()
    record(
        actor,
        Event.INVITATION_WITHDRAWN,
        Subject("invitation", str(found.id)),
        {},
        at=clock.now(),
        stream=organisation_stream(row.reference),
    )


def _roles_offered(organisation: Organisation, roles: Iterable[Role]) -> list[str]:
    wanted = sorted({Role(role) for role in roles})
    possible = roles_of(organisation.kind)
    if set(wanted) - possible:
        raise BadInput("roles", "Choose roles that the organisation gives to its people.")
    if not wanted and organisation.kind != "authority":
        raise BadInput("roles", "Choose at least one role.")
    return [role.value for role in wanted]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
