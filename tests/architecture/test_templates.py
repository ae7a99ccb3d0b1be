"""Templates keep to what the content security policy allows, and to their context's folder."""

from __future__ import annotations

import re

from commissioning import paths
from tests.support import source

FOLDERS_OF_NO_CONTEXT = {"layouts", "components", "errors", "emails", "web"}
# What a browser would refuse under the policy, or what would switch escaping off.
REFUSED = {
    "style attribute": re.compile(r"\sstyle\s*="),
    "style element": re.compile(r"<style\b"),
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*\bnonce=)[^>]*>"),
    "event attribute": re.compile(r"<[a-z][^>{]*\son[a-z]+\s*="),
    "javascript address": re.compile(r"javascript:"),
    "unescaped text": re.compile(r"\|\s*safe\b|autoescape\s+false"),
}


def templates():
    return [
        path
        for path in source.files()
        if path.is_relative_to(paths.templates()) and path.suffix == ".html"
    ]


def test_every_template_can_be_read(app):
    for path in templates():
        app.jinja_env.get_template(str(path.relative_to(paths.templates())))


def test_templates_hold_nothing_that_the_policy_refuses():
    found = [
        f"{source.relative(path)}: {what}"
        for path in templates()
        for what, pattern in REFUSED.items()
        if pattern.search(path.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_every_folder_is_a_blueprints(app):
    folders = {path.relative_to(paths.templates()).parts[0] for path in templates()}

    assert folders - FOLDERS_OF_NO_CONTEXT - set(app.blueprints) == set()
