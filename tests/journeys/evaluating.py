"""Key holders open, evaluators mark alone and agree, two people lock, the prices come in."""

from __future__ import annotations

from tests.journeys.arriving import BIDDERS, TEAM
from tests.journeys.bidding import SECRET
from tests.journeys.setting_up import CRITERIA, HOME
from tests.journeys.site import Site
from tests.support.browsing import Person

HALCYON, RIVAL = BIDDERS["halcyon"][1], BIDDERS["rival"][1]
LOTS = {"L1": "North", "L2": "South", "L3": "East"}
BIDS = {"L1": (HALCYON, RIVAL), "L2": (HALCYON,), "L3": (HALCYON,)}
# who marks which criteria, and what: bidder -> mark, by criterion
MARKS = {
    "evaluator": {"C1": {HALCYON: 4, RIVAL: 3}, "C2": {HALCYON: 3, RIVAL: 3}},
    "second evaluator": {"C1": {HALCYON: 3, RIVAL: 3}},
}
AGREED = {"C1": {HALCYON: 4, RIVAL: 3}, "C2": {HALCYON: 3, RIVAL: 3}}
STEPS = {3: "3, good", 4: "4, excellent"}
# Out of 100, by hand: 60 x 4/4 + 40 x 3/4, and 60 x 3/4 + 40 x 3/4
POINTS = {HALCYON: "90.000", RIVAL: "75.000"}


def envelopes_are_opened(site: Site, envelope: str) -> None:
    """Two of the three key holders join, each in a session of their own."""
    for who in ("commercial", "moderator"):
        holder = site[who]
        holder.goes_to("/dashboard")
        holder.follows(f"Join the opening of the {envelope} envelopes")
        holder.presses(f"Join the opening of the {envelope} envelopes")
    site["moderator"].reads("4 bids, of which 4 could be read.")


def teams_are_assigned(site: Site) -> None:
    lead = site["lead"]
    lead.goes_to(HOME)
    lead.follows("Who marks what")
    for reference, name, *_ in CRITERIA:
        lead.follows(f"{reference} {name}")
        lead.fills(
            {
                **{TEAM[who]: reference in sheets for who, sheets in MARKS.items()},
                "Moderator": TEAM["moderator"],
            }
        )
        lead.presses("Assign the team")


def quality_is_marked(site: Site) -> None:
    for who, sheets in MARKS.items():
        for criterion, marks in sheets.items():
            for lot in LOTS:
                marks_sheet(site[who], lot, criterion, marks)


def marks_sheet(person: Person, lot: str, criterion: str, marks: dict[str, int]) -> None:
    name = next(name for reference, name, *_ in CRITERIA if reference == criterion)
    person.goes_to(f"{HOME}/evaluation/marking")
    person.follows(f"{criterion} {name}, {LOTS[lot]}")
    person.follows_first(f"{criterion}.1 of ")
    for _bid in BIDS[lot]:
        person.reads(SECRET)
        person.chooses("Mark", STEPS[marks[person.heading()]])
        person.fills({"Reason for the mark": "Paragraph 2 says when, and not how."})
        person.presses("Save and go on")
    person.follows("Check and submit")
    person.presses("Submit your marks")


def consensus_is_reached(site: Site) -> None:
    """The moderator records what was agreed; each evaluator agrees to it."""
    moderator = site["moderator"]
    for criterion, agreed in AGREED.items():
        for lot in LOTS:
            records(moderator, lot, criterion, agreed)
    for who, sheets in MARKS.items():
        for criterion in sheets:
            for lot in LOTS:
                agrees(site[who], lot, criterion)


def records(moderator: Person, lot: str, criterion: str, agreed: dict[str, int]) -> None:
    moderator.goes_to(f"{HOME}/evaluation/consensus/{lot}/{criterion}")
    moderator.follows("Record the next agreed mark")
    for _bid in BIDS[lot]:
        moderator.chooses("Agreed mark", STEPS[agreed[moderator.heading()]])
        moderator.fills({"Reason for the agreed mark": "Paragraph 2 convinced all of us."})
        moderator.presses("Record and go on")


def agrees(person: Person, lot: str, criterion: str) -> None:
    person.goes_to(f"{HOME}/evaluation/consensus/{lot}/{criterion}/agree")
    person.presses("Agree")


def quality_is_locked(site: Site) -> None:
    lead, approver = site["lead"], site["approver"]
    lead.goes_to(HOME)
    lead.follows("Quality lock")
    lead.reads("Every record is complete")
    lead.follows("Propose the quality lock")
    lead.presses("Propose")
    approver.goes_to("/dashboard")
    approver.follows("Decide whether the quality marks are locked")
    approver.follows("Decide on the quality lock")
    approver.chooses("What do you decide?", "Approve it")
    approver.presses("Confirm your decision")
    approver.follows("Quality points")
    approver.reads(*POINTS.values())
    for page in ("prices", "ranking"):
        approver.finds_nothing_at(f"{HOME}/evaluation/{page}")


def prices_are_completed(site: Site) -> None:
    """The commercial officer completes the prices; whoever marked never sees one."""
    officer = site["commercial"]
    officer.goes_to(HOME)
    officer.follows("Prices")
    officer.reads("£27,257,127.64", "£28,706,973.32")
    officer.follows("Complete the price evaluation")
    officer.presses("Complete the price evaluation")
    officer.goes_to(f"{HOME}/evaluation/ranking")
    officer.reads("£302,856.97", "£382,759.64")
    for who in MARKS:
        for page in ("prices", "ranking"):
            site[who].finds_nothing_at(f"{HOME}/evaluation/{page}")
