"""How exact figures are written, and what gap means."""

from __future__ import annotations

from fractions import Fraction

import pytest

from commissioning.award.domain.answer import Answer, Proof, Status
from commissioning.award.domain.lexicographic import canonical_award
from commissioning.award.domain.rationals import rational_text, read_rational

PROOF = Proof("0" * 64, "highs", "1", {}, 0.5)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (7, "7"),
        (Fraction(-4, 6), "-2/3"),
        (Fraction(10, 5), "2"),
        (10**40, "1" + "0" * 40),
    ],
)
def test_rational_has_one_text(number, text):
    assert rational_text(number) == text
    assert read_rational(text) == number


@pytest.mark.parametrize("text", ["", "1.0", "2/4", "3/1", "-0", "1/0", " 1", "1\n", "01", None, 1])
def test_other_texts_are_no_rationals(text):
    assert read_rational(text) is None


@pytest.mark.parametrize(
    ("objective", "bound", "gap"),
    [
        (Fraction(10), Fraction(9), Fraction(1, 10)),
        (Fraction(-10), Fraction(-9), Fraction(1, 10)),
        (Fraction(10), Fraction(10), Fraction(0)),
        (Fraction(0), Fraction(0), Fraction(0)),
        (Fraction(0), Fraction(-1), None),
        (Fraction(10), None, None),
        (None, None, None),
    ],
)
def test_gap_is_the_distance_as_a_share_of_the_objective(objective, bound, gap):
    answer = Answer(Status.FEASIBLE, PROOF, {"L": "A"}, objective, bound)
    assert answer.gap == gap


def test_canonical_award_asks_lot_by_lot_for_the_earliest_bidder():
    optimal = [(0, 2, 1), (1, 0, 2), (0, 2, 0), (0, 1, 3)]

    def witness(settled):
        found = [each for each in optimal if all(each[at] == who for at, who in settled.items())]
        return found[-1] if found else None

    candidates = [(2, 1, 0), (0, 1, 2), (3, 2, 1, 0)]
    assert canonical_award((1, 0, 2), candidates, witness) == (0, 1, 3)
    optimal.pop()
    assert canonical_award((1, 0, 2), candidates, witness) == (0, 2, 0)
