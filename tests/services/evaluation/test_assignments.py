from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from commissioning.audit import queries as audit_queries
from commissioning.audit.domain.events import competition_stream
from commissioning.evaluation import queries, services
from commissioning.evaluation.models import Assignment
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import BadInput, Conflict, Forbidden, NotFound
from commissioning.kernel.stage import Stage
from commissioning.permissions import has_conflict
from tests.factories.evaluation import world_at

EVERYONE = ("e1", "e2", "e3")


@pytest.fixture
def world(session):
    return world_at()


def team(world, clock, *evaluators, person="lead", moderator="moderator", lots=None, **rest):
    return services.assign_team(
        world.actor(person),
        world.reference,
        rest.pop("criterion", "C1"),
        lots=["CPA1", "CPA2"] if lots is None else lots,
        evaluators=world.refs(*evaluators),
        moderator=moderator and world.ref(moderator),
        clock=clock,
    )


def people_on(world, lot="CPA1", criterion="C1"):
    sheet = queries.sheet(world.reference, lot, criterion)
    return {(a.person, a.role) for a in sheet.assignments}


def replace(world, clock, *, leaving="e1", joining="e4", lots=("CPA1",), reason="Ill.", by="lead"):
    return services.reassign(
        world.actor(by),
        world.reference,
        "C1",
        lots=lots,
        leaving=world.ref(leaving),
        joining=world.ref(joining),
        reason=reason,
        clock=clock,
    )


def declare(world, clock, person, organisation=None):
    return services.declare_interest(
        world.actor(person),
        world.reference,
        organisation=organisation,
        statement="A close relative works there.",
        clock=clock,
    )


def test_team_is_assigned_to_many_lots_in_one_recorded_act(world, clock):
    rows = team(world, clock, *EVERYONE)

    assert len(rows) == 8
    expected = {(world.ref(e), "quality_evaluator") for e in EVERYONE}
    expected.add((world.ref("moderator"), "moderator"))
    assert people_on(world) == people_on(world, "CPA2") == expected
    assert people_on(world, criterion="C2") == set()
    last = list(audit_queries.links(competition_stream(world.reference)))[-1]
    assert (last.event, last.changes["lots"]) == ("answers_assigned", ["CPA1", "CPA2"])


def test_new_team_takes_the_place_of_the_one_before(world, clock):
    team(world, clock, "e1", "e2")
    team(world, clock, "e2", "e3", moderator="moderator2", lots=["CPA1"])

    assert people_on(world) == {
        (world.ref("e2"), "quality_evaluator"),
        (world.ref("e3"), "quality_evaluator"),
        (world.ref("moderator2"), "moderator"),
    }
    assert (world.ref("e1"), "quality_evaluator") in people_on(world, "CPA2")


def test_places_that_a_new_team_takes_are_ended_and_stay_on_the_record(world, clock):
    team(world, clock, "e1", "e2")
    clock.advance(timedelta(hours=1))
    team(world, clock, "e2", "e3", lots=["CPA1"])

    every = queries.assignments_in(world.competition, with_ended=True)
    ended = [a for a in every if a.ended_at is not None]
    assert [(a.person, a.lot.reference) for a in ended] == [(world.ref("e1"), "CPA1")]
    assert (ended[0].ended_by, ended[0].ended_at) == (world.ref("lead"), clock.now())
    last = list(audit_queries.links(competition_stream(world.reference)))[-1]
    assert last.changes["ended"] == [world.ref("e1")]


def test_whoever_a_team_replaced_before_marking_may_be_given_the_place_again(world, clock):
    team(world, clock, "e1", "e2")
    team(world, clock, "e2", "e3")
    team(world, clock, "e1", "e2")

    assert (world.ref("e1"), "quality_evaluator") in people_on(world)
    replace(world, clock, leaving="e2", joining="e3")
    assert (world.ref("e3"), "quality_evaluator") in people_on(world)


def test_an_ended_place_opens_no_sheet(world, clock):
    team(world, clock, *EVERYONE)
    team(world, clock, "e2", "e3")

    assert not can_mark(world, clock)
    assert queries.own_sheets(world.ref("e1"), world.competition) == []
    assert {a.person for a in queries.assignments_in(world.competition)} == set(
        world.refs("e2", "e3", "moderator")
    )


def test_moderator_of_the_competition_assigns_too_and_others_do_not(world, clock):
    team(world, clock, *EVERYONE, person="moderator")
    for person in ("e1", "approver", "commercial", "auditor"):
        with pytest.raises(Forbidden):
            team(world, clock, *EVERYONE, person=person)


@pytest.mark.parametrize("stage", [Stage.PQQ_CLOSED, Stage.QUALITY_LOCKED])
def test_assignments_are_made_between_shortlist_and_lock(world, session, clock, stage):
    world.competition.stage = stage.value
    session.flush()
    with pytest.raises(Forbidden):
        team(world, clock, *EVERYONE)


def test_assigning_before_the_opening_says_nothing_of_bids(session, clock):
    world = world_at(Stage.ITN_OPEN)
    declare(world, clock, "e1", world.bidders[0].reference)

    assert len(team(world, clock, *EVERYONE)) == 8


@pytest.mark.parametrize(
    ("evaluators", "moderator", "field"),
    [
        (("lead",), "moderator", "evaluators"),
        (("moderator",), "moderator", "evaluators"),
        ((), "moderator", "evaluators"),
        (("e1",), "e2", "moderator"),
        (("e1",), "approver", "moderator"),
    ],
)
def test_people_without_the_role_have_no_place(world, session, clock, evaluators, moderator, field):
    with pytest.raises(BadInput) as refusal:
        team(world, clock, *evaluators, moderator=moderator)
    assert refusal.value.field == field
    assert session.scalars(select(Assignment)).all() == []


def test_nobody_marks_and_moderates_the_same_answers(world, session, clock):
    for grant in world.people["moderator2"].grants:
        grant.user = world.people["e1"]
    session.flush()
    with pytest.raises(BadInput, match="cannot mark and moderate"):
        team(world, clock, "e1", "e2", moderator="e1")


@pytest.mark.parametrize("lots", [[], ["CPA9"], ["CPA1", "CPA9"]])
def test_lots_must_be_of_the_competition(world, clock, lots):
    with pytest.raises(BadInput) as refusal:
        team(world, clock, *EVERYONE, lots=lots)
    assert refusal.value.field == "lots"


def test_unknown_criterion_is_absent(world, clock):
    with pytest.raises(NotFound):
        team(world, clock, *EVERYONE, criterion="C9")


def test_team_stays_once_marking_has_started_on_a_lot(world, clock):
    team(world, clock, *EVERYONE)
    services.save_mark(
        world.actor("e1"),
        world.reference,
        world.bids_for("CPA1")[0].reference,
        "C1",
        mark=2,
        reason="Thin.",
        clock=clock,
    )

    with pytest.raises(Conflict, match="Area CPA1"):
        team(world, clock, "e2", "e3", "e4")
    with pytest.raises(Conflict):
        services.assign(
            world.actor("lead"),
            world.reference,
            lot="CPA1",
            criterion="C1",
            person=world.ref("e4"),
            role=Role.EVALUATOR,
            clock=clock,
        )
    assert team(world, clock, "e2", "e4", lots=["CPA2"])


def test_one_person_can_be_added_once(world, clock):
    def add(**changes):
        arguments = {
            "lot": "CPA1",
            "criterion": "C1",
            "person": world.ref("e1"),
            "role": Role.EVALUATOR,
        }
        return services.assign(
            world.actor("lead"), world.reference, **(arguments | changes), clock=clock
        )

    add()

    with pytest.raises(BadInput, match="already has a place"):
        add()
    with pytest.raises(BadInput) as refusal:
        add(role=Role.AUDITOR)
    assert refusal.value.field == "role"
    assert people_on(world) == {(world.ref("e1"), "quality_evaluator")}


# Reassignment


def test_successor_takes_over_with_the_reason_on_record(world, clock):
    team(world, clock, *EVERYONE)
    world.submit(clock, *EVERYONE, lot="CPA1", criterion="C1")

    replace(world, clock)

    assert (world.ref("e4"), "quality_evaluator") in people_on(world)
    assert (world.ref("e1"), "quality_evaluator") not in people_on(world)
    assert (world.ref("e1"), "quality_evaluator") in people_on(world, "CPA2")
    ended = [a for a in queries.assignments_in(world.competition, with_ended=True) if a.ended_at]
    assert [(a.person, a.ended_because) for a in ended] == [(world.ref("e1"), "Ill.")]
    last = list(audit_queries.links(competition_stream(world.reference)))[-1]
    assert (last.event, last.changes["reason"]) == ("answers_reassigned", "Ill.")


def test_consensus_that_rested_on_the_one_who_left_is_set_aside_and_kept(world, clock):
    where = {"lot": "CPA1", "criterion": "C1"}
    team(world, clock, *EVERYONE)
    world.submit(clock, *EVERYONE, **where)
    world.agree(clock, **where)

    replace(world, clock)

    sheet = queries.sheet(world.reference, "CPA1", "C1")
    assert queries.consensus_on(sheet) == {}
    assert all(len(v) == 1 and v[0].closed_at for v in queries.consensus_versions(sheet).values())
    world.submit(clock, "e4", **where)
    world.agree(clock, "e2", "e3", "e4", **where)
    sheet = queries.sheet(world.reference, "CPA1", "C1")
    assert {row.version for row in queries.consensus_on(sheet).values()} == {2}
    assert all(row.closed_at for row in queries.consensus_on(sheet).values())


def test_new_moderator_leaves_what_was_agreed(world, clock):
    where = {"lot": "CPA1", "criterion": "C1"}
    team(world, clock, *EVERYONE)
    world.submit(clock, *EVERYONE, **where)
    world.agree(clock, **where)

    replace(world, clock, leaving="moderator", joining="moderator2")

    sheet = queries.sheet(world.reference, "CPA1", "C1")
    assert len(queries.consensus_on(sheet)) == 2
    assert [a.person for a in sheet.moderators] == [world.ref("moderator2")]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"leaving": "e4"}, "leaving"),
        ({"joining": "e2"}, "joining"),
        ({"joining": "moderator2"}, "joining"),
        ({"lots": ("CPA9",)}, "lots"),
    ],
)
def test_reassignment_that_cannot_be_is_refused_at_its_place(world, clock, changes, field):
    team(world, clock, *EVERYONE)
    before = people_on(world)
    with pytest.raises(BadInput) as refusal:
        replace(world, clock, **changes)
    assert refusal.value.field == field
    assert people_on(world) == before


def test_whoever_left_does_not_come_back(world, clock):
    team(world, clock, *EVERYONE)
    replace(world, clock)
    with pytest.raises(BadInput, match="has, or had"):
        replace(world, clock, leaving="e4", joining="e1")


def test_whoever_was_replaced_comes_back_in_no_other_way(world, clock):
    team(world, clock, *EVERYONE)
    replace(world, clock)

    with pytest.raises(BadInput, match="was replaced on Area CPA1") as refusal:
        team(world, clock, "e1", "e2")
    assert refusal.value.field == "evaluators"
    with pytest.raises(BadInput, match="does not come back"):
        services.assign(
            world.actor("lead"),
            world.reference,
            lot="CPA1",
            criterion="C1",
            person=world.ref("e1"),
            role=Role.EVALUATOR,
            clock=clock,
        )


def test_evaluator_reassigns_nobody(world, clock):
    team(world, clock, *EVERYONE)
    with pytest.raises(Forbidden):
        replace(world, clock, by="e2")


# Interests


def can_mark(world, clock, person="e1", lot="CPA1"):
    bid = world.bids_for(lot)[0].reference
    try:
        services.save_mark(
            world.actor(person),
            world.reference,
            bid,
            "C1",
            mark=2,
            reason="Thin.",
            clock=clock,
        )
    except Forbidden:
        return False
    return True


def test_declared_interest_ends_access_at_once(world, clock):
    team(world, clock, *EVERYONE)
    assert can_mark(world, clock)

    declare(world, clock, "e1")

    assert not can_mark(world, clock)
    assert can_mark(world, clock, "e2")
    last = [
        link
        for link in audit_queries.links(competition_stream(world.reference))
        if link.event == "interest_declared"
    ]
    assert [link.actor for link in last] == [world.ref("e1")]


def test_interest_in_a_bidder_ends_access_to_every_answer_it_competes_with(session, clock):
    world = world_at()
    lonely = world.bids_for("CPA2")[0]
    lonely.status = "withdrawn"
    session.flush()
    team(world, clock, *EVERYONE)

    declare(world, clock, "e1", lonely.organisation.reference)

    assert not can_mark(world, clock, lot="CPA1")
    sheet = queries.sheet(world.reference, "CPA2", "C1")
    evaluator = world.actor("e1")
    assert not has_conflict(evaluator.reference, queries.facts_on(sheet, evaluator, clock.now()))
    sheet = queries.sheet(world.reference, "CPA1", "C1")
    assert has_conflict(evaluator.reference, queries.facts_on(sheet, evaluator, clock.now()))


def test_moderator_with_an_interest_records_no_consensus(world, clock):
    team(world, clock, *EVERYONE)
    world.submit(clock, *EVERYONE, lot="CPA1", criterion="C1")
    declare(world, clock, "moderator", world.bidders[1].reference)
    with pytest.raises(Forbidden):
        world.agree(clock, lot="CPA1", criterion="C1")


def test_whoever_declared_an_interest_is_given_nothing_it_bears_on(world, clock):
    declare(world, clock, "e1", world.bidders[0].reference)
    with pytest.raises(BadInput, match="declared an interest that touches Area CPA1"):
        team(world, clock, *EVERYONE)
    declare(world, clock, "e4")
    team(world, clock, "e2", "e3")
    with pytest.raises(BadInput, match="declared an interest"):
        replace(world, clock, leaving="e2")


def test_interest_has_a_statement_and_an_organisation_that_exists(world, clock):
    for organisation, statement, field in (
        (None, " ", "statement"),
        ("ORG-NOWHERE", "A share.", "organisation"),
    ):
        with pytest.raises(BadInput) as refusal:
            services.declare_interest(
                world.actor("e1"),
                world.reference,
                organisation=organisation,
                statement=statement,
                clock=clock,
            )
        assert refusal.value.field == field
    assert queries.interests_in(world.competition) == []


def test_only_the_team_declares_interests(world, clock):
    stranger = world_at().actor("e1")
    with pytest.raises(Forbidden):
        services.declare_interest(
            stranger, world.reference, organisation=None, statement="A share.", clock=clock
        )
