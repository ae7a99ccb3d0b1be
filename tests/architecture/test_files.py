"""Files stay small, are named for what they hold, and say nothing of where they were written."""

from __future__ import annotations

import re

import pytest

from tests.support import source

MOST_LINES = 500
BANNED_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "manager",
    "misc",
    "data",
    "process",
}
WRITTEN_BY_TOOLS = ("commissioning/static/", "migrations/versions/")
# Put together here, so that this file does not hold what it forbids.
PACKAGE_HOSTS = ("py" + "pi.org", "python" + "hosted.org", "registry." + "npmjs.org")
FORBIDDEN = re.compile(
    "|".join(
        [
            *map(re.escape, PACKAGE_HOSTS),
            r"(?<![\w.])/wo" + r"rk/",
            r"(?<![\w/])sha" + r"red/",
            r"\bissue" + r" #\d",
            r"\b(?:HOUSE|PL" + r"AN)\.md\b",
            r"--(?:extra-)?index" + r"-url",
        ]
    )
)


def test_files_are_short_enough_to_read():
    long = {}
    for path in source.files():
        if path.suffix in {".py", ".html"} and not is_written_by_a_tool(path):
            lines = len(path.read_text(encoding="utf-8").splitlines())
            if lines > MOST_LINES:
                long[source.relative(path)] = lines

    assert long == {}, "split each into a package of the same name"


def test_files_are_named_for_what_they_hold():
    parts = {
        source.relative(path)
        for path in source.files()
        if path.suffix in {".py", ".html"}
        for part in path.relative_to(source.ROOT).with_suffix("").parts
        if part.lower().removeprefix("test_") in BANNED_NAMES
    }

    assert parts == set()


@pytest.mark.parametrize("name", source.contexts())
def test_context_has_only_its_seven_names(name):
    inside = {
        path.name.removesuffix(".py")
        for path in (source.PACKAGE / name).iterdir()
        if path.name != "__pycache__"
    }

    assert inside - {"__init__", *source.ROOMS} == set()


@pytest.mark.parametrize("name", source.contexts())
def test_context_says_what_it_decides(name):
    text = source.tree(source.PACKAGE / name / "__init__.py").body[0].value.value

    assert len(text.split()) >= 15


def test_no_file_names_a_place_where_it_was_made():
    found = []
    for path in source.files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{source.relative(path)}: {m.group()}" for m in FORBIDDEN.finditer(text)]

    assert found == []


def test_locks_name_no_server():
    for name in ("requirements.lock", "requirements-dev.lock"):
        assert "://" not in (source.ROOT / name).read_text(encoding="utf-8")


def is_written_by_a_tool(path):
    return source.relative(path).startswith(WRITTEN_BY_TOOLS)
