"""A file that goes in pieces, as it is seen: under way, paused, broken off, refused."""

from __future__ import annotations

import pytest

from tests.support.looking import looked_at

pytestmark = pytest.mark.journey


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
