"""What the database holds, so that a test can show that nothing was changed."""

from __future__ import annotations

from sqlalchemy import select

from commissioning.infrastructure.database import db


def all_rows() -> dict[str, list[tuple]]:
    """Every row of every table, with what the session has not written yet."""
    db.session.flush()
    return {
        table.name: sorted(map(tuple, db.session.execute(select(table)).all()), key=repr)
        for table in db.metadata.sorted_tables
    }
