"""The whole database at a moment: to compare, to search, and to come back to."""

from __future__ import annotations

from sqlalchemy import func, insert, literal_column, select, text

from commissioning.infrastructure.database import db

Rows = dict[str, list[tuple]]
"""Every row of every table, as the driver hands it over."""


def rows_now() -> Rows:
    """Every row of every table with what the session has not written yet, by its first column."""
    db.session.flush()
    connection = db.session.connection()
    found = {}
    for table in db.metadata.sorted_tables:
        # By name: a column that a later migration adds stands last in the database.
        # As the driver hands it over: a column without a type of its own is not converted.
        columns = [literal_column(f'"{each.name}"') for each in table.columns]
        rows = connection.execute(select(*columns).select_from(table).order_by(text("1")))
        found[table.name] = [tuple(row) for row in rows]
    return found


def column(rows: Rows, table: str, name: str) -> list:
    """One column of a table, in the order of its rows."""
    names = [each.name for each in db.metadata.tables[table].columns]
    place = names.index(name)
    return [row[place] for row in rows[table]]


def records(rows: Rows, table: str) -> list[dict]:
    """The rows of a table by the names of their columns."""
    names = [each.name for each in db.metadata.tables[table].columns]
    return [dict(zip(names, row, strict=True)) for row in rows[table]]


def difference(before: Rows, after: Rows) -> dict[str, int]:
    """How many rows differ, by table; empty where nothing does."""
    return {
        table: len(set(map(repr, before[table])) ^ set(map(repr, after[table])))
        for table in before
        if before[table] != after[table]
    }


def has_bytes(rows: Rows, wanted: bytes) -> list[str]:
    """The tables in which a text or a blob holds these bytes."""
    text_wanted = wanted.decode()
    return [
        table
        for table, held in rows.items()
        if any(_holds(value, wanted, text_wanted) for row in held for value in row)
    ]


def _holds(value: object, wanted: bytes, text_wanted: str) -> bool:
    if isinstance(value, str):
        return text_wanted in value
    if isinstance(value, bytes | memoryview):
        return wanted in bytes(value)
    # PostgreSQL hands JSON over as lists and dictionaries.
    return isinstance(value, dict | list) and text_wanted in repr(value)


Saved = list[tuple[str, list[dict]]]
"""A database that can be put back: rows by table, in an order that foreign keys allow."""


def save() -> Saved:
    """Keep the whole database in memory."""
    db.session.flush()
    return [
        (table.name, [dict(row) for row in db.session.execute(select(table)).mappings()])
        for table in db.metadata.sorted_tables
    ]


def restore(saved: Saved) -> None:
    """Put the database back as it was kept, and commit."""
    clear()
    for name, rows in saved:
        if rows:
            db.session.execute(insert(db.metadata.tables[name]), rows)
    _set_sequences()
    db.session.commit()


def clear() -> None:
    """Empty every table."""
    db.session.rollback()
    for table in reversed(db.metadata.sorted_tables):
        db.session.execute(table.delete())
    db.session.commit()


def _set_sequences() -> None:
    """PostgreSQL numbers new rows by sequences, which an insert with a number leaves behind."""
    if db.session.connection().dialect.name != "postgresql":
        return
    for table in db.metadata.sorted_tables:
        if "id" in table.columns:
            last = db.session.scalar(select(func.max(table.columns["id"])))
            sequence = func.pg_get_serial_sequence(table.name, "id")
            db.session.execute(select(func.setval(sequence, last or 1, last is not None)))
