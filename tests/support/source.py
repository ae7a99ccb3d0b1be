"""The source of the platform, as architecture tests read it."""

from __future__ import annotations

import ast
import functools
import importlib
import pkgutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import commissioning

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "commissioning"
ROOMS = ("domain", "models", "queries", "services", "forms", "views")


@functools.cache
def files() -> tuple[Path, ...]:
    """Every file of the project: those that git tracks, and those that it would."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:  # a copy without its history
        ignored = {".venv", "var", "__pycache__", ".git"}
        paths = [path for path in ROOT.rglob("*") if not ignored & set(path.parts)]
    return tuple(sorted(path for path in paths if path.is_file()))


def python_files(folder: Path = PACKAGE) -> Iterator[Path]:
    """The Python files below a folder."""
    return (path for path in files() if path.suffix == ".py" and path.is_relative_to(folder))


@functools.cache
def tree(path: Path) -> ast.Module:
    """What a Python file says."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def called_name(call: ast.Call) -> str:
    """The dotted name that a call calls, as it is written."""
    return ast.unparse(call.func)


def contexts() -> list[str]:
    """The names of the packages that have the rooms of a context."""
    return sorted(
        folder.name
        for folder in PACKAGE.iterdir()
        if folder.is_dir()
        and any((folder / room).is_dir() or (folder / f"{room}.py").exists() for room in ROOMS)
    )


def modules(*endings: str) -> Iterator[ModuleType]:
    """The modules of the package whose dotted name has one of these parts, imported."""
    for found in pkgutil.walk_packages(commissioning.__path__, "commissioning."):
        if set(endings) & set(found.name.split(".")):
            yield importlib.import_module(found.name)


def relative(path: Path) -> str:
    """A path as people write it."""
    return str(path.relative_to(ROOT))
