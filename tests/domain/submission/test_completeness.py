"""What a bid or a response lacks, and which answers cannot be taken."""

from __future__ import annotations

import pytest

from commissioning.kernel.errors import BadInput, BadInputs
from commissioning.submission.domain.completeness import (
    LONGEST_TEXT,
    Question,
    bid_gaps,
    check_answers,
    response_gaps,
    word_count,
)

Q1 = Question("Q1", "How?", 3)
Q2 = Question("Q2", "Why?", 3)
YES_NO = Question("D1", "Do you?", 3, is_yes_no=True)


@pytest.mark.parametrize(
    ("text", "words"), [("", 0), (" \n ", 0), ("one", 1), ("one two\nthree\t four", 4)]
)
def test_words_are_counted_between_white_space(text, words):
    assert word_count(text) == words


def test_an_answer_at_its_limit_is_taken_and_one_word_more_is_not():
    check_answers({"Q1": "one two three"}, [Q1])

    with pytest.raises(BadInputs) as refusal:
        check_answers({"Q1": "one two three four", "Q2": "fine"}, [Q1, Q2])
    assert refusal.value.problems == (
        ("Q1", "The answer has 4 words and the limit is 3. Take out at least 1 word."),
    )


def test_a_single_endless_word_is_not_taken():
    with pytest.raises(BadInputs):
        check_answers({"Q1": "x" * (LONGEST_TEXT + 1)}, [Q1])


def test_an_answer_to_a_question_that_is_not_asked_is_refused():
    with pytest.raises(BadInput) as refusal:
        check_answers({"Q9": "x"}, [Q1])
    assert refusal.value.field == "Q9"


def test_a_yes_or_no_is_one_of_the_two_or_left_open():
    for answer in ("", "yes", "no"):
        check_answers({"D1": answer}, [YES_NO])
    with pytest.raises(BadInputs):
        check_answers({"D1": "perhaps"}, [YES_NO])


def test_a_missing_answer_can_be_confirmed_and_a_missing_price_cannot():
    gaps = bid_gaps({"Q1": "x", "Q2": "  "}, ["Q1", "Q2"], price_pence=None)

    assert [(gap.place, gap.blocks) for gap in gaps] == [("Q2", False), ("price", True)]


def test_a_complete_bid_has_no_gaps():
    assert bid_gaps({"Q1": "x"}, ["Q1"], price_pence=1) == ()


def test_a_price_above_the_ceiling_is_named_and_does_not_block():
    above = bid_gaps({"Q1": "x"}, ["Q1"], price_pence=101, ceiling_pence=100)

    assert [(gap.place, gap.blocks) for gap in above] == [("price", False)]
    assert "£1.01" in above[0].sentence
    assert bid_gaps({"Q1": "x"}, ["Q1"], price_pence=100, ceiling_pence=100) == ()


def test_a_response_needs_every_answer_lots_and_funding():
    empty = response_gaps({}, [Q1], lots=[], proved_funding_pence=None, funding_source=" ")
    full = response_gaps(
        {"Q1": "x"}, [Q1], lots=["A"], proved_funding_pence=1, funding_source="bank"
    )

    assert [gap.place for gap in empty] == ["Q1", "lots", "proved_funding_pence", "funding_source"]
    assert all(gap.blocks for gap in empty)
    assert full == ()
