"""People at their browsers, and what is demanded of every page that they pass.

A `Person` has a browser of their own and does what people do: follows links, fills in fields by
their labels, presses buttons. After every step the page is looked at: one title, one heading, no
word on the console, nothing that the site's own policy blocks; and once for each kind of page, axe
with all its rules (WCAG 2.2 AA among them), and no scrolling sideways at 320 pixels.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Locator, Page
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

WIDE, NARROW = 1280, 320
_HEIGHT = 900
_PATIENCE_MS = 20_000
_TITLE = re.compile(r"(Error: )?\S.* – Commissioning")
# The browser itself says so of each answer over 400; what may be answered is checked by status.
_SAID_BY_THE_BROWSER = "Failed to load resource"
_MAY_BE_ANSWERED = {422}
_NOWHERE = "Nothing to see here – Commissioning"
# What is asked of every page at once. The kind of a page is told by the components that it is made
# of, without their parts and colours; text, links and buttons make no other kind of page.
_SUMMARY = """() => {
    const plain = /^govuk-(body|button|caption|grid|heading|inset|link|list|notification|tag|!)/;
    const names = [...document.querySelectorAll('main [class]')]
        .flatMap(element => [...element.classList])
        .filter(name => !plain.test(name))
        .map(name => name.split('__')[0].split('--')[0]);
    return {
        title: document.title,
        headings: document.querySelectorAll('h1').length,
        parts: [...new Set(names)].sort(),
    };
}"""
_KEYS = ("Tab", "Shift+Tab", "Enter", "Space")
# What has the focus: its label where it has one, else its words.
_FOCUS = """() => {
    const element = document.activeElement;
    const label = element.labels?.length ? element.labels[0] : element;
    return label.innerText || label.getAttribute('aria-label') || label.className;
}"""
# Every rule runs; what passes need not be listed.
_AXE = {"resultTypes": ["violations"]}


@dataclass
class Inspector:
    """What was looked at. `also_narrow` names the endpoints on which axe runs at 320 pixels too.

    Set PAGE_PICTURES to a folder to have a picture of each kind of page, at both widths.
    """

    app: Flask
    also_narrow: Collection[str] = ()
    seen: set[tuple[str, ...]] = field(default_factory=set)
    endpoints: set[str] = field(default_factory=set)

    def look(self, page: Page, *, has_scripts: bool = True) -> None:
        """Fail where the page is not as every page must be."""
        where = page.url
        found = page.evaluate(_SUMMARY)
        parts = found["parts"]
        assert _TITLE.fullmatch(found["title"]), (where, found["title"])
        assert found["headings"] == 1, (where, found["headings"])
        endpoint = "nowhere" if found["title"] == _NOWHERE else self._endpoint(where)
        self.endpoints.add(endpoint)
        is_refused = "govuk-error-summary" in parts
        key = (endpoint, "refused") if is_refused else (endpoint, *parts)
        if key in self.seen or not has_scripts:
            return
        picture = f"{len(self.seen) + 1:03}-{endpoint}{'-refused' if is_refused else ''}"
        self._take(page, f"{picture}-{WIDE}")
        self._check_rules(page)
        self._check_narrow(page, picture, with_rules=endpoint in self.also_narrow)
        self.seen.add(key)

    def _check_narrow(self, page: Page, picture: str, *, with_rules: bool) -> None:
        page.set_viewport_size({"width": NARROW, "height": _HEIGHT})
        wide = page.evaluate("document.documentElement.scrollWidth")
        self._take(page, f"{picture}-{NARROW}")
        assert wide <= NARROW, (page.url, wide)
        if with_rules:
            self._check_rules(page)
        page.set_viewport_size({"width": WIDE, "height": _HEIGHT})

    def _check_rules(self, page: Page) -> None:
        found = Axe().run(page, options=_AXE)
        assert found.violations_count == 0, (page.url, found.generate_report())

    def _endpoint(self, address: str) -> str:
        path = "/" + address.split("/", 3)[3].split("?", maxsplit=1)[0].split("#", maxsplit=1)[0]
        try:
            endpoint, _values = self.app.url_map.bind("").match(path)
        except (HTTPException, RequestRedirect):
            return "nowhere"
        return str(endpoint)

    def _take(self, page: Page, name: str) -> None:
        folder = os.environ.get("PAGE_PICTURES")
        if folder:
            page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


class Person:
    """Somebody with a browser of their own; steps are told as they do them."""

    def __init__(
        self, browser: Browser, base: str, inspector: Inspector, *, has_scripts: bool = True
    ) -> None:
        self._base = base
        self._inspector = inspector
        self._has_scripts = has_scripts
        self.context = browser.new_context(
            viewport={"width": WIDE, "height": _HEIGHT}, java_script_enabled=has_scripts
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(_PATIENCE_MS)
        self.complaints: list[str] = []
        self._may_be_missing = False
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("response", self._answered)

    def _hear(self, message: Any) -> None:
        if _SAID_BY_THE_BROWSER not in message.text:
            self.complaints.append(message.text)

    def _answered(self, response: Any) -> None:
        allowed = _MAY_BE_ANSWERED | ({404} if self._may_be_missing else set())
        if response.status >= 400 and response.status not in allowed:
            self.complaints.append(f"{response.status} {response.url}")

    def leaves(self) -> None:
        """Close the browser; nothing was said on its console."""
        self.context.close()
        assert self.complaints == []

    # Going about --------------------------------------------------------------------------------

    def goes_to(self, path: str) -> None:
        """Type an address of the site."""
        self.page.goto(self._base + path)
        self._look()

    def finds_nothing_at(self, path: str) -> None:
        """The address answers as one that does not exist."""
        self._may_be_missing = True
        answer = self.page.goto(self._base + path)
        assert answer is not None
        assert answer.status == 404, (path, answer.status)
        self._look()
        self._may_be_missing = False

    def follows(self, text: str) -> None:
        """Follow a link by all of its words, those for screen readers included."""
        with self.page.expect_navigation():
            self._link(text).click()
        self._look()

    def follows_first(self, beginning: str) -> None:
        """Follow the first link whose words begin so."""
        name = re.compile(f"^{re.escape(beginning)}")
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=name).first.click()
        self._look()

    def presses(self, text: str) -> None:
        """Press a button that sends a form."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=text, exact=True).click()
        self._look()

    def downloads(self, text: str) -> bytes:
        """Follow a link to a file and keep what arrives."""
        with self.page.expect_download() as coming:
            self._link(text).click()
        return Path(coming.value.path()).read_bytes()

    def _link(self, text: str) -> Locator:
        # The browser puts a space before words that are hidden from the eye.
        name = re.compile(f"^{re.escape(text).replace(',', ' ?,')}$")
        # Some links look like buttons, and say that they are.
        link, button = (self.page.get_by_role(role, name=name) for role in ("link", "button"))
        return link.or_(button).first

    # Filling in ---------------------------------------------------------------------------------

    def fills(self, entries: Mapping[str, Any], *, within: str | None = None) -> None:
        """Fill in fields by their labels.

        Text is typed, or chosen from a list; True ticks; a date, or a pair of a date and a time,
        goes into its parts; a mapping is a file. `within` names the fieldset where labels repeat.
        """
        place = self.page.get_by_role("group", name=within, exact=True) if within else self.page
        for label, value in entries.items():
            if isinstance(value, date):
                self._fill_date(label, value)
            elif isinstance(value, tuple):
                self._fill_date(label, value[0])
                group = self.page.get_by_role("group", name=label, exact=True)
                group.get_by_label("Time").fill(value[1])
            else:
                self._fill_one(place.get_by_label(label, exact=True).first, value)

    def _fill_one(self, entry: Locator, value: Any) -> None:
        if isinstance(value, bool):
            entry.set_checked(value)
        elif isinstance(value, Mapping):
            entry.set_input_files(files=[dict(value)])
        elif entry.evaluate("element => element.tagName") == "SELECT":
            entry.select_option(label=value)
        else:
            entry.fill(value)

    def _fill_date(self, label: str, day: date) -> None:
        group = self.page.get_by_role("group", name=label, exact=True)
        for part, number in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
            group.get_by_label(part).fill(str(number))

    def chooses(self, question: str, answer: str) -> None:
        """Choose one of the answers under a question."""
        group = self.page.get_by_role("group", name=question, exact=True)
        group.get_by_label(answer, exact=True).check()

    def runs_scripts(self) -> bool:
        """Whether the scripts of the page have run."""
        return "js-enabled" in (self.page.locator("body").get_attribute("class") or "")

    # By keyboard --------------------------------------------------------------------------------

    def types(self, *keys: str) -> None:
        """Press keys, one after the other: names of keys, or text to be typed."""
        for key in keys:
            if key in _KEYS:
                self.page.keyboard.press(key)
            else:
                self.page.keyboard.type(key)

    def sends_by(self, key: str) -> None:
        """Press a key that sends the form."""
        with self.page.expect_navigation():
            self.page.keyboard.press(key)
        self._look()

    def stands_on(self) -> str:
        """What has the focus, as its words or its label."""
        return str(self.page.evaluate(_FOCUS)).strip()

    def stops(self, count: int) -> list[str]:
        """Where the tabulator key leads, so many times."""
        found = []
        for _stop in range(count):
            self.types("Tab")
            found.append(self.stands_on())
        return found

    # Reading ------------------------------------------------------------------------------------

    def heading(self) -> str:
        """What the page is called."""
        return self.page.get_by_role("heading", level=1).inner_text()

    def sees(self, heading: str) -> None:
        """The page bears this heading."""
        assert self.heading() == heading, (self.page.url, self.heading())

    def reads(self, *texts: str) -> None:
        """The page says all of this."""
        told = " ".join(self.page.locator("body").inner_text().split())
        for text in texts:
            assert text in told, (self.page.url, text, told)

    def reads_nothing_of(self, *texts: str) -> None:
        """Neither the page nor its source says any of this."""
        told = self.page.content()
        for text in texts:
            assert text not in told, (self.page.url, text)

    def is_told(self, sentence: str, *, beside: str, leads_to: str | None = None) -> None:
        """The sentence stands in the summary of errors, and beside a field to which it leads.

        `leads_to` is another field, where a sentence is about several at once.
        """
        summary = self.page.locator(".govuk-error-summary")
        summary.get_by_role("link", name=sentence, exact=True).click()
        group = self.page.locator(".govuk-form-group--error").filter(has_text=beside).last
        assert sentence in group.locator(".govuk-error-message").first.inner_text()
        focused = self.page.locator("*:focus")
        assert focused.count() == 1, sentence
        if leads_to is None:
            assert group.locator("*:focus").count() == 1, sentence
        else:
            assert focused.get_attribute("id") == self._labelled(leads_to).get_attribute("id")

    def _labelled(self, label: str) -> Locator:
        return self.page.get_by_label(label, exact=True).first

    def still_has(self, entries: Mapping[str, str], *, within: str | None = None) -> None:
        """What was typed is still in the fields."""
        place = self.page.get_by_role("group", name=within, exact=True) if within else self.page
        for label, value in entries.items():
            kept = place.get_by_label(label, exact=True).first
            assert kept.input_value() == value, (label, kept.input_value())

    def _look(self) -> None:
        self._inspector.look(self.page, has_scripts=self._has_scripts)
        assert self.complaints == []
