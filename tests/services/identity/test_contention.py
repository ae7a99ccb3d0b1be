"""Reading while others write: a page neither waits for a session's time stamp nor fails by it."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import text

from commissioning.identity.models import SignInSession
from commissioning.identity.services import session_for_token, sign_in
from commissioning.infrastructure.database import begin_reading, db
from tests.factories.identity import PASSWORD, PersonFactory

_WRITE = text("UPDATE sign_in_session SET expires_at = '2099-01-01 00:00:00'")


@pytest.fixture
def token(unit_of_work, clocks):
    with unit_of_work():
        return sign_in(PersonFactory().email, PASSWORD, **clocks).token


def found_while_reading(token, real_clock):
    """What a page that reads finds two minutes later, and how long it took."""
    real_clock.advance(timedelta(minutes=2))
    begun = time.monotonic()
    found = session_for_token(token, real_clock=real_clock)
    taken = time.monotonic() - begun
    assert db.session.query(SignInSession).count() == 1, "the transaction goes on"
    return found, taken


def test_a_long_write_of_somebody_else_holds_up_no_reader(app, token, real_clock):
    with app.app_context(), db.engine.connect() as other, other.begin() as writing:
        other.execute(_WRITE)
        begin_reading()
        found, taken = found_while_reading(token, real_clock)
        writing.rollback()

    assert found is not None
    assert taken < 5


def test_a_reader_that_began_before_a_write_goes_on(app, token, real_clock):
    with app.app_context(), db.engine.connect() as other:
        begin_reading()
        db.session.execute(text("SELECT * FROM sign_in_session"))
        with other.begin():
            other.execute(_WRITE)
        found, _ = found_while_reading(token, real_clock)

    assert found is not None


def test_an_undisturbed_reader_notes_that_the_session_is_in_use(app, token, real_clock):
    with app.app_context():
        begin_reading()
        found_while_reading(token, real_clock)
        db.session.commit()
        db.session.expire_all()
        assert db.session.query(SignInSession).one().last_seen_at == real_clock.now()
