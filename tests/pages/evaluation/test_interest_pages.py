from __future__ import annotations

import pytest

from commissioning.evaluation import services
from commissioning.kernel.actor import Role

PAGE = "evaluation/interests"


@pytest.fixture
def declared(site, clock):
    """The first evaluator has declared an interest in the competition as a whole."""

    def prepare(world):
        world.assign(clock)
        interest = services.declare_interest(
            world.actor("e1"),
            world.reference,
            organisation=None,
            statement="My brother works there.",
            clock=clock,
        )
        bidders = {bidder.name: bidder.reference for bidder in world.bidders}
        return {"interest": interest.id, "bidders": bidders}

    return site.make(prepare=prepare)


def at(site, act):
    return f"{PAGE}/{site.kept['interest']}/{act}"


def test_two_people_decide_on_their_pages_and_the_person_reads_why(declared):
    assert declared.get("e1", "evaluation/sheets/CPA1/C1").status_code == 404
    assert "Barred until it is decided" in declared.text("e1", PAGE)
    assert "Propose a decision on a declared interest" in words_of_dashboard(declared, "lead")
    assert "Propose a decision" in declared.text("lead", PAGE)
    page = declared.text("lead", at(declared, "propose"))
    assert "My brother works there." in page
    assert "Bidder 2" in page

    sent = {"outcome": "part", "lots": ["CPA2"], "reason": "He left in 2004."}
    assert declared.post("lead", at(declared, "propose"), sent).status_code == 303
    assert "Proposed: The bar is lifted in part: Area CPA2" in declared.text("e1", PAGE)
    assert "Waits for an approver" in declared.text("lead", PAGE)
    assert declared.get("e1", "evaluation/sheets/CPA2/C1").status_code == 404
    assert "Decide on a declared interest" in words_of_dashboard(declared, "approver")

    page = declared.text("approver", at(declared, "decide"))
    assert "Two people decide: the bar is lifted in part: Area CPA2" in page
    assert "He left in 2004." in page
    answer = declared.post("approver", at(declared, "decide"), {"decision": "approve"})
    assert answer.status_code == 303

    for name in ("e1", "lead", "approver", "auditor"):
        page = declared.text(name, PAGE)
        assert "The bar is lifted in part: Area CPA2" in page
        assert "He left in 2004." in page
    assert declared.get("e1", "evaluation/sheets/CPA2/C1").status_code == 200
    assert declared.get("e1", "evaluation/sheets/CPA1/C1").status_code == 404


def words_of_dashboard(site, name):
    return site.visit(name).get("/dashboard").get_data(as_text=True)


@pytest.mark.parametrize(
    ("sent", "field", "sentence"),
    [
        ({"reason": "R."}, "outcome", "Select what you propose."),
        ({"outcome": "lifted"}, "reason", "Enter the reason."),
        (
            {"outcome": "part", "reason": "R."},
            "lots",
            "Choose at least one lot or bidder for which the bar is lifted.",
        ),
    ],
)
def test_what_is_missing_is_named_beside_its_field(declared, sent, field, sentence):
    answer = declared.post("lead", at(declared, "propose"), sent)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert f'id="{field}-error"' in page


def test_nobody_else_finds_the_two_pages(declared):
    for name in sorted({"e1", "moderator", "commercial", "auditor", "approver", "bidder"}):
        assert declared.get(name, at(declared, "propose")).status_code == 404
    declared.post("lead", at(declared, "propose"), {"outcome": "lifted", "reason": "R."})
    for name in sorted({"e1", "moderator", "commercial", "auditor", "lead", "bidder"}):
        assert declared.get(name, at(declared, "decide")).status_code == 404
        refused = declared.post(
            name, at(declared, "decide"), {"decision": "approve"}, page=FORM[name == "bidder"]
        )
        assert refused.status_code == 404
    assert declared.get("lead", f"{PAGE}/999/propose").status_code == 404
    assert Role.APPROVER.label in declared.text("approver", at(declared, "decide"))


FORM = {False: f"{PAGE}/declare", True: "help"}
"""A page with a form: of somebody of the team, and of a bidder."""


def test_the_decision_is_listed_for_those_who_may_read_it(declared):
    declared.post("lead", at(declared, "propose"), {"outcome": "lifted", "reason": "R."})

    for name, is_shown in (("approver", True), ("auditor", True), ("moderator", False)):
        assert ("A declared interest" in declared.text(name, "decisions")) is is_shown
