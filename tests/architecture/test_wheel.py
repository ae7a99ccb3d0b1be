"""The wheel carries everything that a page needs."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import zipfile

import pytest

from tests.support import source

PROGRAM = """
import flask_migrate
from commissioning import paths
from commissioning.app import from_environment

assert "_bundled" in str(paths.templates()), paths.templates()
assert paths.seed().is_dir(), paths.seed()
app = from_environment()
with app.app_context():
    flask_migrate.upgrade(directory=str(paths.migrations()))
answer = app.test_client().get("/")
print(answer.status_code, answer.text.count("</html>"))
"""


@pytest.mark.slow
def test_wheel_in_a_clean_environment_serves_a_page(tmp_path):
    wheel = build_wheel(tmp_path / "dist")
    environment = clean_environment(tmp_path / "venv")
    install(wheel, environment)

    outcome = subprocess.run(
        [str(environment / "bin" / "python"), "-c", PROGRAM],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "COMMISSIONING_DATA": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert outcome.stdout.split() == ["200", "1"], outcome.stderr
    assert (tmp_path / "data" / "commissioning.sqlite3").exists()
    assert (environment / "bin" / "commissioning").exists()


def build_wheel(folder):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    outcome = subprocess.run(command, cwd=source.ROOT, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    (wheel,) = folder.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert not [name for name in names if "__pycache__" in name or name.startswith("tests/")]
    return wheel


def clean_environment(folder):
    """An environment of its own that finds our dependencies, but not the checkout."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    # A path listed here is searched, while the .pth files inside it are not obeyed.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def install(wheel, environment):
    python = str(environment / "bin" / "python")
    if shutil.which("uv"):
        command = ["uv", "pip", "install", "--python", python]
    else:
        added = subprocess.run([python, "-m", "ensurepip"], capture_output=True, check=False)
        if added.returncode != 0:
            pytest.skip("neither uv nor ensurepip is here to install a wheel with")
        command = [python, "-m", "pip", "install"]
    options = ["--quiet", "--no-index", "--no-deps", str(wheel)]
    outcome = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stderr
