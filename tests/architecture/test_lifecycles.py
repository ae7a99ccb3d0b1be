"""Every lifecycle table is whole: no status is out of reach, and every move is recorded."""

from __future__ import annotations

import pytest

from commissioning.audit.domain.events import Event
from commissioning.kernel.lifecycle import Table, reachable
from commissioning.permissions import Permission
from tests.support import source


def tables():
    found = {}
    for module in source.modules("domain"):
        for name, value in vars(module).items():
            if isinstance(value, Table):
                found.setdefault(id(value), (f"{module.__name__}.{name}", value))
    return [pytest.param(table, id=name) for name, table in found.values()]


every_table = pytest.mark.parametrize("table", tables())


def test_lifecycles_are_found():
    assert len(tables()) >= 1


@every_table
def test_every_status_can_be_reached(table):
    assert reachable(table) == {status.value for status in table.statuses}


@every_table
def test_only_the_terminal_statuses_have_no_way_out(table):
    with_a_way_out = {row.source for row in table.transitions}

    assert table.terminal == set(table.statuses) - with_a_way_out


@every_table
def test_no_two_rows_are_alike(table):
    moves = [(row.source, row.event) for row in table.transitions]

    assert len(moves) == len(set(moves))


@every_table
def test_rows_stay_within_their_own_statuses(table):
    assert isinstance(table.initial, table.statuses)
    for row in table.transitions:
        assert isinstance(row.source, table.statuses), row
        assert isinstance(row.target, table.statuses), row


@every_table
def test_every_event_has_an_audit_event_of_its_name(table):
    known = {event.value for event in Event}

    assert {row.event for row in table.transitions} - known == set()


@every_table
def test_every_permission_exists(table):
    known = {permission.value for permission in Permission}

    named = {row.permission for row in table.transitions if row.permission is not None}
    assert named - known == set()


@every_table
def test_two_people_are_asked_for_by_the_policy_too(table):
    for row in table.transitions:
        if row.two_person:
            assert row.permission is not None, row
            assert row.permission.endswith(":approve"), row


@every_table
def test_every_guard_says_what_to_do(table):
    for row in table.transitions:
        for guard in row.guards:
            assert guard.sentence.endswith("."), guard
            assert guard.name.isidentifier(), guard


@every_table
def test_every_statutory_period_is_in_the_calendar(table):
    from commissioning.kernel.statutory import Period

    named = {row.statutory for row in table.transitions if row.statutory is not None}

    assert named - {period.value for period in Period} == set()


def test_every_open_stage_of_a_competition_can_be_terminated():
    from commissioning.competition.domain.lifecycle import TABLE

    ways_out = {row.source for row in TABLE.transitions if row.event == "terminated"}

    assert ways_out == set(TABLE.statuses) - TABLE.terminal
