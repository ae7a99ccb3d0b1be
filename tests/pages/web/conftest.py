from __future__ import annotations

import pytest

from tests.pages.web.probe import BIDDER, LEAD, probe_blueprint
from tests.support.pages import client_of


@pytest.fixture
def make_site(make_app):
    """The application with the pages of `probe` added."""

    def make(**changes):
        app = make_app(**changes)
        app.register_blueprint(probe_blueprint())
        # A page that fails is shown as in production, not raised into the test.
        app.config["PROPAGATE_EXCEPTIONS"] = False
        return app

    return make


@pytest.fixture
def site(make_site):
    return make_site()


@pytest.fixture
def visitor(site):
    return site.test_client()


@pytest.fixture
def lead(site):
    return client_of(site, LEAD)


@pytest.fixture
def bidder(site):
    return client_of(site, BIDDER)
