from __future__ import annotations

import pytest

from tests.support.pages import page_token, post

TYPED = {
    "reference": "NEW-2026",
    "title": "A new competition",
    "summary": "What it buys.",
    "commenced_on-day": "2",
    "commenced_on-month": "March",
    "commenced_on-year": "2026",
    "light_touch": "yes",
    "profile": "short",
}


@pytest.fixture
def lead(site):
    return site("bare_draft").lead


@pytest.fixture
def typed(lead, app):
    """What the lead types, with the programme that the page offers."""
    page = lead.get("/competitions/new").get_data(as_text=True)
    programme = page.split('<option value="PRG-')[1].split('"')[0]
    return {**TYPED, "programme": f"PRG-{programme}"}


def test_a_programme_is_created_and_leads_to_its_first_competition(lead):
    answer = post(lead, "/competitions/programmes/new", {"name": "Courts", "description": ""})

    assert (answer.status_code, answer.location) == (303, "/competitions/new")
    assert "Courts" in lead.get("/competitions/new").get_data(as_text=True)


def test_a_programme_needs_a_name(lead, rows):
    lead.get("/competitions/programmes/new")
    before = rows()

    answer = post(lead, "/competitions/programmes/new", {"name": " "})

    assert answer.status_code == 422
    assert "Enter the name of the programme." in answer.get_data(as_text=True)
    assert rows() == before


def test_what_was_typed_is_shown_with_its_law_before_anything_is_set_up(lead, typed, rows):
    before = rows()

    page = post(lead, "/competitions/new", typed).get_data(as_text=True)

    assert "Check before you set it up" in page
    assert "Procurement Act 2023, light touch" in page
    assert "Two of three people open" in page
    assert rows() == before


def test_a_competition_is_set_up_when_it_is_confirmed(lead, typed):
    answer = post(lead, "/competitions/new", typed | {"step": "confirm"})

    assert (answer.status_code, answer.location) == (303, "/competitions/NEW-2026")


def test_the_check_page_carries_everything_to_its_confirmation(lead, typed):
    page = post(lead, "/competitions/new", typed).get_data(as_text=True)

    carried = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in typed}

    assert carried == typed


def test_going_back_from_the_check_page_keeps_what_was_typed(lead, typed):
    page = post(lead, "/competitions/new", typed | {"step": "change"}).get_data(as_text=True)

    assert "Set up a competition" in page
    assert 'value="A new competition"' in page
    assert "There is a problem" not in page


def test_a_start_for_which_there_is_no_law_is_refused_beside_the_date(lead, typed, rows):
    before = rows()
    wrong = typed | {"commenced_on-year": "2010", "light_touch": "no", "step": "confirm"}

    answer = post(lead, "/competitions/new", wrong)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "holds no procurement rules for a start on 2 March 2010" in page
    assert 'href="#commenced_on-day"' in page
    assert 'value="A new competition"' in page
    assert rows() == before


def test_a_reference_that_cannot_be_used_is_refused_beside_it(lead, typed, rows):
    before = rows()

    answer = post(lead, "/competitions/new", typed | {"reference": "a b", "step": "confirm"})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="reference-error"' in page
    assert rows() == before


@pytest.mark.parametrize("reference", ["a b", "taken"])
def test_what_would_be_refused_is_refused_before_it_is_shown_for_a_check(
    lead, typed, rows, reference
):
    post(lead, "/competitions/new", typed | {"reference": "TAKEN", "step": "confirm"})
    before = rows()

    answer = post(lead, "/competitions/new", typed | {"reference": reference})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Check before you set it up" not in page
    assert 'id="reference-error"' in page
    assert rows() == before


def test_the_particulars_change_until_the_notice_and_another_start_brings_another_law(site):
    draft = site("bare_draft")
    changed = {name: value for name, value in TYPED.items() if name != "reference"}

    answer = draft.post("particulars", changed | {"commenced_on-year": "2013", "profile": "full"})

    assert answer.status_code == 303
    page = draft.page()
    assert "Public Contracts Regulations 2006, Part B services" in page
    assert "Three of five people open" in page


def test_nobody_without_the_leads_role_sets_up_a_competition(site, bidder):
    draft = site("bare_draft")

    assert bidder.get("/competitions/new").status_code == 404
    assert draft.approver.get("/competitions/new").status_code == 404
    assert draft.visitor.get("/competitions/new").status_code == 303


def test_a_form_without_its_token_changes_nothing(lead, typed, rows):
    page_token(lead, "/competitions/new")
    before = rows()

    assert lead.post("/competitions/new", data=typed | {"step": "confirm"}).status_code == 400
    assert rows() == before
