from __future__ import annotations

from itertools import chain

import pytest

from commissioning.evaluation import queries, services
from commissioning.infrastructure.database import db
from commissioning.kernel.stage import Stage
from tests.factories.evaluation import open_price
from tests.support.visits import words

FEES = (1_000_000_00,) * 7


@pytest.fixture
def complete(site, clock):
    return site.make(prepare=lambda world: world.mark_everything(clock))


def locked(world, clock):
    world.mark_everything(clock)
    decision = services.propose_quality_lock(world.actor("lead"), world.reference, clock=clock)
    services.approve_quality_lock(world.actor("approver"), decision.reference, clock=clock)


@pytest.fixture
def priced(site, clock):
    def prepare(world):
        locked(world, clock)
        for number, bid in enumerate(world.bids):
            open_price(bid, FEES[0] + number * 100, *FEES[1:], adjustments_pence=-50)
        world.competition.stage = Stage.PRICE_EVALUATION.value
        db.session.flush()

    return site.make(prepare=prepare)


def test_the_digest_of_the_marks_is_shown_to_both_who_lock(site, clock):
    site.make(prepare=lambda world: world.mark_everything(clock))
    digest = site.ask(queries.agreed_marks_sha256)

    for page in ("", "/propose"):
        assert f"Agreed marks now {digest}" in site.text("lead", f"evaluation/quality-lock{page}")
    site.act(services.propose_quality_lock, "lead", site.reference)
    for name, page in (("lead", ""), ("approver", ""), ("approver", "/decide")):
        text = site.text(name, f"evaluation/quality-lock{page}")
        assert f"Proposed marks {digest} Agreed marks now {digest}" in text
        assert "Marks have changed" not in text


def test_an_approver_is_told_where_the_marks_are_not_those_that_were_proposed(site, clock):
    site.make(prepare=lambda world: world.mark_everything(clock))
    site.act(services.propose_quality_lock, "lead", site.reference)
    entry = {(site.bids["CPA1"][0], "C1"): (4, "Read again.")}
    where = (site.reference, "CPA1", "C1")
    site.act(services.change_consensus, "moderator", *where, entry)
    for name in ("e1", "e2", "e3"):
        site.act(services.agree_consensus, name, *where)

    page = "evaluation/quality-lock/decide"
    assert "Agreed marks have changed since the lock was proposed." in site.text("approver", page)
    answer = site.post("approver", page, {"decision": "approve"}, page=page)
    assert answer.status_code == 422
    assert "Agreed marks have changed since the lock was proposed." in words(answer)
    assert site.ask(lambda competition: competition.stage) == Stage.QUALITY_EVALUATION
    answer = site.post("approver", page, {"decision": "send_back", "reason": "Changed."}, page=page)
    assert answer.status_code == 303
    assert "Propose the quality lock" in site.text("lead", "evaluation/quality-lock")


def test_progress_counts_and_filters(site, clock):
    def prepare(world):
        world.assign(clock, criteria=["C1"])
        world.submit(clock, "e1", lot="CPA1", criterion="C1")

    site.make(prepare=prepare)
    page = site.text("lead", "evaluation/progress")
    assert "1 of 6 evaluators’ sheets submitted" in page
    assert "0 of 12 agreed marks recorded" in page
    sheets = page.split("Sheets")[1]
    assert sheets.count("Not assigned") == 2
    assert sheets.count("Marking") == 2
    filtered = site.text("lead", "evaluation/progress?criterion=C1&status=Marking&lot=CPA2")
    assert filtered.split("Sheets")[1].count("Area CPA2") == 1
    assert "No sheet is like that." in site.text("lead", "evaluation/progress?status=Complete")


def test_progress_is_absent_before_the_opening_and_for_others(site, clock):
    site.make(Stage.ITN_CLOSED)
    assert site.get("lead", "evaluation/progress").status_code == 404
    site.make()
    for name in ("e1", "commercial", "a1", "holder"):
        assert site.get(name, "evaluation/progress").status_code == 404
    for name in ("lead", "approver", "moderator", "auditor"):
        assert site.get(name, "evaluation/progress").status_code == 200


def test_lock_page_names_what_is_missing(site, clock):
    site.make(prepare=lambda world: world.assign(clock, criteria=["C1"]))
    page = site.text("lead", "evaluation/quality-lock")
    assert "records are missing" in page
    assert "Area CPA1, Local partnership: no evaluator is assigned." in page
    assert "Propose the quality lock" not in page
    answer = site.post("lead", "evaluation/quality-lock/propose", {})
    assert answer.status_code == 422
    assert "Quality cannot be locked yet." in words(answer)


def test_quality_is_locked_by_two_and_points_are_shown(complete):
    assert "Every record is complete" in complete.text("lead", "evaluation/quality-lock")
    assert complete.get("lead", "evaluation/points").status_code == 404
    assert complete.post("lead", "evaluation/quality-lock/propose", {}).status_code == 303
    assert complete.get("lead", "evaluation/quality-lock/decide").status_code == 404

    done = complete.post("approver", "evaluation/quality-lock/decide", {"decision": "approve"})

    assert done.status_code == 303
    assert complete.ask(lambda c: c.stage) == Stage.QUALITY_LOCKED
    assert "Quality is locked" in complete.text("lead", "evaluation/quality-lock")
    for name in ("lead", "approver", "commercial", "auditor"):
        assert complete.text(name, "evaluation/points").count("75.000") == 4
    for name in ("e1", "moderator", "holder"):
        assert complete.get(name, "evaluation/points").status_code == 404


def test_prices_are_shown_with_their_working(priced):
    page = priced.text("commercial", "evaluation/prices")
    assert "7 yearly fees at 3.5% a year" in page
    assert "£7,000,000.00 -£0.50 £6,328,552.52" in page
    bid = next(
        b
        for b in chain.from_iterable(priced.bids.values())
        if "£1,000,000.00 1.000000" in priced.text("commercial", f"evaluation/prices/{b}")
    )
    working = priced.text("commercial", f"evaluation/prices/{bid}")
    assert "Year 2 £1,000,000.00 1.035000 £966,183.5749" in working
    assert "Sum – – £6,328,552.5198" in working
    assert "Evaluated price £6,328,552.52" in working
    assert "When the price evaluation is complete" in working
    assert f"CANARY-{bid}" in working


def test_price_evaluation_is_completed_and_ranks(priced):
    assert "4 bids are ranked" in priced.text("commercial", "evaluation/prices/complete")
    assert priced.get("commercial", "evaluation/ranking").status_code == 404
    for name in ("lead", "approver", "auditor"):
        assert priced.get(name, "evaluation/prices/complete").status_code == 404

    done = priced.post("commercial", "evaluation/prices/complete")

    assert done.location.endswith("evaluation/ranking")
    for name in ("commercial", "lead", "approver", "auditor"):
        page = priced.text(name, "evaluation/ranking")
        assert page.count("75.000") == 4
        assert "Area CPA1" in page.split("Ranking by lot")[1]
        assert "£84,380.70" in page
    one = priced.text("lead", "evaluation/ranking?lot=CPA2")
    assert one.count("75.000") == 2


@pytest.mark.parametrize("name", ["e1", "e4", "moderator", "a1", "holder"])
def test_prices_and_ranking_are_absent_for_whoever_marks_and_for_others(priced, name):
    bid = priced.bids["CPA1"][0]
    priced.act(services.complete_prices, "commercial", priced.reference)
    for rest in ("evaluation/prices", f"evaluation/prices/{bid}", "evaluation/ranking"):
        assert priced.get(name, rest).status_code == 404
        assert priced.get("commercial", rest).status_code == 200


def test_prices_are_absent_before_their_opening(complete):
    for name in ("commercial", "lead", "approver", "auditor"):
        for rest in ("evaluation/prices", f"evaluation/prices/{complete.bids['CPA1'][0]}"):
            assert complete.get(name, rest).status_code == 404


def test_bid_without_a_price_says_why(site, clock):
    def prepare(world):
        locked(world, clock)
        for bid in world.bids:
            open_price(bid, *FEES)
        open_price(world.bids[0], *FEES[:6])
        next(e for e in world.bids[1].envelopes if e.envelope == "price").opened = None
        world.competition.stage = Stage.PRICE_EVALUATION.value
        db.session.flush()
        return {"short": world.bids[0].reference, "broken": world.bids[1].reference}

    site.make(prepare=prepare)
    page = site.text("commercial", "evaluation/prices")
    assert "The schedule has 6 yearly fees; 7 are needed." in page
    assert "the price envelope could not be read" in page
    short = site.text("commercial", f"evaluation/prices/{site.kept['short']}")
    assert "No price The schedule has 6 yearly fees" in short
    broken = site.text("commercial", f"evaluation/prices/{site.kept['broken']}")
    assert "could not be read" in broken
    confirm = site.text("commercial", "evaluation/prices/complete")
    assert "will be out: Bidder 1 (Area CPA1), Bidder 2 (Area CPA1)." in confirm

    site.post("commercial", "evaluation/prices/complete")
    assert "no price that can be evaluated" in site.text("commercial", "evaluation/ranking")
