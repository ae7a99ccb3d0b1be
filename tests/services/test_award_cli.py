"""`commissioning award` as a command: exit codes, where the answer goes, what is said."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.domain.award.documents import document
from tests.domain.award.test_optimiser import packing

CHECKOUT = Path(__file__).parents[2]
LIMIT_ONE = {"L1": {"A": 50, "B": 55}, "L2": {"A": 60, "B": 200}}


@pytest.fixture
def file(tmp_path):
    def write(name, content):
        path = tmp_path / name
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def commissioning(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "commissioning.cli", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
        cwd=CHECKOUT,
        env={"PATH": "/usr/bin:/bin", **environment},
    )


def limited(**more):
    return document(LIMIT_ONE, limits={"max_lots_per_bidder": 1}, **more)


def test_solve_writes_the_answer_to_standard_output(file):
    run = commissioning("award", "solve", file("p.json", limited()))
    assert (run.returncode, run.stderr) == (0, "")
    answer = json.loads(run.stdout)
    assert answer["status"] == "optimal"
    assert answer["objective"] == "115"
    assert answer["award"] == {"L1": "B", "L2": "A"}


def test_solve_with_cbc_gives_the_same_answer(file):
    path = file("p.json", limited())
    answers = [
        json.loads(commissioning("award", "solve", path, "--solver", name).stdout)
        for name in ("highs", "cbc")
    ]
    proofs = [answer.pop("proof") for answer in answers]
    assert answers[0] == answers[1]
    assert [proof["solver"] for proof in proofs] == ["highs", "cbc"]


def test_solve_writes_a_file_that_verify_takes(file, tmp_path):
    problem, award = file("p.json", limited()), str(tmp_path / "a.json")
    assert commissioning("award", "solve", problem, "-o", award).stdout == ""
    run = commissioning("award", "verify", problem, award)
    assert run.returncode == 0
    assert run.stdout == "valid: every limit is kept, and min_total_price is exactly 115\n"


def test_ids_of_any_script_survive_a_plain_locale(file, tmp_path):
    problem = file("p.json", document({"Nord, Süd": {"東京": 5}}))
    run = commissioning("award", "solve", problem, LC_ALL="C", PYTHONUTF8="0")
    assert json.loads(run.stdout)["award"] == {"Nord, Süd": "東京"}


def test_explain_says_why_and_the_rest_stays_the_same(file):
    path = file("p.json", limited())
    plain, explained = (
        json.loads(commissioning("award", "solve", path, *flag).stdout)
        for flag in ([], ["--explain"])
    )
    assert plain["explanation"] is None
    said = explained["explanation"]
    assert {key: plain[key] for key in ("status", "objective", "award", "unique")} == {
        key: explained[key] for key in ("status", "objective", "award", "unique")
    }
    assert said["limits"] == {
        "max_lots_per_bidder": {"objective_without": "110", "cost": "5", "binding_for": ["A"]}
    }
    assert [(each["bidder"], each["lot"], each["reason"]) for each in said["losers"]] == [
        ("A", "L1", "own_limit"),
        ("B", "L2", "dearer"),
    ]
    assert list(said["rules"]) == [
        "optimum",
        "protected_optimum",
        "reversion_in_order",
        "reversion_largest_margin",
    ]
    assert said["rules"]["reversion_in_order"]["objective"] == "250"


def test_solve_takes_every_award_rule_and_verify_its_answer(file, tmp_path):
    award = str(tmp_path / "a.json")
    for rule, objective in (
        ("optimum", "115"),
        ("protected_optimum", "115"),
        ("reversion_in_order", "250"),
        ("reversion_largest_margin", "115"),
    ):
        path = file("p.json", limited(award_rule=rule))
        assert commissioning("award", "solve", path, "-o", award).returncode == 0
        assert json.loads(Path(award).read_text(encoding="utf-8"))["objective"] == objective
        assert commissioning("award", "verify", path, award).returncode == 0


def test_reversion_that_leaves_a_lot_over_says_so_and_exits_2(file, tmp_path):
    doc = document({"L1": {"A": 1}, "L2": {"A": 2}}, limits={"max_lots_per_bidder": 1})
    path, award = file("p.json", doc | {"award_rule": "reversion_in_order"}), str(tmp_path / "a")
    run = commissioning("award", "solve", path, "-o", award)
    assert run.returncode == 2
    assert run.stderr == "By reversion_in_order, nobody may take lot L2.\n"
    assert commissioning("award", "verify", path, award).returncode == 0


@pytest.mark.parametrize(("limit", "status"), [("1", "feasible"), ("0", "unknown")])
def test_solve_leaves_with_2_when_time_ends_first(file, limit, status):
    run = commissioning("award", "solve", file("p.json", packing()), "--time-limit", limit)
    assert run.returncode == 2
    assert json.loads(run.stdout)["status"] == status


def test_solve_leaves_with_3_and_a_reason_when_no_award_exists(file):
    doc = document({"L1": {"A": 1}, "L2": {"A": 1}}, limits={"max_lots_per_bidder": 1})
    run = commissioning("award", "solve", file("p.json", doc))
    assert run.returncode == 3
    answer = json.loads(run.stdout)
    assert answer["status"] == "infeasible"
    assert answer["infeasible"]["in_words"] in run.stderr
    assert "2 lots" in run.stderr


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("{", "$: is not JSON"),
        (document({"L1": {"A": -1}}), "$.bids[0].price: must be at least 0"),
        (limited(award_rule="best"), "$.award_rule: must be one of optimum, protected_optimum"),
    ],
)
def test_solve_leaves_with_4_and_the_place_of_bad_input(file, content, place):
    run = commissioning("award", "solve", file("p.json", content))
    assert run.returncode == 4
    assert run.stdout == ""
    assert place in run.stderr


def test_solve_leaves_with_4_when_the_file_cannot_be_read(tmp_path):
    assert commissioning("award", "solve", str(tmp_path / "none.json")).returncode == 4
    assert commissioning("award", "solve", str(tmp_path)).returncode == 4


@pytest.mark.parametrize(
    "arguments",
    [
        ["award"],
        ["award", "resolve"],
        ["award", "solve"],
        ["award", "solve", "p.json", "--solver", "guess"],
        ["award", "solve", "p.json", "--time-limit", "soon"],
        ["award", "solve", "p.json", "--time-limit", "-1"],
        ["award", "solve", "p.json", "--time-limit", "nan"],
        ["award", "solve", "p.json", "-o", "/no/such/folder/a.json"],
        ["award", "solve", "p.json", "--fast"],
        ["award", "verify", "p.json"],
        ["no-such-command"],
    ],
)
def test_wrong_usage_leaves_with_64(arguments):
    run = commissioning(*arguments)
    assert run.returncode == 64
    assert "Usage: " in run.stderr


def test_failure_of_the_program_leaves_with_70(file, tmp_path):
    # The answer cannot be written over a folder.
    run = commissioning("award", "solve", file("p.json", limited()), "-o", str(tmp_path))
    assert run.returncode == 70
    assert "failure of the program" in run.stderr


def test_help_leaves_with_0():
    assert commissioning("award", "solve", "--help").returncode == 0


def test_verify_leaves_with_1_and_names_the_rule(file):
    problem = file("p.json", limited())
    award = {"award": {"L1": "A", "L2": "A"}, "objective": "110"}
    run = commissioning("award", "verify", problem, file("a.json", award))
    assert run.returncode == 1
    assert run.stdout.startswith("max_lots_per_bidder: Bidder A holds 2 lots")


def test_verify_notes_an_award_for_another_text_of_the_problem(file):
    award = {"award": {"L1": "B", "L2": "A"}, "proof": {"problem_sha256": "0" * 64}}
    run = commissioning("award", "verify", file("p.json", limited()), file("a.json", award))
    assert run.returncode == 0
    assert "another text of the problem" in run.stderr


@pytest.mark.parametrize("content", ["", "[]", '{"award": {}}', '{"status": "infeasible"}'])
def test_verify_leaves_with_4_when_there_is_no_award(file, content):
    run = commissioning("award", "verify", file("p.json", limited()), file("a.json", content))
    assert run.returncode == 4


def test_verify_leaves_with_4_when_the_problem_is_bad(file):
    run = commissioning("award", "verify", file("p.json", "{}"), file("a.json", "{}"))
    assert run.returncode == 4
    assert "$.format: is required" in run.stderr


def test_command_imports_neither_the_web_framework_nor_the_database(file):
    code = (
        "import sys; from commissioning.cli import run; "
        f"code = run(['award', 'solve', {file('p.json', limited())!r}]); "
        "heavy = {'flask', 'sqlalchemy', 'werkzeug', 'jinja2'} & set(sys.modules); "
        "sys.exit(f'{code} {heavy}' if heavy or code else 0)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, text=True, cwd=CHECKOUT
    )
    assert run.returncode == 0, run.stderr


def test_verify_needs_no_solver(file):
    award = {"award": {"L1": "B", "L2": "A"}, "objective": "115"}
    code = (
        "import sys; from commissioning.cli import run; "
        f"code = run(['award', 'verify', {file('p.json', limited())!r}, "
        f"{file('a.json', award)!r}]); "
        "heavy = {'pulp', 'highspy'} & set(sys.modules); "
        "sys.exit(f'{code} {heavy}' if heavy or code else 0)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, text=True, cwd=CHECKOUT
    )
    assert run.returncode == 0, run.stderr
