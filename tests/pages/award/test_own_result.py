"""What a bidder reads of its own bids once preferred bidders are announced, and of no other."""

from __future__ import annotations

import pytest

from commissioning.evaluation.models import Consensus
from commissioning.infrastructure.database import db
from tests.factories.evaluation import LONG_AGO
from tests.factories.identity import PersonFactory
from tests.pages.award.test_award_pages import announced

PAGES = ("your-result", "your-result/CPA1", "your-result/CPA2")


def explained(world):
    """Each answer of each bid has its agreed reason; the second bidder has somebody as well."""
    for bid in world.bids:
        for criterion in world.competition.criteria:
            for leaf in criterion.leaves:
                db.session.add(
                    Consensus(
                        bid=bid,
                        leaf=leaf,
                        mark=3,
                        reason=f"REASON {leaf.reference} {bid.organisation.name}",
                        moderator=world.ref("moderator"),
                        model_sha256=world.competition.model_sha256,
                        recorded_at=LONG_AGO,
                        closed_at=LONG_AGO,
                    )
                )
    world.people["second"] = PersonFactory(organisation=world.bidders[1])
    world.people["outsider"] = PersonFactory()


@pytest.fixture
def told(site):
    """Announced: the second bidder is preferred for CPA1, the first for CPA2."""
    site.make(prepare=explained)
    announced(site)
    return site


def test_nobody_reads_a_result_before_the_announcement(site):
    site.make(prepare=explained)
    for who in ("bidder", "second", "outsider", "lead"):
        for rest in PAGES:
            assert site.get(who, rest).status_code == 404, (who, rest)
    assert "Read your result" not in site.text("bidder", "bids")


def test_a_result_is_read_by_the_bidders_own_people_only(told):
    for rest in PAGES:
        for who in ("bidder", "second"):
            assert told.get(who, rest).status_code == 200, (who, rest)
        for who in ("outsider", "lead", "auditor", "e1"):
            assert told.get(who, rest).status_code == 404, (who, rest)
    assert told.get("bidder", "your-result/CPA9").status_code == 404


def test_a_displaced_bidder_reads_its_points_and_which_limit_it_was(told):
    page = told.text("bidder", "your-result/CPA1")
    assert "Not preferred" in page
    assert "published limits displaced it: the most lots that one bidder may win and" in page
    assert "Your quality points 75.000 of 100" in page
    assert "Your evaluated price £500.00" in page
    assert "Your price per quality point £6.67" in page
    assert "Your rank 1 of 2 ranked bids" in page
    assert "Name Bidder 2 Its quality points 75.000 of 100" in page
    assert "Its price per quality point £8.00" in page
    assert "C1. Delivering the sentence 60 45.000" in page
    assert "Mark 3 of 4 (the minimum is 1): 18.750 of 25 points." in page
    assert "REASON C2.1 Bidder 1" in page
    assert "How will you do C2.1?" in page


def test_a_beaten_bidder_reads_that_a_lower_figure_won(told):
    page = told.text("second", "your-result/CPA2")
    assert "A bid with a lower price per quality point won." in page
    assert "Your rank 2 of 2 ranked bids" in page
    assert "Name Bidder 1" in page


def test_a_preferred_bidder_reads_nothing_of_the_others(told):
    page = told.text("second", "your-result/CPA1")
    assert "Preferred bidder" in page
    assert "£8.00" in page
    for other in ("Bidder 1", "£6.67", "£500.00"):
        assert other not in page


def test_neither_bidder_sees_the_marks_of_the_other(told):
    for who, own, other in (("bidder", "Bidder 1", "Bidder 2"), ("second", "Bidder 2", "Bidder 1")):
        for rest in PAGES:
            page = told.get(who, rest).get_data(as_text=True)
            assert f"{other}</dd>" not in page or "preferred bidder" in page
            for leaf in ("C1", "C2.1", "C2.2"):
                assert f"REASON {leaf} {other}" not in page, (who, rest)
        assert f"REASON C1 {own}" in told.text(who, "your-result/CPA1")
    # What the loser of CPA2 offered is told to nobody else.
    assert "2,000.00" not in "".join(told.text("bidder", rest) for rest in PAGES)


def test_a_bid_that_is_out_reads_why(site):
    site.make(prepare=explained, excluded={("CPA2", 2)}, limits={})
    announced(site)
    page = site.text("second", "your-result/CPA2")
    assert "Your bid is out, so it was not ranked." in page
    assert "under the minimum points" in page
    assert "Not ranked, of 1 ranked bid" in page


def test_a_lot_that_nobody_may_take_is_said_so_to_whoever_bid_for_it(site):
    site.make(prepare=explained, award_rule="reversion_in_order", excluded={("CPA2", 2)})
    announced(site)
    assert "this lot goes to nobody: no ranked bid may take it" in site.text(
        "bidder", "your-result/CPA2"
    )


def test_bidders_are_led_to_their_result(told):
    link = f'href="{told.path("your-result")}"'
    client = told.visit("bidder")
    for address in ("/", "/tenders", told.path("bids")):
        answer = client.get(address, follow_redirects=True)
        assert link in answer.get_data(as_text=True), address
