"""Bidders answer the PQQ; the authority assesses it, and two people decide the shortlist."""

from __future__ import annotations

from tests.journeys.arriving import TEAM
from tests.journeys.setting_up import HOME, TITLE
from tests.journeys.site import Site
from tests.support.browsing import Person


def everybody_applies(site: Site) -> None:
    applies(site["halcyon"], lots=("North", "South", "East"), funding="8,000,000")
    applies(site["rival"], lots=("North", "South"), funding="7,500,000.50")


def applies(person: Person, *, lots: tuple[str, ...], funding: str) -> None:
    person.follows("Your tenders")
    person.follows(f"Answer the PQQ for {TITLE}")
    person.follows("Standing")
    person.chooses("Q1. Are your taxes paid?", "Yes")
    person.presses("Save")
    person.follows("Experience")
    person.fills({"Q2. Where have you run such services before?": "In four counties, since 2011."})
    person.presses("Save")
    person.follows("Lots that you apply for")
    person.fills(dict.fromkeys(lots, True))
    person.presses("Save")
    person.follows("Financial standing")
    person.fills(
        {"How much funding can you prove?": funding, "What proves it?": "A letter from a bank."}
    )
    person.presses("Save")
    person.follows("Check your answers and submit")
    person.reads("In four counties, since 2011.")
    person.presses("Submit the response")
    person.reads("Your PQQ response is submitted.", "Submitted")


def shortlist_is_decided(site: Site) -> None:
    """After the deadline: the assessor finds, the lead proposes, the approver confirms."""
    lead, approver = site["lead"], site["approver"]
    for part in ("Standing", "Experience"):
        lead.goes_to(f"{HOME}/selection")
        lead.follows("Give a part to an assessor")
        lead.fills({"Part of the PQQ": part, "Assessor": TEAM["moderator"]})
        lead.presses("Give the part")
        is_assessed(site["moderator"], part)
    lead.follows("Shortlist")
    lead.follows("Propose this shortlist")
    lead.presses("Propose")
    approver.goes_to("/dashboard")
    approver.follows("Decide on the shortlist")
    approver.sees("Shortlist")
    approver.follows("Decide on the shortlist")
    approver.chooses("What do you decide?", "Approve it")
    approver.presses("Confirm your decision")
    approver.reads("The shortlist is confirmed, and every bidder that responded is told.")
    site["rival"].goes_to(HOME)
    site["rival"].follows("Your result of the selection")
    site["rival"].reads("Your organisation passes for 2 lots")


def is_assessed(assessor: Person, part: str) -> None:
    """Both responses, one after the other; a reason that is left out is asked for."""
    assessor.goes_to(f"{HOME}/selection")
    assessor.follows(part)
    assessor.follows("Halcyon Rehabilitation")
    for _response in range(2):
        if part == "Experience":
            assessor.chooses("Score of Q2", "3")
        assessor.presses("Save the findings")
        assessor.is_told("Enter the reason for these findings.", beside="Reason for these findings")
        if part == "Experience":
            assert assessor.page.get_by_label("3", exact=True).is_checked()
        assessor.fills({"Reason for these findings": "As declared, and as the register says."})
        assessor.presses("Save the findings")
    assessor.reads("2 of 2 responses assessed on this part")
