"""Nobody knows another's mark before everyone has submitted; each test has its positive control."""

from __future__ import annotations

import pytest

from commissioning.evaluation import queries, services
from commissioning.kernel.actor import Role
from commissioning.kernel.stage import Stage
from commissioning.permissions import Permission, may
from tests.factories.evaluation import world_at

READERS = ("e1", "e2", "e3", "moderator", "lead", "auditor")
NEVER = ("e4", "moderator2", "commercial", "approver", "a1", "holder")


@pytest.fixture
def world(session, clock):
    world = world_at()
    world.assign(clock)
    return world


def may_read(world, clock, person, lot="CPA1", criterion="C1"):
    sheet = queries.sheet(world.reference, lot, criterion)
    actor = world.actor(person)
    return may(actor, Permission.EVALUATION_READ_MARKS, queries.facts_on(sheet, actor, clock.now()))


def test_marks_open_to_their_readers_with_the_last_submission_and_not_before(world, clock):
    where = {"lot": "CPA1", "criterion": "C1"}
    for person in ("e1", "e2"):
        world.submit(clock, person, **where)
        assert not any(may_read(world, clock, reader) for reader in READERS + NEVER)

    world.submit(clock, "e3", **where)

    assert all(may_read(world, clock, reader) for reader in READERS)
    assert not any(may_read(world, clock, reader) for reader in NEVER)


def test_marks_of_another_sheet_stay_blind(world, clock):
    world.submit(clock, "e1", "e2", "e3", lot="CPA1", criterion="C1")

    assert not may_read(world, clock, "lead", lot="CPA2")
    assert not may_read(world, clock, "lead", criterion="C2")


def test_sheet_without_an_evaluator_shows_nothing(session, clock):
    world = world_at()

    assert not may_read(world, clock, "lead")


def test_own_marks_are_ones_own_alone(world, clock):
    world.submit(clock, "e1", lot="CPA1", criterion="C1", mark=4)
    sheet = queries.sheet(world.reference, "CPA1", "C1")

    assert {m.mark for m in queries.marks_of(sheet, world.ref("e1")).values()} == {4}
    assert queries.marks_of(sheet, world.ref("e2")) == {}


def test_submitted_marks_leave_out_drafts_and_those_who_have_left(world, clock):
    where = {"lot": "CPA1", "criterion": "C1"}
    world.submit(clock, "e1", "e2", **where)
    bid = world.bids_for("CPA1")[0].reference
    services.save_mark(
        world.actor("e3"), world.reference, bid, "C1", mark=0, reason="Draft.", clock=clock
    )
    sheet = queries.sheet(world.reference, "CPA1", "C1")
    assert {who for marks in queries.submitted_marks(sheet).values() for who in marks} == set(
        world.refs("e1", "e2")
    )

    services.reassign(
        world.actor("lead"),
        world.reference,
        "C1",
        lots=["CPA1"],
        leaving=world.ref("e1"),
        joining=world.ref("e4"),
        reason="Ill.",
        clock=clock,
    )

    sheet = queries.sheet(world.reference, "CPA1", "C1")
    assert {who for marks in queries.submitted_marks(sheet).values() for who in marks} == {
        world.ref("e2")
    }
    assert not sheet.all_submitted


def test_progress_counts_sheets_and_says_no_mark(world, clock):
    world.submit(clock, "e1", lot="CPA1", criterion="C1", mark=4)

    shown = str(
        [
            (row.status, row.answers, row.agreed, row.closed, row.missing, row.team.submitted)
            for row in queries.sheet_progress(world.competition)
        ]
    )
    assert "Reason for" not in shown
    assert "has not submitted" in shown


@pytest.mark.parametrize("person", ["e1", "moderator"])
def test_whoever_marks_or_moderates_never_sees_prices_or_ranking(session, clock, person):
    world = world_at(Stage.AWARD_MODELLING)
    for permission in (Permission.EVALUATION_READ_PRICES, Permission.EVALUATION_READ_RANKING):
        for reader, expected in (("commercial", True), (person, False)):
            actor = world.actor(reader)
            facts = queries.price_facts(world.competition, actor, clock.now())
            assert may(actor, permission, facts) is expected


def test_role_that_has_ended_opens_no_price_to_whoever_marked(session, clock):
    world = world_at()
    world.assign(clock)
    world.competition.stage = Stage.PRICE_EVALUATION.value
    session.flush()
    evaluator, officer = world.people["e1"], world.people["commercial"]
    for grant in evaluator.grants:
        if grant.role == Role.EVALUATOR:
            grant.role = Role.COMMERCIAL_OFFICER.value
    session.flush()

    for person, expected in ((officer, True), (evaluator, False)):
        actor = world.actor("e1" if person is evaluator else "commercial")
        facts = queries.price_facts(world.competition, actor, clock.now())
        assert may(actor, Permission.EVALUATION_READ_PRICES, facts) is expected
