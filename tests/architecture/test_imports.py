"""Imports point one way; pyproject.toml holds the contracts."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from tests.support import source


def contracts():
    with (source.ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["tool"]["importlinter"]["contracts"]


def test_every_contract_is_kept():
    linter = Path(sys.executable).parent / "lint-imports"

    outcome = subprocess.run(
        [str(linter), "--no-cache"], cwd=source.ROOT, capture_output=True, text=True, check=False
    )

    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_every_context_is_under_the_layers_contract():
    (layers,) = (c for c in contracts() if c["type"] == "layers" and "(domain)" in c["layers"])

    assert sorted(layers["containers"]) == [f"commissioning.{name}" for name in source.contexts()]
