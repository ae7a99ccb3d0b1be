"""A bidder reads that the invitation changed, and confirms."""

from __future__ import annotations

import re
from datetime import timedelta

from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Role
from commissioning.submission import services
from tests.factories.submission import colleague, submitted_bid
from tests.support.changes import NEW_DEADLINE, change_invitation

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def prepared(*, alters_form=True):
    def prepare(made):
        submitted_bid(made, made.bidders[0])
        made.clock.advance(MINUTE)
        change_invitation(made, alters_form=alters_form)
        return colleague(made.bidders[0], Role.BID_WRITER, Role.BID_MANAGER)

    return prepare


def hidden(page):
    """The fields that the page filled in for itself."""
    return dict(re.findall(r'name="(receipt|version)"[^>]*? value="([^"]+)"', page))


def close(site):
    def do():
        services.pass_deadlines(clock=site.clock)
        db.session.commit()

    site.clock.move_to(NEW_DEADLINE)
    site.ask(do)


def test_a_bidder_is_told_everywhere_and_confirms(site, read, send):
    site.make(prepared())
    client = site.visit(site.bidders[0])
    assert "What you do not confirm or replace does not count" in read(client, "/dashboard")
    assert "Area 1" in read(client, "/dashboard")
    assert "does not count as it stands" in read(client, site.path("bids"))
    assert "The invitation changed: confirm your bid again" in read(client, site.bid())
    page = read(client, site.bid("/confirm"))
    assert "The price schedule has a new line." in page
    send(client, site.bid("/confirm"), hidden(page))

    for path in ("/dashboard", site.path("bids"), site.bid()):
        assert "The invitation changed" not in read(client, path), path
    assert "stands under version 2" in read(client, site.bid())
    assert "There is nothing to confirm" in read(client, site.bid("/confirm"))


def test_what_is_not_confirmed_lapses_and_its_bidder_reads_why(site, read):
    site.make(prepared())
    close(site)
    client = site.visit(site.bidders[0])

    assert "These bids do not count" in read(client, site.path("bids"))
    assert "This bid does not count." in read(client, site.bid())


def test_without_a_change_of_form_it_stands(site, read):
    site.make(prepared(alters_form=False))
    client = site.visit(site.bidders[0])
    assert "your bid stands as you submitted it" in read(client, site.bid())
    close(site)

    assert "does not count" not in read(client, site.path("bids"))


def test_a_writer_is_sent_to_a_signatory(site, read):
    site.make(prepared())
    client = site.visit(site.kept)

    assert "Only a signatory" in read(client, site.bid())
