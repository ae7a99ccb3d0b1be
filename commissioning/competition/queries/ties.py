"""Reading the ties that count in a competition."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from commissioning.competition.domain.ties import TiesOfRecord
from commissioning.competition.models import Competition, TieRecord
from commissioning.infrastructure.database import db
from commissioning.kernel.errors import Conflict


def tie_records(competition: Competition) -> Sequence[TieRecord]:
    """Every version of the ties that count, the first made at the deadline for bids."""
    return db.session.scalars(
        select(TieRecord)
        .options(joinedload(TieRecord.decision))
        .where(TieRecord.competition_id == competition.id)
        .order_by(TieRecord.version)
    ).all()


def latest_tie_record(competition: Competition) -> TieRecord | None:
    """The version that counts now; None before the deadline for bids."""
    return db.session.scalar(
        select(TieRecord)
        .where(TieRecord.competition_id == competition.id)
        .order_by(TieRecord.version.desc())
        .limit(1)
    )


def ties_version(competition: Competition) -> int:
    """The number of the version that counts now; 0 before there is one."""
    return ties_versions(competition).get(competition.id, 0)


def ties_versions(*competitions: Competition) -> dict[int, int]:
    """The number of the version that counts now, by competition, where there is one."""
    rows = db.session.execute(
        select(TieRecord.competition_id, func.max(TieRecord.version))
        .where(TieRecord.competition_id.in_([row.id for row in competitions]))
        .group_by(TieRecord.competition_id)
    )
    return dict(rows.tuples().all())


def ties_of_record(competition: Competition) -> TiesOfRecord:
    """The ties that count; Conflict before the deadline for bids, when none are kept yet."""
    record = latest_tie_record(competition)
    if record is None:
        raise Conflict("The ties that count are kept when the deadline for bids has passed.")
    return TiesOfRecord.from_dict(json.loads(record.content))
