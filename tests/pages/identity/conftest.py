from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from commissioning.infrastructure.outbox import OutboxMessage
from commissioning.kernel.clock import SetClock
from tests.factories.identity import PASSWORD
from tests.support.pages import post


@pytest.fixture
def real_clock():
    return SetClock(datetime(2031, 5, 6, 7, 8, tzinfo=UTC))


@pytest.fixture
def given(unit_of_work):
    """Make rows and keep what a test needs of them: `given(lambda: PersonFactory().email)`."""

    def make(build):
        with unit_of_work():
            return build()

    return make


@pytest.fixture
def enter(app):
    """A client that has signed in through the page."""

    def make(email, password=PASSWORD):
        client = app.test_client()
        answer = post(client, "/sign-in", {"email": email, "password": password})
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return client

    return make


@pytest.fixture
def last_link(unit_of_work):
    """The path of the link in the newest letter to an address."""

    def find(email):
        with unit_of_work() as session:
            letters = session.query(OutboxMessage).filter_by(recipient=email)
            body = letters.order_by(OutboxMessage.id.desc()).first().body
        found = re.search(r"http://localhost(/\S+)", body)
        return found and found[1]

    return find
