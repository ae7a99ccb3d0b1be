"""What everybody reads of outages, and what an administrator enters."""

from __future__ import annotations

from datetime import timedelta

import pytest

from commissioning.competition import queries as competitions
from commissioning.competition import services as competing
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Role
from tests.factories.identity import AuthorityFactory, PersonFactory, actor_of
from tests.factories.infrastructure import OutageFactory
from tests.factories.submission import ITN_DEADLINE

MINUTE = timedelta(minutes=1)
ENTRY = {
    "started_at-day": "30",
    "started_at-month": "6",
    "started_at-year": "2014",
    "started_at-time": "11:20",
    "ended_at-day": "30",
    "ended_at-month": "6",
    "ended_at-year": "2014",
    "ended_at-time": "11:40",
    "reason": "The line to the exchange was down.",
}


@pytest.fixture
def administrator(site, unit_of_work):
    with unit_of_work():
        return actor_of(PersonFactory(organisation=AuthorityFactory(), roles=[Role.ADMINISTRATOR]))


def due(site):
    def move():
        competing.pass_deadlines(clock=site.clock)
        db.session.commit()

    site.ask(move)


def deadline(site):
    return site.ask(
        lambda: (
            competitions.deadline_of(
                competitions.competition_by_reference(site.reference), "itn_deadline"
            ).instant_utc
        )
    )


def test_everybody_reads_the_table_and_the_log(site, client, read):
    page = read(client, "/help/deadlines")

    assert "60 seconds or longer" in page
    assert "No outage is on record." in page
    assert "Enter an outage" not in page


def test_an_administrator_checks_an_outage_before_it_is_on_record(site, administrator, read, send):
    site.make()
    site.clock.move_to(ITN_DEADLINE - 10 * MINUTE)
    client = site.visit(administrator)
    assert "Enter an outage" in read(client, "/help/deadlines")
    checked = send(client, "/help/deadlines/record", ENTRY, status=200).get_data(as_text=True)
    assert "cannot be changed or taken back" in checked
    assert "No outage is on record." in read(client, "/help/deadlines")
    send(client, "/help/deadlines/record", {**ENTRY, "step": "confirm"})
    assert "The line to the exchange was down." in read(client, "/help/deadlines")
    due(site)

    assert deadline(site) == ITN_DEADLINE


def test_what_is_wrong_is_said_at_its_place(site, administrator, send):
    site.make()
    site.clock.move_to(ITN_DEADLINE - 10 * MINUTE)
    client = site.visit(administrator)
    for step in ({}, {"step": "confirm"}):  # before the check page as well as after it
        late = {**ENTRY, "ended_at-time": "11:55", **step}
        page = send(client, "/help/deadlines/record", late, status=422).get_data(as_text=True)
        assert "its end lies in the future" in page
        back = {**ENTRY, "ended_at-time": "11:10", **step}
        page = send(client, "/help/deadlines/record", back, status=422).get_data(as_text=True)
        assert "Enter an end that comes after the start." in page


def test_nobody_else_enters_an_outage(site, read):
    site.make()
    for actor in (*site.bidders, site.team["procurement_lead"][0]):
        read(site.visit(actor), "/help/deadlines/record", status=404)


def test_bidders_and_the_public_see_the_new_deadline_at_once(site, read, unit_of_work):
    site.make()
    site.clock.move_to(ITN_DEADLINE - 10 * MINUTE)
    now = site.clock.now()
    with unit_of_work():
        OutageFactory(started_at=now - 30 * MINUTE, ended_at=now - 10 * MINUTE)
    due(site)
    bidder = site.visit(site.bidders[0])

    for path in (site.path("bids"), site.bid(), site.bid("/check")):
        page = read(bidder, path)
        assert "30 June 2014, 1:20pm" in page, path
    assert "The deadline was Monday 30 June 2014, 12 noon" in read(bidder, site.bid())
    assert "because the service failed before it" in read(bidder, site.path("bids"))
