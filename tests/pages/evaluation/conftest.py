from __future__ import annotations

import pytest

from tests.support.visits import Site


@pytest.fixture
def site(app, clock):
    return Site(app, clock)
