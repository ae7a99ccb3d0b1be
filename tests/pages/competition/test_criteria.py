from __future__ import annotations

import pytest

CRITERION = {
    "reference": "C11",
    "name": "Local roots",
    "weight": "10",
    "minimum_mark": "1",
    "shown_leaves": "2",
    "leaves-0-reference": "C11.1",
    "leaves-0-question": "Who are your partners?",
    "leaves-0-weight": "6",
    "leaves-0-scope": "lot",
    "leaves-0-word_limit": "500",
    "leaves-0-allows_file": "y",
    "leaves-1-reference": "C11.2",
    "leaves-1-question": "What have you agreed with them?",
    "leaves-1-weight": "4",
    "leaves-1-scope": "common",
    "leaves-1-word_limit": "300",
}


@pytest.fixture
def draft(site):
    return site()


def weights_of(page: str) -> dict[str, str]:
    """The fields of the page of all weights with what stands in them."""
    return {
        f"weight_{number}": page.split(f'name="weight_{number}"')[1]
        .split('value="')[1]
        .split('"', maxsplit=1)[0]
        for number in range(page.count('name="weight_'))
    }


def test_the_ten_standard_criteria_sum_to_a_hundred(site):
    bare = site("bare_draft")

    answer = bare.post("standard-criteria", page="criteria")

    assert answer.status_code == 303
    page = bare.page("criteria")
    assert "Exactly 100" in page
    assert "Through the Gate" in page


def test_the_standard_criteria_are_not_loaded_over_others(draft, rows):
    draft.page("criteria")
    before = rows()

    answer = draft.post("standard-criteria", page="add-criterion")

    assert answer.status_code == 409
    assert "This competition has criteria already." in answer.get_data(as_text=True)
    assert rows() == before


def test_a_criterion_is_added_with_its_questions(draft):
    answer = draft.post("add-criterion", CRITERION)

    assert (answer.status_code, answer.location) == (303, draft.path("criteria"))
    page = draft.page("criteria/C11")
    assert "Who are your partners?" in page
    assert "Weight 4. Once for all lots, up to 300 words. No files." in page
    overview = draft.page("criteria")
    assert "<strong>110</strong> of 100: 10 too much" in overview


def test_questions_left_blank_are_none(draft):
    blank = {f"leaves-1-{name}": "" for name in ("reference", "question", "weight")}

    answer = draft.post("add-criterion", CRITERION | blank | {"leaves-0-weight": "10"})

    assert answer.status_code == 303
    assert "C11.2" not in draft.page("criteria/C11")


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("weight", "0", "Enter the weight as a number from 0.000001 to 100."),
        ("weight", "ten", "Enter a number"),
        ("minimum_mark", "5", "Enter the minimum mark as a whole number from 0 to 4."),
        ("reference", "C1", "Another criterion has this reference."),
        ("leaves-1-weight", "", "Enter the weight of the question."),
        ("leaves-1-question", "", "Enter the question."),
        ("leaves-1-reference", "C11.1", "Another question has this reference."),
        ("leaves-0-word_limit", "0", "Word limit must be between 1 and 20,000."),
    ],
)
def test_a_criterion_that_is_wrong_is_refused_beside_its_field(draft, rows, field, typed, sentence):
    draft.page("add-criterion")
    before = rows()

    answer = draft.post("add-criterion", CRITERION | {field: typed})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert f'id="{field}-error"' in page
    assert f'href="#{field}"' in page
    assert "What have you agreed with them?" in page or field == "leaves-1-question"
    assert rows() == before


def test_questions_that_do_not_sum_to_the_criterion_are_refused(draft, rows):
    draft.page("add-criterion")
    before = rows()

    answer = draft.post("add-criterion", CRITERION | {"leaves-1-weight": "3.5"})

    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "The weights of the questions sum to 9.5, not to 10." in page
    assert 'id="leaves-0-weight-error"' in page
    assert 'href="#leaves-0-weight"' in page
    assert rows() == before


def test_room_for_another_question_keeps_what_was_typed(draft, rows):
    draft.page("add-criterion")
    before = rows()

    answer = draft.post("add-criterion", CRITERION | {"more": "yes", "weight": "x"})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "Question 3" in page
    assert "Who are your partners?" in page
    assert 'value="x"' in page
    assert rows() == before


def test_there_is_room_for_six_questions(draft):
    answer = draft.post("add-criterion", CRITERION | {"more": "yes", "shown_leaves": "6"})

    page = answer.get_data(as_text=True)
    assert "Question 6" in page
    assert "Question 7" not in page
    assert "Add another question" not in page


def test_weights_of_ninety_nine_and_a_half_are_refused(draft, rows):
    typed = weights_of(draft.page("weights"))
    before = rows()

    answer = draft.post("weights", typed | {"weight_0": "14.5"})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "The weights sum to 99.5, not to 100. Add 0.5." in page
    assert "<strong>99.5</strong> of 100" in page
    assert 'value="14.5"' in page
    assert rows() == before


def test_all_weights_change_at_once(draft):
    typed = weights_of(draft.page("weights"))

    answer = draft.post("weights", typed | {"weight_0": "14.5", "weight_1": "15.5"})

    assert answer.status_code == 303
    page = draft.page("criteria")
    assert "14.5" in page
    assert "Exactly 100" in page


def test_a_weight_that_is_none_is_refused_beside_it(draft):
    typed = weights_of(draft.page("weights"))

    answer = draft.post("weights", typed | {"weight_2": "-1"})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="weight_2-error"' in page


def test_after_the_notice_questions_change_and_weights_do_not(site):
    issued = site("pqq_open")
    page = issued.page("criteria/C1/change")
    assert 'name="weight"' not in page
    assert 'name="name"' not in page

    answer = issued.post(
        "criteria/C1/change",
        {
            "minimum_mark": "1",
            "weight": "99",
            "shown_leaves": "1",
            "leaves-0-reference": "C1",
            "leaves-0-question": "Said more plainly?",
            "leaves-0-weight": "15",
            "leaves-0-scope": "lot",
            "leaves-0-word_limit": "900",
        },
    )

    assert answer.status_code == 303
    assert "Said more plainly?" in issued.page("criteria/C1")
    assert "Exactly 100" in issued.page("criteria")
    for rest in ("add-criterion", "weights", "criteria/C1/remove"):
        assert issued.lead.get(issued.path(rest)).status_code == 404, rest


def test_after_the_itn_nothing_of_the_model_changes(site):
    issued = site("itn_open")

    for rest in ("criteria/C1/change", "rules/change", "timetable/change", "add-document"):
        assert issued.lead.get(issued.path(rest)).status_code == 404, rest


def test_a_criterion_is_removed_after_a_page_that_says_what_follows(draft):
    assert "no longer sum to 100" in draft.page("criteria/C2/remove")

    answer = draft.post("criteria/C2/remove")

    assert answer.status_code == 303
    assert "<strong>85</strong> of 100: 15 still to give" in draft.page("criteria")
