"""Every use case asks the policy first and leaves a record."""

from __future__ import annotations

import ast
import functools

from tests.support import source

ASK_NOBODY = {
    "identity.services.sessions.sign_out": "whoever holds the token of a session may end it",
}


@functools.cache
def functions():
    """Every function of every service module: (module, name) to its definition."""
    found = {}
    for path in source.python_files():
        parts = path.relative_to(source.PACKAGE).with_suffix("").parts
        if len(parts) < 2 or parts[1] != "services":
            continue
        for node in source.tree(path).body:
            if isinstance(node, ast.FunctionDef):
                found[".".join(parts), node.name] = node
    return found


def use_cases():
    """The public functions that take an actor first and a clock: (module, name)."""
    for key, node in functions().items():
        arguments = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
        every = {*arguments, *(a.arg for a in node.args.kwonlyargs)}
        if arguments[:1] == ["actor"] and "clock" in every and not node.name.startswith("_"):
            yield key


@functools.cache
def calls(module, name):
    """The plain names of everything that a function calls, directly or through other services."""
    seen, waiting = set(), [(module, name)]
    reached = set()
    while waiting:
        key = waiting.pop()
        if key in seen:
            continue
        seen.add(key)
        for node in ast.walk(functions()[key]):
            if isinstance(node, ast.Call):
                called = source.called_name(node).rsplit(".", 1)[-1]
                reached.add(called)
                waiting += [other for other in functions() if other[1] == called]
    return frozenset(reached)


def test_use_cases_are_found():
    assert len(list(use_cases())) > 30


def says(key, *words):
    """Whether the docstring says so: a fact written down for a later stage is its caller's act."""
    docstring = (ast.get_docstring(functions()[key]) or "").lower()
    return any(word in docstring for word in words)


def test_every_use_case_leaves_a_record():
    silent = [
        ".".join(key)
        for key in use_cases()
        if "record" not in calls(*key) and not says(key, "recorded by")
    ]

    assert silent == []


def test_every_use_case_asks_the_policy_or_says_who_did():
    unasked = [
        ".".join(key)
        for key in use_cases()
        if "require" not in calls(*key)
        and not says(key, "authoris")
        and ".".join(key) not in ASK_NOBODY
    ]

    assert unasked == []


def test_every_use_case_states_its_rule():
    wordless = [".".join(key) for key in use_cases() if not ast.get_docstring(functions()[key])]

    assert wordless == []
