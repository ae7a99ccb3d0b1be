"""The policy is one table, and no change to it goes unseen."""

from __future__ import annotations

import re

from commissioning.permissions import Permission, rows_for, two_person
from tests.support import policy, source


def test_committed_matrix_is_the_policy():
    assert policy.COMMITTED.read_text(encoding="utf-8") == policy.as_csv(), policy.__doc__


def test_permissions_are_named_by_context_resource_and_action():
    shape = re.compile(r"[a-z_]+:[a-z_]+:[a-z_]+")

    assert [p.value for p in Permission if not shape.fullmatch(p.value)] == []


def test_every_permission_can_be_held_by_someone():
    assert [permission.value for permission in Permission if not rows_for(permission)] == []


def test_every_permission_is_asked_for_somewhere():
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for path in source.python_files()
        if path.parent.name != "permissions"
    )

    assert [p.name for p in Permission if not re.search(rf"\b{p.name}\b", text)] == []


def test_who_proposes_can_never_be_the_second_person():
    approving = [p for p in Permission if p.value.endswith(":approve")]

    assert approving
    for permission in approving:
        for row in rows_for(permission):
            assert two_person in row.conditions, permission
