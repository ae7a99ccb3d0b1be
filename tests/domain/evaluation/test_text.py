from __future__ import annotations

import pytest

from commissioning.evaluation.domain.text import numbered_paragraphs, paragraphs_with_money


def test_paragraphs_are_numbered_and_empty_lines_are_not():
    assert numbered_paragraphs("One.\n\n  Two. \n\t\nThree.") == [
        (1, "One."),
        (2, "Two."),
        (3, "Three."),
    ]
    assert numbered_paragraphs(" \n ") == []


@pytest.mark.parametrize(
    "text",
    [
        "We ask £1,200,000 a year.",
        "It costs GBP 12m.",
        "About 12 million pounds.",
        "50 pence a visit.",
        "We ask for € 3.",
    ],
)
def test_paragraph_that_names_money_is_found(text):
    assert paragraphs_with_money([(1, "A plan."), (2, text)]) == (2,)


@pytest.mark.parametrize(
    "text",
    [
        "We see 1,200 people a year.",
        "A pound of flesh.",
        "In 2004 we began.",
        "3 % fewer offences.",
    ],
)
def test_paragraph_that_names_none_is_left_alone(text):
    assert paragraphs_with_money([(1, text)]) == ()
