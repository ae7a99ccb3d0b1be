"""Organisations and people for tests: made as the services make them, keys included.

`OrganisationFactory()` has a pair of keys; `PersonFactory(organisation=...)` has a password, a pair
of keys of its own, the roles of a first person (or `roles=`), and holds the organisation's key
(`admitted=False`: does not). `actor_of(person)` is the person as services take them.
"""

from __future__ import annotations

from datetime import UTC, datetime

import factory

from commissioning.identity import queries
from commissioning.identity.domain import keys
from commissioning.identity.domain.roles import roles_of
from commissioning.identity.models import Organisation, User
from commissioning.identity.services.particulars import (
    give_new_keys,
    grant,
    private_key_of,
    seal_organisation_key,
)
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor, Role
from commissioning.kernel.references import new_reference
from tests.factories.rows import RowFactory

PASSWORD = "seven quiet herons"
LONG_AGO = datetime(2013, 1, 7, 9, 0, tzinfo=UTC)


class OrganisationFactory(RowFactory):
    """A bidder, or another kind; its private key is in `private_key` for the test alone."""

    class Meta:
        model = Organisation

    reference = factory.LazyFunction(lambda: new_reference("ORG"))
    name = factory.Sequence(lambda n: f"Organisation {n}")
    kind = "bidder"
    legal_form = "company"
    identifier_scheme = "company-number"
    identifier = factory.Sequence(lambda n: f"{n + 1:08d}")
    status = "active"
    is_invented = True
    may_sign_in = True
    registered_at = LONG_AGO

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        pair = keys.new_key_pair()
        organisation = super()._create(model_class, *args, **kwargs, public_key=pair.public)
        organisation.private_key = pair.private
        return organisation


class AuthorityFactory(OrganisationFactory):
    """An authority."""

    kind = "authority"
    legal_form = "public_body"
    identifier_scheme = "public-body"
    identifier = factory.Sequence(lambda n: f"AUTHORITY{n}")
    name = factory.Sequence(lambda n: f"Authority {n}")


class OperatorFactory(OrganisationFactory):
    """The platform's operator."""

    kind = "operator"
    identifier_scheme = "PLATFORM"
    identifier = factory.Sequence(lambda n: f"OPERATOR{n}")
    name = "Platform operator"


class PersonFactory(RowFactory):
    """A person of an organisation, who can sign in with `PASSWORD`."""

    class Meta:
        model = User

    reference = factory.LazyFunction(lambda: new_reference("USR"))
    name = factory.Sequence(lambda n: f"Robin Person{n}")
    email = factory.Sequence(lambda n: f"person{n}@organisation.example")
    organisation = factory.SubFactory(OrganisationFactory)
    is_active = True
    created_at = LONG_AGO

    @classmethod
    def _create(
        cls,
        model,
        *args,
        roles=None,
        competition=None,
        admitted=True,
        password=PASSWORD,
        **rest,
    ):
        user = model(*args, grants=[], **rest)
        give_new_keys(user, password)
        user.personal_key = private_key_of(user, password)
        cls._meta.sqlalchemy_session_factory().add(user)
        db.session.flush()
        held = roles_of(user.organisation.kind) if roles is None else roles
        on_competition = [role for role in held if competition is not None]
        grant(user, [role for role in held if role not in on_competition], **_BY_NOBODY)
        grant(user, on_competition, competition=competition, **_BY_NOBODY)
        organisation_key = getattr(user.organisation, "private_key", None)
        if admitted and organisation_key is not None:
            seal_organisation_key(user.organisation, organisation_key, user, at=LONG_AGO)
        return user


_BY_NOBODY = {"given_by": "test", "at": LONG_AGO}


class AdministratorFactory(PersonFactory):
    """The administrator of the platform."""

    organisation = factory.SubFactory(OperatorFactory)


def actor_of(person: User) -> Actor:
    """The person as services take them, signed in: with their roles and their own key."""
    return queries.actor_of(person, getattr(person, "personal_key", None))


def team_member(authority: Organisation, competition: str, *roles: Role, **rest) -> User:
    """A person of an authority who holds roles on one competition."""
    return PersonFactory(organisation=authority, roles=roles, competition=competition, **rest)
