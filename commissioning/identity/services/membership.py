"""Who belongs to an organisation, and in which roles: given, ended, removed, suspended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, update

from commissioning.audit.domain.events import Event, Subject, organisation_stream
from commissioning.audit.services import record
from commissioning.identity import queries
from commissioning.identity.domain.roles import Need, managing_role, roles_of, why_needed
from commissioning.identity.models import (
    Invitation,
    Organisation,
    OrganisationKeyWrap,
    RoleGrant,
    RoleNeed,
    User,
)
from commissioning.identity.services.particulars import end_sessions, grant
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import AUTHORITY_ROLES, Actor, Role
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, Conflict, NotFound
from commissioning.permissions import Permission, require


def give_role(actor: Actor, organisation: str, user: str, role: Role, *, clock: Clock) -> None:
    """A manager, or the administrator for an authority, gives a person a role for the whole
    organisation.

    Raises NotFound for a person of another organisation, BadInput at `role` for one that this kind
    of organisation does not give, Conflict when it is held already.
    """
    row, person = _person_of(actor, organisation, user, Permission.IDENTITY_INVITE_PEOPLE)
    if Role(role) not in roles_of(row.kind):
        raise BadInput("role", "Choose a role that the organisation gives to its people.")
    if Role(role) in queries.roles_held(person):
        raise Conflict(f"{person.name} is {Role(role).label} already.")
    now = clock.now()
    grant(person, [Role(role)], given_by=actor.reference, at=now)
    record(
        actor,
        Event.ROLE_GIVEN,
        Subject("person", person.reference),
        {"role": Role(role).value},
        at=now,
        stream=organisation_stream(row.reference),
    )


def end_role(actor: Actor, organisation: str, user: str, role: Role, *, clock: Clock) -> None:
    """A role ended is gone at the person's next request; the last manager's cannot be ended.

    Raises NotFound for a person of another organisation or a role not held, Conflict for the last.
    """
    row, person = _person_of(actor, organisation, user, Permission.IDENTITY_REMOVE_PEOPLE)
    held = [g for g in _held(person) if g.competition is None and g.role == Role(role).value]
    if not held:
        raise NotFound
    _refuse_last_manager(row, person, Role(role))
    now = clock.now()
    for one in held:
        one.ended_at = now
    db.session.flush()
    record(
        actor,
        Event.ROLE_ENDED,
        Subject("person", person.reference),
        {"role": Role(role).value},
        at=now,
        stream=organisation_stream(row.reference),
    )


def remove_person(
    actor: Actor, organisation: str, user: str, *, clock: Clock, real_clock: Clock
) -> None:
    """A person who leaves loses every role, every session and the organisation's key at once.

    What they have done stays theirs in the trail. Invitations that they sent and nobody accepted
    run out. The key itself stays the same: it never left the server, where it was open only in
    their requests. Raises NotFound for a person of another organisation, Conflict for the last
    manager and for somebody whom a running competition needs: its only lead, or a key holder.
    """
    row, person = _person_of(actor, organisation, user, Permission.IDENTITY_REMOVE_PEOPLE)
    role = managing_role(row.kind)
    if role is not None:
        _refuse_last_manager(row, person, role)
    _refuse_needed(person, [one for one in _held(person) if one.competition is not None])
    now, moment = clock.now(), real_clock.now()
    ended = _held(person)
    for one in ended:
        one.ended_at = now
    person.removed_at, person.is_active = now, False
    db.session.execute(delete(OrganisationKeyWrap).where(OrganisationKeyWrap.user_id == person.id))
    db.session.execute(
        update(Invitation)
        .where(
            Invitation.invited_by == person.reference,
            Invitation.accepted_at.is_(None),
            Invitation.expires_at > moment,
        )
        .values(expires_at=moment)
    )
    end_sessions(person, at=moment)
    db.session.flush()
    record(
        actor,
        Event.PERSON_REMOVED,
        Subject("person", person.reference),
        {"roles": sorted({one.role for one in ended})},
        at=now,
        stream=organisation_stream(row.reference),
    )


def suspend_sign_in(actor: Actor, user: str, *, clock: Clock, real_clock: Clock) -> None:
    """The administrator closes the door to one person at once; their roles stay as they are.

    Raises Conflict for oneself, or for a person who is suspended already.
    """
    require(actor, Permission.IDENTITY_SUSPEND_SIGN_IN)
    person = queries.user_by_reference(user)
    if person.reference == actor.reference:
        raise Conflict("You cannot suspend yourself: ask another administrator.")
    if not person.is_active:
        raise Conflict(f"{person.name} cannot sign in as it is.")
    person.is_active, person.suspended_at = False, clock.now()
    end_sessions(person, at=real_clock.now())
    db.session.flush()
    _record_door(actor, Event.SIGN_IN_SUSPENDED, person, clock)


def restore_sign_in(actor: Actor, user: str, *, clock: Clock) -> None:
    """The administrator lets a suspended person sign in again; one who was removed stays out.

    Raises Conflict when there is nothing to restore.
    """
    require(actor, Permission.IDENTITY_SUSPEND_SIGN_IN)
    person = queries.user_by_reference(user)
    if person.is_active or person.removed_at is not None:
        raise Conflict(f"Sign-in of {person.name} is not suspended.")
    person.is_active, person.suspended_at = True, None
    db.session.flush()
    _record_door(actor, Event.SIGN_IN_RESTORED, person, clock)


def suspend_organisation_sign_in(
    actor: Actor, organisation: str, *, clock: Clock, real_clock: Clock
) -> None:
    """The administrator closes the door to all people of an organisation at once.

    Its registration is another thing, and not the administrator's to suspend. Raises Conflict for
    the administrator's own organisation, or when it is closed already.
    """
    require(actor, Permission.IDENTITY_SUSPEND_SIGN_IN)
    row = queries.organisation_by_reference(organisation)
    if row.reference == actor.organisation:
        raise Conflict("You cannot suspend the organisation to which you belong.")
    if not row.may_sign_in:
        raise Conflict(f"Sign-in is suspended for {row.name} already.")
    row.may_sign_in = False
    for person in queries.people_of(row.reference):
        end_sessions(person, at=real_clock.now())
    db.session.flush()
    record(
        actor,
        Event.SIGN_IN_SUSPENDED,
        Subject("organisation", row.reference),
        {},
        at=clock.now(),
        stream=organisation_stream(row.reference),
    )


def restore_organisation_sign_in(actor: Actor, organisation: str, *, clock: Clock) -> None:
    """The administrator opens the door to an organisation's people again.

    Raises Conflict when it is open.
    """
    require(actor, Permission.IDENTITY_SUSPEND_SIGN_IN)
    row = queries.organisation_by_reference(organisation)
    if row.may_sign_in:
        raise Conflict(f"Sign-in is not suspended for {row.name}.")
    row.may_sign_in = True
    db.session.flush()
    record(
        actor,
        Event.SIGN_IN_RESTORED,
        Subject("organisation", row.reference),
        {},
        at=clock.now(),
        stream=organisation_stream(row.reference),
    )


def record_competition_role(
    actor: Actor, user: str, competition: str, role: Role, *, clock: Clock
) -> None:
    """A fact from a competition: its lead has given a person of the authority a role on it.

    Authorised and recorded by the competition's own use case, which also refuses the pairs of roles
    that exclude each other. Raises NotFound for an unknown person, BadInput at `role` for a role
    that no competition gives, Conflict when it is held already or the person has left.
    """
    person = queries.user_by_reference(user)
    if Role(role) not in AUTHORITY_ROLES:
        raise BadInput("role", "Choose a role that a competition gives.")
    if person.removed_at is not None:
        raise Conflict(f"{person.name} has left the authority.")
    if Role(role) in queries.roles_held(person, competition=competition):
        raise Conflict(f"{person.name} is {Role(role).label} here already.")
    grant(
        person,
        [Role(role)],
        given_by=actor.reference,
        at=clock.now(),
        competition=competition,
    )


def end_competition_role(
    actor: Actor,
    user: str,
    competition: str,
    role: Role,
    *,
    is_passed_on: bool = False,
    clock: Clock,
) -> None:
    """A fact from a competition: its lead has ended a person's role on it.

    Authorised and recorded by the competition's own use case. `is_passed_on` says that somebody
    takes it over in the same act. Raises NotFound when it is not held, Conflict where the
    competition needs the person in it and nobody takes their place.
    """
    del actor  # the row keeps who gave a role; the trail keeps who ended it
    person = queries.user_by_reference(user)
    held = [
        one
        for one in _held(person)
        if one.competition == competition and one.role == Role(role).value
    ]
    if not held:
        raise NotFound
    if not is_passed_on:
        _refuse_needed(person, held, but=Need.REPLACED)
    for one in held:
        one.ended_at = clock.now()
    db.session.flush()


def record_needed_roles(competition: str, needs: Mapping[Role, Need]) -> None:
    """A fact from a competition: whom it needs from now on, and so who cannot leave it.

    Takes the place of what it needed before. Called by every act that sets up a competition or
    moves it along, which is authorised and recorded there.
    """
    db.session.execute(delete(RoleNeed).where(RoleNeed.competition == competition))
    db.session.add_all(
        RoleNeed(competition=competition, role=role.value, need=need.value)
        for role, need in needs.items()
    )
    db.session.flush()


def _refuse_needed(person: User, held: Sequence[RoleGrant], *, but: Need | None = None) -> None:
    """Refuse while a competition needs the person in one of these roles."""
    needs = queries.role_needs({one.competition for one in held if one.competition})
    reasons = []
    for one in held:
        need = needs.get((one.competition or "", one.role))
        if need is None or need is but:
            continue
        others = (
            other
            for other in queries.people_with_role(one.competition or "", Role(one.role))
            if other.id != person.id and other.is_active and other.removed_at is None
        )
        if need is Need.ONE and next(others, None) is not None:
            continue
        reasons.append(why_needed(person.name, Role(one.role), one.competition or "", need))
    if reasons:
        raise Conflict(" ".join(reasons))


def _held(person: User) -> list[RoleGrant]:
    return [one for one in person.grants if one.ended_at is None]


def _person_of(
    actor: Actor, organisation: str, user: str, permission: Permission
) -> tuple[Organisation, User]:
    row = queries.organisation_for_change(organisation)
    require(actor, queries.people_permission(row, permission), queries.facts(row))
    person = queries.user_by_reference(user)
    if person.organisation_id != row.id or person.removed_at is not None:
        raise NotFound
    return row, person


def _refuse_last_manager(organisation: Organisation, person: User, role: Role) -> None:
    if role is not managing_role(organisation.kind) or role not in queries.roles_held(person):
        return
    others = (
        other
        for other in queries.people_of(organisation.reference)
        if other.id != person.id and other.is_active and role in queries.roles_held(other)
    )
    if next(others, None) is None:
        raise Conflict(
            f"{person.name} is the last {role.label}: give that role to somebody else first."
        )


def _record_door(actor: Actor, event: Event, person: User, clock: Clock) -> None:
    record(
        actor,
        event,
        Subject("person", person.reference),
        {},
        at=clock.now(),
        stream=organisation_stream(person.organisation.reference),
    )
