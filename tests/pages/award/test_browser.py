"""The pages of the award, and what a bidder reads of it, in a real browser at two widths."""

from __future__ import annotations

import pytest

from commissioning.competition.domain.frozen_model import notice_dict
from commissioning.competition.queries.model import drafted_model
from commissioning.identity.models import User
from commissioning.infrastructure.database import db
from commissioning.kernel.canonical import canonical_json
from tests.factories.award import priced_world
from tests.factories.identity import PASSWORD, PersonFactory
from tests.pages.award.test_award_pages import announced
from tests.pages.award.test_own_result import explained
from tests.support.browsing import Inspector
from tests.support.visits import Site

pytestmark = pytest.mark.journey

BIDDERS = 12
PRICES = {
    (lot, place): (500 + 7 * place + 90 * index) * 100_00
    for index, lot in enumerate(("CPA1", "CPA2", "CPA3"))
    for place in range(1, BIDDERS + 1)
}


def prepared(world):
    explained(world)
    for place, lot in enumerate(world.lots, start=1):
        lot.tile_column, lot.tile_row = place, 1
    world.people["manager"] = PersonFactory(organisation=world.bidders[0])
    notice = notice_dict(drafted_model(world.competition))
    world.competition.notice = canonical_json(notice).decode()
    world.competition.notice_sha256 = notice["sha256"]


@pytest.fixture
def site(app, clock):
    def build(_stage, **changes):
        return priced_world(
            PRICES, lots=("CPA1", "CPA2", "CPA3"), bidders=BIDDERS, limits={}, **changes
        )

    made = Site(app, clock, build).make(prepare=prepared)
    announced(made)
    with app.app_context():
        emails = dict(db.session.query(User.reference, User.email).all())
    made.emails = {name: emails[reference] for name, reference in made.people.items()}
    return made


def test_pages_of_an_announced_award_are_accessible_and_narrow_enough(page, app, live_server, site):
    every = {"award.own_result", "award.own_lot_result", "award.show", "competition.trail"}
    inspector = Inspector(app, also_narrow=every)
    page.set_viewport_size({"width": 1280, "height": 900})

    def enter(name):
        page.context.clear_cookies()
        page.goto(live_server.address("/sign-in"))
        page.get_by_label("Email address").fill(site.emails[name])
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        with page.expect_navigation():
            page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()

    for name, pages in {
        "manager": ("bids", "your-result", "your-result/CPA1", "your-result/CPA2", "published"),
        "lead": ("award", "preferred-bidders", "trail", "give-role", "people"),
    }.items():
        enter(name)
        for rest in pages:
            page.goto(live_server.address(site.path(rest)))
            inspector.look(page)
    page.goto(live_server.address("/help/permissions"))
    inspector.look(page)

    assert every <= inspector.endpoints


def test_a_wide_table_says_so_and_can_be_scrolled_by_keyboard(page, live_server, site):
    page.goto(live_server.address("/sign-in"))
    page.get_by_label("Email address").fill(site.emails["lead"])
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    page.set_viewport_size({"width": 320, "height": 900})
    page.goto(live_server.address(site.path("award")))

    region = page.get_by_role("region", name="Table: Every bid")
    assert region.evaluate("it => it.scrollWidth > it.clientWidth")
    assert page.get_by_text("The table goes on to the right").last.is_visible()
    region.focus()
    page.keyboard.press("ArrowRight")
    for _turn in range(50):
        if region.evaluate("it => it.scrollLeft") > 0:
            break
        page.wait_for_timeout(100)
    assert region.evaluate("it => it.scrollLeft") > 0


def test_the_trail_is_read_downwards_on_a_narrow_screen(page, live_server, site):
    page.goto(live_server.address("/sign-in"))
    page.get_by_label("Email address").fill(site.emails["lead"])
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    page.set_viewport_size({"width": 320, "height": 900})
    page.goto(live_server.address(site.path("trail")))

    region = page.get_by_role("region", name="Table: Events")
    assert region.evaluate("it => it.scrollWidth <= it.clientWidth")
    assert region.get_by_role("row").count() > 2
