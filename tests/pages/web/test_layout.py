from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import commissioning
from commissioning import paths
from commissioning.kernel.waiting import WaitingItem
from commissioning.permissions import ROWS, Permission
from commissioning.web import shell
from commissioning.web.dashboard import in_order
from commissioning.web.shell import NavigationItem
from tests.pages.web.probe import EVIL, LEAD

STATIC = Path(commissioning.__file__).parent / "static"
TEMPLATES = sorted(paths.templates().rglob("*.html"))


def test_vendored_files_are_what_their_sums_say():
    sums = (STATIC / "govuk" / "SHA256SUMS").read_text().splitlines()
    assert len(sums) == 2
    for line in sums:
        digest, name = line.split()
        content = (STATIC / "govuk" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest


@pytest.mark.parametrize("name", ["govuk/govuk-frontend.min.css", "platform.css"])
def test_a_style_sheet_asks_for_nothing_and_bears_no_licensed_mark(name):
    text = (STATIC / name).read_text(encoding="utf-8")
    for word in ("url(", "@import", "@font-face", "GDS Transport", "crest"):
        assert word not in text


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.name))
def test_no_template_has_inline_style_or_script(template):
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=\"|javascript:", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


def test_every_component_escapes_what_it_is_given(visitor):
    answer = visitor.get("/probe/components")
    assert answer.status_code == 200
    assert EVIL not in answer.text
    assert "<script>alert" not in answer.text
    assert answer.text.count("&lt;script&gt;alert(1)") >= 30


def test_a_page_has_one_heading_a_title_and_a_way_past_the_header(visitor):
    page = visitor.get("/probe/components").text
    assert page.count("<h1") == 1
    assert "<title>All the parts – Commissioning</title>" in page
    assert 'href="#main-content"' in page
    assert '<main class="govuk-main-wrapper' in page


def test_ids_on_a_page_are_unique(visitor):
    ids = re.findall(r'\sid="([^"]+)"', visitor.get("/probe/components").text)
    assert len(ids) == len(set(ids))


def test_the_header_names_the_person_and_offers_the_way_out(lead, visitor):
    assert "Ada &lt;Lead&gt;" in lead.get("/probe/components").text
    assert "Sign out" not in visitor.get("/probe/components").text


def test_only_a_demonstration_says_so(make_site):
    assert "app-banner" not in make_site().test_client().get("/").text
    page = make_site(is_demo=True).test_client().get("/").text
    assert "invented" in page
    assert "Monday 2 March 2026, 9am (UK time)" in page


def test_a_page_of_a_person_says_when_the_session_ends(site, lead):
    with site.app_context():
        known = shell.current_shell()
    end = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)

    def load(token):
        found = known.load_user(token)
        return found and replace(found, ends_at=end)

    shell.init_app(site, replace(known, load_user=load))
    page = lead.get("/help/permissions").text
    assert "Your session ends at Monday 2 March 2026, 10:30am (UK time)" in page


class TestNavigation:
    """People see what they could ever use, and nothing else."""

    @pytest.fixture
    def lines(self, site, visitor, lead, bidder):
        with site.app_context():
            known = shell.current_shell()
        navigation = (
            NavigationItem("Mine", "probe.own_page"),
            NavigationItem("Leads", "probe.lead_page", (Permission.COMPETITION_CREATE,)),
            NavigationItem("All", "probe.components_page", public=True, blueprint="probe"),
            NavigationItem("Not built", "nowhere.at_all"),
        )
        shell.init_app(site, replace(known, navigation=navigation))

        def seen_by(client):
            page = client.get("/probe/components").text
            menu = page.partition('id="navigation"')[2].partition("</ul>")[0]
            return re.findall(r">\s*(?:<strong[^>]*>)?(Mine|Leads|All|Not built)\s*<", menu)

        return {"visitor": seen_by(visitor), "lead": seen_by(lead), "bidder": seen_by(bidder)}

    def test_a_stranger_sees_what_is_public(self, lines):
        assert lines["visitor"] == ["All"]

    def test_a_role_sees_what_it_could_use(self, lines):
        assert lines["lead"] == ["Mine", "Leads", "All"]
        assert lines["bidder"] == ["Mine", "All"]


def test_the_help_page_prints_every_line_of_the_policy(visitor):
    page = visitor.get("/help/permissions").text
    assert page.count('<tr class="govuk-table__row">') >= len(ROWS)
    assert "not the person who proposed" in page


def test_the_front_page_is_for_strangers(visitor, lead):
    assert visitor.get("/").status_code == 200
    assert lead.get("/").location == "/dashboard"


class TestDashboard:
    NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

    def item(self, title, hours=None, context=""):
        due = None if hours is None else self.NOW + timedelta(hours=hours)
        return WaitingItem(title, "", "pages.home", {}, due, context)

    def test_the_most_urgent_comes_first_within_and_between_groups(self):
        items = [
            self.item("b2", None, "B"),
            self.item("a1", 5, "A"),
            self.item("b1", 1, "B"),
            self.item("a2", 9, "A"),
            self.item("c1", None, "C"),
        ]
        order = [(context, [item.title for item in group]) for context, group in in_order(items)]
        assert order == [("B", ["b1", "b2"]), ("A", ["a1", "a2"]), ("C", ["c1"])]

    def test_what_waits_is_gathered_from_every_context(self, site, lead):
        asked = []

        def waiting(actor, now):
            asked.append((actor.reference, now))
            return [self.item("Approve the issue", -1, "The competition")]

        with site.app_context():
            known = shell.current_shell()
        shell.init_app(site, replace(known, waiting=(waiting,)))
        page = lead.get("/dashboard").text
        assert asked == [(LEAD.reference, self.NOW)]
        assert "Approve the issue" in page
        assert "The competition" in page
        assert "Overdue" in page

    def test_an_empty_one_says_what_comes_next(self, site, lead):
        with site.app_context():
            known = shell.current_shell()
        shell.init_app(site, replace(known, waiting=()))
        assert "Nothing is waiting for you" in lead.get("/dashboard").text
