from __future__ import annotations

import pytest

from tests.factories.award import priced_world
from tests.support.visits import Site

# Going lot by lot gives the first bidder both; with one lot each the optimum is 600 + 700.
PRICES = {
    ("CPA1", 1): 500_00,
    ("CPA1", 2): 600_00,
    ("CPA2", 1): 700_00,
    ("CPA2", 2): 2000_00,
}


def build(_stage, **changes):
    return priced_world(PRICES, **{"limits": {"max_lots_per_bidder": 1}, **changes})


@pytest.fixture
def site(app, clock):
    """A site with a competition whose prices are computed: it waits for its award."""
    return Site(app, clock, build)


@pytest.fixture
def ready(site):
    return site.make()
