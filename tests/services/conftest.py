"""Fixtures for use cases: what two people do at the same moment."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from commissioning.infrastructure.database import db


@pytest.fixture
def at_once(app):
    """Run acts side by side, each in a request's own transaction; what each returned or raised."""

    def run(*acts):
        gate = threading.Barrier(len(acts))

        def work(act):
            with app.app_context():  # whoever fails leaves it, and with it the transaction
                gate.wait()
                given = act()
                db.session.commit()
                return given

        with ThreadPoolExecutor(len(acts)) as pool:
            ended = [pool.submit(work, act) for act in acts]
        return [one.exception() or one.result() for one in ended]

    return run
