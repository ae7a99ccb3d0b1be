"""The shell in a real browser: accessible, without sideways scrolling, with and without scripts."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.journey

ADDRESSES = ["/", "/help/permissions", "/help/accessibility", "/probe/components", "/probe/file"]


@pytest.fixture
def app(make_site):
    """The site that `live_server` serves."""
    return make_site(is_demo=True)


@pytest.fixture
def page(page):
    """A page that notices what its policy blocks and what is not found."""
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on(
        "response",
        lambda answer: answer.status == 404 and page.complaints.append(answer.url),
    )
    return page


@pytest.mark.parametrize("width", [1280, 320])
def test_pages_pass_the_accessibility_rules_and_fit_the_screen(page, live_server, width):
    page.set_viewport_size({"width": width, "height": 800})
    for address in ADDRESSES:
        page.goto(live_server.address(address))
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    assert page.complaints == []


def test_a_failed_form_takes_the_reader_to_its_summary_and_on_to_the_field(page, live_server):
    page.goto(live_server.address("/probe/file"))
    page.get_by_role("button", name="Continue").click()
    assert page.title() == "Error: A form – Commissioning"
    assert page.evaluate("document.activeElement.className") == "govuk-error-summary"
    assert Axe().run(page).violations_count == 0
    page.get_by_role("link", name="Choose a file.").click()
    assert page.evaluate("document.activeElement.id") == "file"


def test_everything_works_without_scripts(browser, live_server):
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(live_server.address("/probe/form"))
        page.get_by_label("Word").fill("plain")
        page.get_by_role("button", name="Continue").click()
        assert page.text_content("body") == "taken"
    finally:
        context.close()


def test_an_injected_script_does_not_run(page, live_server):
    page.goto(live_server.address("/"))
    page.evaluate(
        """() => {
            const script = document.createElement('script')
            script.textContent = 'window.ran = true'
            document.body.append(script)
        }"""
    )
    assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in line for line in page.complaints)
