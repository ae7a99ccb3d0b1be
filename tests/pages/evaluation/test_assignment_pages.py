from __future__ import annotations

import re

import pytest

from commissioning.evaluation import queries, services
from commissioning.kernel.stage import Stage
from tests.support.visits import words

TEAM = "evaluation/assignments/C1"


@pytest.fixture
def made(site):
    return site.make()


def assign(site, name="lead", **changes):
    data = {
        "evaluators": [site.people[e] for e in ("e1", "e2", "e3")],
        "moderator": site.people["moderator"],
        "lots": ["CPA1", "CPA2"],
    }
    return site.post(name, TEAM, data | changes)


def people_on(site, lot="CPA1"):
    people = {reference: name for name, reference in site.people.items()}
    return site.ask(
        lambda c: sorted(people[a.person] for a in queries.sheet(c, lot, "C1").assignments)
    )


def test_team_is_assigned_to_all_lots_at_once(made):
    assert "Nobody yet" in made.text("lead", "evaluation/assignments")

    assert assign(made).status_code == 303

    page = made.text("lead", "evaluation/assignments")
    assert "Robin E1, Robin E2, Robin E3 Robin Moderator Complete" in page
    assert page.count("3 +") == 2
    assert people_on(made) == people_on(made, "CPA2") == ["e1", "e2", "e3", "moderator"]


def test_form_begins_with_all_lots_and_the_team_that_stands(made):
    assign(made, lots=["CPA1"])
    page = made.get("lead", TEAM).get_data(as_text=True)
    assert page.count(" checked") == 3 + 2
    assert "selected" in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"evaluators": []}, "Select at least one evaluator."),
        ({"moderator": ""}, "Select a moderator."),
        ({"lots": []}, "Select at least one lot."),
        ({"lots": ["CPA9"]}, "Choose from what is shown on the page."),
    ],
)
def test_team_that_is_not_whole_is_refused(made, changes, sentence):
    answer = assign(made, **changes)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert people_on(made) == []


def test_lots_on_which_marking_has_started_are_not_offered(site, clock):
    def prepare(world):
        world.assign(clock)
        bid = world.bids_for("CPA1")[0].reference
        services.save_mark(
            world.actor("e1"), world.reference, bid, "C1", mark=2, reason="Thin.", clock=clock
        )

    site.make(prepare=prepare)
    page = site.text("moderator", TEAM)
    form = page.split("On these lots")[1].split("Assign the team")[0]
    assert form.strip() == "Area CPA2"
    assert assign(site, lots=["CPA1"]).status_code == 422


def test_person_is_replaced_with_a_reason(made):
    assign(made)
    data = {
        "leaving": made.people["e1"],
        "joining": made.people["e4"],
        "lots": ["CPA1"],
        "reason": "",
    }
    refused = made.post("moderator", f"{TEAM}/replace", data)
    assert "Enter why somebody else takes over." in words(refused)

    answer = made.post("moderator", f"{TEAM}/replace", data | {"reason": "Ill."})

    assert answer.status_code == 303
    assert people_on(made) == ["e2", "e3", "e4", "moderator"]
    assert people_on(made, "CPA2") == ["e1", "e2", "e3", "moderator"]


def test_whoever_lost_access_is_named_to_be_replaced(made):
    assign(made)
    made.act(
        services.declare_interest,
        "e1",
        made.reference,
        organisation=next(iter(made.bidders)),
        statement="A share.",
    )
    page = made.text("lead", "evaluation/assignments")
    assert page.count("Replace Robin E1 on") == 2


@pytest.mark.parametrize("name", ["e1", "approver", "commercial", "auditor", "a1", "holder"])
def test_assignments_are_absent_for_others(made, name):
    for rest in ("evaluation/assignments", TEAM, f"{TEAM}/replace"):
        assert made.get(name, rest).status_code == 404


def test_assignment_pages_end_with_the_lock(site):
    site.make(Stage.QUALITY_LOCKED)
    assert site.get("lead", "evaluation/assignments").status_code == 404


# Interests


def declare(site, name="e1", **changes):
    data = {"organisation": "*", "statement": "My sister works there.", "understood": "y"}
    return site.post(name, "evaluation/interests/declare", data | changes)


def test_interest_is_declared_and_kept_in_the_register(made):
    assert declare(made).status_code == 303

    assert "My sister works there." in made.text("e1", "evaluation/interests")
    for name in ("lead", "approver", "auditor"):
        page = made.text(name, "evaluation/interests")
        assert "Robin E1 The competition as a whole My sister works there." in page
    other = made.text("e2", "evaluation/interests")
    assert "My sister" not in other
    assert "Register" not in other


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"organisation": ""}, "Select the organisation, or the competition as a whole."),
        ({"statement": ""}, "Enter what the interest is."),
        ({"understood": ""}, "Tick the box to declare the interest."),
    ],
)
def test_declaration_that_is_not_whole_is_refused(made, changes, sentence):
    answer = declare(made, **changes)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert made.ask(queries.interests_in) == []


def test_names_of_bidders_are_offered_from_the_shortlist_on_only(site):
    for stage, offered in ((Stage.PQQ_OPEN, False), (Stage.ITN_OPEN, True)):
        site.make(stage)
        page = site.get("e1", "evaluation/interests/declare").get_data(as_text=True)
        assert all((name in page) is offered for name in site.bidders.values())


# The dashboard


@pytest.mark.parametrize(
    ("stage", "name", "title"),
    [
        (Stage.PQQ_CLOSED, "lead", "Give each part of the PQQ to an assessor"),
        (Stage.ITN_OPEN, "lead", "Assign evaluators and moderators"),
        (Stage.PRICE_EVALUATION, "commercial", "Complete the price evaluation"),
    ],
)
def test_what_waits_stands_on_the_dashboard_and_leads_to_its_page(site, stage, name, title):
    site.make(stage)
    client = site.visit(name)
    page = client.get("/dashboard").get_data(as_text=True)
    found = re.search(rf'href="([^"]+)"[^>]*>\s*{title}', page)
    assert found, page
    assert client.get(found[1]).status_code == 200
