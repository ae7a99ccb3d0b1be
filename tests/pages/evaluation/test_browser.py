"""The pages of evaluation in a real browser: accessible, narrow enough, used from end to end."""

from __future__ import annotations

from json import dumps, loads

import pytest
from axe_playwright_python.sync_playwright import Axe

from commissioning.competition.models import Competition
from commissioning.identity.models import User
from commissioning.infrastructure import scanner
from commissioning.infrastructure.database import db
from commissioning.kernel.stage import Stage
from commissioning.submission.models import Bid
from tests.factories.evaluation import attach_file, file_entry, open_price, respond
from tests.factories.identity import PASSWORD, PersonFactory
from tests.support.clamd import EICAR, clamd
from tests.support.visits import Site

pytestmark = pytest.mark.journey

LONG = "Community rehabilitation and resettlement partnership of the northern counties Ltd"


@pytest.fixture(params=[1280, 320])
def page(page, request, live_server):
    """A page of one width; `see` looks at it as axe does, `enter` signs a person in."""
    page.set_viewport_size({"width": request.param, "height": 900})
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))

    def see(heading):
        assert page.get_by_role("heading", level=1).inner_text() == heading
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= request.param, heading

    def enter(email):
        page.context.clear_cookies()
        page.goto(live_server.address("/sign-in"))
        page.get_by_label("Email address").fill(email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        press("Sign in")

    def press(name):
        with page.expect_navigation():
            page.get_by_role("main").get_by_role("button", name=name, exact=True).click()

    page.see, page.enter, page.press = see, enter, press
    page.open = lambda path: page.goto(live_server.address(path))
    yield page
    # The browser itself reports each answer of 404, 409 and 422 on its console.
    assert [told for told in page.complaints if "Failed to load resource" not in told] == []


@pytest.fixture
def made(app, clock):
    """Make a competition: `made(stage, prepare)`; its people have addresses in `emails`."""

    def make(stage, prepare=None, **changes):
        site = Site(app, clock).make(stage, prepare, **changes)
        with app.app_context():
            rows = db.session.query(User.reference, User.email).all()
        by_reference = dict(rows)
        site.emails = {name: by_reference[ref] for name, ref in site.people.items()}
        return site

    return make


def test_selection_from_the_parts_to_the_shortlist(page, made, clock):
    def prepare(world):
        good = respond(world, organisation__name=LONG)
        bidder = PersonFactory(organisation=good.organisation)
        return {"bidder": bidder.email}

    site = made(Stage.PQQ_CLOSED, prepare)
    go = lambda rest: page.open(site.path(rest))  # noqa: E731 - a word of this test
    page.enter(site.emails["lead"])
    for part in ("Organisation", "Declarations", "Experience"):
        go("selection/assign")
        page.see("Give a part to an assessor")
        page.get_by_label("Part of the PQQ").select_option(part)
        page.get_by_label("Assessor").select_option(label="Robin A1")
        page.press("Give the part")
    page.see("Selection")
    page.enter(site.emails["a1"])
    go("selection")
    page.get_by_role("link", name="Experience").click()
    page.see("Experience")
    page.get_by_role("link", name=LONG).click()
    page.see(LONG)
    page.press("Save the findings")
    page.see(LONG)
    assert page.get_by_role("alert").get_by_text("Select a score for Q3.").is_visible()
    page.get_by_role("group", name="Score of Q3").get_by_label("3").check()
    page.get_by_label("Pass", exact=True).check()
    page.get_by_label("Reason for these findings").fill("Ten years of comparable work.")
    page.press("Save the findings")
    for number in (1, 2):
        go(f"selection/parts/{number}/{site.responses[0]}")
        page.get_by_label("Reason for these findings").fill("As declared.")
        page.press("Save the findings")
    page.enter(site.emails["lead"])
    go("selection/outcomes")
    page.see("Outcomes of selection")
    page.get_by_role("link", name=LONG).click()
    page.see(LONG)
    go("selection/shortlist")
    page.see("Shortlist")
    page.get_by_role("button", name="Propose this shortlist").click()
    page.see("Propose the shortlist")
    page.press("Propose")
    page.enter(site.emails["approver"])
    go("selection/shortlist")
    page.get_by_role("button", name="Decide on the shortlist").click()
    page.see("Decide on the shortlist")
    page.get_by_label("Approve it").check()
    page.press("Confirm your decision")
    page.see("Shortlist")
    page.enter(site.kept["bidder"])
    go("selection/result")
    page.see("Outcome of the selection")


def test_marking_from_the_team_to_the_consensus(page, made, clock):
    def prepare(world):
        for bid in world.bids_for("CPA1"):
            bid.organisation.name = f"{LONG} {bid.organisation.name}"
        name = "evidence-of-delivery-in-the-northern-counties-2004-to-2013-final-version.pdf"
        entry = file_entry(name=name).to_dict()
        for bid in world.bids:
            envelope = next(e for e in bid.envelopes if e.envelope == "quality")
            document = loads(envelope.opened)
            document["files"] = [entry]
            document["answers"]["C1"] = "\n\n".join(
                f"Paragraph {n}: we begin with what the court asks for. " * 8 for n in range(1, 12)
            )
            envelope.opened = dumps(document)

    site = made(Stage.QUALITY_EVALUATION, prepare, lots=("CPA1",))
    go = lambda rest: page.open(site.path(rest))  # noqa: E731 - a word of this test
    page.enter(site.emails["lead"])
    go("evaluation/assignments")
    page.see("Who marks what")
    page.get_by_role("link", name="C1 Delivering the sentence").click()
    page.see("Delivering the sentence")
    for name in ("Robin E1", "Robin E2"):
        page.get_by_label(name).check()
    page.get_by_label("Moderator", exact=True).select_option(label="Robin Moderator")
    page.press("Assign the team")
    page.see("Who marks what")
    go("evaluation/assignments/C1/replace")
    page.see("Replace a person")
    for name in ("e1", "e2"):
        page.enter(site.emails[name])
        go("evaluation/marking")
        page.see("Marking")
        page.get_by_role("link", name="C1 Delivering the sentence").click()
        page.see("Delivering the sentence")
        page.get_by_role("link", name="C1").first.click()
        for answered in (0, 1):
            page.see(page.get_by_role("heading", level=1).inner_text())
            if not answered:
                page.press("Save and go on")
                page.see(page.get_by_role("heading", level=1).inner_text())
            page.get_by_label("3, good").check()
            page.get_by_label("Reason for the mark").fill("Paragraph 4 shows it, with figures.")
            page.press("Save and go on")
        page.see("Delivering the sentence")
        page.get_by_role("button", name="Check and submit").click()
        page.see("Check your marks")
        page.press("Submit your marks")
    page.see("Marking")
    page.enter(site.emails["moderator"])
    go("evaluation/marking")
    page.see("Marking")
    page.get_by_role("link", name="C1 Delivering the sentence").click()
    page.see("Delivering the sentence")
    page.get_by_role("button", name="Record the next agreed mark").click()
    for _ in (0, 1):
        page.see(page.get_by_role("heading", level=1).inner_text())
        page.get_by_label("3, good").check()
        page.get_by_label("Reason for the agreed mark").fill("All of them found the same.")
        page.press("Record and go on")
    page.see("Delivering the sentence")
    page.enter(site.emails["e1"])
    go("evaluation/consensus/CPA1/C1/agree")
    page.see("Agree to the consensus")
    page.get_by_role("link", name="Dissent").first.click()
    page.see("Dissent from the agreed mark")
    page.get_by_label("Why do you not agree?").fill("Annex B says otherwise.")
    page.press("Record the dissent")
    page.see("Delivering the sentence")
    go("evaluation/consensus/CPA1/C1/agree")
    page.press("Agree")
    page.enter(site.emails["auditor"])
    go("evaluation/consensus/CPA1/C1")
    page.get_by_role("link", name="Bidder 1").click()
    page.see(page.get_by_role("heading", level=1).inner_text())
    page.enter(site.emails["lead"])
    go("evaluation/progress")
    page.see("Progress of the marking")
    go("evaluation/quality-lock")
    page.see("Quality lock")
    page.enter(site.emails["e2"])
    go("evaluation/interests")
    page.see("Declared interests")
    page.get_by_role("button", name="Declare an interest").click()
    page.see("Declare an interest")
    page.get_by_label("Which organisation does it concern?").select_option(
        "The competition as a whole"
    )
    page.get_by_label("What is the interest?").fill("A relative works there.")
    page.get_by_label("I understand that I lose access").check()
    page.press("Declare the interest")
    page.see("Declared interests")
    page.enter(site.emails["lead"])
    go("evaluation/assignments")
    page.see("Who marks what")


def test_lock_prices_and_ranking(page, made, clock):
    site = made(
        Stage.QUALITY_EVALUATION,
        lambda world: world.mark_everything(clock),
        lots=tuple(f"CPA{n}" for n in range(1, 5)),
        bidders=3,
    )
    go = lambda rest: page.open(site.path(rest))  # noqa: E731 - a word of this test
    page.enter(site.emails["lead"])
    go("evaluation/quality-lock")
    page.get_by_role("button", name="Propose the quality lock").click()
    page.see("Propose the quality lock")
    page.press("Propose")
    page.see("Quality lock")
    page.enter(site.emails["approver"])
    go("evaluation/quality-lock/decide")
    page.see("Decide on the quality lock")
    page.press("Confirm your decision")
    page.see("Decide on the quality lock")
    page.get_by_label("Approve it").check()
    page.press("Confirm your decision")
    page.see("Quality lock")
    go("evaluation/points")
    page.see("Quality points")
    _open_prices(site)
    page.enter(site.emails["commercial"])
    go("evaluation/prices")
    page.see("Evaluated prices")
    page.get_by_role("link", name="Bidder 2").first.click()
    page.see("Bidder 2")
    go("evaluation/prices/complete")
    page.see("Complete the price evaluation")
    page.press("Complete the price evaluation")
    page.see("Ranking by lot")


def _open_prices(site):
    with site.app.app_context():
        competition = db.session.query(Competition).filter_by(reference=site.reference).one()
        bids = db.session.query(Bid).filter_by(competition_id=competition.id).all()
        for number, bid in enumerate(bids):
            open_price(bid, *(180_000_000_00 + number for _year in range(7)))
        open_price(bids[0], *(1,) * 7, adjustments_pence=-50)
        competition.stage = Stage.PRICE_EVALUATION.value
        db.session.commit()


def test_a_harmful_file_is_withheld_on_a_page_of_its_own(page, made, clock, request):
    def prepare(world):
        world.assign(clock)
        bid = world.bids_for("CPA1")[0]
        name = "a_plan_with_a_rather_long_name_that_has_no_place_to_break_anywhere.pdf"
        entry = attach_file(bid, "C2.1", EICAR, name=name, findings=("macros", "two_kinds"))
        return bid.reference, entry.reference

    request.addfinalizer(lambda: scanner.configure(""))
    site = made(Stage.QUALITY_EVALUATION, prepare)
    page.enter(site.emails["e1"])
    answer = site.path(f"evaluation/answers/{site.kept[0]}/C2.1")
    page.open(answer)
    page.get_by_text("It may hold macros.").wait_for()
    assert Axe().run(page).violations_count == 0
    with clamd() as (_, address):
        scanner.configure(address)
        page.open(f"{answer}/files/{site.kept[1]}")
    page.see("This file is not handed out")
