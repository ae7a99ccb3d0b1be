"""Fixtures of journeys: a demonstration whose mail can be read, and everybody's browsers."""

from __future__ import annotations

import pytest

from tests.journeys.site import Site
from tests.support.browsing import Inspector

ALSO_NARROW = (
    "award.show",
    "competition.add_criterion",
    "competition.change_timetable",
    "competition.home",
    "competition.published",
    "dashboard.home",
    "evaluation.agreed_mark",
    "evaluation.answer",
    "evaluation.ranking",
    "identity.sign_in",
    "submission.check_bid",
    "submission.pqq",
    "submission.price",
    "submission.receipt",
)
"""Where axe runs at 320 pixels too: the pages with most on them, and those that most people see."""


@pytest.fixture
def app(make_app):
    """A demonstration: its mail can be read on the site."""
    return make_app(is_demo=True)


@pytest.fixture
def site(app, clock, browser, live_server):
    """The site as it is served, with nobody at it yet."""
    site = Site(app, clock, browser, live_server.url, Inspector(app, ALSO_NARROW))
    yield site
    site.closes()
