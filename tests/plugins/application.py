"""Fixtures: the application, a client without a screen, and the clock that both obey.

The application is imported where a fixture needs it, so that tests of the domain start without it.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from commissioning.kernel.clock import SetClock

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock():
    """A clock that stands still at nine on a Monday until the test moves it."""
    return SetClock(START)


@pytest.fixture
def real_clock():
    """The clock of sessions, tokens and throttles; it stands still as well, and apart."""
    return SetClock(START)


@pytest.fixture
def make_app(database_url, tmp_path, clock, real_clock):
    """Make an application on the test's database; keyword arguments change its settings."""
    from tests.support.application import release, settings_for, started

    made = []

    def make(**changes):
        settings = settings_for(database_url, tmp_path / "var", **changes)
        app = started(settings, clock=clock, real_clock=real_clock)
        made.append(app)
        return app

    yield make
    for app in made:
        release(app)


@pytest.fixture
def app(make_app):
    """The application. No context is pushed: ask for `session`, or use `unit_of_work`."""
    return make_app()


@pytest.fixture
def client(app):
    """Requests without a browser. Rows come from `unit_of_work`, never from `session`."""
    return app.test_client()


@pytest.fixture
def session(app):
    """The database session inside the application, for tests of services and queries.

    Nothing is committed unless the test does it. Do not ask for `client` beside it: requests would
    share its context, and with it the person who is signed in.
    """
    from commissioning.infrastructure.database import db

    with app.app_context():
        yield db.session
        db.session.rollback()


@pytest.fixture
def unit_of_work(app):
    """Commit what a block does, as a request would: `with unit_of_work(): make_user(...)`."""

    from commissioning.infrastructure.database import db

    @contextmanager
    def work():
        with app.app_context():
            yield db.session
            db.session.commit()

    return work
