"""The lead changes the issued invitation, an approver publishes it, and everybody reads it."""

from __future__ import annotations

import io

import pytest

from tests.pages.competition.conftest import moment_fields


def entry(when="2026-07-20 12:00", **changes):
    return {
        "document": "new",
        "title": "Volumes of area 2",
        "file": (io.BytesIO(b"%PDF-1.7 volumes"), "volumes.pdf"),
        "summary": "The volumes of area 2 are corrected.",
        "alters_form": "yes",
        **(moment_fields("deadline", when) if when else {}),
        **changes,
    }


@pytest.fixture
def issued(site):
    """The deadline for bids is at 10:00 on 30 June 2026."""
    return site("itn_open")


def drafted(issued, **changes):
    answer = issued.post("change-invitation", entry(**changes))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.location.removeprefix(issued.path() + "/")


def test_a_change_is_checked_proposed_approved_and_published(issued):
    assert "Change the invitation" in issued.page("documents")
    change = drafted(issued)
    page = issued.page(change)
    assert "Check before you propose it" in page
    assert "Monday 20 July 2026, 12 noon (UK time)" in page
    assert "Volumes of area 2" not in issued.page("published", client=issued.visitor)
    assert issued.lead.get(issued.path(f"{change}/file")).data == b"%PDF-1.7 volumes"
    answer = issued.post(change)
    decision = answer.location.removeprefix(issued.path() + "/")
    page = issued.page(decision, client=issued.approver)
    for words in ("alters the form of the bid", "Volumes of area 2 (new)", "volumes.pdf"):
        assert words in page
    issued.post(decision, {"decision": "approve"}, client=issued.approver)

    published = issued.page("published", client=issued.visitor)
    assert "Version 2, published" in published
    assert "The volumes of area 2 are corrected." in published
    assert "neither confirmed nor replaced before the deadline, does not count" in published
    assert "Open until <strong>Monday 20 July 2026, 12 noon (UK time)</strong>" in published


def test_a_draft_is_deleted(issued):
    change = drafted(issued)
    assert "Go on with the change that is drafted" in issued.page("documents")
    issued.post(f"{change}/drop", page=change)

    assert "Go on with the change" not in issued.page("documents")
    assert issued.lead.get(issued.path(change)).status_code == 404


def test_a_deadline_that_is_far_away_may_stay(issued):
    assert "No date moves." in issued.page(drafted(issued, when=None))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"document": ""}, "Choose the document that changes."),
        ({"title": ""}, "Enter the title of the new document."),
        ({"summary": ""}, "Say what changes: every bidder reads it."),
        ({"alters_form": ""}, "Choose whether it alters the form of the bid."),
        ({"file": ""}, "Choose a file."),
        ({"when": "2026-06-29 12:00"}, "only forward"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_drafted(issued, rows, changes, sentence):
    issued.page("change-invitation")
    before = rows()
    answer = issued.post("change-invitation", entry(**changes))

    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    assert rows() == before


def test_close_to_the_deadline_a_later_one_is_asked_for(issued, clock):
    from datetime import UTC, datetime

    clock.move_to(datetime(2026, 6, 28, 9, 0, tzinfo=UTC))
    answer = issued.post("change-invitation", entry(when=None))
    assert "Enter the new deadline for bids." in answer.get_data(as_text=True)
    answer = issued.post("change-invitation", entry(when="2026-07-02 12:00"))
    assert "at least 7 days" in answer.get_data(as_text=True)


def test_nobody_but_the_lead_drafts_a_change(issued):
    for rest in ("change-invitation", "changes/CHG-NONE", "changes/CHG-NONE/file"):
        assert issued.approver.get(issued.path(rest)).status_code == 404
        assert issued.visitor.get(issued.path(rest)).status_code in {302, 303}


def test_there_is_nothing_to_change_before_the_issue(site):
    early = site("shortlisted")

    assert early.lead.get(early.path("change-invitation")).status_code == 404
    assert "Change the invitation" not in early.page("documents")
