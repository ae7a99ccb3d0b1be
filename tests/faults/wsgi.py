"""The site as the fault runs serve it, with points at which a request can kill its own worker.

A request that carries `X-Kill-At: <point>` ends its worker there with SIGKILL, once: the point is
taken from the environment of the run, and nothing of this is in the product.
"""

from __future__ import annotations

import os
import signal
import threading
from datetime import datetime
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from commissioning.app import create_app
from commissioning.infrastructure import signing
from commissioning.kernel.clock import ShiftedClock, SystemClock
from tests.support.application import settings_for

_now = threading.local()


def reach(point: str) -> None:
    """Die here, if the request at work asked for it."""
    if getattr(_now, "point", None) == point:
        os.kill(os.getpid(), signal.SIGKILL)


@event.listens_for(Engine, "before_cursor_execute")
def _before(_connection, _cursor, statement, *_rest):
    reach("at_the_first_statement")
    if statement.startswith("SELECT bid.") and not getattr(_now, "locked", False):
        _now.locked = True
        reach("at_the_lock_of_the_bid")
    for start, point in (
        ("UPDATE bid_envelope", "before_the_envelopes_are_written"),
        ("INSERT INTO audit_event", "before_the_chain_entry"),
        ("INSERT INTO receipt", "before_the_receipt"),
    ):
        if statement.startswith(start):
            reach(point)


@event.listens_for(Engine, "after_cursor_execute")
def _after(_connection, _cursor, statement, *_rest):
    for start, point in (
        ("INSERT INTO audit_event", "after_the_chain_entry"),
        ("INSERT INTO receipt", "after_the_receipt"),
    ):
        if statement.startswith(start):
            reach(point)


@event.listens_for(Session, "before_commit")
def _before_commit(_session):
    reach("before_the_commit")


@event.listens_for(Session, "after_commit")
def _after_commit(_session):
    reach("after_the_commit")


class Killing:
    """The application behind the points that are outside the database."""

    def __init__(self, application):
        self._application = application

    def __call__(self, environ, start_response):
        _now.point, _now.locked = environ.get("HTTP_X_KILL_AT"), False
        reach("before_the_body_is_read")
        if _now.point == "after_the_body_is_read":
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            reach("after_the_body_is_read")
        parts = list(self._application(environ, start_response))
        reach("before_the_reply")
        yield from parts[:1]
        reach("during_the_reply")
        yield from parts[1:]


def _signed(message: bytes) -> bytes:
    reach("before_the_signature")
    return _sign(message)


_sign = signing.sign
signing.sign = _signed


site = create_app(
    settings_for(os.environ["FAULTS_DATABASE"], Path(os.environ["FAULTS_FOLDER"])),
    clock=ShiftedClock(
        anchor=datetime.fromisoformat(os.environ["FAULTS_ANCHOR"]),
        started=datetime.fromisoformat(os.environ["FAULTS_STARTED"]),
    ),
    real_clock=SystemClock(),
)
app = Killing(site.wsgi_app)
