"""A declared interest is decided in a real browser, by two people, on pages of both widths."""

from __future__ import annotations

import pytest

from commissioning.evaluation import services
from commissioning.identity.models import User
from commissioning.infrastructure.database import db
from tests.factories.identity import PASSWORD
from tests.support.looking import looked_at

pytestmark = pytest.mark.journey


def test_two_people_decide_on_a_declared_interest(page, site, clock, app, live_server):
    def prepare(world):
        world.bidders[1].name = "Community rehabilitation partnership of the northern counties Ltd"
        for name, bidder in (("e1", None), ("moderator", world.bidders[1].reference)):
            services.declare_interest(
                world.actor(name),
                world.reference,
                organisation=bidder,
                statement="My brother worked there until 2004, and holds shares of it still.",
                clock=clock,
            )

    site.make(prepare=prepare)
    with app.app_context():
        emails = {row.reference: row.email for row in db.session.query(User)}
    interests = live_server.address(site.path("evaluation/interests"))

    def enter(name):
        page.context.clear_cookies()
        page.goto(live_server.address("/sign-in"))
        page.get_by_label("Email address").fill(emails[site.people[name]])
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        press("Sign in")

    def press(name):
        with page.expect_navigation():
            page.get_by_role("main").get_by_role("button", name=name, exact=True).click()

    enter("lead")
    page.goto(interests)
    looked_at(page, "interests-lead")
    page.get_by_role("link", name="Propose a decision on the interest of Robin E1").click()
    press("Propose")
    looked_at(page, "interests-refused")
    page.get_by_role("radio", name="The bar is lifted in part").check()
    page.get_by_role("checkbox", name="Area CPA2").check()
    page.get_by_label("Why is it, or is it not, a conflict?").fill("He left in 2004.")
    press("Propose")
    assert page.get_by_text("It is proposed.").is_visible()
    looked_at(page, "interests-proposed")
    enter("approver")
    page.goto(interests)
    page.get_by_role("link", name="Decide on the interest of Robin E1").click()
    looked_at(page, "interests-decide")
    page.get_by_role("radio", name="Approve it").check()
    press("Confirm your decision")
    looked_at(page, "interests-decided")
    enter("e1")
    page.goto(interests)
    looked_at(page, "interests-own")
