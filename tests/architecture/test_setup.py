"""The two commands, the locks, and what continuous integration and pre-commit run, agree."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib

import pytest

import run
from tests.support import source


def locked(name):
    text = (source.ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)(?:\[[^]]*\])?==([^ ;\\]+)", text, flags=re.MULTILINE))


def test_development_lock_holds_everything_of_the_base_lock():
    base, dev = locked("requirements.lock"), locked("requirements-dev.lock")

    assert base
    assert base.items() <= dev.items()


def test_every_dependency_is_locked():
    with (source.ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    wanted = [
        *project["project"]["dependencies"],
        *(r for group in project["project"]["optional-dependencies"].values() for r in group),
    ]

    names = {re.match(r"[A-Za-z0-9-]+", requirement).group().lower() for requirement in wanted}
    assert names <= set(locked("requirements.lock"))


@pytest.mark.parametrize(
    "line",
    [
        "== 12 passed in 3.40s ==",
        "=========== 1 failed, 2 passed, 3 skipped, 1 warning in 61.02s (0:01:01) ===========",
        "12 passed in 3.40s",
        "no tests ran in 0.01s",
        "==== no tests ran in 0.01s ====",
    ],
)
def test_closing_line_of_pytest_is_known(line):
    assert run.PYTEST_CLOSING_LINE.fullmatch(line)


def test_other_lines_are_not_taken_for_the_closing_line():
    for line in ("FAILED tests/x.py::test_y", "==== FAILURES ====", "bringing up nodes..."):
        assert not run.PYTEST_CLOSING_LINE.fullmatch(line)


def test_precommit_runs_the_checks_that_ci_runs():
    text = (source.ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    entries = re.findall(r"^ +entry: (.+)$", text, flags=re.MULTILINE)

    assert entries == [f".venv/bin/{' '.join(command)}" for _, command in run.checks()]


def test_ci_hands_over_to_the_test_command():
    script = source.ROOT / ".ci" / "run"

    assert script.read_text(encoding="utf-8").endswith('exec python3 run.py test "$@"\n')
    assert os.access(script, os.X_OK)


def test_command_without_a_meaning_prints_the_usage():
    outcome = subprocess.run(
        [sys.executable, "run.py", "dmo"],
        cwd=source.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert outcome.returncode == 64
    assert outcome.stdout.startswith("usage: python3 run.py demo")
