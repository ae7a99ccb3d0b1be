"""Two bidders write, price, submit and replace sealed bids; nobody else learns of them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from commissioning.submission.domain.receipts import problems
from tests.journeys.setting_up import HOME
from tests.journeys.site import Site
from tests.support.browsing import Person

SECRET = "We shall open a house of second chances"
ANSWER = f"{SECRET}.\n\nIt opens in the first month."
FILE = {"name": "method.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\nOur method.\n"}
EMPTY = {**FILE, "name": "empty.pdf", "buffer": b""}


@dataclass(frozen=True)
class Offer:
    """What one bidder asks for a lot: a fee a year as typed, and what three of them come to."""

    lot: str
    name: str
    fee: str
    evaluated: str


HALCYON = (
    Offer("L1", "North", "9,500,000", "£27,547,095.61"),
    Offer("L2", "South", "7,000,000", "£20,297,859.93"),
    Offer("L3", "East", "5,500,000", "£15,948,318.51"),
)
BETTER = Offer("L1", "North", "9,400,000.50", "£27,257,127.64")
RIVAL = (Offer("L1", "North", "9,900,000", "£28,706,973.32"),)


def everybody_bids(site: Site) -> None:
    halcyon, rival = site["halcyon"], site["rival"]
    first, *others = HALCYON
    halcyon.goes_to("/dashboard")
    halcyon.follows("Submit your bids")
    halcyon.follows(first.name)
    writes(halcyon)
    loads_files(halcyon)
    prices_with_a_slip(halcyon, first)
    trail = trail_of(site["lead"])
    nobody_learns_of_it(site, submits(halcyon))
    assert trail_of(site["lead"]) == trail
    site.passes_to(2026, 5, 29, 11, 59)
    replaces(halcyon, BETTER)
    for offer in others:
        bids(halcyon, offer)
    for offer in RIVAL:
        bids(rival, offer)


def bids(person: Person, offer: Offer) -> None:
    person.goes_to(f"{HOME}/bids/{offer.lot}")
    writes(person)
    prices(person, offer)
    submits(person)


def writes(person: Person) -> None:
    for question in ("C1.1. Delivering the sentence", "C2.1. Local partnership"):
        person.follows(question)
        person.fills({"Your answer": ANSWER})
        person.presses("Save")


def loads_files(person: Person) -> None:
    """A file goes with an answer; one without a byte is refused."""
    person.follows("C1.1. Delivering the sentence")
    person.follows("Add a file")
    person.fills({"Choose a file": EMPTY})
    person.presses("Add the file")
    person.is_told("“empty.pdf” is empty. Choose the file again.", beside="Choose a file")
    person.fills({"Choose a file": FILE})
    person.presses("Add the file")
    assert person.downloads("method.pdf") == FILE["buffer"]
    person.still_has({"Your answer": ANSWER})
    person.presses("Save")


def prices_with_a_slip(person: Person, offer: Offer) -> None:
    """Nobody can ask for nothing."""
    person.follows("Price schedule")
    person.fills(
        {"Year 1": "0", "Year 2": "0", "Year 3": "0", "Note to the price schedule": "Mine"}
    )
    person.presses("Save and compute the evaluated price")
    person.is_told("The fee for year 1 must be above £0.", beside="Year 1")
    person.still_has({"Year 1": "0", "Year 3": "0", "Note to the price schedule": "Mine"})
    is_priced(person, offer)


def prices(person: Person, offer: Offer) -> None:
    person.follows("Price schedule")
    is_priced(person, offer)


def is_priced(person: Person, offer: Offer) -> None:
    person.fills(dict.fromkeys(("Year 1", "Year 2", "Year 3"), offer.fee))
    person.presses("Save and compute the evaluated price")
    person.reads(f"Evaluated price of the schedule as it is saved: {offer.evaluated}.")
    person.follows(f"Go on with your bid for {offer.name}")


def submits(person: Person) -> str:
    """Check, submit, and keep the receipt, which can be verified by itself. Gives its address."""
    person.follows("Check your answers and submit")
    # Answers are folded up until they are asked for.
    person.page.get_by_text("Read the answer to C1.1").click()
    person.reads(SECRET)
    person.presses("Submit the bid")
    person.reads("This is the bid that counts.")
    receipt = json.loads(person.downloads("Download the receipt"))
    assert problems(receipt) == []
    return person.page.url.split("/", 3)[3]


def replaces(person: Person, offer: Offer) -> None:
    """A better price, a minute before the deadline; the first receipt does not count any more."""
    person.goes_to(f"{HOME}/bids/{offer.lot}")
    prices(person, offer)
    person.reads("What you submitted counts until you submit again.")
    submits(person)
    person.reads("Friday 29 May 2026, 11:59am (UK time)")
    person.goes_to(f"{HOME}/bids/{offer.lot}")
    person.reads("Counts", "Replaced")


def nobody_learns_of_it(site: Site, receipt: str) -> None:
    """A rival, the lead and the public find neither the bid nor a sign that there is one."""
    rival, lead = site["rival"], site["lead"]
    rival.finds_nothing_at(f"/{receipt}")
    rival.finds_nothing_at(f"{HOME}/bids/L3")
    rival.goes_to(f"{HOME}/bids/L1")
    rival.reads("Not started")
    for person in (rival, lead):
        for path in ("/dashboard", "/competitions", HOME, f"{HOME}/published"):
            person.goes_to(path)
            person.reads_nothing_of("Halcyon", SECRET, "9,500,000")
    lead.goes_to(f"{HOME}/opening")
    lead.reads("They open after the deadline for bids.")
    lead.reads_nothing_of("Halcyon", "1 bid")
    for page in ("bids", "bids/L1", "evaluation/progress", "evaluation/prices"):
        lead.finds_nothing_at(f"{HOME}/{page}")


def trail_of(person: Person) -> str:
    person.goes_to(f"{HOME}/trail")
    return person.page.locator("main").inner_text()


def is_too_late(person: Person) -> None:
    """After the deadline a bid can be read by its own people, and changed by nobody."""
    person.goes_to(f"{HOME}/bids/L1/check")
    assert person.page.get_by_role("button", name="Submit the bid").count() == 0
    person.reads("The deadline was Friday 29 May 2026, 12 noon (UK time).")
