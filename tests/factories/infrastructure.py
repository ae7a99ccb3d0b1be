"""What the service notes of itself."""

from __future__ import annotations

import factory

from commissioning.infrastructure.service_log import OutageRow
from commissioning.kernel.references import new_reference
from tests.factories.rows import RowFactory


class OutageFactory(RowFactory):
    """An outage that the service saw itself, as a probe leaves it."""

    class Meta:
        model = OutageRow

    reference = factory.LazyFunction(lambda: new_reference("OUT"))
    source = "silence"
    reason = "The service gave no sign of life."
    recorded_by = "system"
    recorded_at = factory.SelfAttribute("ended_at")
