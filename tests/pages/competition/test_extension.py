from __future__ import annotations

from datetime import timedelta

import pytest

from tests.pages.competition.conftest import moment_fields

REASON = {"reason": "Bidders asked for more time."}
LATER = (
    moment_fields("deadline", "2026-05-04 12:00")
    | moment_fields("shortlist", "2026-05-20 12:00")
    | moment_fields("itn_issue", "2026-05-21 12:00")
    | REASON
)


@pytest.fixture
def issued(site):
    return site("pqq_open")


def test_the_move_is_shown_before_it_is_proposed(issued, rows):
    issued.page("extend")
    before = rows()

    page = issued.post("extend", LATER).get_data(as_text=True)

    assert "Check before you propose it" in page
    assert "Saturday 11 April 2026, 10am (UK time)" in page
    assert "Monday 4 May 2026, 12 noon (UK time)" in page
    assert "Bidders asked for more time." in page
    assert rows() == before


def test_what_would_be_refused_is_refused_before_it_is_shown_for_a_check(issued, rows):
    issued.page("extend")
    before = rows()

    answer = issued.post("extend", moment_fields("deadline", "2026-05-04 12:00") | REASON)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Check before you propose it" not in page
    assert 'href="#shortlist-day"' in page
    assert rows() == before


def test_going_back_keeps_what_was_typed(issued):
    page = issued.post("extend", LATER | {"step": "change"}).get_data(as_text=True)

    assert "Propose a later deadline" in page
    assert "Bidders asked for more time." in page
    assert 'value="2026"' in page


def test_two_people_move_the_deadline_and_everybody_reads_both(issued, clock):
    clock.advance(timedelta(days=1))
    answer = issued.post("extend", LATER | {"step": "confirm"})
    assert answer.status_code == 303
    decision = answer.location.removeprefix(issued.path() + "/")
    page = issued.page(decision, client=issued.approver)
    assert "Saturday 11 April 2026, 10am (UK time)" in page
    assert "Monday 4 May 2026, 12 noon (UK time)" in page
    assert "11 April" in issued.page("published", client=issued.visitor)

    issued.post(decision, {"decision": "approve"}, client=issued.approver)

    published = issued.page("published", client=issued.visitor)
    assert "Open until <strong>Monday 4 May 2026, 12 noon (UK time)</strong>" in published
    history = published.split("Versions of the deadlines")[-1].split("</table>")[0]
    assert "Saturday 11 April 2026, 10am (UK time)" in history
    assert "Replaced" in history


@pytest.mark.parametrize(
    ("sent", "field", "sentence"),
    [
        ({}, "deadline", "Enter the new deadline."),
        (moment_fields("deadline", "2026-05-04 12:00"), "reason", "Say why the deadline"),
        (moment_fields("deadline", "2026-04-10 12:00") | REASON, "deadline", "only forward"),
        (
            moment_fields("deadline", "2026-05-04 12:00") | REASON,
            "shortlist",
            "The shortlist (Friday 1 May 2026 at 10:00 (UK time)) must come after",
        ),
        (
            moment_fields("deadline", "2027-03-28 01:30") | REASON,
            "deadline",
            "New deadline does not exist",
        ),
    ],
)
def test_an_extension_that_cannot_be_is_refused_beside_its_field(
    issued, rows, sent, field, sentence
):
    issued.page("extend")
    before = rows()

    answer = issued.post("extend", sent | {"step": "confirm"})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert f'id="{field}-error"' in page
    assert rows() == before


def test_a_deadline_that_has_passed_is_not_extended(issued, clock):
    answer = issued.post("extend", LATER | {"step": "confirm"})
    decision = answer.location.removeprefix(issued.path() + "/")
    clock.advance(timedelta(days=60))

    assert issued.lead.get(issued.path("extend")).status_code == 404
    page = issued.page(decision, client=issued.approver)
    assert "What do you decide?" not in page


def test_nothing_is_extended_where_nothing_is_open(site):
    for stage in ("sound_draft", "pqq_closed"):
        competition = site(stage)
        assert competition.lead.get(competition.path("extend")).status_code == 404
