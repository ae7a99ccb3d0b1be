from __future__ import annotations

import pytest
from sqlalchemy import select

from commissioning.evaluation import services
from commissioning.evaluation.models import PartAssessment, PartAssignment, SelectionOutcome
from commissioning.infrastructure.database import db
from commissioning.kernel.stage import Stage
from commissioning.submission.models import SelectionResponse
from tests.factories.evaluation import respond
from tests.support.visits import words

PARTS = ("Organisation", "Declarations", "Experience")


def give_parts(world, clock):
    for part in PARTS:
        services.assign_part(
            world.actor("lead"), world.reference, part, world.ref("a1"), clock=clock
        )


@pytest.fixture
def selecting(site, clock):
    def prepare(world):
        respond(world)
        respond(world, answers={"Q2": "yes"})
        give_parts(world, clock)

    return site.make(Stage.PQQ_CLOSED, prepare)


def assess(site, response=0, part=3, **changes):
    data = {"finding-Q3": "3", "finding-Q4": "pass", "reason": "Ten years of it."}
    return site.post("a1", f"selection/parts/{part}/{site.responses[response]}", data | changes)


def assess_everything(site):
    for response in (0, 1):
        for part in (1, 2, 3):
            data = {"reason": "Seen."} if part < 3 else {}
            assert assess(site, response, part, **data).status_code == 303


def assessments(site):
    return site.ask(
        lambda _c: [
            (a.part, a.findings, a.reason) for a in db.session.scalars(select(PartAssessment))
        ]
    )


def test_lead_gives_a_part_before_anybody_has_responded(site):
    site.make(Stage.PQQ_OPEN)
    assert "responses" not in site.text("lead", "selection").replace("read the responses", "")

    answer = site.post(
        "lead", "selection/assign", {"part": "Experience", "assessor": site.people["a1"]}
    )

    assert answer.status_code == 303
    assert "Robin A1" in site.text("lead", "selection")
    given = site.ask(lambda _c: db.session.scalars(select(PartAssignment.part)).all())
    assert given == ["Experience"]


def test_nobody_learns_before_the_closing_whether_anybody_responded(site):
    site.make(Stage.PQQ_OPEN, prepare=lambda world: respond(world) and None)
    shown = site.text("lead", "selection")

    assert "came in" not in shown
    assert " of " not in shown.split("Parts of the PQQ")[1]
    for rest in ("selection/parts/1", "selection/outcomes", "selection/shortlist"):
        for name in ("lead", "a1", "approver"):
            assert site.get(name, rest).status_code == 404


def test_part_is_not_given_twice(selecting):
    answer = selecting.post(
        "lead", "selection/assign", {"part": "Experience", "assessor": selecting.people["a1"]}
    )
    assert answer.status_code == 422
    assert "already has this part" in words(answer)


def test_assessor_sees_the_parts_and_their_responses(selecting):
    page = selecting.text("a1", "selection")
    assert "2 responses came in" in page
    assert page.count("Yours") == 3
    part = selecting.text("a1", "selection/parts/3")
    assert part.startswith("Invented")
    assert part.count("To do") == 2
    assert "not yours" in selecting.text("a2", "selection/parts/3")


def test_response_shows_answers_and_takes_findings(selecting):
    page = selecting.text("a1", f"selection/parts/3/{selecting.responses[0]}")
    assert "Q3 Question Q3?" in page
    assert "Ten years." in page
    assert "At least 2 is needed to pass." in page

    answer = assess(selecting)

    assert answer.location.endswith(f"selection/parts/3/{selecting.responses[1]}")
    assert assessments(selecting) == [
        (
            "Experience",
            {"Q3": {"result": "pass", "score": 3}, "Q4": {"result": "pass", "score": None}},
            "Ten years of it.",
        )
    ]
    again = selecting.get("a1", f"selection/parts/3/{selecting.responses[0]}")
    assert "Ten years of it." in again.get_data(as_text=True)
    assert assess(selecting, 1).location.endswith("selection/parts/3")


def test_published_rule_decides_and_is_said(selecting):
    page = selecting.text("a1", f"selection/parts/2/{selecting.responses[1]}")
    assert "By the published rule this answer is a fail." in page

    assess(selecting, 1, 2, reason="As declared.")

    assert assessments(selecting)[0][1] == {"Q2": {"result": "fail", "score": None}}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"finding-Q3": ""}, "Select a score for Q3."),
        ({"finding-Q3": "9"}, "Choose one of what is shown on the page."),
        ({"finding-Q4": ""}, "Select whether Q4 is passed or failed."),
        ({"reason": ""}, "Enter the reason for these findings."),
    ],
)
def test_findings_that_are_missing_are_asked_for(selecting, changes, sentence):
    answer = assess(selecting, **changes)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert assessments(selecting) == []


def test_others_read_a_response_and_cannot_assess_it(selecting):
    path = f"selection/parts/3/{selecting.responses[0]}"
    for name in ("lead", "commercial", "a2", "auditor"):
        page = selecting.text(name, path)
        assert "Ten years." in page
        assert "Save the findings" not in page
    for name in ("approver", "e1", "moderator", "holder", "bidder"):
        assert selecting.get(name, path).status_code == 404


def test_outcomes_say_who_passes_and_why_not(selecting):
    assess_everything(selecting)

    page = selecting.text("approver", "selection/outcomes")
    assert "1 bidder of 2 passes for one lot or more." in page
    assert "Does not pass" in page
    detail = selecting.text("approver", f"selection/outcomes/{selecting.responses[1]}")
    assert detail.count("Q2 is failed.") == 2
    assert "Q3: pass (3)" in detail
    assert "Ten years of it." in detail


def test_shortlist_says_what_is_missing_and_offers_nothing(selecting):
    page = selecting.text("lead", "selection/shortlist")
    assert "Not ready yet" in page
    assert "Organisation, Declarations, Experience" in page
    assert "Propose this shortlist" not in page


def test_shortlist_is_proposed_and_confirmed_by_two(selecting):
    assess_everything(selecting)
    assert "Propose this shortlist" in selecting.text("lead", "selection/shortlist")
    proposed = selecting.post("lead", "selection/shortlist/propose", {"reason": "As found."})
    assert proposed.status_code == 303

    assert selecting.get("lead", "selection/shortlist/decide").status_code == 404
    page = selecting.text("approver", "selection/shortlist/decide")
    assert "2 responses: 1 bidder passes for one lot or more." in page
    assert "As found." in page
    decided = selecting.post("approver", "selection/shortlist/decide", {"decision": "approve"})

    assert decided.status_code == 303
    assert selecting.ask(lambda c: c.stage) == Stage.SHORTLISTED
    assert "Approved" in selecting.text("lead", "selection/shortlist")
    assert selecting.ask(lambda _c: len(db.session.scalars(select(SelectionOutcome)).all())) == 4


def test_shortlist_is_sent_back_with_a_reason(selecting):
    assess_everything(selecting)
    selecting.post("lead", "selection/shortlist/propose", {})

    silent = selecting.post("approver", "selection/shortlist/decide", {"decision": "send_back"})
    assert "Enter why you send it back." in words(silent)
    told = {"decision": "send_back", "reason": "Look at Q2 again."}
    assert selecting.post("approver", "selection/shortlist/decide", told).status_code == 303

    page = selecting.text("lead", "selection/shortlist")
    assert "Look at Q2 again." in page
    assert "Propose this shortlist" in page


def test_bidder_reads_its_own_outcome_once_it_is_decided(selecting):
    assess_everything(selecting)
    assert selecting.get("bidder", "selection/result").status_code == 404
    selecting.post("lead", "selection/shortlist/propose", {})
    selecting.post("approver", "selection/shortlist/decide", {"decision": "approve"})

    page = selecting.text("bidder", "selection/result")
    assert "passes for 2 lots, and may bid for them" in page
    for name in ("lead", "a1"):
        assert selecting.get(name, "selection/result").status_code == 404


def test_interest_in_one_bidder_closes_its_response_and_what_concerns_all(selecting):
    site = selecting
    one, other = site.responses
    organisation = site.ask(
        lambda _c: (
            db.session.scalar(
                select(SelectionResponse).where(SelectionResponse.reference == one)
            ).organisation.reference
        )
    )
    for name in ("a1", "lead"):
        assert site.get(name, f"selection/parts/3/{one}").status_code == 200
        site.act(
            services.declare_interest,
            name,
            site.reference,
            organisation=organisation,
            statement="A share.",
        )
        assert site.get(name, f"selection/parts/3/{one}").status_code == 404
        assert site.get(name, f"selection/parts/3/{other}").status_code == 200
        assert site.get(name, f"selection/outcomes/{one}").status_code == 404
        assert site.get(name, f"selection/outcomes/{other}").status_code == 200
        assert site.get(name, "selection/outcomes").status_code == 404
        assert site.get(name, "selection/shortlist").status_code == 404
        shown = site.get(name, "selection/parts/3").get_data(as_text=True)
        assert "You declared an interest" in shown
        assert f"parts/3/{one}" not in shown
