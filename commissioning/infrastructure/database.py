"""The database: one SQLAlchemy session, the base of every mapped class, and how each engine is kept
honest about durability.

SQLite is the embedded default and PostgreSQL is production; the same migrations serve both.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Engine, MetaData, event
from sqlalchemy.engine import Connection, Dialect, ExceptionContext
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

NAMING_CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


LONGEST_WAIT_MS = 30_000
"""How long a statement waits for a lock that another transaction holds, on either engine."""

_CONNECTIONS = 15
"""To a database server, from one process, at most."""

_LOCK_NOT_AVAILABLE = "55P03"


class Base(DeclarativeBase):
    """The base of every mapped class; names its constraints, so that migrations can alter them."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


db = SQLAlchemy(model_class=Base, session_options={"autoflush": True})


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, kept in UTC on every engine.

    SQLite forgets zones; a naive value here would be a bug that shows only around a clock change,
    so it is refused on the way in and made aware on the way out.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive instant; keep an aware one in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("An instant without a zone cannot be stored.")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give the instant back, aware."""
        if value is None:
            return None
        stored: datetime = value
        return stored.replace(tzinfo=UTC) if stored.tzinfo is None else stored.astimezone(UTC)


def engine_options(database_url: str) -> dict[str, Any]:
    """How the engine of an address is made.

    A statement that fails is logged; what people wrote in it is not. Connections to a server are
    kept, and the one used last is used next: to open one costs as much as a submission, and a
    crowd before a deadline would open and close them all the time.
    """
    options: dict[str, Any] = {"hide_parameters": True}
    if database_url.startswith("postgresql"):
        options |= {"pool_size": _CONNECTIONS, "max_overflow": 0, "pool_use_lifo": True}
    return options


def prepare_engine(engine: Engine) -> None:
    """Make an engine durable: SQLite by pragmas and real transactions, PostgreSQL by refusal.

    A server that does not answer now is checked when it does: a worker that starts while the
    database restarts must not take the site down with it.

    Raises RuntimeError for a PostgreSQL server that may lose an acknowledged commit; every later
    connection to such a server raises it as well.
    """
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite_connection)
        event.listen(engine, "begin", _begin_sqlite_transaction)
    elif engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _prepare_postgresql_connection)
        event.listen(engine, "handle_error", _leave_values_out)
        with suppress(OperationalError):
            engine.connect().close()


def _prepare_sqlite_connection(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late to be IMMEDIATE
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={LONGEST_WAIT_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite_transaction(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def begin_reading() -> None:
    """Open the session's transaction without taking SQLite's write lock.

    A page that only reads then waits for nobody. A read that has to be recorded still may write:
    SQLite upgrades the transaction.
    """
    db.session.connection(execution_options={"reading": True})


def forget_what_was_read() -> None:
    """Let every row be read anew: for whoever is about to take a lock.

    What was read before the lock may have been changed by whoever held it.
    """
    db.session.flush()
    db.session.expire_all()


def _prepare_postgresql_connection(connection: Any, _record: Any) -> None:
    """An acknowledged bid is never lost; with one of these settings off, a power cut loses it."""
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM pg_settings WHERE setting = 'off' AND name = ANY(%s)",
            [["fsync", "synchronous_commit", "full_page_writes"]],
        )
        for (setting,) in cursor:
            raise RuntimeError(
                f"PostgreSQL runs with {setting} = off, so an acknowledged bid could be lost. "
                f"Set {setting} = on and start again."
            )
        cursor.execute(f"SET lock_timeout = {LONGEST_WAIT_MS}")
    connection.autocommit = False


def _leave_values_out(context: ExceptionContext) -> None:
    """PostgreSQL repeats a refused row in its error's detail; errors end up in logs."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).partition("\nDETAIL:")[0], *error.args[1:])


def is_busy(error: OperationalError) -> bool:
    """Whether others held the database for longer than anybody waits."""
    is_locked = getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE
    return is_locked or "locked" in str(error.orig).lower()
