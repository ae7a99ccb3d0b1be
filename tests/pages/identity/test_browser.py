"""The pages of identity in a real browser: accessible, narrow enough, and without scripts too."""

from __future__ import annotations

import json

import pytest
from axe_playwright_python.sync_playwright import Axe

from commissioning.kernel.actor import Role
from tests.factories.identity import (
    PASSWORD,
    AdministratorFactory,
    AuthorityFactory,
    OrganisationFactory,
    PersonFactory,
)

pytestmark = pytest.mark.journey

NUMBER = "01234567"


@pytest.fixture
def app(make_app, tmp_path):
    """A demonstration, whose mail can be read on the site."""
    app = make_app(is_demo=True)
    told = {"role": "lead", "name": "Ada Lead", "organisation": "Ministry of Long Names"}
    told |= {"email": "ada.lead@ministryoflongnames.example", "password": PASSWORD}
    (tmp_path / "var" / "sign-ins.json").write_text(json.dumps([told] * 3))
    return app


@pytest.fixture(params=[1280, 320])
def page(page, request, live_server):
    """A page of one width; `see` looks at it as axe does, `go` goes to an address of the site."""
    page.set_viewport_size({"width": request.param, "height": 900})
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))

    def see(heading):
        assert page.get_by_role("heading", level=1).inner_text() == heading
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= request.param, heading

    page.see = see
    page.open = lambda path: page.goto(live_server.address(path))
    yield page
    # The browser itself reports each answer of 409, 422 and 429 on its console.
    assert [told for told in page.complaints if "Failed to load resource" not in told] == []


def press(page, name):
    """Press a button that posts, and wait for the page that answers."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def fill(page, **fields):
    for label, value in fields.items():
        page.get_by_label(label.replace("_", " "), exact=True).fill(value)


def go_to(page, text):
    """Follow a line of the service's navigation, which a narrow screen folds away."""
    menu = page.get_by_role("button", name="Menu")
    if menu.is_visible():
        menu.click()
    page.get_by_role("link", name=text, exact=True).click()


def enter(page, email, password=PASSWORD):
    page.open("/sign-in")
    fill(page, Email_address=email, Password=password)
    press(page, "Sign in")


def leave(page):
    press(page, "Sign out")


def read_letter(page):
    page.open("/demonstration/outbox")
    page.get_by_role("link", name="Open the link").first.click()


def test_an_organisation_comes_in_with_its_people(page):
    """From an empty site to two people who both open the drafts, and back after a reset."""
    page.open("/sign-in")
    page.see("Sign in")
    page.get_by_role("link", name="Register an organisation").click()
    page.see("Register an organisation")
    press(page, "Send the link")
    page.see("Register an organisation")
    fill(page, Email_address="mina@halcyon.example")
    press(page, "Send the link")
    page.see("Look into your mail")
    page.get_by_role("button", name="Read the mail here").click()
    page.see("Mail of the demonstration")
    page.get_by_role("link", name="Open the link").first.click()
    page.see("Register an organisation")
    page.get_by_role("link", name="The organisation").click()
    press(page, "Save and continue")
    page.see("The organisation")
    page.get_by_label("A bidder").check()
    fill(page, Name_of_the_organisation="Halcyon Rehabilitation", Number_in_the_register=NUMBER)
    page.get_by_label("Legal form").select_option("company")
    page.get_by_label("Register", exact=True).select_option("company-number")
    press(page, "Save and continue")
    page.get_by_role("link", name="Your name").click()
    page.see("Your name")
    fill(page, Your_full_name="Mina Okafor")
    press(page, "Save and continue")
    page.get_by_role("link", name="Check your answers and register").click()
    page.see("Check your answers and register")
    fill(page, Password=PASSWORD)
    press(page, "Register")
    page.see("Your organisation is registered")
    code = page.locator("code").inner_text()
    page.get_by_role("button", name="Sign in", exact=True).click()

    enter(page, "mina@halcyon.example", "not the password")
    page.see("Sign in")
    enter(page, "mina@halcyon.example")
    go_to(page, "Your organisation")
    page.see("Halcyon Rehabilitation")
    page.get_by_role("button", name="Invite somebody").click()
    page.see("Invite somebody")
    fill(page, Full_name="Ravi Tull", Email_address="ravi@halcyon.example")
    page.get_by_label("Bid writer").check()
    press(page, "Send the invitation")
    page.see("Halcyon Rehabilitation")
    leave(page)

    read_letter(page)
    page.see("Accept an invitation")
    fill(page, Password=PASSWORD)
    press(page, "Join Halcyon Rehabilitation")
    enter(page, "ravi@halcyon.example")
    page.see("Waiting for you")
    page.get_by_role("link", name="Open your organisation’s key").click()
    page.see("Your organisation’s key")
    leave(page)

    enter(page, "mina@halcyon.example")
    page.get_by_role("link", name="Let Ravi Tull in").click()
    page.see("Ravi Tull")
    press(page, "Let them open the drafts")
    page.see("Ravi Tull")
    leave(page)

    page.get_by_role("link", name="Reset a forgotten password").click()
    page.see("Reset a forgotten password")
    fill(page, Email_address="mina@halcyon.example")
    press(page, "Send the link")
    read_letter(page)
    page.see("Choose a new password")
    fill(page, Password="nine louder kestrels")
    press(page, "Change the password")
    enter(page, "mina@halcyon.example", "nine louder kestrels")
    page.open("/key")
    fill(page, Recovery_code="wrong")
    press(page, "Open the drafts")
    page.see("Your organisation’s key")
    fill(page, Recovery_code=code)
    press(page, "Open the drafts")
    page.see("Your organisation’s key")
    press(page, "Make a new code")
    page.see("A new recovery code")


def test_a_manager_and_an_administrator_go_round_their_pages(page, given):
    def build():
        halcyon = OrganisationFactory(name="Halcyon Rehabilitation")
        manager = PersonFactory(name="Mina Okafor", organisation=halcyon)
        PersonFactory(name="Ravi Tull", organisation=halcyon, roles=[Role.BID_WRITER])
        rival = OrganisationFactory(name="Rival Partnership", identifier=NUMBER)
        PersonFactory(organisation=AuthorityFactory())
        return manager.email, AdministratorFactory().email, rival.reference

    manager, administrator, rival = given(build)
    enter(page, manager)
    go_to(page, "Your account")
    page.see("Your account")
    page.get_by_role("link", name="Change your password").click()
    page.see("Change your password")
    press(page, "Change the password")
    page.see("Change your password")
    go_to(page, "Your organisation")
    page.get_by_role("link", name="Change name").click()
    page.see("Change the particulars")
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("link", name="None recorded").click()
    page.see("Owners and consortia")
    page.get_by_role("button", name="Declare an ownership").click()
    page.see("Declare an ownership")
    page.get_by_label("It owns or controls ours").check()
    page.get_by_label("Register", exact=True).select_option("company-number")
    fill(page, Number_of_the_other_organisation=NUMBER)
    press(page, "Declare")
    page.get_by_role("button", name="Name a member").click()
    page.see("Name a member")
    page.get_by_label("Register", exact=True).select_option("company-number")
    fill(page, Number_of_the_member=NUMBER, Share_of_the_consortium="33.3333")
    press(page, "Name the member")
    page.see("Owners and consortia")
    page.get_by_role("link", name="Halcyon Rehabilitation").click()
    page.get_by_role("link", name="Ravi Tull").click()
    page.see("Ravi Tull")
    page.get_by_label("Signatory").check()
    press(page, "Give the role")
    page.get_by_role("button", name="Remove Ravi Tull").click()
    page.see("Remove Ravi Tull")
    press(page, "Remove Ravi Tull")
    page.see("Halcyon Rehabilitation")
    leave(page)

    enter(page, administrator)
    go_to(page, "Organisations")
    page.see("Organisations")
    page.get_by_role("button", name="Bring in an authority").click()
    page.see("Bring in an authority")
    fill(page, Name_of_the_authority="Agency", Number_or_code_in_the_register="AGENCY")
    page.get_by_label("Register", exact=True).select_option("public-body")
    press(page, "Bring it in")
    page.see("Agency")
    page.get_by_role("button", name="Invite somebody").click()
    page.see("Invite somebody")
    page.open(f"/organisations/{rival}/suspend")
    page.see("Suspend sign-in")
    press(page, "Suspend sign-in")
    page.see("Rival Partnership")


@pytest.mark.parametrize("page", [1280], indirect=True)
def test_a_reset_and_an_invitation_work_without_scripts(browser, live_server, given, page):
    email = given(lambda: PersonFactory(name="Mina Okafor").email)
    context = browser.new_context(java_script_enabled=False)
    try:
        plain = context.new_page()
        plain.open = lambda path: plain.goto(live_server.address(path))
        plain.open("/password/forgotten")
        fill(plain, Email_address=email)
        press(plain, "Send the link")
        read_letter(plain)
        fill(plain, Password="nine louder kestrels")
        press(plain, "Change the password")
        enter(plain, email, "nine louder kestrels")
        assert "Waiting for you" in plain.title()
        leave(plain)
        assert "You have signed out." in plain.content()
    finally:
        context.close()
