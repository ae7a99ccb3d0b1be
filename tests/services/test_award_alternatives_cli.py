"""`commissioning award alternatives`: every other optimal award, and those close to the best."""

from __future__ import annotations

import json

import pytest

from commissioning.cli import run
from tests.domain.award.documents import document

# All four awards of two lots: 100, 101, 101 and 102.
BIDS = {"L1": {"A": 50, "B": 51}, "L2": {"A": 50, "B": 51}}
TIED = {"L1": {"A": 50, "B": 50}, "L2": {"A": 50, "B": 60}}


@pytest.fixture
def listed(tmp_path, capfd):
    def command(content, *arguments):
        path = tmp_path / "p.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        code = run(["award", "alternatives", str(path), *arguments])
        said = capfd.readouterr().out
        return code, json.loads(said) if said else None

    return command


def test_equally_good_awards_are_counted_and_the_canonical_one_comes_first(listed):
    code, found = listed(document(TIED))
    assert (code, found["count"], found["complete"]) == (0, 2, True)
    assert found["awards"][0] == {"objective": "100", "award": {"L1": "A", "L2": "A"}}
    assert found["awards"][1]["award"] == {"L1": "B", "L2": "A"}


@pytest.mark.parametrize(
    ("percent", "values"), [("0", [100]), ("0.9999", [100]), ("1", [100, 101, 101]), ("2", 4)]
)
def test_awards_within_a_percentage_come_in_order_equality_allowed(listed, percent, values):
    code, found = listed(document(BIDS), "--within", percent)
    assert code == 0
    objectives = [int(each["objective"]) for each in found["awards"]]
    assert objectives == (values if isinstance(values, list) else [100, 101, 101, 102])


def test_a_list_that_the_cap_ends_says_so(listed):
    code, found = listed(document(BIDS), "--within", "2", "--cap", "2")
    assert (code, found["count"], found["complete"]) == (2, 2, False)


def test_protected_first_places_stay_in_every_alternative(listed):
    # Alone, the limit would let either bidder have either lot; B's first place on L2 is protected.
    bids = {"L1": {"A": 50, "C": 90}, "L2": {"A": 60, "B": 40}, "L3": {"A": 50, "C": 51}}
    content = document(bids, limits={"max_lots_per_bidder": 1}, award_rule="protected_optimum")
    code, found = listed(content, "--within", "100")
    assert code == 0 or found["count"]
    assert {each["award"]["L2"] for each in found["awards"]} <= {"B"}


def test_where_there_is_no_award_there_is_no_other(listed):
    code, found = listed(document(TIED, limits={"budget": 1}))
    assert (code, found["count"]) == (3, 0)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["--within", "x"], 64), (["--within", "-1"], 64), (["--within", "0.00001"], 64)],
)
def test_wrong_usage_leaves_with_64(listed, arguments, code):
    assert listed(document(BIDS), *arguments)[0] == code


def test_a_bad_problem_leaves_with_4(listed):
    assert listed("{}")[0] == 4
