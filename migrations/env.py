"""Runs migrations inside the application, on whichever database its settings name.

The whole upgrade is one transaction on both engines: either every revision is in, or none is.
"""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection, Engine, text
from sqlalchemy.types import TypeDecorator

from commissioning.infrastructure.database import db

# Any number will do, as long as every server of one installation uses the same.
UPGRADE_LOCK = 7_120_620_137


def render_item(kind: str, item: Any, _context: Any) -> str | bool:
    """Write our own column types as what the database sees.

    A revision must read the same years later, when the code of today has moved on.
    """
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


def options() -> dict[str, Any]:
    return {
        "target_metadata": db.metadata,
        "render_as_batch": True,  # SQLite alters a table by building it anew
        "render_item": render_item,
        "compare_type": True,
        "transactional_ddl": True,  # true of SQLite too, since we begin its transactions ourselves
    } | current_app.extensions["migrate"].configure_args


def write_sql(engine: Engine) -> None:
    """Print the statements for an operator who runs them by hand."""
    context.configure(
        url=engine.url, literal_binds=True, dialect_opts={"paramstyle": "named"}, **options()
    )
    with context.begin_transaction():
        context.run_migrations()


def migrate(engine: Engine) -> None:
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            without_foreign_keys(connection)
        else:
            context.configure(connection=connection, **options())
            with context.begin_transaction():
                # Two servers started at once: the second waits here, then finds nothing to do.
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": UPGRADE_LOCK}
                )
                context.run_migrations()


def without_foreign_keys(connection: Connection) -> None:
    """Migrate SQLite with foreign keys off, then prove that every one of them still holds.

    Altering a table drops its old copy, and with foreign keys on that would delete what points to
    it. The switch works only outside a transaction, so it goes straight to the driver.
    """
    driver = connection.connection.cursor()
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        context.configure(connection=connection, **options())
        with context.begin_transaction():
            context.run_migrations()
            broken = connection.execute(text("PRAGMA foreign_key_check")).all()
            if broken:
                raise RuntimeError(f"The migration would leave broken foreign keys: {broken[:5]}")
    finally:
        driver.execute("PRAGMA foreign_keys=ON")
        driver.close()


if context.is_offline_mode():
    write_sql(db.engine)
else:
    migrate(db.engine)
