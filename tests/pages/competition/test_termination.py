from __future__ import annotations

import pytest


@pytest.fixture
def issued(site):
    return site("pqq_open")


def typed(site, **changes: str) -> dict[str, str]:
    return {"reason": "The budget was withdrawn.", "typed_reference": site.reference} | changes


def test_the_reason_is_shown_before_it_is_proposed(issued, rows):
    issued.page("terminate")
    before = rows()

    page = issued.post("terminate", typed(issued)).get_data(as_text=True)

    assert "Check before you propose the termination" in page
    assert "The budget was withdrawn." in page
    assert rows() == before


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("reason", " ", "Give the reason for the termination"),
        ("typed_reference", "TENDER", "to terminate this competition."),
        ("typed_reference", "", "Type the competition’s reference."),
    ],
)
def test_a_termination_needs_a_reason_and_the_typed_reference(issued, rows, field, value, sentence):
    issued.page("terminate")
    before = rows()

    answer = issued.post("terminate", typed(issued, step="confirm", **{field: value}))

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert f'id="{field}-error"' in page
    assert rows() == before


def test_two_people_terminate_and_the_public_reads_why(issued, rows):
    answer = issued.post("terminate", typed(issued, step="confirm"))
    decision = answer.location.removeprefix(issued.path() + "/")
    assert "This competition is terminated" not in issued.page("published", client=issued.visitor)
    assert issued.lead.get(issued.path("terminate")).status_code == 303  # it is proposed already

    issued.post(decision, {"decision": "approve"}, client=issued.approver)

    published = issued.page("published", client=issued.visitor)
    assert "This competition is terminated" in published
    assert "The budget was withdrawn." in published


def test_a_termination_in_draft_stays_unknown(site):
    draft = site()
    answer = draft.post("terminate", typed(draft, step="confirm"))
    decision = answer.location.removeprefix(draft.path() + "/")

    draft.post(decision, {"decision": "approve"}, client=draft.approver)

    assert "Terminated" in draft.page()
    assert draft.visitor.get(draft.path("published")).status_code == 404
    assert draft.reference not in draft.visitor.get("/competitions").get_data(as_text=True)


def test_a_competition_ends_once(issued, rows):
    answer = issued.post("terminate", typed(issued, step="confirm"))
    decision = answer.location.removeprefix(issued.path() + "/")
    issued.post(decision, {"decision": "approve"}, client=issued.approver)
    issued.page("terminate")
    before = rows()

    again = issued.post("terminate", typed(issued, step="confirm"))

    assert again.status_code == 422
    assert "This cannot be done now" in again.get_data(as_text=True)
    after = rows()
    # A move that the lifecycle refuses is recorded; nothing else is changed.
    assert [name for name in after if after[name] != before[name]] == [
        "audit_stream",
        "audit_event",
    ]
