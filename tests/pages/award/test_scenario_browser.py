"""Why an award is as it is, and scenarios, in a real browser at two widths."""

from __future__ import annotations

import pytest

from commissioning.award import services
from commissioning.cli.bounds import Bounds
from commissioning.cli.working import run_work
from commissioning.identity.models import User
from commissioning.infrastructure.database import db
from tests.factories.award import priced_world
from tests.factories.identity import PASSWORD
from tests.pages.award.test_award_pages import solve
from tests.pages.award.test_browser import prepared
from tests.pages.award.test_scenario_pages import make, solved, work_of
from tests.support.browsing import Inspector
from tests.support.visits import Site

pytestmark = pytest.mark.journey

LOTS = ("CPA1", "CPA2", "CPA3")
PRICES = {
    (lot, place): (500 + 70 * place * (1 + index) - 110 * index) * 100_00
    for index, lot in enumerate(LOTS)
    for place in (1, 2, 3)
}


@pytest.fixture
def site(app, clock):
    def build(_stage, **changes):
        limits = {"max_lots_per_bidder": 1}
        return priced_world(
            PRICES, lots=LOTS, bidders=3, limits=limits, funding_multiple=9, **changes
        )

    made = Site(app, clock, build).make(prepare=prepared)
    with app.app_context():
        emails = dict(db.session.query(User.reference, User.email).all())
    made.email = emails[made.people["commercial"]]
    return made


@pytest.fixture
def enter(page, live_server, site):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(live_server.address("/sign-in"))
    page.get_by_label("Email address").fill(site.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()


def test_the_pages_are_accessible_and_narrow_enough(
    page, app, live_server, site, enter, real_clock
):
    every = {
        "award.why",
        "award.why_lot",
        "award.alternatives",
        "award.scenarios",
        "award.scenario",
        "award.compare_scenarios",
        "award.new_scenario",
        "competition.award_rules",
    }
    inspector = Inspector(app, also_narrow=every)
    solve(site)
    first = make(site)
    solved(site, real_clock, first)
    waiting = make(site, name="Least price", objective="min_total_price")
    site.post("commercial", f"award/scenarios/{waiting}/solve", page="award/scenarios/new")
    for rest in (
        "award/why",
        "award/why/CPA1",
        "award/alternatives",
        "award/scenarios/new",
        "award/scenarios",
        f"award/scenarios/{first}",
        f"award/scenarios/{waiting}",
        f"award/scenarios/compare?scenario={first}&scenario={waiting}",
        "award-rules",
    ):
        page.goto(live_server.address(site.path(rest)))
        inspector.look(page)

    assert every <= inspector.endpoints


def test_an_open_page_shows_how_far_the_work_is_and_then_its_answer(
    page, app, live_server, site, enter, real_clock
):
    scenario = make(site)
    site.post("commercial", f"award/scenarios/{scenario}/solve", page="award/scenarios/new")
    page.goto(live_server.address(site.path(f"award/scenarios/{scenario}")))
    progress = page.locator("[data-work-progress]")
    assert "The process is starting." in progress.inner_text()

    work = work_of(site)
    clocks = {"clock": site.clock, "real_clock": real_clock}
    page.evaluate("window.isTheSamePage = true")
    with app.app_context():
        services.take_up_work(work, **clocks)
        services.note_progress(work, 3, 7, real_clock=real_clock)
        db.session.commit()
    progress.get_by_text("3 of 7 what-ifs answered").wait_for()
    assert page.evaluate("window.isTheSamePage")

    with app.app_context():
        services.fail_work(work, "There was a storm.", **clocks)
        db.session.commit()
    page.get_by_text("There was a storm.").wait_for()

    page.get_by_role("button", name="Solve this scenario").click()
    assert run_work(app, work_of(site), Bounds(60, 2048), **clocks)
    page.get_by_role("heading", name="What would come out").wait_for()
