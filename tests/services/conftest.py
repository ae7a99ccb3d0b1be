"""Fixtures for use cases: what two people do at the same moment."""

from __future__ import annotations

import threading

import pytest

from commissioning.infrastructure.database import db


@pytest.fixture
def at_once(app):
    """Run acts side by side, each in a request's own transaction; what each returned or raised."""

    def run(*acts):
        outcomes = [None] * len(acts)
        gate = threading.Barrier(len(acts))

        def work(number, act):
            with app.app_context():
                gate.wait()
                try:
                    outcomes[number] = act()
                    db.session.commit()
                except Exception as error:  # noqa: BLE001 - the test looks at it
                    db.session.rollback()
                    outcomes[number] = error

        threads = [threading.Thread(target=work, args=pair) for pair in enumerate(acts)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return outcomes

    return run
