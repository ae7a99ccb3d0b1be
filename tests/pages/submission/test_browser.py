"""Pages of bidders and key holders in a browser: accessible, and never wider than the screen."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from commissioning.identity.services.particulars import give_new_keys
from commissioning.kernel.stage import Stage
from commissioning.submission import queries, services
from tests.factories.identity import PASSWORD
from tests.factories.submission import (
    ITN_DEADLINE,
    drafted_bid,
    opened,
    submitted_bid,
    submitted_response,
)
from tests.support.price_files import rows, xlsx

pytestmark = pytest.mark.journey
"""Set PAGE_PICTURES to a folder to have a picture of each page."""


@pytest.fixture
def enter(page, live_server, site):
    """Sign the browser in as an actor of the test."""

    def sign_in(actor):
        client = site.visit(actor)
        cookie = client.get_cookie("session")
        page.context.clear_cookies()
        page.context.add_cookies(
            [{"name": "session", "value": cookie.value, "url": live_server.url}]
        )

    return sign_in


def check(page, live_server, paths, *, name):
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    for number, path in enumerate(paths):
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(live_server.address(path))
            picture(page, f"{name}-{number}-{width}")
            found = Axe().run(page)
            assert found.violations_count == 0, (path, found.generate_report())
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, (path, width, wide)
    assert complaints == []


def picture(page, name):
    folder = os.environ.get("PAGE_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


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
    page.get_by_label("Who takes it over?").select_option(index=1)
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


def looked_at(page, name):
    """The page as it is now, at both widths: a picture, and every rule."""
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 900})
        picture(page, f"{name}-{width}")
        found = Axe().run(page)
        assert found.violations_count == 0, (name, found.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_a_file_in_pieces_can_be_paused_gone_on_with_and_discarded(page, live_server, site, enter):
    site.make()
    enter(site.bidders[0])
    large = {"name": "Our way with it.pdf", "mimeType": "application/pdf"}
    content = b"%PDF-1.7" + bytes(9 << 20)
    page.route("**/pieces/1", lambda _route: None)  # on its way, and never there
    page.goto(live_server.address(site.bid("/answers/Q1/file")))
    choose = page.get_by_label("Choose a file")
    choose.set_input_files({**large, "buffer": content})
    page.get_by_role("button", name="Add the file").click()
    page.get_by_text("4.2 of 9.4 MB have arrived.").wait_for()
    assert page.get_by_role("button", name="Add the file").count() == 0
    assert page.evaluate("document.activeElement.innerText") == "Sending Our way with it.pdf"
    looked_at(page, "upload-going")

    page.get_by_role("button", name="Pause").click()
    page.get_by_text("Paused. What has arrived is kept until").wait_for()
    assert page.evaluate("document.activeElement.innerText") == "Go on"
    looked_at(page, "upload-paused")
    page.reload()
    page.get_by_text("4.2 MB of 9.4 MB have arrived, encrypted.").wait_for()
    looked_at(page, "upload-reloaded")
    page.get_by_role("link", name="Go on with Our way with it.pdf").click()
    page.get_by_text("and what is missing of it is sent").wait_for()
    looked_at(page, "upload-meant")

    choose.set_input_files({**large, "buffer": content[:-1]})
    page.get_by_role("button", name="Add the file").click()
    page.get_by_text("this one has 9,437,191 bytes and that one 9,437,192").wait_for()
    looked_at(page, "upload-another")
    page.unroute("**/pieces/1")
    page.route("**/pieces/2", lambda route: route.abort())
    page.get_by_role("button", name="Send this file instead").click()
    page.get_by_text("Trying again").wait_for()
    page.get_by_text("Check your line, then press “Go on”.").wait_for(timeout=90_000)
    looked_at(page, "upload-broken")
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("Going on: 8.4 of 9.4 MB are here already.").wait_for()
    page.get_by_role("button", name="Cancel and discard what has arrived").click()
    page.get_by_text("What had arrived of the file is discarded.").wait_for()
    assert page.get_by_text("There are no files with this answer.").count() == 1
    assert page.get_by_text("Under way").count() == 0

    page.goto(live_server.address(site.bid("/answers/Q1/file")))
    program = b"MZ\x90\x00\x03" + bytes(5 << 20) + b"PE\x00\x00"
    choose.set_input_files({**large, "name": "plan.pdf", "buffer": b"\x7fELF\x02\x01" + program})
    page.get_by_role("button", name="Add the file").click()
    page.get_by_text("“plan.pdf” is a program").wait_for()
    assert page.get_by_role("button", name="Go on").count() == 0
    looked_at(page, "upload-refused")
    page.goto(live_server.address(site.bid("/answers/Q1")))
    assert page.get_by_text("Under way").count() == 0


def test_a_session_that_ends_on_the_way_is_said_in_words(page, live_server, site, enter):
    site.make()
    enter(site.bidders[0])
    page.goto(live_server.address(site.bid("/answers/Q1/file")))
    page.get_by_label("Choose a file").set_input_files(
        {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": bytes(5 << 20)}
    )
    page.context.clear_cookies()
    page.get_by_role("button", name="Add the file").click()
    page.get_by_text("Your session has ended.").wait_for()
