"""A bid with many files in three lots: a broken line, a file used everywhere, a change of mind."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from commissioning.competition.models import Leaf
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Role
from commissioning.kernel.clock import SetClock
from commissioning.kernel.stage import Stage
from commissioning.submission.domain.receipts import problems
from tests.factories.identity import LONG_AGO, PASSWORD, PersonFactory
from tests.factories.submission import contest
from tests.journeys.site import signs_in

pytestmark = pytest.mark.journey

MEGABYTE = 1 << 20
LARGE = b"%PDF-1.7" + b"A house of second chances. " * (9 * MEGABYTE // 27)
CHANGED = LARGE[:-1] + b"!"
LOTS = ("L1", "L2", "L3")


@pytest.fixture
def clock():
    """Before the competitions that the factories make."""
    return SetClock(LONG_AGO)


@pytest.fixture
def made(unit_of_work, clock):
    """A competition of three lots with two questions with files; two people of a bidder."""
    with unit_of_work():
        made = contest(stage=Stage.ITN_OPEN, lots=3, profile="short", clock=clock)
        db.session.scalar(select(Leaf).where(Leaf.reference == "Q2")).allows_file = True
        (bidder,) = made.bidders
        colleague = PersonFactory(organisation=bidder.organisation, roles=(Role.BID_WRITER,))
        emails = bidder.person.email, colleague.email
        return f"/competitions/{made.reference}/bids", *emails


def file_called(name, content):
    return {"name": name, "mimeType": "application/pdf", "buffer": content}


def test_many_files_in_three_lots_over_a_line_that_breaks(site, made):
    bids, email, colleagues_email = made
    bidder, colleague = site.opens("bidder"), site.opens("colleague")
    signs_in(bidder, email, PASSWORD)
    signs_in(colleague, colleagues_email, PASSWORD)

    line_breaks_half_way(bidder, bids)
    colleague_goes_on(colleague, bids)
    for number in range(1, 8):
        lot, leaf = LOTS[number % 3], f"Q{number % 2 + 1}"
        adds(bidder, f"{bids}/{lot}/answers/{leaf}", file_called(f"annex-{number}.pdf", b"%PDF-1."))
    for lot in LOTS:
        for leaf in ("Q1", "Q2"):
            uses_again(bidder, f"{bids}/{lot}/answers/{leaf}", "large.pdf (9.4 MB)")
    receipts = {lot: submits(bidder, f"{bids}/{lot}") for lot in LOTS}

    bidder.goes_to(f"{bids}/L1/answers/Q1")
    removes(bidder, "large.pdf")
    replaced = submits(bidder, f"{bids}/L1")
    assert replaced["replaces"] == receipts["L1"]["receipt"]
    bidder.goes_to(f"{bids}/L3/withdraw")
    bidder.presses("Withdraw the bid")
    for lot in LOTS:
        # What was taken out of one lot is in the others, those that count and the one withdrawn.
        bidder.goes_to(f"{bids}/{lot}/answers/Q2")
        assert bidder.downloads("large.pdf") == LARGE
    bidder.goes_to(f"{bids}/L2/answers/Q1")
    assert bidder.downloads("large.pdf") == LARGE
    bidder.goes_to(bids)
    bidder.reads("Withdrawn", "Submitted")


def line_breaks_half_way(person, bids):
    person.goes_to(f"{bids}/L1/answers/Q1")
    person.follows("Add a file")
    person.context.route("**/pieces/1", lambda route: route.abort())
    person.fills({"Choose a file": file_called("large.pdf", LARGE)})
    person.page.get_by_role("button", name="Add the file").click()
    # The script tries again by itself for a quarter of a minute.
    told = person.page.get_by_text("The connection is broken. What has arrived is kept until")
    told.wait_for(timeout=90_000)
    assert person.page.get_by_role("progressbar").evaluate("bar => bar.value") > 0.4
    person.reads("The file is not in yet")
    person.context.unroute("**/pieces/1")


def colleague_goes_on(person, bids):
    """Another person of the bidder, on another machine, with the same file."""
    sent = []
    person.page.on("request", lambda request: sent.append(request.url.rsplit("/", 1)[-1]))
    person.goes_to(f"{bids}/L1/answers/Q1")
    person.reads("large.pdf: 4.2 MB of 9.4 MB have arrived, encrypted.")
    person.follows("Go on with large.pdf")
    person.fills({"Choose a file": file_called("large.pdf", CHANGED)})
    person.page.get_by_role("button", name="Add the file").click()
    person.page.get_by_text("they begin alike and go on differently").wait_for()
    del sent[:]
    person.fills({"Choose a file": file_called("large.pdf", LARGE)})
    person.presses("Add the file")
    person.reads("“large.pdf” is added.")
    assert [number for number in sent if number.isdigit()] == ["1", "2"]
    assert person.downloads("large.pdf") == LARGE


def adds(person, answer, file):
    person.goes_to(answer)
    person.follows("Add a file")
    person.fills({"Choose a file": file})
    person.presses("Add the file")
    person.reads(f"“{file['name']}” is added.")


def uses_again(person, answer, label):
    """Nothing is sent; where the answer has the file already, it is not offered."""
    person.goes_to(answer)
    person.follows("Use a file you have already loaded")
    offered = person.page.get_by_label(label, exact=True)
    if answer.endswith("L1/answers/Q1"):
        assert offered.count() == 0
        return
    offered.check()
    person.presses("Use this file")
    person.reads("“large.pdf” is added.")


def removes(person, name):
    person.presses(f"Remove {name}")
    person.reads("The file is removed from the draft.")


def submits(person, bid):
    for leaf in ("Q1", "Q2"):
        person.goes_to(f"{bid}/answers/{leaf}")
        person.fills({"Your answer": "We open a house in the first month."})
        person.presses("Save")
    person.goes_to(f"{bid}/price")
    years = person.page.get_by_label("Year ").count()
    person.fills({f"Year {year}": "10,000,000" for year in range(1, years + 1)})
    person.presses("Save and compute the evaluated price")
    person.goes_to(f"{bid}/check")
    person.presses("Submit the bid")
    person.reads("This is the bid that counts.")
    receipt = json.loads(person.downloads("Download the receipt"))
    assert problems(receipt) == []
    return receipt
