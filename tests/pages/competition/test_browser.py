"""The pages of a competition in a real browser: accessible, and no wider than the screen."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from commissioning.competition import queries, services
from commissioning.identity import services as identity
from commissioning.infrastructure.database import db
from tests.factories import competition as stages
from tests.factories.competition import add_lot
from tests.factories.identity import PASSWORD, PersonFactory, actor_of

pytestmark = pytest.mark.journey

LONG = "Bedfordshire, Northamptonshire, Cambridgeshire and Hertfordshire with neighbours"
SET_UP = (
    "", "lots", "lots/L1", "lots/L1/change", "lots/L1/remove", "add-lot", "lots-file",
    "criteria", "criteria/C4", "criteria/C4/change", "add-criterion", "weights", "rules",
    "rules/change", "timetable", "timetable/change", "questions", "add-question", "documents",
    "add-document", "people", "give-role", "particulars", "issue-pqq", "terminate", "trail",
    "decisions",
)  # fmt: skip


@pytest.fixture(params=[1280, 320])
def page(page, request, live_server):
    """A page of one width; `see` looks at it as axe does, `enter` signs a person in."""
    page.set_viewport_size({"width": request.param, "height": 900})
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))

    def see(path=None):
        if path is not None:
            assert page.goto(live_server.address(path)).status == 200, path
        found = Axe().run(page)
        assert found.violations_count == 0, (path, found.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth") <= request.param, path

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
    yield page
    # The browser itself reports each answer of 404, 409 and 422 on its console.
    assert [told for told in page.complaints if "Failed to load resource" not in told] == []


@pytest.fixture
def tender(app, clock):
    """Set up a competition: gives its reference, and the addresses of its lead and approver."""

    def make(stage):
        with app.app_context():
            made = getattr(stages, stage)(clock)
            if stage == "sound_draft":
                add_lot(made, "L3", name=LONG, tile_column=1, tile_row=1)
                add_lot(made, "LONG-REFERENCE-4", name="Four", tile_column=3, tile_row=2)
                # Two long words in one row: the day of the week, and the name of the event.
                services.set_timetable(
                    made.as_lead, made.reference, {"commencement": "2026-12-30 00:30"}, clock=clock
                )
                services.add_document(
                    made.as_lead,
                    made.reference,
                    title="Descriptive document",
                    part="pqq",
                    file_name="descriptive-document-of-the-programme-as-a-whole-2026.pdf",
                    media_type="application/pdf",
                    pieces=[b"%PDF"],
                    clock=clock,
                )
            db.session.commit()
            return made.reference, made.lead.email, made.approver.email

    return make


def test_every_page_of_the_set_up(page, tender):
    reference, lead, _approver = tender("sound_draft")
    page.enter(lead)

    for rest in SET_UP:
        page.see(f"/competitions/{reference}/{rest}".rstrip("/"))
    for path in ("/competitions", "/competitions/new", "/competitions/programmes/new"):
        page.see(path)


def test_forms_that_are_handed_back(page, tender):
    reference, lead, _approver = tender("bare_draft")
    page.enter(lead)
    path = f"/competitions/{reference}"

    for rest, button in (
        ("add-lot", "Save the lot"),
        ("add-criterion", "Save the criterion"),
        ("add-question", "Save the question"),
        ("add-document", "Add the document"),
        ("lots-file", "Check the file"),
        ("give-role", "Give the role"),
        ("terminate", "Continue"),
    ):
        page.see(f"{path}/{rest}")
        page.press(button)
        assert page.get_by_role("alert").get_by_text("There is a problem").is_visible(), rest
        page.see()
    page.see(f"{path}/add-criterion")
    page.press("Add another question")
    page.see()
    page.see(f"{path}/issue-pqq")


def test_issue_by_two_people_and_what_the_public_reads(page, tender):
    reference, lead, approver = tender("sound_draft")
    path = f"/competitions/{reference}"
    page.enter(lead)
    page.see(f"{path}/issue-pqq")
    page.press("Propose the issue of the PQQ")
    page.see()
    page.enter(approver)
    page.see(path)
    page.get_by_role("button", name="Read what is proposed and decide").click()
    page.see()
    page.get_by_role("radio", name="Approve").check()
    page.press("Decide")
    page.see()
    page.context.clear_cookies()
    page.see("/competitions")
    page.see(f"{path}/published")


def test_the_itn_and_a_later_deadline(page, tender):
    reference, lead, _approver = tender("itn_open")
    path = f"/competitions/{reference}"
    page.enter(lead)
    for rest in ("", "/published", "/trail", "/timetable", "/extend"):
        page.see(f"{path}{rest}")
    for part, typed in (("day", "30"), ("month", "July"), ("year", "2026"), ("time", "12:00")):
        page.locator(f"#deadline-{part}").fill(typed)
    page.get_by_label("Reason").fill("A document came late.")
    page.press("Continue")
    page.see()
    page.press("Propose the later deadline")
    page.see()


def test_ties_that_count_and_a_competition_without_a_lead(page, tender, app, clock):
    reference, lead, approver = tender("itn_open")
    path = f"/competitions/{reference}"
    with app.app_context():
        row = queries.competition_by_reference(reference)
        bidder = queries.admissions_of(row)[0].organisation.reference
        parent = PersonFactory(organisation__name=LONG)
        pair = parent.organisation.reference, bidder
        identity.record_ownership(actor_of(parent), *pair, clock=clock)
        owner, own = parent.email, parent.organisation.reference
        clock.move_to(queries.deadline_of(row, "itn_deadline").instant_utc)
        services.pass_deadlines(clock=clock)
        db.session.commit()
    page.enter(owner)
    page.see(f"/organisations/{own}/ties")
    page.enter(lead)
    page.see(f"{path}/ties/put")
    page.press("Propose")
    page.see()
    page.see(f"{path}/ties")
    page.get_by_role("link", name="Propose that it counts").click()
    page.see()
    page.get_by_label("Why?").fill("Their accounts say so, and both were heard.")
    page.press("Propose")
    page.see()
    page.see(f"{path}/ties")
    page.enter(approver)
    page.see(path)
    page.get_by_role("button", name="Read what is proposed and decide").click()
    page.see()
    page.get_by_role("radio", name="Approve").check()
    page.press("Decide")
    page.see(f"{path}/ties")
    page.enter(lead)
    page.see(f"{path}/evaluation/interests/declare")
    page.get_by_label("Which organisation does it concern?").select_option("*")
    page.get_by_label("What is the interest?").fill("A cousin is a director of a bidder.")
    page.get_by_role("checkbox").check()
    page.press("Declare the interest")
    page.see(path)
    page.see(f"{path}/people")
