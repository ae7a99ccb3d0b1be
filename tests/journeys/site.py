"""The site of a journey, and the people who go about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask
from playwright.sync_api import Browser

from commissioning.cli.site import make_due_moves
from commissioning.kernel.clock import SetClock
from tests.support.browsing import Inspector, Person

LONDON = ZoneInfo("Europe/London")
PASSWORD = "three unrelated kestrels"


@dataclass
class Site:
    """A served application, its clock of business, and a browser for each person."""

    app: Flask
    clock: SetClock
    browser: Browser
    base: str
    inspector: Inspector
    people: dict[str, Person] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Person:
        return self.people[name]

    def opens(self, name: str, *, has_scripts: bool = True) -> Person:
        """Somebody opens a browser."""
        person = Person(self.browser, self.base, self.inspector, has_scripts=has_scripts)
        self.people[name] = person
        return person

    def passes_to(self, year: int, month: int, day: int, hour: int, minute: int = 0) -> list[str]:
        """Time passes to a moment in London, and what is due then is done, as the site does it."""
        self.clock.move_to(datetime(year, month, day, hour, minute, tzinfo=LONDON))
        with self.app.app_context():
            return make_due_moves(self.app, self.clock)

    def closes(self) -> None:
        """Everybody goes home."""
        for person in self.people.values():
            person.leaves()


def signs_in(person: Person, email: str, password: str = PASSWORD) -> None:
    """Sign in as people do; most chose the same password here."""
    person.goes_to("/sign-in")
    person.fills({"Email address": email, "Password": password})
    person.presses("Sign in")
    person.sees("Waiting for you")


def opens_letter(person: Person, to: str) -> None:
    """Open the newest link that was sent to somebody, from the mail of the demonstration."""
    person.goes_to("/demonstration/outbox")
    letter = person.page.get_by_role("article").filter(has_text=f"To {to},").first
    with person.page.expect_navigation():
        letter.get_by_role("link").first.click()
