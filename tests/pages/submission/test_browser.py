"""Pages of bidders and key holders in a browser: accessible, and never wider than the screen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe

from commissioning.competition import services as competing
from commissioning.identity.services.particulars import give_new_keys
from commissioning.kernel.actor import Role
from commissioning.kernel.stage import Stage
from commissioning.submission import queries, services
from tests.factories.identity import (
    PASSWORD,
    AuthorityFactory,
    PersonFactory,
    actor_of,
    team_member,
)
from tests.factories.infrastructure import OutageFactory
from tests.factories.submission import (
    ITN_DEADLINE,
    drafted_bid,
    opened,
    submitted_bid,
    submitted_response,
)
from tests.support.looking import check, picture
from tests.support.price_files import rows, xlsx

pytestmark = pytest.mark.journey


def test_pages_of_the_pqq(page, live_server, site, enter):
    site.make(
        lambda made: submitted_response(made, made.bidders[0]), stage=Stage.PQQ_OPEN, word_limit=400
    )
    enter(site.bidders[0])
    check(
        page,
        live_server,
        [
            "/tenders",
            *map(
                site.path,
                (
                    "pqq",
                    "pqq/parts/1",
                    "pqq/parts/2",
                    "pqq/lots",
                    "pqq/funding",
                    "pqq/check",
                    "pqq/withdraw",
                ),
            ),
        ],
        name="pqq",
    )


def test_pages_of_a_bid(page, live_server, site, enter):
    def prepare(made):
        (bidder,) = made.bidders
        services.add_file(
            bidder.actor,
            made.reference,
            made.lot,
            bidder.reference,
            leaf="Q1",
            file_name="A plan with a rather long name that has no place to break_anywhere.pdf",
            media_type="application/pdf",
            pieces=[b"plan"],
            clock=made.clock,
        )
        submitted_bid(made, bidder)
        drafted_bid(made, bidder, text="Changed since.")
        bid = queries.own_bid(made.row.lots[0], bidder.organisation)
        return queries.last_receipt(bid).reference

    site.make(prepare)
    enter(site.bidders[0])
    check(
        page,
        live_server,
        [
            "/tenders",
            site.path("bids"),
            *map(
                site.bid,
                (
                    "",
                    "/answers/Q1",
                    "/answers/Q1/file",
                    "/answers/Q1/loaded-file",
                    "/answers/Q2/loaded-file",
                    "/price",
                    "/price/file",
                    "/check",
                    "/submitted",
                    "/withdraw",
                    f"/receipts/{site.kept}",
                ),
            ),
            site.bid("", "L2"),
            site.bid("/check", "L2"),
        ],
        name="bid",
    )


def test_a_bid_is_submitted_in_the_browser_and_errors_lead_to_their_fields(
    page, live_server, site, enter
):
    site.make()
    enter(site.bidders[0])
    page.set_viewport_size({"width": 320, "height": 900})
    page.goto(live_server.address(site.bid("/price")))
    page.get_by_label("Year 1", exact=True).fill("10,000")
    page.get_by_role("button", name="Save").click()
    assert page.title().startswith("Error: ")
    picture(page, "price-errors")
    assert Axe().run(page).violations_count == 0
    page.get_by_role("link", name="Enter the fee for year 2.").click()
    assert page.evaluate("document.activeElement.id") == "fee_2"
    for year in range(1, 8):
        page.get_by_label(f"Year {year}", exact=True).fill("10,000,000")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("£63,285,530.20").wait_for()
    page.goto(live_server.address(site.bid("/answers/Q1")))
    page.get_by_label("Your answer").fill("We will.")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Check your answers and submit").click()
    page.get_by_label("I submit the bid as it is").check()
    page.get_by_role("button", name="Submit the bid").click()
    page.get_by_text("This is the bid that counts").wait_for()


def test_pages_of_the_ceremonies(page, live_server, site, enter):
    site.make(stage=Stage.SHORTLISTED)
    enter(site.team["procurement_lead"][0])
    check(page, live_server, [site.path("opening-keys"), site.path("opening")], name="lead")
    page.goto(live_server.address(site.path("opening-keys")))
    page.get_by_role("button", name="Prepare the opening keys").click()
    enter(site.team["key_holder"][0])
    page.goto(live_server.address(site.path("opening-keys")))
    page.get_by_role("button", name="Join the rehearsal").click()
    page.get_by_text("You have joined the rehearsal.").wait_for()
    check(page, live_server, [site.path("opening-keys")], name="holder")


def test_pages_of_a_replacement(page, live_server, site, enter):
    site.make(lambda made: give_new_keys(made.people["key_holder"][0], PASSWORD))
    enter(site.team["procurement_lead"][0])
    check(page, live_server, [site.path("opening-keys/replace")], name="replace")
    page.get_by_label("Who gives up their share?").select_option(index=1)
    joining = site.team["commercial_officer"][0].name
    page.get_by_label("Who takes it over?").select_option(label=joining)
    page.get_by_label("Why?").fill("A reset of the password.")
    page.get_by_role("button", name="Propose the replacement").click()
    page.get_by_text("The replacement is proposed.").wait_for()
    enter(site.team["key_holder"][1])
    check(page, live_server, [site.path("opening-keys")], name="replacement")


def test_pages_of_an_opening(page, live_server, site, enter):
    def prepare(made):
        for bidder in made.bidders:
            submitted_bid(made, bidder)
        opened(made)
        made.move_to(Stage.QUALITY_LOCKED)

    site.make(prepare, bidders=2)
    assert site.clock.moment == ITN_DEADLINE
    enter(site.team["key_holder"][0])
    check(page, live_server, [site.path("opening")], name="opening")


def test_a_late_bid_goes_through_quarantine_and_is_opened(page, live_server, site, enter):
    """Sent by its bidder, proposed by the lead, accepted by the approver, opened by the holders."""

    def prepare(made):
        drafted_bid(made, made.bidders[0])
        made.clock.move_to(ITN_DEADLINE)
        services.pass_deadlines(clock=made.clock)

    site.make(prepare)
    at, late_bids = live_server.address, site.path("late-bids")
    lead, approver = site.team["procurement_lead"][0], site.team["approver"][0]
    enter(site.bidders[0])
    check(page, live_server, [site.bid("/check"), site.bid("")], name="late-before")
    page.set_viewport_size({"width": 320, "height": 900})
    page.goto(at(site.bid("/check")))
    page.get_by_role("button", name="Send the bid late").click()
    page.get_by_role("link", name="Enter why the bid is late").click()
    assert page.evaluate("document.activeElement.id") == "reason"
    picture(page, "late-errors")
    assert Axe().run(page).violations_count == 0
    page.get_by_label("Why is it late?").fill("Our line was down from 11:40 to noon.")
    page.get_by_role("button", name="Send the bid late").click()
    page.get_by_text("It is sealed and in quarantine").wait_for()
    receipt = page.url.removeprefix(live_server.url)
    check(page, live_server, [receipt, site.bid("/check"), site.path("bids")], name="late-sent")

    enter(site.team["key_holder"][0])
    check(page, live_server, [site.path("opening")], name="late-opening")
    assert page.get_by_role("button", name="Join the opening").count() == 0

    enter(lead)
    check(page, live_server, [late_bids], name="late-lead")
    page.get_by_role("button", name="Propose to accept or to refuse it").click()
    propose = page.url.removeprefix(live_server.url)
    check(page, live_server, [propose], name="late-propose")
    page.get_by_label("Accept it").check()
    page.get_by_label("Why?").fill("The exchange failed; nobody could have sent.")
    page.get_by_role("button", name="Propose it").click()
    page.get_by_text("It is proposed.").wait_for()

    enter(approver)
    page.goto(at("/dashboard"))
    page.get_by_role("link", name="Decide on a late bid").click()
    check(page, live_server, [late_bids], name="late-approver")
    page.get_by_role("button", name="Decide on it").click()
    decide = page.url.removeprefix(live_server.url)
    check(page, live_server, [decide], name="late-decide")
    page.get_by_label("Approve the proposal").check()
    page.get_by_role("button", name="Decide", exact=True).click()
    page.get_by_text("The late bid is decided, and the bidder is told.").wait_for()

    for holder in site.team["key_holder"][:3]:
        enter(holder)
        page.goto(at(site.path("opening")))
        page.get_by_role("button", name="Join the opening").click()
    page.get_by_text("1 bid, of which 1 could be read.").wait_for()
    enter(site.bidders[0])
    check(page, live_server, [receipt, site.path("closing"), site.bid("")], name="late-opened")
    page.goto(at(site.bid("/submitted")))
    page.get_by_text("Read the answer").first.click()
    page.get_by_text("We will.").first.wait_for()


def test_pages_of_a_closing(page, live_server, site, enter):
    def prepare(made):
        bid = submitted_bid(made, made.bidders[0])
        made.clock.move_to(ITN_DEADLINE)
        services.pass_deadlines(clock=made.clock)
        return queries.receipts_of(bid)[0].reference

    site.make(prepare)
    enter(site.bidders[0])
    receipt = site.bid(f"/receipts/{site.kept}")
    check(page, live_server, [site.path("closing"), receipt, "/help/receipts"], name="closing")


def test_a_price_file_in_the_browser_shows_its_faults_and_then_what_was_read(
    page, live_server, site, enter
):
    site.make()
    enter(site.bidders[0])
    faulty, whole = xlsx(rows(**{"Year 3": "10,00", "Year 8": "1"})), xlsx(rows(Note="A note."))
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 900})
        for name, content, seen in (
            ("faults", faulty, "Cell B4"),
            ("read", whole, "Save this price schedule"),
        ):
            page.goto(live_server.address(site.bid("/price/file")))
            page.get_by_label("Choose a file").set_input_files(
                {"name": "prices.xlsx", "mimeType": "application/zip", "buffer": content}
            )
            page.get_by_role("button", name="Check the file").click()
            page.get_by_text(seen).first.wait_for()
            picture(page, f"price-file-{name}-{width}")
            assert Axe().run(page).violations_count == 0
            assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Save this price schedule").click()
    page.get_by_text("£63,285,530.20").wait_for()


def test_what_was_found_about_files_is_shown_in_the_browser(page, live_server, site, enter):
    def prepare(made):
        (bidder,) = made.bidders
        services.add_file(
            bidder.actor,
            made.reference,
            made.lot,
            bidder.reference,
            leaf="Q1",
            file_name="..\\\u202eplan.docm",
            media_type="application/pdf",
            pieces=[b"GIF89a<html>"],
            clock=made.clock,
        )

    site.make(prepare)
    enter(site.bidders[0])
    paths = [site.bid("/answers/Q1"), site.bid("/check")]
    check(page, live_server, paths, name="findings")


def test_pages_of_an_outage(page, live_server, site, enter):
    def prepare(made):
        administrator = PersonFactory(organisation=AuthorityFactory(), roles=[Role.ADMINISTRATOR])
        made.clock.move_to(ITN_DEADLINE - timedelta(minutes=10))
        now = made.clock.now()
        competing.record_outage(
            actor_of(administrator),
            started_at=now - timedelta(minutes=25),
            ended_at=now - timedelta(minutes=5),
            reason="The line to the exchange was down.",
            clock=made.clock,
        )
        OutageFactory(started_at=now - timedelta(minutes=25), ended_at=now - timedelta(minutes=5))
        services.pass_deadlines(clock=made.clock)
        return actor_of(administrator)

    site.make(prepare)
    enter(site.kept)
    paths = ["/help/deadlines", "/help/deadlines/record"]
    check(page, live_server, paths, name="outage")
    for label, time in (("When did it begin?", "11:15"), ("When was it over?", "11:30")):
        group = page.get_by_role("group", name=label)
        for box, typed in (("Day", "30"), ("Month", "6"), ("Year", "2014")):
            group.get_by_label(box).fill(typed)
        group.get_by_label("Time").fill(time)
    page.get_by_label("What failed?").fill("The line was down.")
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("Check before you enter it").wait_for()
    picture(page, "outage-check-320")
    assert Axe().run(page).violations_count == 0
    enter(site.bidders[0])
    check(page, live_server, [site.path("bids"), site.bid()], name="outage-bidder")


def test_pages_of_help(page, live_server, site, enter):
    def prepare(made):
        made.clock.move_to(ITN_DEADLINE - timedelta(minutes=6))
        return actor_of(
            team_member(made.authority, made.reference, Role.DUTY_OFFICER, admitted=False)
        )

    site.make(prepare)
    at = live_server.address
    enter(site.bidders[0])
    page.set_viewport_size({"width": 320, "height": 900})
    page.goto(at(site.bid("/answers/Q1")))
    page.get_by_role("link", name="Ask for help").click()
    page.get_by_role("button", name="Ask for help").click()
    page.get_by_role("link", name="Say what happens").click()
    assert page.evaluate("document.activeElement.id") == "text"
    picture(page, "help-errors-320")
    page.get_by_label("What happens?").fill("Question 1: my file is refused and I cannot see why.")
    page.get_by_role("button", name="Ask for help").click()
    page.get_by_text("We have received it at").first.wait_for()
    picture(page, "help-received-320")
    check(page, live_server, [site.path("help"), site.bid("/answers/Q1")], name="help")
    enter(site.kept)
    check(page, live_server, ["/dashboard", "/help-requests"], name="help-duty")
    page.get_by_role("link", name="HLP-").click()
    request = page.url.removeprefix(live_server.url)
    check(page, live_server, [request], name="help-request")
    page.get_by_label("Your answer").fill("Save it as PDF, and load it again.")
    page.get_by_role("button", name="Continue").click()
    picture(page, "help-check-320")
    assert Axe().run(page).violations_count == 0
    page.get_by_role("button", name="Send the answer").click()
    page.get_by_text("The answer is sent.").wait_for()
    check(page, live_server, [request, site.path("help-requests")], name="help-answered")
    enter(site.bidders[0])
    check(page, live_server, [site.path("help")], name="help-bidder")


def test_pages_of_a_changed_invitation(page, live_server, site, enter):
    def prepare(made):
        for lot in ("L1", "L2"):
            submitted_bid(made, made.bidders[0], lot)
        made.clock.advance(timedelta(minutes=1))

    site.make(prepare)
    at = live_server.address
    enter(site.team["procurement_lead"][0])
    check(
        page, live_server, [site.path("change-invitation"), site.path("documents")], name="change"
    )
    page.goto(at(site.path("change-invitation")))
    page.get_by_label("Which document changes?").select_option(label="A new document")
    page.get_by_label("Title of a new document").fill("Volumes of area 2, corrected")
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "volumes.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    page.get_by_label("What changes?").fill("The price schedule has a new line for area 2.")
    page.get_by_label("Yes", exact=True).check()
    group = page.get_by_role("group", name="New deadline for bids")
    for box, typed in (("Day", "10"), ("Month", "7"), ("Year", "2014"), ("Time", "12:00")):
        group.get_by_label(box).fill(typed)
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("Check before you propose it").wait_for()
    draft = page.url.removeprefix(live_server.url)
    check(page, live_server, [draft, site.path("documents")], name="change-draft")
    page.goto(at(draft))
    page.get_by_role("button", name="Propose the change").click()
    page.get_by_text("The change is proposed.").wait_for()
    decision = page.url.removeprefix(live_server.url)
    enter(site.team["approver"][0])
    check(page, live_server, [decision], name="change-decision")
    page.get_by_role("radio", name="Approve").check()
    page.get_by_role("button", name="Decide").click()
    page.get_by_text("The change is published, and everyone is told.").wait_for()
    enter(site.bidders[0])
    check(
        page,
        live_server,
        ["/dashboard", site.path("bids"), site.bid(), site.bid("/confirm")],
        name="change-bidder",
    )
    page.get_by_role("button", name="Confirm the bid").click()
    page.get_by_text("Your bid is confirmed as it is.").wait_for()
    check(page, live_server, [site.bid(), site.path("bids")], name="change-confirmed")
