from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pytest
from flask.testing import FlaskClient

from commissioning.competition import queries
from commissioning.identity import queries as identity
from commissioning.kernel.actor import Actor, Role
from tests.factories import competition as stages
from tests.factories.identity import PersonFactory, actor_of
from tests.support.pages import client_of, post
from tests.support.rows import all_rows


@dataclass
class Site:
    """A competition that was set up by the services, and the browsers of its people."""

    reference: str
    lead: FlaskClient
    approver: FlaskClient
    visitor: FlaskClient
    lead_actor: Actor
    approver_actor: Actor
    people: dict[str, str]

    def path(self, rest: str = "") -> str:
        return f"/competitions/{self.reference}" + (f"/{rest}" if rest else "")

    def page(self, rest: str = "", *, client: FlaskClient | None = None) -> str:
        """The text of a page, which answers 200."""
        answer = (client or self.lead).get(self.path(rest))
        assert answer.status_code == 200, (rest, answer.status_code)
        return answer.get_data(as_text=True)

    def post(self, rest: str, data: dict | None = None, *, client=None, page=None, **more):
        """Post a form of the competition as a browser would."""
        return post(
            client or self.lead,
            self.path(rest),
            data,
            page=None if page is None else self.path(page),
            **more,
        )


@pytest.fixture
def site(app, clock, unit_of_work):
    """Set up a competition by the services: `site()` a sound draft, `site("itn_open")` later."""

    def make(stage: str = "sound_draft", **options) -> Site:
        with unit_of_work():
            tender = getattr(stages, stage)(clock, **options)
            PersonFactory(organisation=tender.authority, roles=[], name="Newly Come")
            lead, approver = tender.as_lead, tender.as_approver
            reference = tender.reference
            people = {
                person.name: person.reference
                for person in identity.people_of(tender.authority.reference)
            }
        return Site(
            reference=reference,
            lead=client_of(app, lead),
            approver=client_of(app, approver),
            visitor=app.test_client(),
            lead_actor=lead,
            approver_actor=approver,
            people=people,
        )

    return make


@pytest.fixture
def member(app, unit_of_work):
    """A browser of one more person of the authority, in roles on a competition."""

    def make(site: Site, *roles: Role, on_competition: bool = True) -> FlaskClient:
        with unit_of_work():
            competition = queries.competition_by_reference(site.reference)
            person = PersonFactory(
                organisation=competition.programme.authority,
                roles=roles,
                competition=site.reference if on_competition else None,
            )
            actor = actor_of(person)
        return client_of(app, actor)

    return make


@pytest.fixture
def bidder(app, unit_of_work):
    """A browser of a bidder who has registered, and nothing more."""
    with unit_of_work():
        actor = actor_of(PersonFactory())
    return client_of(app, actor)


@pytest.fixture
def rows(app):
    """Every row of the database, to see that nothing has changed."""

    def read():
        with app.app_context():
            return all_rows()

    return read


def moment_fields(name: str, at: datetime | str) -> dict[str, str]:
    """The boxes of a date and time, from "2026-09-30 12:00"."""
    text = at if isinstance(at, str) else f"{at:%Y-%m-%d %H:%M}"
    day, time = text.split(" ")
    year, month, number = day.split("-")
    return {
        f"{name}-day": number,
        f"{name}-month": month,
        f"{name}-year": year,
        f"{name}-time": time,
    }
