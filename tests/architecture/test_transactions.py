"""One place commits a request, and one commits a command."""

from __future__ import annotations

import ast

from tests.support import source

MAY_COMMIT = ("commissioning/web/transaction.py", "commissioning/cli.py", "commissioning/cli/")
# `begin` used as a block commits when the block ends.
COMMITTING = {"commit", "begin"}


def test_only_the_request_and_the_command_commit():
    found = [
        f"{source.relative(path)}:{call.lineno} {source.called_name(call)}"
        for path in source.python_files()
        if not source.relative(path).startswith(MAY_COMMIT)
        for call in ast.walk(source.tree(path))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in COMMITTING
    ]

    assert found == []


def test_nobody_asks_the_machine_for_the_time():
    asks = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"}

    found = [
        f"{source.relative(path)}:{call.lineno} {source.called_name(call)}"
        for path in source.python_files()
        if source.relative(path) != "commissioning/kernel/clock.py"
        for call in ast.walk(source.tree(path))
        if isinstance(call, ast.Call) and source.called_name(call) in asks
    ]

    assert found == []
