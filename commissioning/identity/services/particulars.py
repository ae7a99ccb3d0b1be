"""What every use case of identity shares: checked particulars, and the rows of a person.

Nothing here is a use case: each function is a step of one, authorised and recorded there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from commissioning.identity.domain import identifiers, keys, people
from commissioning.identity.models import (
    Organisation,
    OrganisationKeyWrap,
    RoleGrant,
    SignInSession,
    User,
)
from commissioning.infrastructure import passwords
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor, Role
from commissioning.kernel.errors import BadInput, BadInputs
from commissioning.kernel.references import new_reference

TAKEN_IDENTIFIER = (
    "An organisation with this number is registered already. Ask a colleague there to invite you, "
    "or use the organisation’s other number."
)
TAKEN_EMAIL = "This email address has an account already. Sign in with it, or use another address."


def checked(*fields: tuple[str, Callable[[], str | None]]) -> list[str]:
    """The values of several fields, each from its check; BadInputs with all that are wrong.

    A check returns the value or raises ValueError with the sentence for its field.
    """
    values: list[str] = []
    problems: list[tuple[str, str]] = []
    for field, check in fields:
        try:
            values.append(check() or "")
        except ValueError as error:
            problems.append((field, str(error)))
    if len(problems) == 1:
        raise BadInput(*problems[0])
    if problems:
        raise BadInputs(problems)
    return values


def password_check(password: str, *, name: str, email: str) -> Callable[[], str]:
    """A check, for `checked`, that a password will do."""

    def check() -> str:
        problem = people.password_problem(password, name=name, email=email)
        if problem:
            raise ValueError(problem)
        return password

    return check


def add_organisation(
    *,
    name: str,
    kind: str,
    legal_form: str,
    scheme: str,
    identifier: str,
    is_invented: bool,
    at: datetime,
) -> tuple[Organisation, keys.KeyPair]:
    """A new organisation with its pair of keys; BadInput where the number is taken."""
    pair = keys.new_key_pair()
    organisation = Organisation(
        reference=new_reference("ORG"),
        name=name,
        kind=kind,
        legal_form=legal_form,
        identifier_scheme=scheme,
        identifier=identifier,
        status="active",
        is_invented=is_invented,
        may_sign_in=True,
        public_key=pair.public,
        registered_at=at,
    )
    _add_unless_taken(organisation, BadInput("identifier", TAKEN_IDENTIFIER))
    return organisation, pair


def normal_identifier(scheme: str, typed: str) -> str:
    """The number in its normal form; the operator's own is taken as it is."""
    if scheme == identifiers.OPERATOR_SCHEME:
        return typed
    return identifiers.normal_identifier(scheme, typed)


def add_person(
    organisation: Organisation, *, name: str, email: str, password: str, at: datetime
) -> User:
    """A new person of an organisation, with a pair of keys of their own; BadInput for a taken
    address.
    """
    user = User(
        reference=new_reference("USR"),
        email=email,
        name=name,
        organisation=organisation,
        is_active=True,
        created_at=at,
        grants=[],
    )
    give_new_keys(user, password)
    _add_unless_taken(user, BadInput("email", TAKEN_EMAIL))
    return user


def give_new_keys(user: User, password: str) -> None:
    """A password, and a fresh pair of keys whose private half only that password yields.

    What was sealed to the person's earlier pair stays closed, and is gone: an organisation's key
    that was sealed to it waits for a colleague, or the recovery code, to be sealed anew.
    """
    if user.id is not None:
        mine = OrganisationKeyWrap.user_id == user.id
        db.session.execute(delete(OrganisationKeyWrap).where(mine))
    pair = keys.new_key_pair()
    user.public_key = pair.public
    set_password(user, password, pair.private)


def set_password(user: User, password: str, private_key: bytes) -> None:
    """A password for a person, and their private key wrapped under the key it yields."""
    user.password_hash = passwords.hash_password(password)
    user.key_salt = passwords.new_salt()
    key = passwords.derive_key(password, user.key_salt, like=user.password_hash)
    user.wrapped_private_key = keys.wrap(
        key, private_key, keys.personal_key_purpose(user.reference)
    )


def private_key_of(user: User, password: str) -> bytes:
    """The person's private key, from the right password; CannotOpen from a wrong one."""
    if not (user.key_salt and user.wrapped_private_key and user.password_hash):
        raise keys.CannotOpen("This person has no key.")
    key = passwords.derive_key(password, user.key_salt, like=user.password_hash)
    return keys.unwrap(key, user.wrapped_private_key, keys.personal_key_purpose(user.reference))


def seal_organisation_key(
    organisation: Organisation, private_key: bytes, user: User, *, at: datetime
) -> None:
    """Let a member open what the organisation seals: its private key, sealed to theirs."""
    if user.public_key is None:
        raise BadInput("user", "This person has no key yet: they have to accept first.")
    purpose = keys.member_purpose(organisation.reference, user.reference)
    db.session.add(
        OrganisationKeyWrap(
            organisation_id=organisation.id,
            user_id=user.id,
            wrapped_key=keys.seal_to(user.public_key, private_key, purpose=purpose),
            made_at=at,
        )
    )
    db.session.flush()


def grant(
    user: User,
    roles: Iterable[Role],
    *,
    given_by: str,
    at: datetime,
    competition: str | None = None,
) -> None:
    """Rows of the roles that a person holds from now on."""
    for role in sorted(set(roles)):
        user.grants.append(
            RoleGrant(
                organisation=user.organisation,
                role=role.value,
                competition=competition,
                given_by=given_by,
                given_at=at,
            )
        )
    db.session.flush()


def end_sessions(user: User, *, at: datetime, but: str | None = None) -> None:
    """End every session of a person on the server, but for the one with this token's hash.

    `at` is of the real clock. The key that a session carries goes with it.
    """
    statement = (
        update(SignInSession)
        .where(SignInSession.user_id == user.id, SignInSession.ended_at.is_(None))
        .values(ended_at=at, wrapped_private_key=b"")
    )
    if but is not None:
        statement = statement.where(SignInSession.token_hash != but)
    db.session.execute(statement)


def by_themselves(user: User) -> Actor:
    """The actor of an act that a link proves: the person, without any role."""
    return Actor(user.reference, user.name, user.organisation.reference)


def _add_unless_taken(row: Organisation | User, taken: BadInput) -> None:
    try:
        with db.session.begin_nested():
            db.session.add(row)
            db.session.flush()
    except IntegrityError:
        raise taken from None
