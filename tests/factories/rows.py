"""What every factory of rows shares: the session of the context, and a flush after each row."""

from __future__ import annotations

from factory.alchemy import SQLAlchemyModelFactory
from sqlalchemy.orm import Session, scoped_session

from commissioning.infrastructure.database import db


def _session() -> scoped_session[Session]:
    return db.session


class RowFactory(SQLAlchemyModelFactory):
    """Makes rows in the session at work; nothing is committed."""

    class Meta:
        abstract = True
        sqlalchemy_session_factory = _session
        sqlalchemy_session_persistence = "flush"
