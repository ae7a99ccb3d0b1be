"""The organisation's key: who opens it, who is let in, and what a stolen database opens."""

from __future__ import annotations

import itertools
import re

import pytest
from sqlalchemy import inspect, select

from commissioning.identity import queries
from commissioning.identity.domain import keys
from commissioning.identity.models import OrganisationKeyWrap, RecoveryCode
from commissioning.identity.services import (
    accept_invitation,
    admit_to_key,
    ask_password_reset,
    change_password,
    invite_person,
    make_recovery_code,
    organisation_private_key,
    remove_person,
    reset_password,
    sign_in,
    use_recovery_code,
)
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import ANONYMOUS, Role
from commissioning.kernel.errors import BadInput, Conflict, Forbidden, KeyLocked, NotFound
from tests.factories.identity import (
    PASSWORD,
    AdministratorFactory,
    AuthorityFactory,
    OrganisationFactory,
    PersonFactory,
    actor_of,
)
from tests.services.identity.conftest import link, token_in

NEW_PASSWORD = "nine louder kestrels"


@pytest.fixture
def opens():
    """Whether an actor opens what was sealed to their organisation."""

    def check(actor):
        organisation = queries.organisation_by_reference(actor.organisation)
        sealed = keys.seal_to(organisation.public_key, b"draft", purpose="test")
        try:
            private = organisation_private_key(actor, organisation.reference)
        except KeyLocked:
            return False
        return keys.open_with(private, sealed, purpose="test") == b"draft"

    return check


def join(by, organisation, clocks, *, email="ravi@halcyon.example", roles=(Role.BID_WRITER,)):
    token = invite_person(
        by, organisation, name="Ravi Tull", email=email, roles=roles, link=link, **clocks
    )
    return accept_invitation(token, password=PASSWORD, **clocks)


def reset(email, clocks, letters, password=NEW_PASSWORD):
    ask_password_reset(email, link=link, **clocks)
    return reset_password(token_in(letters()[-1][2]), password, **clocks)


def test_the_first_person_opens_what_the_organisation_seals(register, enter, opens):
    register()

    assert opens(enter("mina@halcyon.example"))


def test_nobody_opens_the_key_of_another_organisation(register, enter):
    register()
    other = register(identifier="07654321", email="o@other.example").organisation

    for actor in (enter("mina@halcyon.example"), ANONYMOUS):
        with pytest.raises(KeyLocked):
            organisation_private_key(actor, other.reference)


def test_a_colleague_is_let_in_by_a_member(register, enter, clocks, clock, opens, events):
    organisation = register().organisation.reference
    mina = enter("mina@halcyon.example")
    user = join(mina, organisation, clocks)
    ravi = enter(user.email)
    assert not opens(ravi)

    events()
    admit_to_key(mina, user.reference, clock=clock)
    assert events() == ["person_admitted_to_key"]
    assert opens(ravi)
    with pytest.raises(Conflict):
        admit_to_key(mina, user.reference, clock=clock)


def test_who_has_not_been_let_in_lets_nobody_in(register, enter, clocks, clock):
    organisation = register().organisation.reference
    mina = enter("mina@halcyon.example")
    ravi = enter(join(mina, organisation, clocks).email)
    third = join(mina, organisation, clocks, email="third@halcyon.example")

    with pytest.raises(KeyLocked):
        admit_to_key(ravi, third.reference, clock=clock)
    with pytest.raises(KeyLocked):
        admit_to_key(ravi, ravi.reference, clock=clock)
    with pytest.raises(KeyLocked):
        make_recovery_code(actor_of(PersonFactory(organisation=third.organisation)), clock=clock)


def test_a_stranger_is_not_let_in(register, enter, clock):
    register()
    stranger = PersonFactory()

    with pytest.raises(Forbidden):
        admit_to_key(enter("mina@halcyon.example"), stranger.reference, clock=clock)
    with pytest.raises(Forbidden):
        admit_to_key(
            actor_of(AdministratorFactory()),
            queries.user_by_email("mina@halcyon.example").reference,
            clock=clock,
        )


# A reset -------------------------------------------------------------------------------------


def test_a_reset_gives_back_the_account_and_not_the_drafts(
    register, enter, clocks, clock, letters, opens
):
    organisation = register().organisation.reference
    mina = enter("mina@halcyon.example")
    user = join(mina, organisation, clocks)
    admit_to_key(mina, user.reference, clock=clock)
    reset(user.email, clocks, letters)

    ravi = enter(user.email, NEW_PASSWORD)
    assert not opens(ravi)
    admit_to_key(mina, user.reference, clock=clock)
    assert opens(ravi)


def test_the_code_lets_the_only_person_back_in_once(
    register, enter, clocks, clock, letters, opens, events
):
    code = register().recovery_code
    reset("mina@halcyon.example", clocks, letters)
    mina = enter("mina@halcyon.example", NEW_PASSWORD)
    assert not opens(mina)

    events()
    use_recovery_code(mina, code.lower().replace("-", " "), clock=clock)
    assert events() == ["recovery_code_used"]
    assert opens(mina)

    reset("mina@halcyon.example", clocks, letters)
    with pytest.raises(BadInput) as refused:
        use_recovery_code(enter("mina@halcyon.example", NEW_PASSWORD), code, clock=clock)
    assert refused.value.field == "code"


def test_a_new_code_replaces_the_one_before(
    register, enter, clocks, clock, letters, opens, session, events
):
    first = register().recovery_code
    events()
    second = make_recovery_code(enter("mina@halcyon.example"), clock=clock)
    assert events() == ["signed_in", "recovery_code_made"]
    assert len(session.scalars(select(RecoveryCode)).all()) == 1
    reset("mina@halcyon.example", clocks, letters)
    mina = enter("mina@halcyon.example", NEW_PASSWORD)

    with pytest.raises(BadInput):
        use_recovery_code(mina, first, clock=clock)
    use_recovery_code(mina, second, clock=clock)
    assert opens(mina)


@pytest.mark.parametrize("typed", ["", "AAAAA", "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA", "ü" * 25])
def test_a_wrong_code_is_refused_at_its_place(register, enter, clocks, clock, letters, typed):
    register()
    reset("mina@halcyon.example", clocks, letters)

    with pytest.raises(BadInput) as refused:
        use_recovery_code(enter("mina@halcyon.example", NEW_PASSWORD), typed, clock=clock)
    assert refused.value.field == "code"


def test_the_code_of_one_organisation_opens_no_other(register, enter, clocks, clock, letters):
    code = register().recovery_code
    register(identifier="07654321", email="o@other.example")
    reset("o@other.example", clocks, letters)

    with pytest.raises(BadInput):
        use_recovery_code(enter("o@other.example", NEW_PASSWORD), code, clock=clock)


def test_only_a_manager_makes_a_code_and_nobody_needs_one_who_is_in(session, clock):
    person = PersonFactory()
    writer = PersonFactory(organisation=person.organisation, roles=[Role.BID_WRITER])

    with pytest.raises(Forbidden):
        make_recovery_code(actor_of(writer), clock=clock)
    with pytest.raises(Conflict):
        use_recovery_code(actor_of(person), "anything", clock=clock)
    with pytest.raises(NotFound):
        make_recovery_code(ANONYMOUS, clock=clock)


# A change of password, a removal, a first person ---------------------------------------------


def test_a_change_of_password_keeps_the_key(register, enter, clocks, opens):
    register()
    mina = enter("mina@halcyon.example")
    refusal = change_password(mina, current=PASSWORD, password=NEW_PASSWORD, **clocks)

    assert refusal is None
    assert opens(enter("mina@halcyon.example", NEW_PASSWORD))


def test_new_keys_leave_nothing_that_was_sealed_to_the_old_ones(
    register, enter, clocks, clock, session, opens
):
    """A private key that its own password does not open is given up with all that it opened."""
    organisation = register().organisation.reference
    mina = enter("mina@halcyon.example")
    user = queries.user_by_reference(mina.reference)
    user.wrapped_private_key = b"\0" * len(user.wrapped_private_key)
    session.flush()
    assert queries.key_holders_of(organisation) == {mina.reference}
    assert change_password(mina, current=PASSWORD, password=NEW_PASSWORD, **clocks) is None

    assert queries.key_holders_of(organisation) == frozenset()
    assert not opens(enter("mina@halcyon.example", NEW_PASSWORD))


def test_a_removed_person_keeps_no_key(register, enter, clocks, clock, session):
    organisation = register().organisation.reference
    mina = enter("mina@halcyon.example")
    user = join(mina, organisation, clocks)
    admit_to_key(mina, user.reference, clock=clock)
    remove_person(mina, organisation, user.reference, **clocks)

    assert queries.key_holders_of(organisation) == {mina.reference}
    with pytest.raises(NotFound):
        admit_to_key(mina, user.reference, clock=clock)


def test_the_first_person_of_an_authority_gets_a_fresh_key(session, clocks, enter, opens):
    authority = AuthorityFactory()
    before = authority.public_key
    administrator = actor_of(AdministratorFactory())
    roles = [Role.PROCUREMENT_LEAD]
    first = join(administrator, authority.reference, clocks, email="a@m.example", roles=roles)
    fresh = authority.public_key
    second = join(administrator, authority.reference, clocks, email="b@m.example", roles=roles)

    assert fresh != before
    assert authority.public_key == fresh
    assert opens(enter(first.email))
    assert not opens(enter(second.email))


def test_the_key_stays_when_every_member_has_lost_theirs(
    register, enter, clocks, clock, letters, opens
):
    """Somebody who joins must not be taken for the first: the drafts would be lost for good."""
    found = register()
    before = found.organisation.public_key
    reset("mina@halcyon.example", clocks, letters)
    mina = enter("mina@halcyon.example", NEW_PASSWORD)
    join(mina, mina.organisation, clocks)

    assert found.organisation.public_key == before
    use_recovery_code(mina, found.recovery_code, clock=clock)
    assert opens(mina)


# What a thief of the database has ------------------------------------------------------------


def everything_stored():
    """Every value of every row, as a thief of the database reads it."""
    for table in db.metadata.sorted_tables:
        for row in db.session.execute(table.select()).mappings():
            yield from row.values()


def test_a_stolen_database_opens_nothing(register, enter, clocks, clock, letters, session):
    """Neither the keys themselves nor anything that opens them lies in a row."""
    found = register()
    mina = enter("mina@halcyon.example")
    user = join(mina, mina.organisation, clocks)
    admit_to_key(mina, user.reference, clock=clock)
    token = sign_in(user.email, PASSWORD, **clocks).token
    ask_password_reset(user.email, link=link, **clocks)
    organisation_key = organisation_private_key(mina, mina.organisation)
    session.flush()

    stored = [value for value in everything_stored() if isinstance(value, bytes | str)]
    raw = b"\n".join(value if isinstance(value, bytes) else value.encode() for value in stored)
    secrets = [organisation_key, mina.personal_key, PASSWORD.encode(), token.encode()]
    secrets += [found.recovery_code.encode(), found.recovery_code.replace("-", "").encode()]
    for secret in secrets:
        assert secret not in raw
        assert secret.hex().encode() not in raw

    # Every 32 bytes that a row yields, tried as a key on everything that is sealed.
    candidates = {value for value in stored if isinstance(value, bytes) and len(value) == 32}
    words = {word for text in stored if isinstance(text, str) for word in re.split(r"[\s/]", text)}
    for word in words:
        candidates.add(keys.key_from_secret(word, purpose="session"))
        candidates |= {
            keys.key_from_secret(word, purpose="recovery code", salt=row.salt)
            for row in session.scalars(select(RecoveryCode))
        }
    sealed = [value for value in stored if isinstance(value, bytes) and len(value) > 32]
    assert len(sealed) >= 5
    purposes = {
        purpose
        for person in (mina.reference, user.reference)
        for purpose in (
            keys.personal_key_purpose(person),
            keys.session_purpose(person),
            keys.member_purpose(mina.organisation, person),
        )
    } | {keys.recovery_purpose(mina.organisation)}
    for key, value, purpose in itertools.product(candidates, sealed, purposes):
        with pytest.raises(keys.CannotOpen):
            keys.unwrap(key, value, purpose)
        with pytest.raises(keys.CannotOpen):
            keys.open_with(key, value, purpose=purpose)


def test_the_password_alone_opens_what_is_stored(register, enter, session):
    """The counterpart: with the password the same rows do open, so the test above can fail."""
    found = register()
    wrap = session.scalar(select(OrganisationKeyWrap))
    personal = enter("mina@halcyon.example").personal_key
    purpose = keys.member_purpose(found.organisation.reference, found.user.reference)

    opened = keys.open_with(personal, wrap.wrapped_key, purpose=purpose)
    assert keys.public_half(opened) == found.organisation.public_key


def test_the_trail_holds_no_secret(register, enter, clocks, clock, letters, session):
    found = register()
    mina = enter("mina@halcyon.example")
    join(mina, mina.organisation, clocks)
    reset("mina@halcyon.example", clocks, letters)
    columns = [column.key for column in inspect(RecoveryCode).columns]

    assert "code" not in columns
    told = str(session.execute(db.metadata.tables["audit_event"].select()).mappings().all())
    for secret in (found.recovery_code, PASSWORD, NEW_PASSWORD, "mina@halcyon.example"):
        assert secret not in told


def test_an_organisation_without_people_locks_its_key(session, clock):
    organisation = OrganisationFactory()
    person = PersonFactory(organisation=organisation, admitted=False)

    with pytest.raises(KeyLocked):
        organisation_private_key(actor_of(person), organisation.reference)
