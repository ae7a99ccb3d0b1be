"""The pages of scenarios and of other awards: who reads and does what, and what a page says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from commissioning.award import queries, services
from commissioning.cli.bounds import Bounds
from commissioning.cli.working import run_work
from tests.pages.award.test_award_pages import announced, recommend, solve
from tests.support.pages import post
from tests.support.visits import words

READERS = ("commercial", "lead", "auditor")
OTHERS = ("approver", "moderator", "e1", "holder", "bidder")
TYPED = {
    "name": "Two lots each",
    "award_rule": "optimum",
    "objective": "min_sum_ppqp",
    "max_lots_per_bidder": "2",
    "min_distinct_winners": "",
}


@pytest.fixture
def ready(site):
    return site.make(funding_multiple=9)


def make(site, **changes):
    answer = site.post("commercial", "award/scenarios/new", TYPED | changes)
    assert answer.status_code == 303, words(answer)
    return answer.location.rsplit("/", 1)[-1]


def work_of(site):
    def newest(competition):
        rows = queries.scenarios_of(competition)
        return queries.scenario_standing(competition, rows[-1], site.clock.now()).progress

    return site.ask(newest).reference


def solved(site, real_clock, scenario):
    site.post("commercial", f"award/scenarios/{scenario}/solve", page="award/scenarios/new")
    assert run_work(
        site.app, work_of(site), Bounds(60, 2048), clock=site.clock, real_clock=real_clock
    )


def test_without_a_scenario_the_page_says_what_one_is(ready):
    page = ready.text("commercial", "award/scenarios")
    assert "No scenario yet A scenario is a copy of the published problem" in page
    assert "New scenario" in page
    assert "New scenario" not in ready.text("auditor", "award/scenarios")


def test_a_scenario_is_made_solved_and_marked_as_one_everywhere(ready, real_clock):
    solve(ready)
    scenario = make(ready)
    address = f"award/scenarios/{scenario}"
    page = ready.text("commercial", address)
    assert "Not in force: One bidder wins at most 1 lot." in page
    assert "Solve this scenario" in page
    solved(ready, real_clock, scenario)

    page = ready.text("commercial", address)
    first = next(iter(ready.bidders.values()))
    assert f"CPA1 Area CPA1 {first}" in page
    assert "What each limit costs" in page
    compared = ready.text("auditor", f"award/scenarios/compare?scenario={scenario}")
    assert "Two lots each (scenario)" in compared
    assert f"CPA1 Bidder 2 {first} (differs)" in compared
    assert "Total net price £1,300.00 £1,200.00" in compared
    for rest in ("award/scenarios", address, f"award/scenarios/compare?scenario={scenario}"):
        text = ready.text("commercial", rest)
        assert "Scenario Not the published problem: nothing here can be recommended" in text
        assert "Recommend this award" not in text
    # The award itself is the published one, before and after.
    assert "CPA1 Area CPA1 Bidder 2" in ready.text("commercial", "award")
    recommend(ready)
    assert ready.ask(queries.latest_run).status == "recommended"


def test_a_page_with_work_loads_itself_again_without_javascript_and_can_stop_it(ready, real_clock):
    scenario = make(ready)
    address = f"award/scenarios/{scenario}"
    ready.post("commercial", f"{address}/solve", page="award/scenarios/new")
    page = ready.get("commercial", address).get_data(as_text=True)
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "work.js" in page
    visitor = ready.visit("commercial")
    again = post(visitor, ready.path(f"{address}/solve"), page=ready.path("award/scenarios/new"))
    assert again.status_code == 303
    assert "This is being solved already." in words(visitor.get(ready.path(address)))
    assert "Stop" not in ready.text("auditor", address)
    stop = f"award/work/{work_of(ready)}/stop"
    assert ready.post("lead", stop, page="award/scenarios/new").status_code == 303
    page = ready.get("commercial", address).get_data(as_text=True)
    assert "It came to no answer" in page
    assert "refresh" not in page
    assert ready.post("lead", stop, page="award/scenarios/new").status_code == 409

    ready.post("commercial", f"{address}/solve", page="award/scenarios/new")
    real_clock.advance(timedelta(minutes=2))
    page = ready.text("commercial", address)
    assert "gave no more sign of life" in page
    assert "Solve this scenario" in page


def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(ready):
    for typed, sentence in (
        ({"name": " "}, "Enter a name by which you will know the scenario."),
        ({"max_lots_per_bidder": "x"}, "Lots for one bidder must be a whole number"),
        ({"incompatible_lots": "CPA1"}, "“CPA1” is no pair."),
        ({"incompatible_lots": "CPA1, CPA9"}, "CPA1 and CPA9 are not two lots of this award."),
        ({"without": list(ready.bidders)}, "Somebody has to stay"),
    ):
        entries = TYPED | {"budget": "1,234.50"} | typed
        answer = ready.post("commercial", "award/scenarios/new", entries)
        assert answer.status_code == 422
        assert sentence in words(answer)
        assert 'value="1,234.50"' in answer.get_data(as_text=True)
    assert ready.ask(queries.scenarios_of) == []


def test_a_scenario_is_changed_from_what_it_was(ready):
    scenario = make(ready, max_value_share_per_bidder_ppm="70", without=[next(iter(ready.bidders))])
    page = ready.get("lead", f"award/scenarios/{scenario}/change").get_data(as_text=True)
    assert 'value="70"' in page
    assert 'value="Two lots each"' in page
    assert page.count("checked") == 3
    ready.post("lead", f"award/scenarios/{scenario}/change", TYPED | {"name": "Another"})
    assert "Scenario: Another" in ready.text("lead", f"award/scenarios/{scenario}")


def test_only_who_models_the_award_finds_the_pages_and_readers_find_no_forms(ready):
    scenario = make(ready)
    reading = ("award/scenarios", f"award/scenarios/{scenario}", "award/scenarios/compare")
    doing = ("award/scenarios/new", f"award/scenarios/{scenario}/change")
    for rest in reading:
        for who in READERS:
            assert ready.get(who, rest).status_code == 200, (who, rest)
        for who in OTHERS:
            assert ready.get(who, rest).status_code == 404, (who, rest)
    for rest in doing:
        for who in ("commercial", "lead"):
            assert ready.get(who, rest).status_code == 200, (who, rest)
        for who in ("auditor", *OTHERS):
            assert ready.get(who, rest).status_code == 404, (who, rest)
    assert "Scenarios" not in ready.text("approver", "award")
    other = ready.make(funding_multiple=9)
    for rest in (f"award/scenarios/{scenario}", f"award/scenarios/{scenario}/change"):
        assert other.get("commercial", rest).status_code == 404  # it is of another competition


def test_after_the_announcement_scenarios_are_read_and_never_made(ready):
    scenario = make(ready)
    announced(ready)
    assert ready.get("commercial", f"award/scenarios/{scenario}").status_code == 200
    assert ready.get("commercial", "award/scenarios/new").status_code == 404
    assert "Solve this scenario" not in ready.text("commercial", f"award/scenarios/{scenario}")


def test_other_awards_are_sought_and_listed_with_the_lots_that_go_elsewhere(ready, real_clock):
    assert ready.get("commercial", "award/alternatives").status_code == 404
    solve(ready)
    assert "Nothing is looked for yet" in ready.text("auditor", "award/alternatives")
    assert "Look for other awards" not in ready.text("auditor", "award/alternatives")
    refused = ready.post("commercial", "award/alternatives", {"within": "11"})
    assert refused.status_code == 422
    ready.post("commercial", "award/alternatives", {"within": "0"})
    page = ready.text("lead", "award/alternatives")
    assert "Being solved" in page

    def newest(competition):
        run = queries.latest_run(competition)
        return queries.alternatives_standing(run, real_clock.now())[0].reference

    assert run_work(
        ready.app, ready.ask(newest), Bounds(60, 2048), clock=ready.clock, real_clock=real_clock
    )
    page = ready.text("approver", "award/alternatives")
    assert "Equally good awards" in page
    assert "1 £17.33 This is the award There is no other." in page
    assert ready.post("approver", "award/alternatives", {"within": "1"}).status_code == 404
    assert services.WIDEST_MARGIN_PPM == 100_000
