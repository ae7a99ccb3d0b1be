"""The study of an award and the rehearsal of rules in a real browser, at two widths."""

from __future__ import annotations

import pytest

from commissioning.cli.bounds import Bounds
from commissioning.cli.working import run_work
from commissioning.identity.models import User
from commissioning.infrastructure.database import db
from commissioning.kernel.stage import Stage
from tests.factories.award import agree_marks, priced_world
from tests.factories.evaluation import world_at
from tests.factories.identity import PASSWORD
from tests.pages.award import test_rehearsal_pages, test_robustness_pages
from tests.pages.award.test_award_pages import solve
from tests.support.browsing import Inspector
from tests.support.visits import Site

pytestmark = pytest.mark.journey

LOTS = ("CPA1", "CPA2", "CPA3")
PRICES = {
    (lot, place): (500 + 7 * place * (1 + index)) * 100_00
    for index, lot in enumerate(LOTS)
    for place in (1, 2, 3)
}


@pytest.fixture
def enter(page, live_server, app):
    """Sign in as somebody of a site."""

    def sign_in(site, who):
        with app.app_context():
            person = site.people[who]
            email = db.session.query(User.email).filter(User.reference == person).scalar()
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(live_server.address("/sign-in"))
        page.get_by_label("Email address").fill(email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        with page.expect_navigation():
            page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()

    return sign_in


def test_a_study_is_started_watched_and_read(page, app, clock, live_server, enter, real_clock):
    def build(_stage, **changes):
        return agree_marks(
            priced_world(PRICES, lots=LOTS, bidders=3, limits={}, funding_multiple=9, **changes)
        )

    site = Site(app, clock, build).make()
    solve(site)
    inspector = Inspector(app, also_narrow={"award.robustness"})
    enter(site, "approver")
    page.goto(live_server.address(site.path("award/robustness")))
    inspector.look(page)
    page.get_by_role("button", name="Start the study").click()
    page.get_by_text("The process is starting.").wait_for()
    inspector.look(page)
    clocks = {"clock": clock, "real_clock": real_clock}
    assert run_work(app, test_robustness_pages.work_of(site), Bounds(60, 2048), **clocks)
    page.get_by_role("heading", name="What was found").wait_for()
    inspector.look(page)


def test_a_rehearsal_is_started_watched_and_read(page, app, clock, live_server, enter, real_clock):
    site = Site(
        app,
        clock,
        lambda _stage, **changes: world_at(
            Stage.DRAFT, lots=LOTS, funding_multiple=2, tie_seed=None, **changes
        ),
    ).make()
    inspector = Inspector(app, also_narrow={"award.rehearsal"})
    enter(site, "lead")
    page.goto(live_server.address(site.path("award-rules/rehearsal")))
    inspector.look(page)
    page.get_by_label("Number of invented markets").fill("20")
    page.get_by_role("button", name="Rehearse the rules").click()
    page.get_by_text("The process is starting.").wait_for()
    inspector.look(page)
    clocks = {"clock": clock, "real_clock": real_clock}
    assert run_work(app, test_rehearsal_pages.work_of(site), Bounds(120, 2048), **clocks)
    page.get_by_role("heading", name="What came of it").wait_for()
    inspector.look(page)
