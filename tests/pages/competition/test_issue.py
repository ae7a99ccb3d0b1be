from __future__ import annotations

import pytest

from commissioning.competition import queries
from commissioning.kernel.actor import Role
from tests.pages.competition.conftest import moment_fields

TRAIL = {"audit_event", "audit_stream"}
"""The tables that keep a refused move; nothing else may change with it."""


def decision_of(site) -> str:
    """The page of the newest decision."""
    newest = site.page("decisions").split("/decisions/")[1].split('"')[0]
    return f"decisions/{newest}"


@pytest.fixture
def proposed(site):
    """A draft whose PQQ the lead has proposed to issue."""
    draft = site()
    draft.post("issue-pqq", {"reason": "Checked twice."})
    return draft


def test_every_problem_leads_to_the_page_that_mends_it(site):
    bare = site("bare_draft")
    bare.post(
        "add-lot",
        {"reference": "L.1", "name": "One", "annual_value_pence": "5000000", "term_years": "7"},
    )
    bare.post("standard-criteria", page="criteria")
    bare.post("criteria/C2/remove")

    page = bare.page("issue-pqq")

    for rest in ("questions", "timetable/change#pqq_deadline-day", "criteria"):
        assert f'href="{bare.path(rest)}"' in page, rest
    assert "3 things to do." in page
    assert "The weights of the criteria sum to 85, not to 100. Change them." in page
    assert "<button" not in page.split("Mend this before")[1]


def test_a_notice_that_is_planned_for_later_says_so_and_leads_to_the_timetable(site):
    draft = site()
    fields = {f"notice-{part}": "" for part in ("day", "month", "year", "time")}
    draft.post("timetable/change", fields | moment_fields("notice", "2026-03-05 14:00"))

    page = draft.page("issue-pqq")

    assert "The notice is planned for Thursday 5 March 2026 at 14:00" in page
    assert f'href="{draft.path("timetable/change#notice-day")}"' in page
    assert "Propose the issue of the PQQ</button>" not in page
    assert "Check and propose the issue" in draft.page()


def test_what_cannot_be_issued_cannot_be_proposed(site, rows):
    bare = site("bare_draft")
    bare.page("issue-pqq")
    before = rows()

    answer = bare.post("issue-pqq", page="add-lot")

    assert answer.status_code == 200
    assert "Mend this before you propose the issue of the PQQ" in answer.get_data(as_text=True)
    assert rows() == before


def test_the_lead_sees_all_that_goes_out_before_proposing_it(site):
    page = site().page("issue-pqq")

    for told in (
        "The notice is frozen",
        "£20,000,000.00",
        "Delivering the sentence",
        "Rules in words",
        "Saturday 11 April 2026, 10am (UK time)",
        "No document goes out with it.",
        "<strong>Q1</strong>",
        "passes",
    ):
        assert told in page


def test_what_is_seldom_meant_is_said_to_both_before_it_is_frozen(site, unit_of_work):
    draft = site()
    with unit_of_work():
        queries.competition_by_reference(draft.reference).price_years = 5
    told = ("Is this meant?", "Years of fees that bidders give: 5. Years of a contract: 7.")
    nobody = "Nobody is duty officer"
    page = draft.page("issue-pqq")
    assert all(one in page for one in (*told, nobody))
    draft.post("issue-pqq")
    page = draft.page(decision_of(draft), client=draft.approver)
    assert all(one in page for one in (*told, nobody))


def test_a_proposal_waits_for_another_person(proposed, rows):
    page = proposed.page(decision_of(proposed))

    assert "You proposed this, so another person decides on it." in page
    assert "Checked twice." in page
    assert "What do you decide?" not in page
    waiting = proposed.page()
    assert "Read what is proposed" in waiting
    assert "Check and propose the issue" not in waiting
    assert proposed.lead.get(proposed.path("issue-pqq")).status_code == 303


def test_whoever_proposed_cannot_approve(proposed, rows):
    path = decision_of(proposed)
    stage = proposed.page()

    answer = proposed.post(path, {"decision": "approve"}, page="add-lot")

    assert answer.status_code == 404
    assert proposed.page() == stage or "Draft" in proposed.page()
    assert proposed.visitor.get(proposed.path("published")).status_code == 404


def test_nobody_of_the_team_but_the_approver_can_decide(proposed, member):
    path = decision_of(proposed)
    for role in (Role.COMMERCIAL_OFFICER, Role.AUDITOR, Role.MODERATOR):
        client = member(proposed, role)
        page = proposed.page(path, client=client)
        assert "What do you decide?" not in page


def test_the_approver_reads_the_digests_and_issues(proposed):
    path = decision_of(proposed)
    page = proposed.page(path, client=proposed.approver)
    assert page.count('<code class="app-hash">') == 4
    assert "Rules: lots, limits, criteria, weights" in page
    digest = page.split("Rules: lots")[1].split('<code class="app-hash">')[1].split("<")[0]

    answer = proposed.post(path, {"decision": "approve"}, client=proposed.approver)

    assert (answer.status_code, answer.location) == (303, proposed.path())
    home = proposed.page(client=proposed.approver)
    assert "The PQQ is issued, and the notice is frozen." in home
    assert "PQQ open" in home
    published = proposed.page("published", client=proposed.visitor)
    assert digest in published  # what is published is what was approved
    after = proposed.page(path)
    assert "Approved" in after


def test_a_decision_needs_a_choice_and_sending_back_a_reason(proposed, rows):
    path = decision_of(proposed)
    proposed.page(path, client=proposed.approver)
    before = rows()

    for sent, sentence, place in (
        ({}, "Choose whether you approve it or send it back.", "decision"),
        ({"decision": "send_back", "reason": " "}, "Say why you send it back.", "reason"),
    ):
        answer = proposed.post(path, sent, client=proposed.approver)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert sentence in page
        assert f'id="{place}-error"' in page
        assert rows() == before


def test_a_proposal_that_is_sent_back_can_be_made_again(proposed):
    path = decision_of(proposed)

    answer = proposed.post(
        path, {"decision": "send_back", "reason": "One date is odd."}, client=proposed.approver
    )

    assert answer.status_code == 303
    page = proposed.page(path)
    assert "Sent back" in page
    assert "One date is odd." in page
    assert "Check and propose the issue of the PQQ" in proposed.page()
    assert proposed.post("issue-pqq").status_code == 303


def test_what_changed_after_the_proposal_is_not_issued(proposed, rows):
    path = decision_of(proposed)
    proposed.post(
        "add-lot",
        {"reference": "L9", "name": "Nine", "annual_value_pence": "9000000", "term_years": "7"},
    )
    proposed.page(path, client=proposed.approver)
    before = rows()

    answer = proposed.post(path, {"decision": "approve"}, client=proposed.approver)

    assert answer.status_code == 422
    assert "What was proposed has changed since." in answer.get_data(as_text=True)
    after = rows()
    assert {name for name in before if after[name] != before[name]} == TRAIL


def test_an_approver_is_told_what_came_to_be_wrong(proposed):
    path = decision_of(proposed)
    proposed.post("lots/L1/remove")
    proposed.post("lots/L2/remove")

    page = proposed.page(path, client=proposed.approver)

    assert "It cannot be issued as it is now." in page
    assert "There is no lot. Add at least one." in page


def test_a_decision_is_not_there_under_another_competition(proposed, site):
    other = site()

    answer = other.lead.get(other.path(decision_of(proposed)))

    assert answer.status_code == 404


def test_the_itn_is_issued_in_the_same_way(site):
    ready = site("ready_for_itn")
    assert "Check and propose the issue of the ITN" in ready.page()
    assert "The seed that decides ties is drawn at that moment." in ready.page("issue-itn")

    ready.post("issue-itn")
    path = decision_of(ready)
    page = ready.page(path, client=ready.approver)
    assert "The seed of the ties is drawn with the approval" in page
    for told in ("Questions of the ITN", "For each lot, up to", "What each mark means"):
        assert told in page, told
    ready.post(path, {"decision": "approve"}, client=ready.approver)

    assert "ITN-model" not in ready.page("published")
    assert f"{ready.reference}-model.json" in ready.page("published", client=ready.visitor)


def test_the_itn_without_keys_leads_to_the_keys(site):
    shortlisted = site("shortlisted")

    page = shortlisted.page("issue-itn")

    assert f'href="{shortlisted.path("opening-keys")}"' in page
    assert "3 people hold a share of the opening keys; 0 are named." in page
    assert shortlisted.lead.get(shortlisted.path("issue-pqq")).status_code == 404
