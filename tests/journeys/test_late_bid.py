"""A bid that comes too late goes through quarantine: two people accept one and refuse another."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from commissioning.cli.site import GRACE, make_due_moves
from commissioning.kernel.actor import Role
from commissioning.kernel.clock import SetClock
from tests.factories.identity import LONG_AGO, PASSWORD
from tests.factories.submission import ITN_DEADLINE, contest, drafted_bid, submitted_bid
from tests.journeys.opening import joins, opened
from tests.journeys.site import signs_in

pytestmark = pytest.mark.journey

HOLDERS = ("first holder", "second holder", "third holder")
EXCUSE = "The exchange of our town burned from eleven to one."


@dataclass
class Made:
    """A competition an instant before its deadline, and who signs in with which address."""

    path: str
    bid: str
    emails: dict[str, str]
    names: dict[str, str]


@pytest.fixture
def clock():
    """Before the competitions that the factories make."""
    return SetClock(LONG_AGO)


@pytest.fixture
def made(unit_of_work, clock):
    """One bidder is in time; two have drafted everything and not submitted."""
    with unit_of_work():
        made = contest(lots=1, bidders=3, clock=clock)
        early, delayed, careless = made.bidders
        submitted_bid(made, early, text="In time")
        drafted_bid(made, delayed, text="CANARY-LATE")
        drafted_bid(made, careless, text="CANARY-CARELESS")
        holders = made.people[Role.KEY_HOLDER.value][:3]
        people = {
            "delayed": delayed.person,
            "careless": careless.person,
            "lead": made.people["procurement_lead"][0],
            "approver": made.people["approver"][0],
            **dict(zip(HOLDERS, holders, strict=True)),
        }
        path = f"/competitions/{made.reference}"
        return Made(
            path,
            f"{path}/bids/{made.lot}/check",
            {name: person.email for name, person in people.items()},
            {"delayed": delayed.organisation.name, "careless": careless.organisation.name},
        )


def test_late_bids_wait_for_two_people_and_one_is_opened(site, made):
    for name, email in made.emails.items():
        signs_in(site.opens(name), email, PASSWORD)
    for name in ("delayed", "careless"):
        site[name].goes_to(made.bid)

    site.clock.move_to(ITN_DEADLINE)
    for name, excuse in (("delayed", EXCUSE), ("careless", "We forgot.")):
        is_told_that_it_is_late(site[name])
        sends_late(site[name], excuse)
    site.clock.move_to(ITN_DEADLINE + GRACE)
    with site.app.app_context():
        assert make_due_moves(site.app, site.clock) == [made.path.rsplit("/", 1)[-1]]
    nobody_opens_while_one_is_undecided(site[HOLDERS[0]], made)
    proposes(site["lead"], made.names["delayed"], "Accept it")
    decides(site["approver"])
    nobody_opens_while_one_is_undecided(site[HOLDERS[0]], made)
    proposes(site["lead"], made.names["careless"], "Refuse it")
    decides(site["approver"])

    for name in HOLDERS:
        joins(site[name], "quality")
    site[HOLDERS[2]].reads("2 bids, of which 2 could be read.")
    assert opened(site, "quality") == 2
    for name, outcome in (("delayed", "accepted"), ("careless", "refused")):
        site[name].goes_to(made.bid)
        site[name].reads(outcome)


def is_told_that_it_is_late(bidder):
    """The page was open before the deadline; the button is pressed after it."""
    bidder.presses("Submit the bid")
    bidder.reads("so it came too late", "can still send them as a late bid")
    bidder.follows("Look at your bid, or send it late")
    bidder.reads("You can still send it as a late bid")


def sends_late(bidder, excuse):
    bidder.presses("Send the bid late")
    bidder.is_told(
        "Enter why the bid is late: the authority decides by it.", beside="Why is it late?"
    )
    bidder.fills({"Why is it late?": excuse})
    bidder.presses("Send the bid late")
    bidder.reads("This bid is late. It is sealed and in quarantine")


def nobody_opens_while_one_is_undecided(holder, made):
    holder.goes_to(f"{made.path}/opening")
    holder.reads("A late bid is not decided yet, and until then nothing is opened.")
    holder.reads_nothing_of("Join the opening")


def proposes(lead, bidder, verdict):
    lead.goes_to("/dashboard")
    lead.follows("Propose what happens to a late bid")
    section = lead.page.get_by_role("region", name=bidder)
    section.get_by_role("button", name="Propose to accept or to refuse it").click()
    lead.chooses("What do you propose?", verdict)
    lead.fills({"Why?": "By the published rule."})
    lead.presses("Propose it")


def decides(approver):
    approver.goes_to("/dashboard")
    approver.follows("Decide on a late bid")
    approver.follows("Decide on it")
    approver.chooses("What do you decide?", "Approve the proposal")
    approver.presses("Decide")
