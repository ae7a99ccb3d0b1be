"""The first page takes as many statements for many competitions as for a few, at every stage."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from commissioning.award.models import AwardRun
from commissioning.competition.models import Admission, Decision, Interest, InvitationChange
from commissioning.evaluation.models import Assignment, PartAssignment
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import AUTHORITY_ROLES, Actor, Grant, Role
from commissioning.kernel.references import new_reference
from commissioning.kernel.stage import Stage
from commissioning.submission.models import HelpRequest, HolderReplacement, Receipt
from tests.factories.competition import TimetableEntryFactory
from tests.factories.evaluation import respond, world_at
from tests.factories.identity import LONG_AGO, PersonFactory, actor_of
from tests.support.pages import client_of

ME = "USR-ME"
DONE = Stage.PREFERRED_BIDDERS
STAGES = [stage for stage in Stage if 0 <= stage.position <= DONE.position]
DEADLINES = ("pqq_deadline", "itn_deadline")


def filled(stage, clock):
    """A competition at a stage, with one row of everything that a dashboard asks for."""
    world = world_at(stage, lots=("L1",), bidders=2, team={"lead": [Role.PROCUREMENT_LEAD]})
    row = world.competition
    for event in DEADLINES:
        TimetableEntryFactory(competition=row, event=event, instant=clock.now().replace(year=2027))
    about = {"competition_id": row.id}
    decision = Decision(
        **about,
        reference=new_reference("DEC"),
        event="terminated",
        proposed_by=world.ref("lead"),
        proposed_at=LONG_AGO,
    )
    interest = {"organisation": world.bidders[0].reference, "statement": "S.", **about}
    db.session.add_all(
        [
            decision,
            Interest(person=world.ref("lead"), declared_at=LONG_AGO, **interest),
            HelpRequest(
                **about,
                reference=new_reference("HLP"),
                organisation_id=world.bidders[0].id,
                idempotency_key=new_reference("KEY"),
                text="Help.",
                asked_by="USR-TEST",
                asked_at=LONG_AGO,
            ),
            HolderReplacement(
                **about,
                reference=new_reference("REP"),
                leaving="USR-A",
                joining="USR-B",
                reason="Left.",
                proposed_by="USR-TEST",
                proposed_at=LONG_AGO,
            ),
            PartAssignment(**about, part="Organisation", assessor=ME, assigned_at=LONG_AGO),
        ]
    )
    if stage.is_at_or_after(Stage.PQQ_CLOSED):
        respond(world)
    for criterion, role in zip(row.criteria, (Role.EVALUATOR, Role.MODERATOR), strict=True):
        db.session.add(
            Assignment(
                **about,
                lot_id=world.lots[0].id,
                criterion_id=criterion.id,
                person=ME,
                role=role.value,
                assigned_by="USR-TEST",
                assigned_at=LONG_AGO,
            )
        )
    if stage is Stage.AWARD_RECOMMENDED:
        db.session.add(
            AwardRun(
                **about,
                reference=new_reference("AWD"),
                status="recommended",
                model_sha256="0" * 64,
                ties_version=1,
                problem="{}",
                problem_sha256="0" * 64,
                answer="{}",
                solved_by="USR-TEST",
                solved_at=LONG_AGO,
                proposed_by="USR-TEST",
                proposed_at=LONG_AGO,
            )
        )
    db.session.flush()
    return world


def of_the_team(worlds):
    """Somebody who has every role on all of them, as no person may: all that waits for anybody."""
    authority = worlds[0].people["lead"].organisation.reference
    grants = [Grant(role, authority, each.reference) for role in AUTHORITY_ROLES for each in worlds]
    return Actor(ME, "Max", authority, frozenset(grants))


def of_the_authority(worlds):
    """A lead of every authority: for whom a competition waits that no lead can act for."""
    grants = [
        Grant(Role.PROCUREMENT_LEAD, each.people["lead"].organisation.reference) for each in worlds
    ]
    return Actor(ME, "Max", grants[0].organisation, frozenset(grants))


def of_the_platform(worlds):
    return Actor(ME, "Max", "ORG-PLATFORM", frozenset({Grant(Role.ADMINISTRATOR, "ORG-PLATFORM")}))


def of_a_bidder(worlds):
    """A bidder that takes part in all of them, with a bid that an older version covers."""
    person = PersonFactory(roles=[Role.BID_MANAGER, Role.SIGNATORY])
    for world in worlds:
        stage = Stage(world.competition.stage)
        if not stage.is_at_or_after(Stage.SHORTLISTED):
            continue
        admission = db.session.scalars(
            select(Admission).where(Admission.competition_id == world.competition.id)
        ).first()
        admission.organisation = person.organisation
        for bid in world.bids[:1]:
            bid.organisation = person.organisation
            db.session.add(
                Receipt(
                    reference=new_reference("REC"),
                    bid=bid,
                    idempotency_key="1",
                    body="{}",
                    received_at=LONG_AGO,
                )
            )
    db.session.flush()
    return actor_of(person)


def changed(worlds):
    """A second version of each invitation, which no bid of before covers."""
    for world in worlds:
        decision = db.session.scalars(
            select(Decision).where(Decision.competition_id == world.competition.id)
        ).first()
        db.session.add(
            InvitationChange(
                reference=new_reference("CHG"),
                competition_id=world.competition.id,
                version=2,
                title="Question 1",
                file_name="q.pdf",
                media_type="application/pdf",
                size_bytes=1,
                sha256="0" * 64,
                store_key="0" * 32,
                summary="S.",
                alters_form=True,
                status="published",
                drafted_by="USR-TEST",
                drafted_at=LONG_AGO,
                decision=decision,
                published_at=LONG_AGO.replace(year=2025),
            )
        )
    db.session.flush()


WHO = [of_the_team, of_the_authority, of_the_platform, of_a_bidder]


@pytest.mark.parametrize("who", WHO, ids=lambda who: who.__name__)
@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.value)
def test_the_dashboard_of_many_competitions_takes_as_many_statements(
    make_app, clock, statements, stage, who
):
    counted, shown = [], []
    for number in (2, 5):
        app = make_app()
        with app.app_context():
            worlds = [filled(stage, clock) for _ in range(number)]
            if stage.is_at_or_after(Stage.ITN_OPEN):
                changed(worlds)
            actor = who(worlds)
            db.session.commit()
        client = client_of(app, actor)
        assert client.get("/dashboard").status_code == 200  # what is read once for all is read
        with statements() as sent:
            page = client.get("/dashboard")
        counted.append(list(sent))
        shown.append(page.get_data(as_text=True).count("/competitions/"))

    few, many = counted
    more = [statement for statement in many if many.count(statement) > few.count(statement)]
    assert len(few) == len(many) > 0, more[:3]
    if who is of_the_team:
        assert shown[1] > shown[0]
