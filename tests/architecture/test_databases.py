"""Databases keep what they acknowledged, and each test has one of its own."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import IntegrityError, OperationalError

from commissioning.infrastructure.database import is_busy, prepare_engine


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("foreign_keys", 1), ("synchronous", 2), ("journal_mode", "wal"), ("busy_timeout", 30000)],
)
def test_sqlite_is_durable_and_checks_foreign_keys(session, pragma, value):
    assert session.execute(text(f"PRAGMA {pragma}")).scalar_one() == value


@pytest.mark.both_databases
def test_row_that_points_nowhere_is_refused(session):
    with pytest.raises(IntegrityError):
        session.execute(
            text(
                "INSERT INTO audit_event (stream, position, at, actor, event, subject_type, "
                "subject, changes, previous_hash, hash) VALUES ('nowhere', 1, "
                "'2026-03-02 09:00:00+00:00', 'system', 'x', 'x', 'x', '{}', 'x', 'x')"
            )
        )


@pytest.mark.both_databases
def test_an_error_of_the_database_does_not_repeat_what_was_to_be_stored(session):
    known = text("INSERT INTO audit_stream VALUES (:name, :length, :head)")
    values = {"name": "x", "length": None, "head": "what a bidder wrote"}
    with pytest.raises(IntegrityError) as refused:
        session.execute(known, values)

    assert "what a bidder wrote" not in str(refused.value)


@pytest.mark.both_databases
@pytest.mark.parametrize("name", ["first", "second"])
def test_no_test_sees_what_another_committed(session, name):
    assert session.execute(text("SELECT count(*) FROM audit_stream")).scalar_one() == 0
    session.execute(text("INSERT INTO audit_stream VALUES (:name, 0, 'x')"), {"name": name})
    session.commit()


@pytest.mark.postgres
@pytest.mark.parametrize("setting", ["synchronous_commit"])
def test_forgetful_postgresql_is_refused(database_url, setting):
    database = make_url(database_url).database
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text(f'ALTER DATABASE "{database}" SET {setting} = off'))
    engine.dispose()

    with pytest.raises(RuntimeError, match=f"{setting} = off"):
        prepare_engine(engine)
    engine.dispose()


@pytest.mark.postgres
def test_postgresql_that_turns_forgetful_is_refused_at_the_next_connection(database_url):
    engine = create_engine(database_url)
    prepare_engine(engine)
    with engine.begin() as connection:
        name = make_url(database_url).database
        connection.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))
    engine.dispose()

    with pytest.raises(RuntimeError, match="synchronous_commit = off"):
        engine.connect()


def test_server_that_is_away_does_not_keep_a_worker_from_starting(tmp_path):
    engine = create_engine(f"postgresql+psycopg://tests@/postgres?host={tmp_path}")
    prepare_engine(engine)
    with pytest.raises(OperationalError):
        engine.connect()


@pytest.mark.postgres
def test_postgresql_waits_for_a_lock_as_long_as_sqlite_does(session):
    assert session.execute(text("SHOW lock_timeout")).scalar_one() == "30s"


@pytest.mark.both_databases
def test_whoever_waited_too_long_is_told_that_the_service_is_busy(session, database_url):
    engine = session.get_bind()
    table = "audit_stream" if engine.dialect.name == "postgresql" else None
    with engine.connect() as first, engine.connect() as second:
        if table:
            first.execute(text(f"LOCK TABLE {table}"))
            second.execute(text("SET lock_timeout = 50"))
            with pytest.raises(OperationalError) as busy:
                second.execute(text(f"LOCK TABLE {table}"))
        else:
            first.execute(text("SELECT 1"))  # begins IMMEDIATE
            raw = second.connection.dbapi_connection
            raw.execute("PRAGMA busy_timeout=50")
            with pytest.raises(OperationalError) as busy:
                second.execute(text("SELECT 1"))
        assert is_busy(busy.value)
