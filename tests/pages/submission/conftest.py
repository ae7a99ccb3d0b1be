"""A site with one competition on it, and the people who visit its pages."""

from __future__ import annotations

import pytest

from commissioning.competition.models import Competition
from commissioning.infrastructure.database import db
from commissioning.kernel.clock import SetClock
from commissioning.kernel.stage import Stage
from tests.factories.identity import LONG_AGO
from tests.factories.submission import contest
from tests.support.pages import client_of, post


@pytest.fixture
def clock():
    return SetClock(LONG_AGO)


class Site:
    """What a test keeps of a competition: references and actors, no rows."""

    def __init__(self, app, clock):
        self.app = app
        self.clock = clock

    def make(self, prepare=None, **changes):
        with self.app.app_context():
            made = contest(clock=self.clock, **changes)
            self.kept = prepare(made) if prepare is not None else None
            self.reference, self.lot = made.reference, made.lot
            self.organisations = [bidder.reference for bidder in made.bidders]
            self.bidders = [bidder.actor for bidder in made.bidders]
            self.team = {
                role: [made.person(role, number) for number in range(len(people))]
                for role, people in made.people.items()
            }
            db.session.commit()
        return self

    def visit(self, actor):
        return client_of(self.app, actor)

    def path(self, rest=""):
        return f"/competitions/{self.reference}/{rest}"

    def bid(self, rest="", lot=None):
        return self.path(f"bids/{lot or self.lot}{rest}")

    def move_to(self, stage: Stage):
        with self.app.app_context():
            row = db.session.query(Competition).filter_by(reference=self.reference).one()
            row.stage = stage.value
            db.session.commit()

    def ask(self, question):
        """What a function finds in the database."""
        with self.app.app_context():
            return question()


@pytest.fixture
def site(app, clock):
    return Site(app, clock)


@pytest.fixture
def make_site(make_app, clock):
    """A site with settings of its own."""
    return lambda **changes: Site(make_app(**changes), clock)


@pytest.fixture
def read():
    """The text of a page that must be there."""

    def get(client, path, status=200):
        answer = client.get(path)
        assert answer.status_code == status, (path, answer.status_code)
        return answer.get_data(as_text=True)

    return get


@pytest.fixture
def send():
    """Post a form: a redirect when it was taken, 422 with the page when not."""

    def to(client, path, data=None, status=303, page=None, **rest):
        answer = post(client, path, data, page=page, **rest)
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer

    return to


@pytest.fixture
def enter(page, live_server, site):
    """Sign the browser in as an actor of the test."""

    def sign_in(actor):
        client = site.visit(actor)
        cookie = client.get_cookie("session")
        page.context.clear_cookies()
        page.context.add_cookies(
            [{"name": "session", "value": cookie.value, "url": live_server.url}]
        )

    return sign_in
