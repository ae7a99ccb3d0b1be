from __future__ import annotations

import pytest

QUESTION = {
    "reference": "Q99",
    "part": "Experience",
    "text": "Where have you run such services?",
    "answer": "text",
    "word_limit": "400",
    "kind": "scored",
    "passes": "assessor",
    "max_score": "4",
    "minimum": "2",
}


@pytest.fixture
def draft(site):
    return site()


def test_the_standard_questions_are_loaded_into_an_empty_pqq(site):
    bare = site("bare_draft")

    assert bare.post("standard-questions", page="questions").status_code == 303

    page = bare.page("questions")
    assert "Declarations" in page
    assert "Pass or fail: “Yes” passes" in page


def test_a_scored_question_is_added_and_changed(draft):
    assert draft.post("add-question", QUESTION).status_code == 303
    assert "Scored 0 to 4; at least 2 passes" in draft.page("questions")

    changed = QUESTION | {"kind": "pass_fail", "answer": "yes_no", "passes": "no"}
    assert draft.post("questions/Q99/change", changed).status_code == 303

    page = draft.page("questions")
    assert "Pass or fail: “No” passes" in page
    assert "Scored 0 to 4; at least 2 passes" not in page.split("Q99")[1].split("Change")[0]
    form = draft.page("questions/Q99/change")
    assert "Where have you run such services?" in form


@pytest.mark.parametrize(
    ("field", "changes", "sentence"),
    [
        ("reference", {"reference": "Q1"}, "Another question has this reference."),
        ("part", {"part": ""}, "Enter the part of the questionnaire."),
        ("text", {"text": " "}, "Enter the question."),
        ("kind", {"kind": ""}, "Choose whether it is not scored"),
        ("max_score", {"max_score": ""}, "Enter the highest score."),
        ("minimum", {"minimum": "5"}, "The least score of the question must be from 0 to 4."),
        (
            "passes",
            {"kind": "pass_fail", "passes": "yes"},
            "An answer in words is read by an assessor",
        ),
        ("word_limit", {"word_limit": "0"}, "Word limit must be between 1 and 20,000."),
    ],
)
def test_a_question_that_is_wrong_is_refused_beside_its_field(
    draft, rows, field, changes, sentence
):
    draft.page("add-question")
    before = rows()

    answer = draft.post("add-question", QUESTION | changes)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert f'id="{field}-error"' in page
    assert rows() == before


def test_a_question_is_removed_after_a_page_that_names_it(draft):
    assert "is taken out of the PQQ" in draft.page("questions/Q1/remove")

    assert draft.post("questions/Q1/remove").status_code == 303

    assert "/questions/Q1/" not in draft.page("questions")


def test_the_notice_fixes_the_questions(site):
    issued = site("pqq_open")

    assert "/change" not in issued.page("questions")
    for rest in ("add-question", "questions/Q1/change", "questions/Q1/remove"):
        assert issued.lead.get(issued.path(rest)).status_code == 404, rest
