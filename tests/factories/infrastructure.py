"""What the service notes of itself."""

from __future__ import annotations

import factory
from factory.alchemy import SQLAlchemyModelFactory

from commissioning.infrastructure.database import db
from commissioning.infrastructure.service_log import OutageRow
from commissioning.kernel.references import new_reference


class OutageFactory(SQLAlchemyModelFactory):
    """An outage that the service saw itself, as a probe leaves it."""

    class Meta:
        model = OutageRow
        sqlalchemy_session_factory = lambda: db.session  # noqa: E731 - a hook of the library
        sqlalchemy_session_persistence = "flush"

    reference = factory.LazyFunction(lambda: new_reference("OUT"))
    source = "silence"
    reason = "The service gave no sign of life."
    recorded_by = "system"
    recorded_at = factory.SelfAttribute("ended_at")
