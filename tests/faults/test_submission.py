"""A short run of the faults: workers and the database are killed, and nothing acknowledged is lost.

The long run is `python -m tests.faults.submission`, by hand.
"""

from __future__ import annotations

import pytest

from tests.faults.submission import is_good, run
from tests.support.postgresql import scratch_folder

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("database", "database_kills"),
    [pytest.param("postgresql", 1, marks=pytest.mark.postgres), ("sqlite", 0)],
)
def test_nothing_acknowledged_is_lost_or_stored_twice(database, database_kills):
    with scratch_folder(512) as folder:
        counts = run(
            database=database,
            folder=folder,
            bidders=12,
            acknowledgements=50,
            worker_kills=3,
            database_kills=database_kills,
            full_disks=1,
            seed=1,
        )
    assert is_good(counts), counts
    assert counts["acknowledged"] >= 50
    assert counts["worker kills"] >= 3
    assert counts["database kills"] == database_kills
    assert counts["full disks"] == 1
