from __future__ import annotations

from contextlib import contextmanager

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import select

from commissioning.audit.models import AuditEvent
from commissioning.infrastructure.database import db
from commissioning.kernel.errors import DomainError, Forbidden
from tests.support.rows import all_rows


@pytest.fixture
def refused(session):
    """An act is refused with an error of a kind, and nothing has changed: no row, no record."""

    @contextmanager
    def check(kind=DomainError, *, field=None, match=None):
        before = all_rows()
        with pytest.raises(kind, match=match) as caught:
            yield caught
        assert all_rows() == before
        if field is not None:
            assert field in fields_of(caught.value)

    return check


@pytest.fixture
def forbidden(refused):
    """An act is refused as Forbidden, which is what the web shell records as a denial."""

    @contextmanager
    def check(permission):
        with refused(Forbidden) as caught:
            yield caught
        assert caught.value.permission == permission.value

    return check


@pytest.fixture
def records(session):
    """The events that the trail holds of a stream, in order."""

    def read(stream):
        return list(
            db.session.scalars(
                select(AuditEvent).where(AuditEvent.stream == stream).order_by(AuditEvent.position)
            )
        )

    return read


@pytest.fixture
def recorded(session, records):
    """What an act adds to the trail, over all streams."""

    @contextmanager
    def watch():
        last = db.session.scalar(select(AuditEvent.id).order_by(AuditEvent.id.desc()).limit(1)) or 0
        found: list[AuditEvent] = []
        yield found
        db.session.flush()
        found += db.session.scalars(
            select(AuditEvent).where(AuditEvent.id > last).order_by(AuditEvent.id)
        )

    return watch


@pytest.fixture
def statements(session):
    """Count the statements that a block sends to the database, from an empty session."""

    @contextmanager
    def count():
        db.session.flush()
        db.session.expire_all()
        db.session.expunge_all()
        sent: list[str] = []

        def note(_connection, _cursor, statement, *_rest):
            sent.append(statement)

        engine = db.session.get_bind()
        sqlalchemy_event.listen(engine, "before_cursor_execute", note)
        yield sent
        sqlalchemy_event.remove(engine, "before_cursor_execute", note)

    return count


def fields_of(error):
    """The places that a refusal names."""
    problems = getattr(error, "problems", None)
    return [place for place, _ in problems] if problems else [getattr(error, "field", None)]
