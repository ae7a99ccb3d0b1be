"""A declared interest bars at once; two others decide what it keeps the person from."""

from __future__ import annotations

import pytest

from commissioning.audit import queries as audit_queries
from commissioning.audit.domain.events import competition_stream
from commissioning.competition import services as competition_services
from commissioning.competition.domain.interests import Bar, Outcome, standing_bar
from commissioning.competition.queries import bars_in, open_decisions
from commissioning.evaluation import queries, services
from commissioning.kernel.actor import Grant, Role
from commissioning.kernel.errors import BadInput, Conflict, Forbidden, NotFound
from commissioning.kernel.stage import Stage
from tests.factories.evaluation import world_at


@pytest.fixture
def world(session, clock):
    """Two lots, two bidders for each; e1 has both lots to mark."""
    made = world_at()
    made.assign(clock)
    return made


def declare(world, clock, who="e1", bidder=None):
    return services.declare_interest(
        world.actor(who),
        world.reference,
        organisation=None if bidder is None else world.bidders[bidder].reference,
        statement="I worked there.",
        clock=clock,
    )


def propose(world, clock, interest, outcome=Outcome.LIFTED, *, actor=None, **named):
    return services.propose_interest_decision(
        actor or world.actor("lead"),
        world.reference,
        interest.id,
        outcome,
        reason="It ended in 2004.",
        clock=clock,
        **named,
    )


def decide(world, clock, interest, outcome=Outcome.LIFTED, **named):
    decision = propose(world, clock, interest, outcome, **named)
    return services.approve_interest_decision(
        world.actor("approver"), decision.reference, clock=clock
    )


def may_mark(world, clock, lot, who="e1"):
    bid = world.bids_for(lot)[0]
    try:
        services.save_mark(
            world.actor(who), world.reference, bid.reference, "C1", mark=3, reason="R.", clock=clock
        )
    except Forbidden:
        return False
    return True


def steps(world, who="e1"):
    sheets = queries.own_sheets(world.ref(who), world.competition)
    return {sheet.lot.reference: sheet.step for sheet in sheets}


def test_a_bar_stands_until_two_people_have_lifted_it(world, clock):
    interest = declare(world, clock, bidder=0)
    assert not may_mark(world, clock, "CPA1")

    decision = propose(world, clock, interest)
    assert not may_mark(world, clock, "CPA1")
    assert set(steps(world).values()) == {"conflict"}
    services.approve_interest_decision(world.actor("approver"), decision.reference, clock=clock)

    assert may_mark(world, clock, "CPA1")
    assert set(steps(world).values()) == {"mark"}
    assert queries.conflicts_on(world.competition, world.lots, [world.ref("e1")]) == {}


def test_a_bar_that_stays_stays(world, clock):
    decide(world, clock, declare(world, clock, bidder=0), Outcome.STAYS)

    assert not may_mark(world, clock, "CPA1")
    assert not may_mark(world, clock, "CPA2")


def test_a_bar_is_lifted_for_the_lots_that_are_named(world, clock):
    decide(world, clock, declare(world, clock), Outcome.PART, lots=["CPA2"])

    assert not may_mark(world, clock, "CPA1")
    assert may_mark(world, clock, "CPA2")
    assert steps(world) == {"CPA1": "conflict", "CPA2": "mark"}
    touched = queries.conflicts_on(world.competition, world.lots, [world.ref("e1")])
    assert [lot.reference for lot in touched[world.ref("e1")]] == ["CPA1"]


def test_a_bar_that_is_lifted_for_bidders_holds_wherever_another_bids(world, clock):
    one, other = (bidder.reference for bidder in world.bidders)
    interest = declare(world, clock)
    decide(world, clock, interest, Outcome.PART, bidders=[one])
    assert not may_mark(world, clock, "CPA1")

    decide(world, clock, interest, Outcome.PART, bidders=[one, other])
    assert may_mark(world, clock, "CPA1")


def test_what_is_declared_after_a_decision_bars_anew(world, clock):
    decide(world, clock, declare(world, clock, bidder=0))
    assert may_mark(world, clock, "CPA1")

    declare(world, clock, bidder=1)

    assert not may_mark(world, clock, "CPA1")


def test_what_is_approved_last_holds(world, clock):
    interest = declare(world, clock, bidder=0)
    decide(world, clock, interest)
    decide(world, clock, interest, Outcome.STAYS)

    assert not may_mark(world, clock, "CPA1")


def test_what_is_sent_back_changes_nothing(world, clock):
    interest = declare(world, clock, bidder=0)
    decide(world, clock, interest, Outcome.STAYS)
    decision = propose(world, clock, interest)
    competition_services.send_back(
        world.actor("approver"), decision.reference, reason="Say more.", clock=clock
    )

    assert not may_mark(world, clock, "CPA1")
    with pytest.raises(Conflict):
        services.approve_interest_decision(world.actor("approver"), decision.reference, clock=clock)


def every_role(world, who):
    actor = world.actor(who)
    return actor.with_grants(
        [
            *actor.grants,
            *(
                Grant(role, actor.organisation, world.reference)
                for role in (Role.PROCUREMENT_LEAD, Role.APPROVER)
            ),
        ]
    )


def test_neither_the_person_concerned_nor_one_person_twice(world, clock):
    interest = declare(world, clock, bidder=0)
    concerned, lead = every_role(world, "e1"), every_role(world, "lead")
    for who in (concerned, world.actor("moderator"), world.actor("approver")):
        with pytest.raises(Forbidden):
            propose(world, clock, interest, actor=who)
    decision = propose(world, clock, interest, actor=lead)
    for who in (concerned, lead, world.actor("auditor")):
        with pytest.raises(Forbidden):
            services.approve_interest_decision(who, decision.reference, clock=clock)
        with pytest.raises(Forbidden):
            competition_services.send_back(who, decision.reference, reason="No.", clock=clock)
    assert not may_mark(world, clock, "CPA1")


def test_it_is_the_person_concerned_who_is_kept_out_whatever_the_interest_is_in(world, clock):
    """Also where the interest itself bears on nobody who bids, so that no conflict stands."""
    interest = declare(world, clock, who="approver", bidder=0)
    decide_by = every_role(world, "commercial")
    decision = propose(world, clock, interest)
    world.bidders[0].reference = "ORG-ELSEWHERE"

    with pytest.raises(Forbidden) as refusal:
        services.approve_interest_decision(world.actor("approver"), decision.reference, clock=clock)
    assert refusal.value.reason == "fails: not the person whom it concerns"
    services.approve_interest_decision(decide_by, decision.reference, clock=clock)


@pytest.mark.parametrize(
    ("bidder", "named", "field"),
    [
        (None, {}, "lots"),
        (None, {"lots": ["CPA9"]}, "lots"),
        (None, {"bidders": ["ORG-NOWHERE"]}, "bidders"),
        (0, {"bidders": ["ORG-NOWHERE"]}, "bidders"),
    ],
)
def test_a_part_is_named(world, clock, bidder, named, field):
    interest = declare(world, clock, bidder=bidder)

    with pytest.raises(BadInput) as refusal:
        propose(world, clock, interest, Outcome.PART, **named)

    assert refusal.value.field == field


def test_a_reason_is_needed_and_an_interest_of_the_competition(world, clock, session):
    interest = declare(world, clock, bidder=0)
    act = services.propose_interest_decision
    lead = world.actor("lead")
    with pytest.raises(BadInput) as refusal:
        act(lead, world.reference, interest.id, Outcome.LIFTED, reason=" ", clock=clock)
    assert refusal.value.field == "reason"
    other = world_at()
    with pytest.raises(NotFound):
        act(
            other.actor("lead"),
            other.reference,
            interest.id,
            Outcome.STAYS,
            reason="R",
            clock=clock,
        )


def test_both_halves_are_on_the_trail(world, clock):
    decision = decide(world, clock, declare(world, clock), Outcome.PART, lots=["CPA2"])

    found = audit_queries.page_of(competition_stream(world.reference), offset=0, limit=10)
    approved = next(row for row in found if row.event == "interest_decided")
    assert approved.actor == world.ref("approver")
    assert approved.subject == decision.reference
    assert approved.changes["person"] == world.ref("e1")
    assert approved.changes["outcome"] == "part"
    assert approved.changes["lots"] == ["CPA2"]
    assert approved.changes["proposed_by"] == world.ref("lead")
    assert approved.changes["reason"] == "It ended in 2004."


def test_a_proposal_stays_open_when_the_stage_moves_on(session, clock):
    world = world_at(Stage.PQQ_CLOSED)
    decision = propose(world, clock, declare(world, clock, who="a1"))
    world.competition.stage = Stage.PQQ_OPEN.value
    session.flush()
    competition_services.advance_stage(
        world.actor("lead"), world.competition, "pqq_deadline_passed", {}, at=clock.now()
    )

    assert open_decisions(world.competition) == [decision]


def test_an_assessor_whose_bar_is_lifted_is_given_parts_again(session, clock):
    world = world_at(Stage.PQQ_CLOSED)
    interest = declare(world, clock, who="a1")
    assign = (world.actor("lead"), world.reference, "Organisation", world.ref("a1"))
    with pytest.raises(BadInput):
        services.assign_part(*assign, clock=clock)
    decide(world, clock, interest)

    services.assign_part(*assign, clock=clock)

    assert bars_in(world.competition)[world.competition.id] == []


def test_a_lead_whose_bar_is_lifted_leads_again(session, clock):
    world = world_at(Stage.DRAFT)
    interest = declare(world, clock, who="commercial")
    told = queries.waiting_for(world.actor("lead"), clock.now())
    assert [item.detail for item in told if "declared interest" in item.title] == [
        "1 declaration is not decided."
    ]
    decide(world, clock, interest, Outcome.STAYS)
    told = queries.waiting_for(world.actor("lead"), clock.now())
    assert [item for item in told if "declared interest" in item.title] == []


@pytest.mark.parametrize(
    ("outcome", "bar"),
    [
        (None, Bar("P", "O")),
        ("stays", Bar("P", "O")),
        ("lifted", None),
        ("part", Bar("P", "O", frozenset({"L1"}), frozenset({"B1"}))),
    ],
)
def test_what_is_decided_says_what_bars(outcome, bar):
    decided = outcome and {"outcome": outcome, "lots": ["L1"], "bidders": ["B1"]}

    assert standing_bar("P", "O", decided) == bar
