"""How firmly the award stands, on its page: who finds it, and what it says."""

from __future__ import annotations

import pytest

from commissioning.award import queries, services
from commissioning.cli.bounds import Bounds
from commissioning.cli.working import run_work
from tests.factories.award import agree_marks, priced_world
from tests.pages.award.conftest import PRICES
from tests.pages.award.test_award_pages import announced, recommend, solve
from tests.support.visits import Site, words

PAGE = "award/robustness"
READERS = ("approver", "auditor")
OTHERS = ("commercial", "lead", "moderator", "e1", "holder", "bidder")
CLOSE = {**PRICES, ("CPA1", 1): 500_00, ("CPA1", 2): 501_00}


@pytest.fixture
def site(app, clock):
    """A site whose competition has an award, with the second bid of a lot a pound dearer."""

    def build(_stage, **changes):
        return agree_marks(priced_world(CLOSE, **{"funding_multiple": 9, **changes}))

    return Site(app, clock, build)


@pytest.fixture
def ready(site):
    site.make()
    solve(site)
    return site


def start(site, who="approver", furthest="5"):
    return site.post(who, PAGE, {"furthest": furthest})


def work_of(site):
    def newest(competition):
        run = queries.latest_run(competition)
        return queries.study_standing(competition, run, site.clock.now()).progress

    return site.ask(newest).reference


def studied(site, real_clock, bounds=None):
    assert start(site).status_code == 303
    clocks = {"clock": site.clock, "real_clock": real_clock}
    assert run_work(site.app, work_of(site), bounds or Bounds(60, 2048), **clocks)
    return site.text("auditor", PAGE)


def test_only_the_approver_and_the_auditor_find_it_and_forbidden_looks_absent(ready):
    for who in READERS:
        assert ready.get(who, PAGE).status_code == 200, who
        assert "How firmly it stands" in ready.text(who, "award")
    absent = words(ready.get("lead", "award/nothing-here"))
    for who in OTHERS:
        answer = ready.get(who, PAGE)
        assert (answer.status_code, words(answer)) == (404, absent), who
        assert ready.post(who, PAGE, {"furthest": "5"}, page="").status_code == 404, who
    for who in ("commercial", "lead"):
        assert "How firmly it stands" not in ready.text(who, "award")


def test_before_there_is_an_award_there_is_no_page(site):
    site.make()
    for who in READERS:
        assert site.get(who, PAGE).status_code == 404


def test_what_decides_is_said_with_who_would_win_instead(ready, real_clock):
    assert "Nothing is studied yet" in ready.text("approver", PAGE)
    page = studied(ready, real_clock)
    first, second = ready.bidders.values()
    assert f"CPA1 {second} C2.1 Local partnership 3 4 CPA1: {second} instead of {first}" in page
    assert "No withdrawal of a bidder without a lot would move any lot." in page
    assert "No change of a single weight within 5 points would move any lot." in page
    assert f"CPA1, {second} (lost) 0.2" in page
    # At the same price the tie goes by the order of the bidders, which is another in each run.
    told = f"CPA1 {second}, lost £501.00 "
    assert f"{told}£1.01 less" in page or f"{told}£1.00 less" in page
    # The award is what it was, and goes on.
    recommend(ready)
    assert ready.ask(queries.latest_run).status == "recommended"
    announced(ready)
    assert "Single marks" in ready.text("auditor", PAGE)


def test_where_nothing_decides_the_page_says_so_plainly(site, real_clock):
    far = {("CPA1", 1): 500_00, ("CPA1", 2): 9000_00, ("CPA2", 1): 700_00, ("CPA2", 2): 9000_00}
    Site.__init__(
        site,
        site.app,
        site.clock,
        lambda _stage, **changes: agree_marks(
            priced_world(far, **{"funding_multiple": 9, **changes})
        ),
    )
    site.make()
    solve(site)
    page = studied(site, real_clock)
    assert "No single mark, one step higher or lower, would move any lot." in page
    assert "Marks that decide" not in page


def test_a_study_that_ran_out_of_time_never_says_that_nothing_decides(ready, real_clock):
    page = studied(ready, real_clock, Bounds(0, 2048))
    assert "No single mark that was looked at, one step higher" in page
    assert "No single agreed mark" not in page
    assert "The search was stopped after 0 of" in page
    assert "No withdrawal that was looked at" in page
    assert "No weight that was looked at" in page
    assert "No price that was looked at" in page


def test_a_study_is_watched_and_stopped_by_whoever_may_study(ready):
    start(ready)
    page = ready.get("auditor", PAGE).get_data(as_text=True)
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "The study is under way" in page
    assert "Start the study" not in page
    refused = start(ready, "auditor")
    assert refused.status_code == 422
    assert "This is being solved already." in words(refused)
    stop = f"award/work/{work_of(ready)}/stop"
    for who in OTHERS:
        assert ready.post(who, stop, page="").status_code == 404, who
    assert ready.post("auditor", stop, page=PAGE).status_code == 303
    assert "Somebody stopped it" in ready.text("approver", PAGE)


@pytest.mark.parametrize("typed", ["", "0", "21", "x"])
def test_a_range_that_cannot_be_is_said_beside_its_field(ready, typed):
    answer = start(ready, furthest=typed)
    assert answer.status_code == 422
    assert "Error:" in answer.get_data(as_text=True)
    assert services.FURTHEST_WEIGHT == 20
