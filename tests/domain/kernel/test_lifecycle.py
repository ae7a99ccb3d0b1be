"""Moves are legal only as rows of a table say."""

from __future__ import annotations

from enum import StrEnum

import pytest

from commissioning.kernel.errors import IllegalTransition
from commissioning.kernel.lifecycle import Guard, Table, Transition, advance, reachable


class Door(StrEnum):
    SHUT = "shut"
    OPEN = "open"
    BROKEN = "broken"


TABLE = Table(
    "door",
    Door,
    Door.SHUT,
    frozenset({Door.BROKEN}),
    (
        Transition(
            Door.SHUT, "opened", Door.OPEN, None, (Guard("has_key", "Bring the key first."),)
        ),
        Transition(Door.OPEN, "broken", Door.BROKEN, None),
    ),
)


def test_advance_gives_the_row_of_a_legal_move():
    assert advance(TABLE, "shut", "opened", {"has_key": True}).target is Door.OPEN


@pytest.mark.parametrize("facts", [None, {}, {"has_key": False}])
def test_advance_refuses_with_the_sentence_of_the_guard(facts):
    with pytest.raises(IllegalTransition, match="Bring the key first"):
        advance(TABLE, "shut", "opened", facts)


@pytest.mark.parametrize(("status", "event"), [("shut", "broken"), ("open", "opened")])
def test_advance_refuses_a_move_that_is_no_row(status, event):
    with pytest.raises(IllegalTransition, match=f"at “{status}”"):
        advance(TABLE, status, event, {"has_key": True})


def test_reachable_names_every_status_that_can_come():
    assert reachable(TABLE) == {"shut", "open", "broken"}
