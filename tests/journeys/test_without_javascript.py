"""A bidder without scripts, and one without a mouse: the same pages, the same receipts."""

from __future__ import annotations

import json

import pytest

from commissioning.kernel.clock import SetClock
from commissioning.kernel.stage import Stage
from commissioning.submission.domain.receipts import problems
from tests.factories.identity import LONG_AGO, PASSWORD
from tests.factories.submission import contest
from tests.journeys.site import signs_in

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

FILE = {"name": "method.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\nOur method.\n"}


@pytest.fixture
def clock():
    """Before the competitions that the factories make."""
    return SetClock(LONG_AGO)


@pytest.fixture
def made(unit_of_work, clock):
    """Make a competition at a stage; gives its address and the bidder's email address."""

    def make(stage):
        with unit_of_work():
            made = contest(stage=stage, profile="short", clock=clock)
            return f"/competitions/{made.reference}", made.bidders[0].person.email

    return make


def test_a_questionnaire_is_answered_without_scripts(site, made):
    home, email = made(Stage.PQQ_OPEN)
    bidder = site.opens("bidder", has_scripts=False)
    signs_in(bidder, email, PASSWORD)
    assert not bidder.runs_scripts()
    bidder.goes_to(f"{home}/pqq")
    bidder.follows("Organisation")
    bidder.fills({"A1. Who are you?": "word " * 51})
    bidder.presses("Save")
    bidder.is_told(
        "A1: the answer has 51 words and the limit is 50. Take out 1.", beside="A1. Who are you?"
    )
    bidder.fills({"A1. Who are you?": "A company of two counties."})
    bidder.presses("Save")
    bidder.follows("Declarations")
    bidder.fills({"Yes": True})
    bidder.presses("Save")
    bidder.follows("Lots that you apply for")
    bidder.fills({"Area 1": True})
    bidder.presses("Save")
    bidder.follows("Financial standing")
    bidder.fills(
        {"How much funding can you prove?": "5,000,000", "What proves it?": "A letter of a bank."}
    )
    bidder.presses("Save")
    bidder.follows("Check your answers and submit")
    bidder.reads("A company of two counties.", "£5,000,000.00")
    bidder.presses("Submit the response")
    bidder.reads("Your PQQ response is submitted.")


def test_a_bid_is_written_and_submitted_without_scripts(site, made):
    home, email = made(Stage.ITN_OPEN)
    bidder = site.opens("bidder", has_scripts=False)
    signs_in(bidder, email, PASSWORD)
    assert not bidder.runs_scripts()
    bidder.goes_to(f"{home}/bids/L1")
    bidder.follows("Q1. Criterion 1")
    bidder.fills({"Your answer": "We will."})
    bidder.presses("Save")
    bidder.follows("Q1. Criterion 1")
    bidder.follows("Add a file")
    bidder.fills({"Choose a file": FILE})
    bidder.presses("Add the file")
    assert bidder.downloads("method.pdf") == FILE["buffer"]
    bidder.presses("Save")
    bidder.follows("Price schedule")
    bidder.fills({f"Year {year}": "10,000,000" for year in range(2, 8)})
    bidder.presses("Save and compute the evaluated price")
    bidder.is_told("Enter the fee for year 1.", beside="Year 1")
    bidder.still_has({"Year 7": "10,000,000"})
    bidder.fills({"Year 1": "10,000,000"})
    bidder.presses("Save and compute the evaluated price")
    bidder.follows("Go on with your bid for Area 1")
    bidder.follows("Check your answers and submit")
    bidder.reads("£63,285,530.20", "Q2 is not answered.")
    bidder.presses("Submit the bid")
    bidder.is_told(
        "Some answers are missing. Complete them, or confirm that you submit the bid without them.",
        beside="I submit the bid as it is",
    )
    bidder.fills({"I submit the bid as it is, with what is listed above.": True})
    bidder.presses("Submit the bid")
    bidder.reads("This is the bid that counts.")
    assert problems(json.loads(bidder.downloads("Download the receipt"))) == []


def test_a_form_is_sent_by_keyboard_alone(site, made):
    """The order of the stops is that of the page; after a slip one begins at what is wrong."""
    home, email = made(Stage.PQQ_OPEN)
    bidder = site.opens("bidder")
    signs_in(bidder, email, PASSWORD)
    bidder.goes_to(f"{home}/pqq/funding")
    bidder.types("Tab")
    assert bidder.stands_on() == "Skip to main content"
    bidder.types("Enter")
    assert bidder.stops(4) == [
        "How much funding can you prove?",
        "What proves it?",
        "Save",
        "Cancel",
    ]
    bidder.types("Shift+Tab", "Shift+Tab", "A letter of a bank.", "Tab")
    bidder.sends_by("Enter")
    assert bidder.stands_on().startswith("There is a problem")
    assert bidder.stops(1) == ["Enter the funding that you can prove, in pounds."]
    bidder.types("Enter")
    assert bidder.stands_on() == "How much funding can you prove?"
    bidder.still_has({"What proves it?": "A letter of a bank."})
    bidder.types("5,000,000", "Tab", "Tab")
    assert bidder.stands_on() == "Save"
    bidder.sends_by("Space")
    bidder.reads("£5,000,000.00 proved")
