from __future__ import annotations

import os

import pytest

from tests.support.replays import Replays


@pytest.fixture(scope="session")
def replays(tmp_path_factory):
    """Replays, each made once in a run, however many workers it has."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return Replays(shared / "replays")


@pytest.fixture(scope="session")
def whole(replays):
    """The demonstration as `demo` leaves it, at its last stage."""
    return replays.of("whole", [])


@pytest.fixture(scope="session")
def itn_closed(replays):
    """The demonstration an hour after the deadline for bids, with every bid sealed."""
    return replays.of("itn_closed", ["--stage", "itn_closed"])
