"""Services and views use another context's rows by its queries and services, never its classes.

They may say in an annotation what they are handed (docs/decisions/0009); they may not select,
construct, or reach into the class.
"""

from __future__ import annotations

import ast

import pytest

from tests.support import source


def foreign_names(tree: ast.Module, context: str) -> dict[str, str]:
    """The names in a module that stand for another context's models, with where they come from."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            parts = node.module.split(".")
            for name in node.names:
                path = [*parts, name.name]
                is_foreign = path[0] == "commissioning" and len(path) > 2 and path[1] != context
                if is_foreign and "models" in path[2:]:
                    found[name.asname or name.name] = ".".join(path)
        if isinstance(node, ast.Import):
            for name in node.names:
                path = name.name.split(".")
                if path[0] == "commissioning" and "models" in path and path[1] != context:
                    found[name.asname or path[0]] = name.name
    return found


def in_annotations(tree: ast.Module) -> set[int]:
    """Every part of an annotation: of an argument, a result, or a name."""
    annotations = (
        getattr(node, field, None) for node in ast.walk(tree) for field in ("annotation", "returns")
    )
    return {
        id(part) for each in annotations if isinstance(each, ast.AST) for part in ast.walk(each)
    }


def uses(text: str, context: str) -> list[str]:
    """Where a module uses another context's mapped class for more than an annotation."""
    tree = ast.parse(text)
    names, allowed = foreign_names(tree, context), in_annotations(tree)
    return [
        f"line {node.lineno}: {names[node.id]}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id in names and id(node) not in allowed
    ]


def modules():
    for path in source.python_files():
        parts = path.relative_to(source.PACKAGE).with_suffix("").parts
        if len(parts) > 1 and parts[0] in source.contexts() and parts[1] in {"services", "views"}:
            yield parts[0], path


def test_no_service_or_view_uses_a_mapped_class_of_another_context():
    found = {
        source.relative(path): used
        for context, path in modules()
        if (used := uses(path.read_text(encoding="utf-8"), context))
    }

    assert found == {}, "ask the other context's queries, or call its services"


def test_modules_are_found():
    assert len(list(modules())) > 80


@pytest.mark.parametrize(
    "line",
    [
        "found = select(Lot)",
        "lot = Lot(reference='L1')",
        "order = Lot.position",
        "is_lot = isinstance(row, Lot)",
        "def act(lot=Lot): ...",
        "rows: list[Lot] = list(select(Lot))",
    ],
)
def test_a_use_of_the_class_is_found(line):
    text = f"from commissioning.competition.models import Lot\n{line}\n"

    assert uses(text, "award") == ["line 2: commissioning.competition.models.Lot"]
    assert uses(text, "competition") == []


def test_a_use_by_the_module_is_found():
    text = "from commissioning.competition import models as rows\nfound = rows.Lot()\n"

    assert uses(text, "award") == ["line 2: commissioning.competition.models"]


def test_annotations_are_allowed():
    text = (
        "from commissioning.competition.models import Lot\n"
        "class Held:\n    lot: Lot | None\n"
        "def act(lots: list[Lot]) -> Lot: ...\n"
    )

    assert uses(text, "award") == []
