"""What nobody may know yet is on no page, whoever asks; once it is open, it is found."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import delete

from commissioning.evaluation import services
from commissioning.infrastructure.database import db
from commissioning.kernel.stage import Stage
from commissioning.submission.models import Bid, BidEnvelope
from tests.factories.evaluation import TEAM, open_price, respond
from tests.factories.identity import OrganisationFactory

SECRET = "CANARY"


def addresses(site):
    """Every page of the blueprint that is read, with the references of this competition in it."""
    values = {
        "reference": site.reference,
        "lot": "CPA1",
        "criterion": "C1",
        "leaf": "C1",
        "bid": site.bids["CPA1"][0] if site.bids.get("CPA1") else "BID-NONE",
        "response": site.responses[0] if site.responses else "PQQ-NONE",
        "number": 3,
        "file": "FIL-NONE",
        "interest": 1,
    }
    with site.app.test_request_context():
        return [
            site.app.url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})
            for rule in site.app.url_map.iter_rules()
            if rule.endpoint.startswith("evaluation.") and "GET" in rule.methods
        ]


ROLES = ("lead", "approver", "commercial", "moderator", "e1", "a1", "auditor", "holder")


def readers_of(site, text, people=ROLES):
    """Which people find a text on which pages."""
    found = set()
    for name in people:
        client = site.visit(name)
        for address in addresses(site):
            answer = client.get(address)
            if answer.status_code == 200 and text in answer.get_data(as_text=True):
                found.add(name)
    return found


def test_individual_marks_are_on_no_page_but_their_own_until_all_have_submitted(site, clock):
    def prepare(world):
        world.assign(clock)
        for name in ("e1", "e2"):
            world.submit(clock, name, lot="CPA1", criterion="C1")
        bid = min(b.reference for b in world.bids_for("CPA1"))
        services.save_mark(
            world.actor("e3"),
            world.reference,
            bid,
            "C1",
            mark=1,
            reason=f"{SECRET} of e3",
            clock=clock,
        )

    site.make(prepare=prepare)
    assert readers_of(site, f"{SECRET} of e3", TEAM) == {"e3"}
    assert readers_of(site, "Reason for C1 of", TEAM) == {"e1", "e2"}

    entries = {(bid, "C1"): (1, f"{SECRET} of e3") for bid in site.bids["CPA1"]}
    site.act(services.submit_marks, "e3", site.reference, "CPA1", "C1", entries=entries)

    everyone = {"e1", "e2", "e3", "moderator", "lead", "auditor"}
    assert readers_of(site, f"{SECRET} of e3", TEAM) == everyone


def test_prices_are_on_no_page_before_their_opening_and_never_for_whoever_marks(site, clock):
    def prepare(world):
        world.mark_everything(clock)
        decision = services.propose_quality_lock(world.actor("lead"), world.reference, clock=clock)
        services.approve_quality_lock(world.actor("approver"), decision.reference, clock=clock)
        for bid in world.bids:
            open_price(bid, *(123_456_789_00,) * 7)

    site.make(prepare=prepare)
    assert readers_of(site, "123,456,789") == set()

    def open_it(competition):
        competition.stage = Stage.PRICE_EVALUATION.value
        db.session.commit()

    site.ask(open_it)
    assert readers_of(site, "123,456,789") == {"commercial", "lead", "approver", "auditor"}


@pytest.mark.parametrize("stage", [Stage.ITN_OPEN, Stage.ITN_CLOSED])
def test_whether_anybody_bid_is_on_no_page_before_the_quality_opening(site, clock, stage):
    """Every page is the same, but for its tokens, when the bids are gone."""
    site.make(stage, prepare=lambda world: world.assign(clock))

    def pages():
        return {
            (name, address): _TOKENS.sub("", answer.get_data(as_text=True))
            for name in ROLES
            for address in addresses(site)
            if (answer := site.visit(name).get(address)).status_code == 200
        }

    with_bids = pages()
    assert len(with_bids) > 10
    site.ask(_forget_bids)

    assert pages() == with_bids


_TOKENS = re.compile(r'name="csrf_token"[^>]*>|nonce="[^"]*"')


def _forget_bids(_competition):
    db.session.execute(delete(BidEnvelope))
    db.session.execute(delete(Bid))
    db.session.commit()


def test_pqq_responses_are_on_no_page_before_the_closing(site):
    def prepare(world):
        respond(world, organisation=OrganisationFactory(name=f"{SECRET} Ltd"))

    site.make(Stage.PQQ_OPEN, prepare)
    assert readers_of(site, SECRET) == set()

    def close(competition):
        competition.stage = Stage.PQQ_CLOSED.value
        db.session.commit()

    site.ask(close)
    assert readers_of(site, SECRET) == {"lead", "commercial", "approver", "a1", "auditor"}
