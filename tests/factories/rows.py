"""What every factory of rows shares: the session of the context, and a flush after each row."""

from __future__ import annotations

from factory.alchemy import SQLAlchemyModelFactory

from commissioning.infrastructure.database import db


class RowFactory(SQLAlchemyModelFactory):
    """Makes rows in the session at work; nothing is committed."""

    class Meta:
        abstract = True
        sqlalchemy_session_factory = lambda: db.session  # noqa: E731 - a hook of the library
        sqlalchemy_session_persistence = "flush"
