"""A machine without a browser, fonts or a database server: what is said, and what is installed.

The commands run as processes whose PATH holds what the test puts there, and nothing else.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.support import source, tools

NEEDED = ("bash", "dirname", "id", "find")
ONE_OF_EACH = (
    "tests/journeys/test_without_javascript.py",
    "tests/architecture/test_databases.py::test_forgetful_postgresql_is_refused",
)
REPORT = """
import sys, run
sys.exit(run.report([("pytest", "passed")], "== 1 passed in 0.01s =="))
"""


@pytest.fixture
def machine(tmp_path):
    """An environment with these programs on its PATH, each of which does nothing."""

    def of(*programs, **changes):
        folder = tmp_path / f"bin{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        for name in NEEDED:
            (folder / name).symlink_to(shutil.which(name))
        for name in programs:
            (folder / name).write_text("#!/bin/sh\n")
            (folder / name).chmod(0o755)
        return {"PATH": str(folder), "POSTGRESQL_FOLDER": str(tmp_path / "none"), **changes}

    return of


def reported(environment):
    """What `run.py test` says and answers on such a machine, once all that could run has passed."""
    return subprocess.run(
        [sys.executable, "-c", REPORT],
        cwd=source.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


WITHOUT = [tools.WITHOUT_CHROMIUM, tools.WITHOUT_POSTGRESQL]


def test_what_is_missing_is_named_with_how_to_install_it(machine):
    outcome = reported(machine())

    assert outcome.returncode == 0, outcome.stderr
    for sentence in WITHOUT:
        assert sentence in outcome.stdout
        assert "apt-get install" in sentence
    assert outcome.stdout.count("Skipped the ") == 2
    assert "Every check passed." in outcome.stdout
    assert outcome.stdout.splitlines()[-1] == "== 1 passed in 0.01s =="


def test_what_is_missing_fails_in_continuous_integration(machine):
    outcome = reported(machine(CI="true"))

    assert outcome.returncode == 1
    assert outcome.stdout.count("FAILED: Skipped the ") == 2
    assert "Some checks failed." in outcome.stdout


@pytest.mark.parametrize(
    ("programs", "changes", "named"),
    [
        (["chromium"], {}, tools.WITHOUT_POSTGRESQL),
        (["initdb", "pg_ctl"], {}, tools.WITHOUT_CHROMIUM),
        ([], {"TEST_DATABASE_URL": "postgresql+psycopg://there"}, tools.WITHOUT_CHROMIUM),
    ],
)
def test_only_what_is_missing_is_named(machine, programs, changes, named):
    outcome = reported(machine(*programs, CI="true", **changes))

    assert outcome.returncode == 1
    assert [sentence for sentence in WITHOUT if sentence in outcome.stdout] == [named]


def test_nothing_is_said_where_everything_is_there(machine):
    outcome = reported(machine("chromium", "initdb", "pg_ctl", CI="true"))

    assert outcome.returncode == 0, outcome.stdout
    assert "Skipped" not in outcome.stdout


@pytest.fixture
def packages(machine, tmp_path):
    """What `.ci/run` would install on a machine with these programs and files of fonts."""

    def of(*programs, fonts=()):
        folder = tmp_path / "fonts" / "truetype"
        folder.mkdir(parents=True, exist_ok=True)
        for name in fonts:
            (folder / name).touch()
        environment = machine(*programs, FONT_FOLDERS=f"{tmp_path}/nowhere {folder.parent}")
        return subprocess.run(
            [str(source.ROOT / ".ci" / "run"), "--list-packages"],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()

    return of


def test_ci_installs_what_is_missing_and_no_more(packages):
    assert packages() == ["chromium", "fonts-dejavu-core", "postgresql"]
    # A browser that is there already does not mean that there is a font for it to write with.
    assert packages("chromium", "initdb") == ["fonts-dejavu-core"]
    assert packages("chromium-browser", fonts=["a.ttf"]) == ["postgresql"]
    assert packages("chromium", "initdb", fonts=["a.otf"]) == []


@pytest.mark.parametrize(("changes", "word"), [({}, "skipped"), ({"CI": "true"}, "failed|errors?")])
def test_tests_without_their_tool_are_skipped_and_fail_in_ci(machine, changes, word):
    """The tests themselves: a journey, and one on PostgreSQL."""
    outcome = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *ONE_OF_EACH],
        cwd=source.ROOT,
        env=machine(HOME=os.environ.get("HOME", ""), **changes),
        capture_output=True,
        text=True,
        check=False,
    )

    assert outcome.returncode == bool(changes), outcome.stdout
    assert re.fullmatch(rf"(?:\d (?:{word})(?:, )?)+ in .*", outcome.stdout.splitlines()[-1])
