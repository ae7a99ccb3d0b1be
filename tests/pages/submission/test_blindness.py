"""No page tells anybody but the bidder that there is a bid, before the envelopes are open."""

from __future__ import annotations

import re

import pytest

from commissioning.audit import queries as trail
from commissioning.audit.domain.events import PLATFORM_STREAM, sealed_stream
from commissioning.kernel.actor import Role
from commissioning.kernel.stage import Stage
from tests.factories.submission import colleague, drafted_bid, opened, submitted_bid
from tests.support.pages import post

SECRET = "CANARY-BID"
_CHANGING = re.compile(r'nonce="[^"]+"|name="csrf_token"[^>]*>|<time[^>]*>[^<]*</time>')

PAGES = (
    "pqq",
    "pqq/check",
    "bids",
    "bids/L1",
    "bids/L1/check",
    "bids/L1/price",
    "bids/L1/answers/Q1",
    "bids/L1/submitted",
    "bids/L1/withdraw",
    "opening-keys",
    "opening",
)


def bids_of_the_first(made):
    bid = submitted_bid(made, made.bidders[0], text=SECRET)
    drafted_bid(made, made.bidders[0], "L2", text=SECRET)
    return bid.reference


def everybody_else(site):
    return {
        **{role: actors[0] for role, actors in site.team.items()},
        "another bidder": site.bidders[1],
    }


def seen(site, actor):
    """Every page of bids and openings as one person gets it, without what changes each time."""
    client = site.visit(actor)
    found = {}
    for path in (*map(site.path, PAGES), "/tenders", "/", "/dashboard", "/competitions"):
        answer = client.get(path)
        text = _CHANGING.sub("", answer.get_data(as_text=True))
        found[path.replace(site.reference, "REF")] = (answer.status_code, text)
    return found


@pytest.mark.parametrize("stage", [Stage.ITN_OPEN, Stage.ITN_CLOSED])
def test_nobody_else_finds_a_bid_on_any_page(site, stage):
    site.make(bids_of_the_first, bidders=2)
    site.move_to(stage)

    for who, actor in everybody_else(site).items():
        for path, (_, text) in seen(site, actor).items():
            for secret in (SECRET, site.kept, site.organisations[0]):
                assert secret not in text, (who, path)


def test_the_bidder_itself_finds_it(site):
    site.make(bids_of_the_first, bidders=2)
    pages = seen(site, site.bidders[0])

    assert SECRET in pages["/competitions/REF/bids/L1/check"][1]
    assert "Submitted" in pages["/competitions/REF/bids"][1]


@pytest.mark.parametrize("stage", [Stage.ITN_OPEN, Stage.ITN_CLOSED])
def test_pages_are_the_same_whether_or_not_a_rival_has_bid(site, app, stage):
    """Two moments of one site: before a rival's bids exist, and after."""
    site.make(bidders=2)
    site.move_to(stage)
    people = everybody_else(site)
    before = {who: seen(site, actor) for who, actor in people.items()}
    site.move_to(Stage.ITN_OPEN)

    client = site.visit(site.bidders[0])
    assert post(client, site.bid("/answers/Q1"), {"Q1": SECRET}).status_code == 303
    assert post(client, site.bid("/price"), {f"fee_{n}": "10,000,000" for n in range(1, 8)})
    page = client.get(site.bid("/check")).get_data(as_text=True)
    hidden = dict(
        re.findall(
            r'name="(idempotency_key|checked_quality|checked_price)"[^>]*? value="([^"]*)"', page
        )
    )
    sent = hidden | {"confirmed_incomplete": "y"}
    assert post(client, site.bid("/check"), sent).status_code == 303
    site.move_to(stage)

    after = {who: seen(site, actor) for who, actor in people.items()}
    assert after == before


def test_the_same_comparison_sees_the_bids_after_the_opening(site):
    def prepare(made):
        bids_of_the_first(made)
        before = made.row.stage
        opened(made)
        return before

    site.make(prepare, bidders=2)
    lead = site.team["procurement_lead"][0]

    assert "1 bid, of which 1 could be read." in seen(site, lead)["/competitions/REF/opening"][1]


def test_no_page_of_a_bid_names_its_organisation_so_that_another_cannot_be_asked_for(app):
    rules = [rule.rule for rule in app.url_map.iter_rules() if "/bids" in rule.rule]

    assert rules
    assert not [rule for rule in rules if "organisation" in rule]


def test_what_a_bidders_own_person_is_refused_stands_in_the_sealed_stream(site):
    """In the common stream it would say that there is a bid."""

    def prepare(made):
        bids_of_the_first(made)
        return colleague(made.bidders[0], Role.BID_WRITER)

    site.make(prepare, bidders=2)
    before = site.ask(lambda: trail.event_count(PLATFORM_STREAM))
    writer, lead = site.visit(site.kept), site.visit(site.team["procurement_lead"][0])
    assert writer.get(site.bid("/withdraw")).status_code == 404
    assert post(writer, site.bid("/check"), {}, page=site.bid("/check")).status_code == 404

    own = sealed_stream(site.reference, site.organisations[0])
    events = site.ask(lambda: [link.event for link in trail.links(own)])
    assert events[-2:] == ["denied", "denied"]
    assert site.ask(lambda: trail.event_count(PLATFORM_STREAM)) == before
    # Anybody else is refused where everybody's refusals stand.
    assert lead.get(site.bid()).status_code == 404
    assert site.ask(lambda: trail.event_count(PLATFORM_STREAM)) == before + 1


def test_a_made_up_address_makes_no_stream(site):
    site.make()
    client = site.visit(site.bidders[0])
    assert client.get("/competitions/NOWHERE/bids").status_code == 404

    assert "sealed:NOWHERE" not in str(site.ask(trail.heads))
