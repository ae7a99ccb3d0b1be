"""Fixtures: databases. A test asks for `database_url` (or for `app`, which does)."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.support import tools
from tests.support.databases import PostgresqlServer, SqliteFiles, lent
from tests.support.postgresql import PostgresUnavailable, running_server, scratch_folder


def pytest_addoption(parser):
    parser.addoption(
        "--every-database",
        action="store_true",
        help="run every test that has a database on SQLite and again on PostgreSQL",
    )


def pytest_generate_tests(metafunc):
    if "database_url" in metafunc.fixturenames:
        metafunc.parametrize("database_url", _engines(metafunc), indirect=True)


def _engines(metafunc):
    on_postgresql = pytest.param("postgresql", marks=pytest.mark.postgres)
    marks = {mark.name for mark in metafunc.definition.iter_markers()}
    if "postgres" in marks:
        return [on_postgresql]
    if "sqlite" in marks:
        return ["sqlite"]
    is_of_services = metafunc.definition.nodeid.startswith("tests/services/")
    on_both = is_of_services or metafunc.config.getoption("every_database")
    if on_both or "both_databases" in marks:
        return ["sqlite", on_postgresql]
    return ["sqlite"]


@pytest.fixture(scope="session")
def scratch() -> Path:
    """A folder of this run, in memory where there is room."""
    with scratch_folder(128) as folder:
        yield folder


def migrate_into(scratch):
    """How a database is brought to the newest revision: by the application, once it is needed."""

    def run(url):
        from tests.support.application import migrate, settings_for

        migrate(settings_for(url, scratch / "migrating"))

    return run


@pytest.fixture(scope="session")
def sqlite_files(scratch):
    """SQLite databases for the asking."""
    folder = scratch / "databases"
    folder.mkdir()
    return SqliteFiles(folder, migrate_into(scratch))


@pytest.fixture(scope="session")
def postgres_server(scratch):
    """PostgreSQL databases for the asking: on the server that TEST_DATABASE_URL names, or our own.

    Without either, the test is skipped; in continuous integration it fails.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    prefix = f"commissioning_test_{worker}_{os.getpid()}"

    def serve(url):
        return PostgresqlServer(url, prefix, migrate_into(scratch))

    named = os.environ.get("TEST_DATABASE_URL")
    if named:
        server = serve(named)
        yield server
        server.close()
        return
    try:
        with running_server() as url:
            server = serve(url)
            yield server
            server.close()
    except PostgresUnavailable as reason:
        if tools.in_ci():
            pytest.fail(str(reason))
        pytest.skip(str(reason))


@pytest.fixture
def database_url(request):
    """The URL of a migrated database of the test's own."""
    kind = getattr(request, "param", "sqlite")
    name = "sqlite_files" if kind == "sqlite" else "postgres_server"
    with lent(request.getfixturevalue(name)) as url:
        yield url


@pytest.fixture
def statements():
    """Count the SQL statements that a block sends to the database."""

    @contextmanager
    def count():
        sent: list[str] = []

        def note(_connection, _cursor, statement, *_rest):
            sent.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            event.remove(Engine, "before_cursor_execute", note)

    return count
