"""The rehearsal of drafted rules, on its page: who finds it, and what it says."""

from __future__ import annotations

import pytest

from commissioning.award import queries
from commissioning.cli.bounds import Bounds
from commissioning.cli.working import run_work
from commissioning.competition.queries import competition_by_reference
from commissioning.infrastructure.database import db
from commissioning.kernel.stage import Stage
from tests.factories.evaluation import world_at
from tests.support.visits import Site, words

PAGE = "award-rules/rehearsal"
READERS = ("lead", "commercial", "approver", "auditor")
OTHERS = ("moderator", "e1", "holder", "a1")
TYPED = {
    "markets": "20",
    "seed": "harbour",
    "large_least": "3",
    "large_most": "5",
    "small_least": "1",
    "small_most": "2",
    "voluntary_least": "1",
    "voluntary_most": "2",
}


@pytest.fixture
def site(app, clock):
    def build(_stage, **changes):
        rules = {
            "lots": ("L1", "L2", "L3", "L4", "L5"),
            "limits": {"max_value_share_per_bidder_ppm": 400_000},
            "funding_multiple": 2,
            "tie_seed": None,
        }
        return world_at(Stage.DRAFT, **{**rules, **changes})

    return Site(app, clock, build).make()


def home(site, who):
    return words(site.visit(who).get(f"/competitions/{site.reference}"))


def start(site, who="lead", **changes):
    return site.post(who, PAGE, {**TYPED, **changes})


def work_of(site):
    def newest(competition):
        return queries.rehearsal_standing(competition, site.clock.now()).progress

    return site.ask(newest).reference


def rehearsed(site, real_clock):
    assert start(site).status_code == 303
    clocks = {"clock": site.clock, "real_clock": real_clock}
    assert run_work(site.app, work_of(site), Bounds(120, 2048), **clocks)
    return site.text("lead", PAGE)


def test_the_team_of_the_draft_reads_it_and_forbidden_looks_absent(site):
    for who in READERS:
        page = site.text(who, PAGE)
        assert "Nothing is rehearsed yet" in page
        assert ("Rehearse the rules" in page) == (who == "lead")
        assert "Rehearsal of the rules" in home(site, who)
        assert "Rehearsal of the rules" in site.text(who, "rules")
    absent = words(site.get("moderator", "award-rules/nothing-here"))
    for who in OTHERS:
        answer = site.get(who, PAGE)
        assert (answer.status_code, words(answer)) == (404, absent), who
        assert "Rehearsal of the rules" not in home(site, who)
        assert "Rehearsal of the rules" not in site.text(who, "rules")
    for who in (*OTHERS, "commercial", "approver", "auditor"):
        assert site.post(who, PAGE, TYPED, page="").status_code == 404, who


def test_what_came_of_it_is_said_and_charted_and_called_invented(site, real_clock):
    page = rehearsed(site, real_clock)
    assert "Every market on this page is invented: no bidder, price or mark is real" in page
    assert "20 markets drawn from the seed harbour" in page
    assert "Assumed of Large bidders: 3 to 5 in a market" in page
    for part in (
        "Markets in which a lot has no valid bid",
        "Number of markets by valid bids for the lot",
        "The share limit costs something in",
        "The funding test costs something in",
        "With reversion to the next-best bid, largest margin first",
        "Voluntary and community bodies: by the best award over all lots",
        "at least one single agreed mark, one step higher or lower, would move a lot",
        "in the first 20 markets",
    ):
        assert part in page, part
    assert "The rules have changed" not in page
    assert "What came of it" in site.text("approver", PAGE)
    assert "style=" not in site.get("lead", PAGE).get_data(as_text=True)


def test_after_a_change_of_the_rules_it_says_that_it_is_of_before(site, real_clock):
    rehearsed(site, real_clock)
    with site.app.app_context():
        competition_by_reference(site.reference).funding_multiple = 3
        db.session.commit()
    assert "The rules have changed since they were rehearsed" in site.text("lead", PAGE)
    assert "rehearse them again" not in site.text("approver", PAGE)


def test_once_the_notice_is_out_it_is_read_and_never_started(site, real_clock):
    rehearsed(site, real_clock)
    with site.app.app_context():
        competition = competition_by_reference(site.reference)
        competition.notice, competition.notice_sha256 = "{}", "0" * 64
        competition.stage = Stage.PQQ_OPEN.value
        db.session.commit()
    page = site.text("lead", PAGE)
    assert "The notice is issued" in page
    assert "What came of it" in page
    assert "Rehearse" not in page.replace("Rehearsal", "")
    assert site.post("lead", PAGE, TYPED, page="").status_code == 404


def test_it_is_watched_and_stopped_by_the_lead(site):
    start(site)
    page = site.get("lead", PAGE).get_data(as_text=True)
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "The rehearsal is under way" in page
    assert 'name="markets"' not in page
    assert "Stop" not in site.text("approver", PAGE)
    refused = start(site)
    assert refused.status_code == 422
    assert "This is being solved already." in words(refused)
    stop = f"award/work/{work_of(site)}/stop"
    for who in (*OTHERS, "commercial", "approver", "auditor"):
        assert site.post(who, stop, page="").status_code == 404, who
    assert site.post("lead", stop, page=PAGE).status_code == 303
    assert "Somebody stopped it" in site.text("lead", PAGE)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"markets": "5"}, "Number of invented markets must be"),
        ({"seed": " "}, "Enter a seed"),
        ({"small_least": "4", "small_most": "3"}, "Enter a number from 4 to 30."),
        ({"large_most": "x"}, "must be a whole number"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(site, typed, sentence):
    answer = start(site, **{"voluntary_most": "7", **typed})
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert 'value="7"' in answer.get_data(as_text=True)
