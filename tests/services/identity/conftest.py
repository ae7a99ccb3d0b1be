from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from commissioning.audit.models import AuditEvent
from commissioning.identity.services import actor_for_token, register_organisation, sign_in
from commissioning.infrastructure.outbox import waiting_messages
from commissioning.kernel.actor import ANONYMOUS
from commissioning.kernel.clock import SetClock
from tests.factories.identity import PASSWORD


@pytest.fixture
def real_clock():
    """The clock of sessions and links, years away from that of business on purpose."""
    return SetClock(datetime(2031, 5, 6, 7, 8, tzinfo=UTC))


@pytest.fixture
def clocks(clock, real_clock):
    return {"clock": clock, "real_clock": real_clock}


@pytest.fixture
def register(session, clock):
    """Register an organisation as the public does; what is not said is invented."""

    def make(**changes):
        number = changes.pop("identifier", "01234567")
        told = {
            "name": "Halcyon Rehabilitation",
            "kind": "bidder",
            "legal_form": "company",
            "identifier_scheme": "company-number",
            "identifier": number,
            "person_name": "Mina Okafor",
            "email": "mina@halcyon.example",
            "password": PASSWORD,
        }
        return register_organisation(ANONYMOUS, **(told | changes), clock=clock)

    return make


@pytest.fixture
def enter(clocks, real_clock):
    """Sign somebody in, and give back the actor that their session stands for."""

    def make(email, password=PASSWORD):
        found = sign_in(email, password, **clocks)
        return actor_for_token(found.token, real_clock=real_clock)

    return make


@pytest.fixture
def events(session):
    """The events that were recorded since the last time of asking: their names, in order."""
    seen = 0

    def since():
        nonlocal seen
        session.flush()
        rows = session.query(AuditEvent).order_by(AuditEvent.id).all()[seen:]
        seen += len(rows)
        return [row.event for row in rows]

    return since


@pytest.fixture
def letters(session):
    """The mail that waits: (recipient, subject, body)."""

    def waiting():
        session.flush()
        return [(one.recipient, one.subject, one.body) for one in waiting_messages()]

    return waiting


def token_in(body):
    """The token of the link in a letter that was written with the `link` below."""
    return re.search(r"https://site\.example/([^\s]+)", body)[1]


def link(token):
    return f"https://site.example/{token}"
