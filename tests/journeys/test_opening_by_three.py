"""Three of five key holders open what was sent, in three sessions: quality first, then price."""

from __future__ import annotations

import pytest

from commissioning.cli.site import GRACE, make_due_moves
from commissioning.competition.models import Competition
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Role
from commissioning.kernel.clock import SetClock
from commissioning.kernel.stage import Stage
from tests.factories.identity import LONG_AGO, PASSWORD
from tests.factories.submission import ITN_DEADLINE, contest, submitted_bid
from tests.journeys.opening import joins, opened
from tests.journeys.site import signs_in

pytestmark = pytest.mark.journey

HOLDERS = ("first", "second", "third")


@pytest.fixture
def clock():
    """Before the competitions that the factories make."""
    return SetClock(LONG_AGO)


@pytest.fixture
def made(unit_of_work, clock):
    """A full procedure before its deadline, with a bid of two bidders; the holders' addresses."""
    with unit_of_work():
        made = contest(lots=1, bidders=2, clock=clock)
        for bidder in made.bidders:
            submitted_bid(made, bidder, text="CANARY-OF-THREE")
        holders = made.people[Role.KEY_HOLDER.value]
        assert len(holders) == 5
        return made.reference, [holder.email for holder in holders[:3]]


def stage_of(site, reference):
    with site.app.app_context():
        return db.session.query(Competition).filter_by(reference=reference).one().stage


def test_three_holders_open_in_three_sessions(site, made):
    reference, emails = made
    for name, email in zip(HOLDERS, emails, strict=True):
        signs_in(site.opens(name), email, PASSWORD)
    cannot_join(site, reference, "quality")

    site.clock.move_to(ITN_DEADLINE + GRACE)
    with site.app.app_context():
        assert make_due_moves(site.app, site.clock) == [reference]
    joins(site["first"], "quality")
    joins(site["first"], "quality", again=True)
    joins(site["second"], "quality")
    assert (opened(site, "quality"), stage_of(site, reference)) == (0, Stage.ITN_CLOSED.value)
    joins(site["third"], "quality")
    site["third"].reads("2 bids, of which 2 could be read.")
    assert stage_of(site, reference) == Stage.QUALITY_EVALUATION.value
    assert (opened(site, "quality"), opened(site, "price")) == (2, 0)

    cannot_join(site, reference, "price")
    locks_quality(site, reference)
    for name in HOLDERS[:2]:
        joins(site[name], "price")
    assert opened(site, "price") == 0
    joins(site["third"], "price")
    assert opened(site, "price") == 2


def cannot_join(site, reference, envelope):
    """The page of the opening offers nothing to press for this envelope."""
    holder = site["first"]
    holder.goes_to(f"/competitions/{reference}/opening")
    holder.reads(f"{envelope.capitalize()} envelopes")
    holder.reads_nothing_of(f"Join the opening of the {envelope} envelopes")


def locks_quality(site, reference):
    """The evaluation in between has journeys of its own."""
    with site.app.app_context():
        row = db.session.query(Competition).filter_by(reference=reference).one()
        row.stage = Stage.QUALITY_LOCKED.value
        db.session.commit()
