"""`commissioning award robustness` and `award rehearse`: from files, with no site."""

from __future__ import annotations

import json

import pytest

from commissioning.award.domain.plain import from_plain
from commissioning.award.domain.rehearsal import Rehearsal
from commissioning.award.domain.robustness import PriceFindings
from commissioning.cli import run
from tests.domain.award.documents import document
from tests.domain.award.test_rehearsal import model

LEAVES = ("C1.1", "C2.1")
MARKS = [
    {"bidder": who, "lot": lot, "leaf": leaf, "mark": 3, "consensus": True}
    for who in ("A", "B")
    for lot in ("L1", "L2")
    for leaf in LEAVES
]
# 75 points each, so that a pound on L1 is all that lies between A and B there.
BIDS = {
    "L1": {"A": (50_000, 75_000), "B": (50_100, 75_000)},
    "L2": {"A": (50_000, 75_000), "B": (900_000, 75_000)},
}


@pytest.fixture
def command(tmp_path, capfd):
    def give(name, content, *arguments, **files):
        for each, held in {"input": content, **files}.items():
            text = held if isinstance(held, str) else json.dumps(held)
            (tmp_path / f"{each}.json").write_text(text)
        named = [str(tmp_path / one[1:]) if one.startswith("@") else one for one in arguments]
        code = run(["award", name, str(tmp_path / "input.json"), *named])
        out, err = capfd.readouterr()
        return code, json.loads(out) if out else None, err

    return give


def studied(command, *more, problem=None, marks=MARKS, **changes):
    stated = problem or document(BIDS, objective="min_sum_ppqp")
    arguments = ("--model", "@model.json", "--marks", "@marks.json", *more)
    return command("robustness", stated, *arguments, model=model(**changes), marks=marks)


def test_marks_weights_withdrawals_and_prices_are_found(command):
    code, found, said = studied(command)
    assert code == 0
    assert found["award"] == {"L1": "A", "L2": "A"}
    changing = {(one["bidder"], one["lot"], one["to_mark"]) for one in found["marks"]["changing"]}
    assert ("B", "L1", 4) in changing
    assert ("A", "L1", 2) in changing
    assert "One mark more on C1.1 of bidder B on lot L1 (3 to 4) would move lot L1" in said
    assert "No change of a single weight" in said
    assert "No bidder without a lot bears on the award" in said
    prices = from_plain(PriceFindings, found["prices"])
    assert prices.smallest_on("L1").bidder in {"A", "B"}


def test_without_marks_only_withdrawals_and_prices_are_looked_at(command):
    code, found, _said = command("robustness", document(BIDS, objective="min_sum_ppqp"))
    assert code == 0
    assert "marks" not in found
    assert found["prices"]["changing"]


def test_marks_of_single_evaluators_are_left_aside(command):
    alone = {**MARKS[0], "mark": 0, "consensus": False, "evaluator": "E1"}
    assert studied(command, marks=[alone, *MARKS])[0] == 0


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"marks": MARKS[1:]}, "Give an agreed mark for each leaf"),
        ({"marks": [{**MARKS[0], "mark": 2}, *MARKS[1:]]}, "the award problem states 75000"),
        ({"marks": "[1.5]"}, "is no whole number"),
        ({"marks": "[["}, "is no JSON"),
        ({"marks": [7]}, "no marks to go by"),
        ({"criteria": []}, "must sum to exactly 100"),
    ],
)
def test_marks_that_are_none_are_bad_input(command, changes, told):
    code, found, said = studied(command, **changes)
    assert (code, found) == (4, None)
    assert told in said


def test_an_award_that_cannot_be_and_time_that_does_not_suffice(command):
    none = document(BIDS, objective="min_sum_ppqp", limits={"min_distinct_winners": 3})
    assert command("robustness", none)[0] == 3
    code, found, said = studied(command, "--time-limit", "0")
    assert code == 2
    assert found["marks"]["search"]["tried"] == 0
    assert "The search was stopped after 0" in said
    assert command("robustness", none, "--marks", "@marks.json")[0] == 64


def test_rules_are_rehearsed_with_words_and_figures(command):
    code, found, said = command("rehearse", model(), "--markets", "6", "--single-marks", "2")
    assert code == 0
    assert "All of this is invented: 6 markets drawn from the seed rehearsal." in said
    assert "of 2 markets that were looked at for this" in said
    assert len(from_plain(Rehearsal, found["rehearsal"]).markets) == 6
    again = command("rehearse", model(), "--markets", "6", "--single-marks", "2")
    assert again == (code, found, said)


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({}, "The rules state no lots."),
        ({**model(), "max_mark": 0}, "The highest mark must be at least 1."),
        ([], "no rules to rehearse"),
        ({**model(), "minimum_points": "many"}, "no rules to rehearse"),
        ({**model(), "limits": {"max_lots_per_bidder": 0}}, "no rules to rehearse"),
    ],
)
def test_rules_that_are_none_are_bad_input(command, rules, told):
    code, found, said = command("rehearse", rules, "--markets", "2")
    assert (code, found) == (4, None)
    assert told in said
