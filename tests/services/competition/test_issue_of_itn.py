from __future__ import annotations

import json
from decimal import Decimal

import pytest
from sqlalchemy import select

from commissioning.competition import queries, services
from commissioning.competition.domain.frozen_model import ModelChanged
from commissioning.identity.models import RoleGrant
from commissioning.kernel.actor import Role
from commissioning.kernel.canonical import canonical_json
from commissioning.kernel.errors import (
    BadInputs,
    Conflict,
    IllegalTransition,
)
from commissioning.kernel.stage import Stage
from commissioning.permissions import Permission
from tests.factories import competition as tenders
from tests.factories.identity import OrganisationFactory, PersonFactory, actor_of
from tests.services.competition.acts import approve_itn, digest_of, mailed, propose_itn


def test_itn_is_issued_by_two_people_and_freezes_the_model(session, clock, recorded):
    tender = tenders.ready_for_itn(clock)
    decision = propose_itn(tender)
    with recorded() as events:
        competition = approve_itn(tender, decision)

    assert competition.stage == "itn_open"
    claimed, computed = digest_of(competition.model)
    assert claimed == computed == competition.model_sha256
    assert competition.model.encode() == canonical_json(json.loads(competition.model))
    assert queries.frozen_model(competition)["tie_seed"] == competition.tie_seed
    assert len(competition.tie_seed) == 32
    assert [event.event for event in events] == ["itn_issued"]
    assert events[0].changes["model_sha256"] == competition.model_sha256


def test_seed_of_the_ties_is_drawn_at_issue_and_differs(session, clock):
    first, second = tenders.itn_open(clock), tenders.itn_open(clock)

    assert first.row.tie_seed != second.row.tie_seed


def test_replay_can_hand_in_the_seed(session, clock):
    tender = tenders.ready_for_itn(clock)

    approve_itn(tender, propose_itn(tender), draw_seed=lambda: "from the seed file")

    assert tender.row.tie_seed == "from the seed file"


def test_frozen_model_is_what_is_compared_with_whatever_the_rows_say(session, clock):
    tender = tenders.itn_open(clock)
    published = queries.evaluation_model(tender.row)
    tender.row.lots[0].annual_value_pence = 1
    tender.row.criteria[0].weight = Decimal(99)
    session.flush()

    assert queries.evaluation_model(tender.row) == published
    assert published.lots[0].annual_value_pence == 10_000_000_00


@pytest.mark.parametrize("column", ["model", "model_sha256"])
def test_frozen_model_that_was_tampered_with_is_noticed(session, clock, column):
    tender = tenders.itn_open(clock)
    row = tender.row
    if column == "model":
        row.model = row.model.replace('"max_mark":4', '"max_mark":5')
    else:
        row.model_sha256 = "0" * 64

    for read in (queries.evaluation_model, queries.frozen_model):
        with pytest.raises(ModelChanged):
            read(row)


def test_notice_that_the_rows_left_is_noticed_before_the_itn(session, clock, refused):
    tender = tenders.ready_for_itn(clock)
    tender.row.lots[0].annual_value_pence += 1
    session.flush()

    with refused(BadInputs, field="notice", match="published notice"):
        propose_itn(tender)


def test_itn_waits_for_the_keys_and_their_rehearsal(session, clock, refused):
    tender = tenders.shortlisted(clock)
    with refused(BadInputs, field="key_holder", match="3 people .* 0 are named"):
        propose_itn(tender)
    ready = tenders.ready_for_itn(clock)
    ready.row.rehearsed_at = None
    with refused(BadInputs, field="rehearsal"):
        propose_itn(ready)
    ready.row.opening_keys_sha256 = None
    with refused(BadInputs, field="opening_keys"):
        propose_itn(ready)


def test_full_procedure_needs_five_key_holders(session, clock):
    tender = tenders.ready_for_itn(clock, profile="full")

    assert len(queries.key_holders(tender.row)) == 5
    assert queries.key_holders_needed(tender.row) == (5, 3)
    assert approve_itn(tender, propose_itn(tender)).stage == "itn_open"


def test_keys_that_fell_away_after_the_proposal_stop_the_issue(session, clock, refused):
    tender = tenders.ready_for_itn(clock)
    decision = propose_itn(tender)
    tender.row.opening_keys_sha256 = None
    session.flush()

    with refused(IllegalTransition, match="keys are not held"):
        approve_itn(tender, decision)


@pytest.mark.parametrize("change", ["other keys", "another holder"])
def test_keys_or_holders_changed_after_the_proposal_stop_the_issue(session, clock, refused, change):
    tender = tenders.ready_for_itn(clock)
    decision = propose_itn(tender)
    if change == "other keys":
        tender.row.opening_keys_sha256 = "0" * 64
    else:
        leaving = queries.key_holders(tender.row)[0]
        grant = session.scalar(
            select(RoleGrant).where(
                RoleGrant.user.has(reference=leaving), RoleGrant.role == "key_holder"
            )
        )
        joining = PersonFactory(organisation=grant.user.organisation)
        grant.user = joining
    session.flush()

    with refused(Conflict, match="changed since"):
        approve_itn(tender, decision)


def test_question_changed_after_the_proposal_stops_the_issue(session, clock, refused):
    tender = tenders.ready_for_itn(clock)
    decision = propose_itn(tender)
    services.save_criterion(
        tender.as_lead,
        tender.reference,
        criterion="C10",
        reference="C10",
        name="Mobilisation, transition and governance",
        weight=Decimal(5),
        minimum_mark=1,
        leaves=[services.LeafInput("C10", "Quite another question?", Decimal(5))],
        clock=clock,
    )

    with refused(Conflict, match="changed since"):
        approve_itn(tender, decision)


def test_one_person_does_not_issue_the_itn_alone(session, clock, forbidden):
    tender = tenders.ready_for_itn(clock)
    both = tender.member(Role.PROCUREMENT_LEAD, Role.APPROVER)
    decision = propose_itn(tender, actor=both)

    with forbidden(Permission.COMPETITION_APPROVE_ISSUE_ITN):
        approve_itn(tender, decision, actor=both)
    with forbidden(Permission.COMPETITION_APPROVE_ISSUE_ITN):
        approve_itn(tender, decision, actor=actor_of(tender.key_holders[0]))


def test_itn_is_told_to_the_admitted_and_to_nobody_else(session, clock):
    tender = tenders.ready_for_itn(clock)
    stranger = PersonFactory(organisation=OrganisationFactory())
    decision = propose_itn(tender)
    before = len(mailed())
    approve_itn(tender, decision)

    told = {message.recipient for message in mailed()[before:]}
    assert {person.email for person in tender.bidders} <= told
    assert stranger.email not in told
    assert tender.lead.email in told


def test_rows_of_a_stage_need_their_freeze(session, clock):
    from sqlalchemy.exc import IntegrityError

    tender = tenders.sound_draft(clock)
    tender.row.stage = Stage.PQQ_OPEN.value
    with pytest.raises(IntegrityError, match="notice_is_frozen"):
        session.flush()
    session.rollback()
