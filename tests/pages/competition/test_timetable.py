from __future__ import annotations

import pytest

from tests.pages.competition.conftest import moment_fields

DATES = {
    "notice": "2026-03-05 09:00",
    "pqq_deadline": "2026-04-30 12:00",
    "shortlist": "2026-06-01 12:00",
    "itn_issue": "2026-06-15 09:00",
    "itn_deadline": "2026-09-30 12:00",
}


def typed(**changes: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for event, at in (DATES | changes).items():
        fields |= moment_fields(event, at)
    return fields


@pytest.fixture
def draft(site):
    return site("bare_draft")


def test_dates_are_set_on_the_clocks_of_their_day(draft):
    answer = draft.post("timetable/change", typed())

    assert answer.status_code == 303
    page = draft.page("timetable")
    assert "Thursday 5 March 2026, 9am (UK time)" in page
    assert "Wednesday 30 September 2026, 12 noon (UK time)" in page
    form = draft.page("timetable/change")
    assert 'name="itn_deadline-time" type="text" value="12:00"' in " ".join(form.split())


@pytest.mark.parametrize(
    ("event", "at", "sentence", "part"),
    [
        ("pqq_deadline", "2026-03-01 12:00", "is in the past", "day"),
        ("itn_deadline", "2027-03-28 01:30", "does not exist: the clocks go forward", "time"),
        ("itn_deadline", "2026-10-25 01:30", "happens twice: the clocks go back", "time"),
        ("pqq_deadline", "2026-02-31 12:00", "must be a real date", "day"),
        ("pqq_deadline", "2026-04-30 noonish", "must be a time such as 12:00", "time"),
        ("shortlist", "2026-04-29 12:00", "The shortlist", "day"),
    ],
)
def test_a_date_that_cannot_hold_is_refused_beside_it(draft, rows, event, at, sentence, part):
    draft.page("timetable/change")
    before = rows()

    answer = draft.post("timetable/change", typed(**{event: at}))

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert f'id="{event}-error"' in page
    assert f'href="#{event}-{part}"' in page
    assert at.split(" ")[1] in page  # what was typed is still there
    assert rows() == before


def test_a_date_that_changes_leaves_its_version_behind(draft, clock):
    draft.post("timetable/change", typed())
    draft.post("timetable/change", typed(pqq_deadline="2026-05-07 12:00"))

    history = draft.page("timetable").split("Every version of every date")[-1]

    assert "Thursday 30 April 2026, 12 noon (UK time)" in history
    assert "Thursday 7 May 2026, 12 noon (UK time)" in history
    assert history.count("Robin Person") == 6  # five dates, one of them twice


def test_a_date_that_is_emptied_is_taken_out(draft):
    draft.post("timetable/change", typed())
    emptied = typed() | {f"itn_deadline-{part}": "" for part in ("day", "month", "year", "time")}

    assert draft.post("timetable/change", emptied).status_code == 303

    dates = draft.page("timetable").split("Minimum periods")[0]
    assert "30 September 2026" not in dates


def test_minimum_periods_are_shown_with_their_source(site):
    strict = site("sound_draft", light_touch=False)

    page = strict.page("timetable")

    assert "Procurement Act 2023, section 54" in page
    assert "At least 25 days, counted from the day after" in page
    assert "Met" in page


def test_a_law_that_is_not_enforced_here_is_to_be_checked_by_a_person(draft):
    draft.post(
        "particulars",
        {
            "title": "As it was in 2013",
            "commenced_on-day": "19",
            "commenced_on-month": "9",
            "commenced_on-year": "2013",
            "light_touch": "yes",
            "profile": "full",
        },
    )

    page = draft.page("timetable")

    assert "Public Contracts Regulations 2006" in page
    assert page.count("To be checked by a person") == 3


def test_dates_that_bidders_rely_on_are_shown_and_not_asked_for(site):
    issued = site("pqq_open")

    page = issued.page("timetable/change")

    assert "Published, and fixed" in page
    assert 'name="pqq_deadline-day"' not in page
    assert 'name="itn_deadline-day"' in page
