from __future__ import annotations

import pytest

from commissioning.evaluation import queries, services
from tests.support.visits import words

WHERE = {"lot": "CPA1", "criterion": "C1"}
PAGE = "evaluation/consensus/CPA1/C1"


@pytest.fixture
def submitted(site, clock):
    def prepare(world):
        world.assign(clock)
        for name, mark in (("e1", 2), ("e2", 3), ("e3", 4)):
            world.submit(clock, name, mark=mark, **WHERE)

    return site.make(prepare=prepare)


@pytest.fixture
def recorded(submitted):
    for bid in (0, 1):
        assert record(submitted, bid).status_code == 303
    return submitted


def mark_path(site, bid=0, rest=""):
    return f"evaluation/agreed-marks/{site.bids['CPA1'][bid]}/C1{rest}"


def record(site, bid=0, **changes):
    data = {"mark": "3", "reason": "Between the two."} | changes
    return site.post("moderator", mark_path(site, bid), data)


def standing(site):
    return site.ask(
        lambda c: [
            (row.mark, row.version, row.closed_at is not None, len(row.agreements))
            for row in queries.consensus_on(queries.sheet(c, "CPA1", "C1")).values()
        ]
    )


def test_marks_stand_beside_each_other_for_whoever_may_read_them(submitted):
    for name in ("moderator", "e1", "lead", "auditor"):
        page = submitted.text(name, PAGE)
        assert "Robin E1 Robin E2 Robin E3 Agreed Status" in page
        assert page.count("2 3 4 – Not recorded") == 2
    for name in ("e4", "moderator2", "commercial", "approver", "a1"):
        assert submitted.get(name, PAGE).status_code == 404


def test_marks_are_absent_until_everyone_has_submitted(site, clock):
    def prepare(world):
        world.assign(clock)
        world.submit(clock, "e1", "e2", **WHERE)

    site.make(prepare=prepare)
    for name in ("moderator", "e1", "e3", "lead", "auditor"):
        assert site.get(name, PAGE).status_code == 404
        assert site.get(name, mark_path(site)).status_code == 404


def test_moderator_reads_reasons_and_records_answer_by_answer(submitted):
    page = submitted.text("moderator", mark_path(submitted))
    assert page.count("Reason for C1") == 3
    assert "Record the agreed mark" in page

    first = record(submitted, 0)
    assert first.location.endswith(mark_path(submitted, 1))
    second = record(submitted, 1)
    assert second.location.endswith(PAGE)
    assert standing(submitted) == [(3, 1, False, 0)] * 2


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"mark": ""}, "Select the agreed mark."),
        ({"reason": " "}, "Enter the reason for the agreed mark."),
        ({"mark": "7"}, "Choose one of what is shown on the page."),
    ],
)
def test_agreed_mark_that_cannot_be_is_refused(submitted, changes, sentence):
    answer = record(submitted, **changes)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert standing(submitted) == []


@pytest.mark.parametrize("name", ["e1", "lead", "auditor"])
def test_readers_have_no_form_for_the_agreed_mark(submitted, name):
    page = submitted.get(name, mark_path(submitted)).get_data(as_text=True)
    assert "Record the agreed mark" not in page
    assert "Individual marks" in page


def test_evaluators_agree_and_it_closes(recorded):
    assert "Agree or dissent" in recorded.text("e1", "evaluation/marking")
    for name in ("e1", "e2", "e3"):
        page = recorded.text(name, f"{PAGE}/agree")
        assert "You agree to 2 agreed marks" in page
        assert recorded.post(name, f"{PAGE}/agree").status_code == 303

    assert standing(recorded) == [(3, 1, True, 3)] * 2
    assert "You have spoken on every agreed mark" in recorded.text("e1", f"{PAGE}/agree")
    assert recorded.text("lead", PAGE).count("Closed") == 2


def test_agreement_waits_until_the_moderator_has_recorded_everything(submitted):
    record(submitted, 0)
    page = recorded_page = submitted.text("e1", f"{PAGE}/agree")
    assert "The moderator has not recorded every agreed mark yet." in page
    assert "You agree to" not in recorded_page


def test_dissent_is_recorded_with_its_reason_and_can_be_withdrawn(recorded):
    path = mark_path(recorded, 0, "/dissent")
    empty = recorded.post("e1", path, {"reason": ""})
    assert "Enter why you do not agree." in words(empty)
    assert recorded.post("e1", path, {"reason": "Annex B says no."}).status_code == 303

    assert "Robin E1 dissents: Annex B says no." in recorded.text("e2", mark_path(recorded))
    assert "1 dissent" in recorded.text("lead", PAGE)
    assert "You dissent" in recorded.text("e1", f"{PAGE}/agree")
    back = recorded.post("e1", mark_path(recorded, 0, "/agree"), page=mark_path(recorded))
    assert back.status_code == 303
    assert "Robin E1 agrees" in recorded.text("e2", mark_path(recorded))


def test_change_shows_both_versions_and_asks_again(recorded):
    for name in ("e1", "e2", "e3"):
        recorded.post(name, f"{PAGE}/agree")

    assert record(recorded, 0, mark="4", reason="The annex was missed.").status_code == 303

    page = recorded.text("auditor", mark_path(recorded))
    assert "Version 2: mark 4 Open" in page
    assert "Version 1: mark 3 Superseded" in page
    assert "Robin E3 agrees" in page
    assert sorted(standing(recorded)) == [(3, 1, True, 3), (4, 2, False, 0)]


def test_change_that_changes_nothing_says_so(recorded):
    answer = record(recorded)
    assert answer.status_code == 422
    assert "Change the mark or the reason" in words(answer)


def test_agreement_of_whoever_lost_access_is_refused(recorded):
    recorded.act(
        services.declare_interest,
        "e1",
        recorded.reference,
        organisation=None,
        statement="A share.",
    )
    assert recorded.get("e1", f"{PAGE}/agree").status_code == 404
