"""Fresh, migrated databases in milliseconds: migrate one, copy it for each test."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import create_engine, make_url, text

Migrate = Callable[[str], None]
"""Brings the database at a URL to the newest revision."""


class Databases(Protocol):
    """A kind of database that tests can have one of."""

    def empty(self) -> str:
        """The URL of a new database with nothing in it."""

    def migrated(self) -> str:
        """The URL of a new database at the newest revision."""

    def drop(self, url: str) -> None:
        """Remove one that a test has finished with."""


class SqliteFiles:
    """Databases as files in a folder."""

    def __init__(self, folder: Path, migrate: Migrate) -> None:
        self._folder = folder
        self._migrate = migrate
        self._template: Path | None = None
        self._numbers = itertools.count(1)

    def empty(self) -> str:
        return f"sqlite:///{self._new_path()}"

    def migrated(self) -> str:
        if self._template is None:
            template = self._folder / "template.sqlite3"
            self._migrate(f"sqlite:///{template}")
            # A copy of the file alone would be old, or torn, while anyone still writes to it.
            leftovers = [path.name for path in self._folder.glob("template.sqlite3-*")]
            if leftovers:
                raise RuntimeError(f"The migration left the database open: {leftovers}")
            self._template = template
        path = self._new_path()
        shutil.copyfile(self._template, path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        path = Path(str(make_url(url).database))
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)

    def _new_path(self) -> Path:
        return self._folder / f"test-{next(self._numbers)}.sqlite3"


class PostgresqlServer:
    """Databases on one server; `prefix` keeps the workers of one run, and several runs, apart."""

    def __init__(self, server_url: str, prefix: str, migrate: Migrate) -> None:
        self._url = make_url(server_url)
        if self._url.drivername != "postgresql+psycopg":
            self._url = self._url.set(drivername="postgresql+psycopg")
        self._prefix = prefix
        self._migrate = migrate
        self._template: str | None = None
        self._numbers = itertools.count(1)
        self._engine = create_engine(self._url, isolation_level="AUTOCOMMIT", pool_size=1)

    def empty(self) -> str:
        return self._create("template0")

    def migrated(self) -> str:
        if self._template is None:
            url = self.empty()
            self._migrate(url)
            self._template = make_url(url).database
        return self._create(str(self._template))

    def drop(self, url: str) -> None:
        self._run(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    def close(self) -> None:
        """Remove the template and let go of the server."""
        if self._template is not None:
            self._run(f'DROP DATABASE IF EXISTS "{self._template}" WITH (FORCE)')
        self._engine.dispose()

    def _create(self, template: str) -> str:
        name = f"{self._prefix}_{next(self._numbers)}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        with self._engine.connect() as connection:
            connection.execute(text(statement))


@contextmanager
def lent(databases: Databases, *, migrated: bool = True) -> Iterator[str]:
    """The URL of a database for the length of a block."""
    url = databases.migrated() if migrated else databases.empty()
    try:
        yield url
    finally:
        databases.drop(url)
