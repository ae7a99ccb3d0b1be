from __future__ import annotations

from contextlib import contextmanager

import pytest
from sqlalchemy import event

from commissioning.infrastructure.database import db


@pytest.fixture
def count_queries(session):
    """The statements that a block sends: `with count_queries() as made: ...; len(made)`."""

    @contextmanager
    def counting():
        made = []

        def note(_connection, _cursor, statement, *_rest):
            made.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            yield made
        finally:
            event.remove(db.engine, "before_cursor_execute", note)

    return counting
