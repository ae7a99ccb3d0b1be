from __future__ import annotations

import pytest

from commissioning.audit.domain.events import (
    PLATFORM_STREAM,
    Event,
    Subject,
    organisation_stream,
    sealed_stream,
)
from commissioning.audit.services import record
from commissioning.kernel.actor import Role
from tests.factories.identity import AuthorityFactory, OrganisationFactory, PersonFactory, actor_of
from tests.support.pages import client_of


@pytest.fixture
def bidder(unit_of_work, clock):
    """A bidder with one event in its own stream, and one in its sealed stream."""
    with unit_of_work():
        organisation = OrganisationFactory()
        person = PersonFactory(organisation=organisation, roles=[Role.BID_MANAGER])
        actor = actor_of(person)
        for stream, event in (
            (organisation_stream(organisation.reference), Event.ORGANISATION_CHANGED),
            (sealed_stream("T-1", organisation.reference), Event.BID_SUBMITTED),
        ):
            record(actor, event, Subject("bid", "BID-SECRET"), {}, at=clock.now(), stream=stream)
        return actor


def test_people_read_the_trail_of_their_own_organisation(app, bidder):
    page = client_of(app, bidder).get(f"/organisations/{bidder.organisation}/trail")
    assert page.status_code == 200
    assert "Organisation changed" in page.text
    assert "Bid submitted" not in page.text


def test_acts_on_bids_stand_in_a_stream_of_their_own(app, bidder):
    page = client_of(app, bidder).get(f"/organisations/{bidder.organisation}/trail/T-1")
    assert "Bid submitted" in page.text
    absent = client_of(app, bidder).get(f"/organisations/{bidder.organisation}/trail/T-2")
    assert absent.status_code == 404


@pytest.mark.parametrize("ending", ["", "/T-1"])
def test_a_rival_and_an_auditor_find_nothing_there(app, bidder, unit_of_work, ending):
    with unit_of_work():
        rival = actor_of(
            PersonFactory(organisation=OrganisationFactory(), roles=[Role.BID_MANAGER])
        )
        auditor = actor_of(PersonFactory(organisation=AuthorityFactory(), roles=[Role.AUDITOR]))
    for other in (rival, auditor):
        page = client_of(app, other).get(f"/organisations/{bidder.organisation}/trail{ending}")
        assert page.status_code == 404


def test_only_an_auditor_reads_the_platforms_trail(app, bidder, unit_of_work, clock):
    with unit_of_work():
        auditor = actor_of(PersonFactory(organisation=AuthorityFactory(), roles=[Role.AUDITOR]))
        record(
            auditor,
            Event.PROGRAMME_CREATED,
            Subject("programme", "P-1"),
            {},
            at=clock.now(),
            stream=PLATFORM_STREAM,
        )
    assert "Programme created" in client_of(app, auditor).get("/trail").text
    assert client_of(app, bidder).get("/trail").status_code == 404
