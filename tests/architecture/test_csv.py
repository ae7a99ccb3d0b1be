"""CSV is written in one place, where no cell can become a live formula."""

from __future__ import annotations

import ast

from tests.support import source


def test_csv_is_written_and_read_in_one_module():
    found = [
        source.relative(path)
        for path in source.python_files()
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.Import) and any(name.name == "csv" for name in node.names)
    ]

    assert found == ["commissioning/kernel/csv_text.py"]
