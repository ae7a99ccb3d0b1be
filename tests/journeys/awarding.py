"""The award is solved, recommended, approved by another person, and announced."""

from __future__ import annotations

from tests.journeys.arriving import BIDDERS
from tests.journeys.setting_up import HOME
from tests.journeys.site import Site
from tests.support.browsing import Person

HALCYON, RIVAL = BIDDERS["halcyon"][1], BIDDERS["rival"][1]
# Halcyon is first everywhere; with 60 % of £24m it can hold South and East, and not North as well.
WINNERS = {"L1 North": RIVAL, "L2 South": HALCYON, "L3 East": HALCYON}


def award_is_recommended(site: Site) -> None:
    officer = site["commercial"]
    officer.goes_to("/dashboard")
    officer.follows("Solve and recommend the award")
    officer.presses("Solve the published problem")
    officer.reads("Proven optimal in exact arithmetic, and the only optimal award.", "58.33%")
    winners_are_shown(officer)
    officer.follows("Recommend this award")
    officer.presses("Recommend")
    officer.is_told(
        "Enter why this award is recommended.", beside="Why do you recommend this award?"
    )
    officer.fills({"Why do you recommend this award?": "It is the one optimum of the rules."})
    officer.presses("Recommend")


def winners_are_shown(person: Person) -> None:
    for lot, winner in WINNERS.items():
        row = person.page.get_by_role("row").filter(has_text=lot).first
        assert row.get_by_role("cell").first.inner_text() == winner


def award_is_approved(site: Site) -> None:
    """Not by whoever recommended it, and with a reason."""
    site["commercial"].finds_nothing_at(f"{HOME}/award/decide")
    approver = site["approver"]
    approver.goes_to("/dashboard")
    approver.follows("Decide on the recommended award")
    winners_are_shown(approver)
    approver.chooses("What do you decide?", "Approve the award")
    approver.presses("Record my decision")
    approver.is_told("Enter the reason for your decision.", beside="Why?")
    approver.fills({"Why?": "The figures follow from the record."})
    approver.presses("Record my decision")
    approver.reads("The award is approved.")


def award_is_announced(site: Site) -> None:
    """Nobody outside knows before; then everybody is told to come and read."""
    site["rival"].finds_nothing_at(f"{HOME}/preferred-bidders")
    lead = site["lead"]
    lead.goes_to("/dashboard")
    lead.follows("Announce the preferred bidders")
    lead.presses("Announce")
    lead.reads("The preferred bidders are announced, and every bidder has been told.")


def everybody_can_read_it(site: Site) -> None:
    """The bidders, and somebody who has never signed in."""
    reader = site.opens("reader")
    reader.goes_to("/competitions")
    for person in (site["rival"], site["halcyon"], reader):
        person.goes_to(f"{HOME}/preferred-bidders")
        winners_are_shown(person)
    site["rival"].finds_nothing_at(f"{HOME}/evaluation/ranking")
