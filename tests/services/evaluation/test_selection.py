from __future__ import annotations

import pytest
from sqlalchemy import select

from commissioning.audit import queries as audit_queries
from commissioning.audit.domain.events import competition_stream
from commissioning.competition import queries as competition_queries
from commissioning.evaluation import queries, services
from commissioning.evaluation.models import PartAssessment, PartAssignment, SelectionOutcome
from commissioning.infrastructure.outbox import OutboxMessage
from commissioning.kernel.errors import (
    BadInput,
    BadInputs,
    Conflict,
    Forbidden,
    IllegalTransition,
    NotFound,
)
from commissioning.kernel.stage import Stage
from tests.factories.evaluation import respond, world_at
from tests.factories.identity import PersonFactory

PARTS = ("Organisation", "Declarations", "Experience")
GOOD = {
    "Organisation": {},
    "Declarations": {},
    "Experience": {"Q3": {"result": "noted", "score": 3}, "Q4": {"result": "pass"}},
}


@pytest.fixture
def world(session, clock):
    world = world_at(Stage.PQQ_CLOSED)
    respond(world)
    return world


def give_parts(world, clock, assessor="a1", parts=PARTS):
    for part in parts:
        services.assign_part(
            world.actor("lead"), world.reference, part, world.ref(assessor), clock=clock
        )


def assess(world, clock, part="Experience", findings=None, *, by="a1", response=None, reason="Ok."):
    return services.assess_part(
        world.actor(by),
        (response or world.responses[0]).reference,
        part,
        findings=GOOD[part] if findings is None else findings,
        reason=reason,
        clock=clock,
    )


def assess_everything(world, clock, **findings):
    give_parts(world, clock)
    for response in world.responses:
        for part in PARTS:
            assess(
                world,
                clock,
                part,
                findings.get(response.reference.replace("-", "_"), {}).get(part),
                response=response,
            )


def approve(world, clock, by="approver"):
    decision = services.propose_shortlist(world.actor("lead"), world.reference, clock=clock)
    return services.approve_shortlist(world.actor(by), decision.reference, clock=clock)


# Parts


def test_lead_gives_parts_to_assessors(world, session, clock):
    give_parts(world, clock)

    assert {(r.part, r.assessor) for r in session.scalars(select(PartAssignment))} == {
        (part, world.ref("a1")) for part in PARTS
    }
    with pytest.raises(Forbidden):
        services.assign_part(
            world.actor("a1"), world.reference, "Experience", world.ref("a2"), clock=clock
        )


@pytest.mark.parametrize(
    ("part", "assessor", "field"),
    [
        ("Finance", "a1", "part"),
        ("Experience", "e1", "assessor"),
        ("Experience", "lead", "assessor"),
    ],
)
def test_part_and_assessor_must_exist(world, clock, part, assessor, field):
    with pytest.raises(BadInput) as refusal:
        services.assign_part(
            world.actor("lead"), world.reference, part, world.ref(assessor), clock=clock
        )
    assert refusal.value.field == field


def test_part_is_given_once_and_never_to_whoever_has_an_interest(world, clock):
    give_parts(world, clock)
    with pytest.raises(BadInput, match="already has this part"):
        give_parts(world, clock)
    services.declare_interest(
        world.actor("a2"), world.reference, organisation=None, statement="A share.", clock=clock
    )
    with pytest.raises(BadInput, match="declared an interest"):
        give_parts(world, clock, "a2")


# Assessment


def test_findings_are_kept_with_who_why_and_when(world, clock):
    give_parts(world, clock)
    row = assess(world, clock)

    assert row.findings == {
        "Q3": {"result": "pass", "score": 3},
        "Q4": {"result": "pass", "score": None},
    }
    assert (row.assessor, row.reason, row.assessed_at) == (world.ref("a1"), "Ok.", clock.now())
    last = list(audit_queries.links(competition_stream(world.reference)))[-1]
    assert last.event == "pqq_part_assessed"
    assert last.changes["before_sha256"] is None


def test_assessment_made_again_keeps_the_digest_of_the_one_before(world, session, clock):
    give_parts(world, clock)
    assess(world, clock)
    first = list(audit_queries.links(competition_stream(world.reference)))[-1]
    assess(world, clock, findings={"Q3": {"result": "fail", "score": 1}, "Q4": {"result": "fail"}})

    assert len(session.scalars(select(PartAssessment)).all()) == 1
    last = list(audit_queries.links(competition_stream(world.reference)))[-1]
    assert last.changes["before_sha256"] == first.changes["sha256"]


def test_answer_decides_by_the_published_rule(world, clock):
    bad = respond(world, answers={"Q2": "yes"})
    give_parts(world, clock)

    assert assess(world, clock, "Declarations").findings["Q2"]["result"] == "pass"
    assert assess(world, clock, "Declarations", response=bad).findings["Q2"]["result"] == "fail"
    with pytest.raises(BadInputs, match="By the published rule"):
        assess(world, clock, "Declarations", {"Q2": {"result": "pass"}}, response=bad)


@pytest.mark.parametrize(
    ("findings", "fields"),
    [
        ({}, ["Q3", "Q4"]),
        ({"Q3": {"result": "noted", "score": 5}, "Q4": {"result": "pass"}}, ["Q3"]),
        ({"Q3": {"result": "noted", "score": -1}, "Q4": {"result": "pass"}}, ["Q3"]),
        ({"Q3": {"result": "noted", "score": True}, "Q4": {"result": "pass"}}, ["Q3"]),
        ({"Q3": {"result": "noted", "score": 3}, "Q4": {"result": "noted"}}, ["Q4"]),
        ({"Q3": {"result": "noted", "score": 3}, "Q4": {"result": "pass", "score": 1}}, ["Q4"]),
        (GOOD["Experience"] | {"Q1": {"result": "noted"}}, ["Q1"]),
        (GOOD["Experience"] | {"Q4": {"result": "maybe"}}, ["Q4"]),
    ],
)
def test_every_question_of_the_part_needs_its_finding(world, session, clock, findings, fields):
    give_parts(world, clock)
    with pytest.raises(BadInputs) as refusal:
        assess(world, clock, findings=findings)
    assert [field for field, _ in refusal.value.problems] == fields
    assert session.scalars(select(PartAssessment)).all() == []


def test_findings_need_a_reason(world, clock):
    give_parts(world, clock)
    with pytest.raises(BadInputs) as refusal:
        assess(world, clock, reason=" ")
    assert [field for field, _ in refusal.value.problems] == ["reason"]


def test_question_for_information_is_neither_passed_nor_failed(world, clock):
    give_parts(world, clock)
    with pytest.raises(BadInputs, match="for information"):
        assess(world, clock, "Organisation", {"Q1": {"result": "fail"}})
    assert assess(world, clock, "Organisation").findings == {
        "Q1": {"result": "noted", "score": None}
    }


def test_only_the_assessor_of_the_part_assesses_it(world, clock):
    give_parts(world, clock, parts=("Experience",))
    for person, part in (("a2", "Experience"), ("a1", "Declarations"), ("lead", "Experience")):
        with pytest.raises(Forbidden):
            assess(world, clock, part, by=person)


def test_interest_in_a_bidder_ends_the_assessment_of_its_response_only(world, clock):
    other = respond(world)
    give_parts(world, clock)
    services.declare_interest(
        world.actor("a1"),
        world.reference,
        organisation=other.organisation.reference,
        statement="A share.",
        clock=clock,
    )

    with pytest.raises(Forbidden):
        assess(world, clock, response=other)
    assert assess(world, clock)


def test_response_is_out_of_reach_before_the_closing_and_as_a_draft(world, session, clock):
    give_parts(world, clock)
    draft = respond(world, status="draft")
    with pytest.raises(NotFound):
        assess(world, clock, response=draft)
    world.competition.stage = Stage.PQQ_OPEN.value
    session.flush()
    with pytest.raises(NotFound):
        assess(world, clock)


# The shortlist


def test_outcome_follows_from_findings_and_funding_lot_by_lot(world, session, clock):
    world.lots[1].annual_value_pence = 4_000_000_000
    poor = respond(world, funding_pence=999_999_999)
    failing = respond(world, answers={"Q2": "yes"}, funding_pence=10_000_000_000)
    session.flush()
    assess_everything(world, clock)

    found = {o.response.reference: o for o in queries.outcomes(world.competition)}

    good = found[world.responses[0].reference]
    assert [(lot.lot, lot.passed) for lot in good.lots] == [("CPA1", True), ("CPA2", False)]
    assert good.lots[1].reasons == (
        "Funding proved is £10,000,000.00; CPA2 needs at least £20,000,000.00.",
    )
    assert [lot.passed for lot in found[poor.reference].lots] == [False, False]
    assert {lot.reasons for lot in found[failing.reference].lots} == {("Q2 is failed.",)}


def test_shortlist_waits_for_every_part_and_names_what_is_missing(world, clock):
    give_parts(world, clock)
    assess(world, clock)
    name = world.responses[0].organisation.name
    with pytest.raises(IllegalTransition, match=f"{name}: Organisation, Declarations"):
        services.propose_shortlist(world.actor("lead"), world.reference, clock=clock)


def test_shortlist_by_two_admits_keeps_reasons_and_moves_on(world, session, clock):
    failing = respond(world, answers={"Q2": "yes"})
    for response in world.responses:
        PersonFactory(organisation=response.organisation)
    assess_everything(world, clock)

    approve(world, clock)

    passing = world.responses[0].organisation
    assert world.competition.stage == Stage.SHORTLISTED
    admitted = competition_queries.admissions_of(world.competition)
    assert [(a.lot.reference, a.organisation_id, a.proved_funding_pence) for a in admitted] == [
        ("CPA1", passing.id, 1_000_000_000),
        ("CPA2", passing.id, 1_000_000_000),
    ]
    kept = session.scalars(select(SelectionOutcome)).all()
    assert {(o.passed, tuple(o.reasons)) for o in kept} == {
        (True, ()),
        (False, ("Q2 is failed.",)),
    }
    rows = queries.outcome_rows_of(world.competition, failing.organisation)
    assert [row.lot.reference for row in rows] == ["CPA1", "CPA2"]
    told = [m for m in session.scalars(select(OutboxMessage)) if "outcome" in m.subject]
    assert len(told) == 2
    assert len({m.body for m in told}) == 1


def test_second_person_decides_the_shortlist(world, clock):
    assess_everything(world, clock)
    decision = services.propose_shortlist(world.actor("lead"), world.reference, clock=clock)
    for person in ("lead", "a1", "commercial", "auditor"):
        with pytest.raises(Forbidden):
            services.approve_shortlist(world.actor(person), decision.reference, clock=clock)
    assert world.competition.stage == Stage.PQQ_CLOSED
    for person in ("approver", "a1"):
        with pytest.raises(Forbidden):
            services.propose_shortlist(world.actor(person), world.reference, clock=clock)


def test_findings_that_change_after_the_proposal_stop_the_shortlist(world, session, clock):
    assess_everything(world, clock)
    decision = services.propose_shortlist(world.actor("lead"), world.reference, clock=clock)
    assess(world, clock, findings={"Q3": {"result": "noted", "score": 0}, "Q4": {"result": "pass"}})

    with pytest.raises(Conflict, match="changed since"):
        services.approve_shortlist(world.actor("approver"), decision.reference, clock=clock)
    assert session.scalars(select(SelectionOutcome)).all() == []


def test_assessment_ends_with_the_shortlist(world, clock):
    assess_everything(world, clock)
    approve(world, clock)
    with pytest.raises(Forbidden):
        assess(world, clock)
