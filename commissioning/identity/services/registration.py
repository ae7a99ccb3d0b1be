"""Organisations come in: bidders, providers and public bodies by themselves, authorities by the
administrator, and the operator when the platform is set up.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete

from commissioning.audit.domain.events import PLATFORM_STREAM, Event, Subject, organisation_stream
from commissioning.audit.services import record
from commissioning.identity import queries
from commissioning.identity.domain import identifiers, keys, people
from commissioning.identity.domain.roles import (
    OPEN_TO_REGISTRATION,
    LegalForm,
    OrganisationKind,
    roles_of,
)
from commissioning.identity.models import Organisation, RecoveryCode, User
from commissioning.identity.services.particulars import (
    TAKEN_EMAIL,
    TAKEN_IDENTIFIER,
    add_organisation,
    add_person,
    checked,
    grant,
    normal_identifier,
    password_check,
    seal_organisation_key,
)
from commissioning.identity.services.throttle import may_send
from commissioning.infrastructure import vault
from commissioning.infrastructure.database import db
from commissioning.infrastructure.outbox import post
from commissioning.kernel.actor import ANONYMOUS, SYSTEM, Actor, Role
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, BadInputs, Conflict
from commissioning.permissions import Permission, require

REGISTRATION_LINK_HOURS = 24
_REGISTRATION = "registration"


@dataclass(frozen=True, slots=True)
class Registration:
    """A new organisation, its first person, and the code that is shown once and kept on paper."""

    organisation: Organisation
    user: User
    recovery_code: str


def ask_to_register(
    email: str, *, link: Callable[[str], str], clock: Clock, real_clock: Clock
) -> None:
    """Whoever wants to register proves their address first, and learns nothing about others'.

    A link goes to the address and lasts for 24 hours of the real clock; an address that has an
    account gets a note that says so instead. The caller is told the same in both cases. `link`
    turns a token into an address of the site. Raises BadInput for what cannot be an address; after
    too many letters to one address nothing more is sent.
    """
    require(ANONYMOUS, Permission.IDENTITY_REGISTER)
    [address] = checked(("email", lambda: people.normal_email(email)))
    moment = real_clock.now()
    if not may_send(address, _REGISTRATION, moment):
        return
    if queries.user_by_email(address) is None:
        body = (
            "Somebody, probably you, wants to register an organisation with this address.\n\n"
            f"Go on here within {REGISTRATION_LINK_HOURS} hours:\n"
            f"{link(registration_token(address, moment))}\n\nIf it was not you, do nothing."
        )
    else:
        body = (
            "Somebody, probably you, wants to register an organisation with this address. The "
            "address has an account already: sign in, or reset your password on the sign-in page."
            "\n\nIf it was not you, do nothing."
        )
    post(address, "Register an organisation", body, at=clock.now())
    subject = Subject("address", vault.fingerprint(address, purpose="address"))
    record(ANONYMOUS, Event.REGISTRATION_ASKED, subject, {}, at=clock.now(), stream=PLATFORM_STREAM)


def registration_token(email: str, moment: datetime) -> str:
    """The signed token of a registration link; it carries the address that it proves."""
    expires = int((moment + timedelta(hours=REGISTRATION_LINK_HOURS)).timestamp())
    content = json.dumps({"email": email, "expires": expires}).encode()
    return vault.sign(base64.urlsafe_b64encode(content).decode().rstrip("="), purpose=_REGISTRATION)


def registration_address(token: str, *, real_clock: Clock) -> str:
    """The address that a registration link proves; Conflict when the link is not, or no longer,
    good.
    """
    text = vault.signed_text(token, purpose=_REGISTRATION)
    if text is not None:
        content = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if real_clock.now().timestamp() < content["expires"]:
            return str(content["email"])
    raise Conflict("This link has run out or is not whole. Enter your address to get another.")


def check_organisation(*, name: str, identifier_scheme: str, identifier: str) -> None:
    """Say early what would be wrong with an organisation's particulars; changes nothing.

    Raises BadInput or BadInputs at `name` or `identifier`, also for a number that is registered
    already.
    """
    _, number = checked(
        ("name", lambda: people.normal_name(name, longest=200)),
        ("identifier", lambda: normal_identifier(identifier_scheme, identifier)),
    )
    if queries.organisation_by_identifier(identifier_scheme, number):
        raise BadInput("identifier", TAKEN_IDENTIFIER)


def register_organisation(
    actor: Actor,
    *,
    name: str,
    kind: str,
    legal_form: str,
    identifier_scheme: str,
    identifier: str,
    person_name: str,
    email: str,
    password: str,
    clock: Clock,
    is_invented: bool = False,
) -> Registration:
    """An organisation registers once, under one number, with a first person who manages it.

    The first person of a bidder is its bid manager, bid writer and signatory; that of a provider or
    a public body its contact. The organisation's key is made here, sealed to this person, and put
    under a recovery code, since there is no colleague yet who could let them back in. Raises
    BadInput or BadInputs at `kind`, `name`, `identifier`, `person_name`, `email`, `password`.
    """
    require(actor, Permission.IDENTITY_REGISTER)
    if kind not in OPEN_TO_REGISTRATION:
        raise BadInput("kind", "Choose what the organisation is.")
    name, number, person_name, address, _ = checked(
        ("name", lambda: people.normal_name(name, longest=200)),
        ("identifier", lambda: normal_identifier(identifier_scheme, identifier)),
        ("person_name", lambda: people.normal_name(person_name)),
        ("email", lambda: people.normal_email(email)),
        ("password", password_check(password, name=person_name, email=email)),
    )
    _refuse_taken(identifier_scheme, number, address)
    now = clock.now()
    organisation, pair = add_organisation(
        name=name,
        kind=OrganisationKind(kind).value,
        legal_form=legal_form,
        scheme=identifier_scheme,
        identifier=number,
        is_invented=is_invented,
        at=now,
    )
    user = add_person(organisation, name=person_name, email=address, password=password, at=now)
    roles = roles_of(kind)
    grant(user, roles, given_by=user.reference, at=now)
    seal_organisation_key(organisation, pair.private, user, at=now)
    code = add_recovery_code(organisation, pair.private, at=now)
    record(
        actor,
        Event.ORGANISATION_REGISTERED,
        Subject("organisation", organisation.reference),
        {
            "kind": organisation.kind,
            "identifier": f"{identifier_scheme} {number}",
            "first_person": user.reference,
            "roles": sorted(roles),
        },
        at=now,
        stream=organisation_stream(organisation.reference),
    )
    return Registration(organisation, user, code)


def add_recovery_code(organisation: Organisation, private_key: bytes, *, at: datetime) -> str:
    """A new recovery code for an organisation's key; a step of the use cases that make one.

    The code that was there before opens nothing any more.
    """
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.organisation_id == organisation.id))
    code = keys.new_recovery_code()
    salt = keys.new_wrapping_key()
    purpose = keys.recovery_purpose(organisation.reference)
    key = keys.key_from_secret(
        keys.recovery_code_signs(code) or "", purpose="recovery code", salt=salt
    )
    db.session.add(
        RecoveryCode(
            organisation_id=organisation.id,
            salt=salt,
            wrapped_key=keys.wrap(key, private_key, purpose),
            made_at=at,
        )
    )
    db.session.flush()
    return code


def create_operator(*, name: str, email: str, password: str, clock: Clock) -> User:
    """The platform's operator and its first administrator are made once, when it is set up.

    For the command line. Raises Conflict when there is an operator already; BadInput or BadInputs
    at `name`, `email`, `password`.
    """
    if queries.organisations(kind=OrganisationKind.OPERATOR.value):
        raise Conflict("There is an administrator already: ask them to invite the next one.")
    name, address, _ = checked(
        ("name", lambda: people.normal_name(name)),
        ("email", lambda: people.normal_email(email)),
        ("password", password_check(password, name=name, email=email)),
    )
    now = clock.now()
    organisation, pair = add_organisation(
        name="Platform operator",
        kind=OrganisationKind.OPERATOR.value,
        legal_form=LegalForm.COMPANY.value,
        scheme=identifiers.OPERATOR_SCHEME,
        identifier="OPERATOR",
        is_invented=False,
        at=now,
    )
    user = add_person(organisation, name=name, email=address, password=password, at=now)
    grant(user, [Role.ADMINISTRATOR], given_by=SYSTEM.reference, at=now)
    seal_organisation_key(organisation, pair.private, user, at=now)
    record(
        SYSTEM,
        Event.ORGANISATION_REGISTERED,
        Subject("organisation", organisation.reference),
        {"kind": organisation.kind, "first_person": user.reference},
        at=now,
        stream=organisation_stream(organisation.reference),
    )
    return user


def create_authority(
    actor: Actor,
    *,
    name: str,
    identifier_scheme: str,
    identifier: str,
    clock: Clock,
    is_invented: bool = False,
) -> Organisation:
    """Only the administrator brings an authority in; its people come by invitation.

    Its pair of keys is made anew when its first person accepts, since nobody holds this one. Raises
    BadInput or BadInputs at `name` or `identifier`.
    """
    require(actor, Permission.IDENTITY_CREATE_AUTHORITY_PEOPLE)
    name, number = checked(
        ("name", lambda: people.normal_name(name, longest=200)),
        ("identifier", lambda: normal_identifier(identifier_scheme, identifier)),
    )
    if queries.organisation_by_identifier(identifier_scheme, number):
        raise BadInput("identifier", TAKEN_IDENTIFIER)
    now = clock.now()
    organisation, _ = add_organisation(
        name=name,
        kind=OrganisationKind.AUTHORITY.value,
        legal_form=LegalForm.PUBLIC_BODY.value,
        scheme=identifier_scheme,
        identifier=number,
        is_invented=is_invented,
        at=now,
    )
    record(
        actor,
        Event.ORGANISATION_REGISTERED,
        Subject("organisation", organisation.reference),
        {"kind": organisation.kind, "identifier": f"{identifier_scheme} {number}"},
        at=now,
        stream=organisation_stream(organisation.reference),
    )
    return organisation


def edit_organisation(
    actor: Actor, organisation: str, *, name: str, legal_form: str, clock: Clock
) -> Organisation:
    """Its own manager may correct an organisation's name and legal form, never its number.

    Raises BadInput at `name`.
    """
    row = queries.organisation_by_reference(organisation)
    require(actor, Permission.IDENTITY_EDIT_ORGANISATION, queries.facts(row))
    [name] = checked(("name", lambda: people.normal_name(name, longest=200)))
    before = {"name": row.name, "legal_form": row.legal_form}
    row.name, row.legal_form = name, legal_form
    db.session.flush()
    record(
        actor,
        Event.ORGANISATION_CHANGED,
        Subject("organisation", row.reference),
        {"before": before, "after": {"name": name, "legal_form": legal_form}},
        at=clock.now(),
        stream=organisation_stream(row.reference),
    )
    return row


def _refuse_taken(scheme: str, identifier: str, email: str) -> None:
    problems: list[tuple[str, str]] = []
    if queries.organisation_by_identifier(scheme, identifier):
        problems.append(("identifier", TAKEN_IDENTIFIER))
    # Only who has proved the address comes this far, so nobody learns of another's account.
    if queries.user_by_email(email):
        problems.append(("email", TAKEN_EMAIL))
    if len(problems) == 1:
        raise BadInput(*problems[0])
    if problems:
        raise BadInputs(problems)
