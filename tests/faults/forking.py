"""How gunicorn starts the workers of the fault runs: the site is loaded once, and forked.

A worker that was killed is then replaced within a moment, so that a long run spends its time on
submissions and not on starting up. No worker may use a connection of its parent's.
"""

from __future__ import annotations

from commissioning.infrastructure.database import db
from tests.faults import wsgi

preload_app = True


def post_fork(_server, _worker):
    """Forget, without closing, what the parent has opened."""
    with wsgi.site.app_context():
        db.engine.dispose(close=False)
