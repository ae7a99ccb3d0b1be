"""Every list page takes as many statements for 300 rows as for 3."""

from __future__ import annotations

import pytest

from commissioning.audit.domain.events import Event, Subject, organisation_stream
from commissioning.audit.services import record
from commissioning.award import queries as award_queries
from commissioning.award import services as award
from commissioning.award.domain.problem import parse_problem
from commissioning.award.domain.scenario import as_published
from commissioning.award.models import AwardWork
from commissioning.infrastructure import outbox
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Role
from commissioning.kernel.references import new_reference
from commissioning.kernel.stage import Stage
from tests.factories.award import priced_world
from tests.factories.competition import CompetitionFactory, TimetableEntryFactory
from tests.factories.evaluation import respond, world_at
from tests.factories.identity import (
    LONG_AGO,
    AdministratorFactory,
    OrganisationFactory,
    PersonFactory,
    actor_of,
)
from tests.factories.submission import add_bidder, contest
from tests.pages.more_rows import (
    decisions,
    documents,
    help_queue,
    interests,
    late_bids,
    outages,
    own_help,
    published,
    ties,
)
from tests.support.pages import client_of

SIZES = (3, 300)


def shape(rows):
    """Lots and bidders whose bids are so many rows."""
    lots, bidders = {3: (1, 3), 300: (10, 30)}[rows]
    return {"lots": tuple(f"L{place}" for place in range(1, lots + 1)), "bidders": bidders}


def marking(rows, clock, who="e1", *, rest="evaluation/marking"):
    world = world_at(**shape(rows))
    world.assign(clock)
    return world.actor(who), f"/competitions/{world.reference}/{rest}"


def progress(rows, clock):
    return marking(rows, clock, "lead", rest="evaluation/progress")


def sheet(rows, clock):
    world = world_at(lots=("L1",), bidders=rows)
    world.assign(clock)
    return world.actor("e1"), f"/competitions/{world.reference}/evaluation/sheets/L1/C1"


def assignments(rows, clock):
    return marking(rows, clock, "lead", rest="evaluation/assignments")


def quality_lock(rows, clock):
    return marking(rows, clock, "lead", rest="evaluation/quality-lock")


def consensus(rows, clock):
    world = world_at(lots=("L1",), bidders=rows)
    world.assign(clock)
    world.submit(clock, "e1", "e2", "e3", lot="L1", criterion="C1")
    return world.actor("moderator"), f"/competitions/{world.reference}/evaluation/consensus/L1/C1"


def selection(rows, clock, *, rest="selection"):
    world = world_at(Stage.PQQ_CLOSED)
    for _ in range(rows):
        respond(world)
    return world.actor("lead"), f"/competitions/{world.reference}/{rest}"


def outcomes(rows, clock):
    return selection(rows, clock, rest="selection/outcomes")


def shortlist(rows, clock):
    return selection(rows, clock, rest="selection/shortlist")


def priced(rows, who="commercial", *, rest):
    form = shape(rows)
    prices = {
        (lot, place): 100_000_00 + 1_000 * place
        for lot in form["lots"]
        for place in range(1, form["bidders"] + 1)
    }
    world = priced_world(prices, **form)
    return world, world.actor(who), f"/competitions/{world.reference}/{rest}"


def ranking(rows, clock):
    return priced(rows, rest="evaluation/ranking")[1:]


def prices(rows, clock):
    return priced(rows, rest="evaluation/prices")[1:]


def points(rows, clock):
    return priced(rows, "approver", rest="evaluation/points")[1:]


def award_page(rows, clock):
    world, actor, path = priced(rows, rest="award")
    award.solve_award(actor, world.reference, clock=clock)
    return actor, path


def scenarios(rows, clock):
    """As many as a competition may have, each with an answer of its own."""
    world, actor, path = priced(3, rest="award/scenarios")
    wanted = as_published(parse_problem(award_queries.problem_of_record(world.competition)))
    for number in range(min(rows, 50)):
        name = f"Scenario {number}"
        made = award.make_scenario(actor, world.reference, name, wanted, clock=clock)
        db.session.add(
            AwardWork(
                reference=new_reference("WRK"),
                competition=world.competition,
                scenario=made,
                problem="{}",
                problem_sha256="0" * 64,
                status="stopped",
                asked_by=actor.reference,
                asked_at=LONG_AGO,
                seen_at=LONG_AGO,
                ended_at=LONG_AGO,
            )
        )
    return actor, path


def preferred(rows, clock):
    world, actor, _ = priced(rows, rest="award")
    run = award.solve_award(actor, world.reference, clock=clock)
    award.recommend_award(actor, run.reference, "The optimum.", clock=clock)
    award.approve_award(world.actor("approver"), world.reference, "Checked.", clock=clock)
    award.announce_preferred_bidders(world.actor("lead"), world.reference, clock=clock)
    return actor, f"/competitions/{world.reference}/preferred-bidders"


def tenders(rows, clock):
    bidder = PersonFactory(roles=[Role.BID_MANAGER])
    for _ in range(rows):
        TimetableEntryFactory(competition=CompetitionFactory(stage="pqq_open"))
    return actor_of(bidder), "/tenders"


def own_bids(rows, clock):
    made = contest(lots=rows, bidders=0)
    return add_bidder(made).actor, f"/competitions/{made.reference}/bids"


def organisations(rows, clock):
    OrganisationFactory.create_batch(rows)
    return actor_of(AdministratorFactory()), "/organisations"


def own_people(rows, clock):
    manager = PersonFactory(roles=[Role.BID_MANAGER])
    # people are hashed one by one, so that fewer of them have to do
    PersonFactory.create_batch(min(rows, 30), organisation=manager.organisation)
    return actor_of(manager), f"/organisations/{manager.organisation.reference}"


def own_trail(rows, clock):
    manager = PersonFactory(roles=[Role.BID_MANAGER])
    stream = organisation_stream(manager.organisation.reference)
    for _ in range(rows):
        subject = Subject("person", manager.reference)
        record(actor_of(manager), Event.SIGNED_IN, subject, {}, at=LONG_AGO, stream=stream)
    return actor_of(manager), f"/organisations/{manager.organisation.reference}/trail"


def competition_trail(rows, clock):
    world = world_at(lots=tuple(f"L{place}" for place in range(1, rows + 1)), bidders=1)
    for lot in world.lots:
        subject = Subject("lot", lot.reference)
        record(
            world.actor("lead"),
            Event.LOT_FOUND_WITH_BIDS,
            subject,
            {"to": "evaluated"},
            at=LONG_AGO,
            stream=f"competition:{world.reference}",
        )
    return world.actor("lead"), f"/competitions/{world.reference}/trail"


def dashboard(rows, clock):
    world = world_at(**shape(rows))
    world.assign(clock)
    return world.actor("e1"), "/dashboard"


def mail(rows, clock):
    for number in range(rows):
        outbox.post(f"person{number}@people.example", "Subject", "Body", at=LONG_AGO)
    return actor_of(PersonFactory()), "/demonstration/outbox"


KINDS = {
    "evaluation.marking": marking,
    "evaluation.progress": progress,
    "evaluation.sheet": sheet,
    "evaluation.consensus": consensus,
    "evaluation.assignments": assignments,
    "evaluation.interests": interests,
    "evaluation.quality_lock": quality_lock,
    "evaluation.selection": selection,
    "evaluation.outcomes": outcomes,
    "evaluation.shortlist": shortlist,
    "evaluation.ranking": ranking,
    "evaluation.prices": prices,
    "evaluation.points": points,
    "award.show": award_page,
    "award.preferred": preferred,
    "award.scenarios": scenarios,
    "submission.tenders": tenders,
    "submission.bids": own_bids,
    "submission.late_bids": late_bids,
    "submission.help_requests": help_queue,
    "submission.ask_for_help": own_help,
    "submission.failing_service": outages,
    "competition.decisions": decisions,
    "competition.documents": documents,
    "competition.published": published,
    "competition.ties": ties,
    "competition.trail": competition_trail,
    "identity.organisations": organisations,
    "identity.organisation": own_people,
    "identity.organisation_trail": own_trail,
    "identity.outbox": mail,
    "dashboard.home": dashboard,
}
"""By endpoint: makes so many rows, and gives who reads them where."""


@pytest.mark.parametrize("endpoint", KINDS)
def test_three_rows_and_three_hundred_take_as_many_statements(
    make_app, clock, statements, endpoint
):
    kind = KINDS[endpoint]
    counted = {}
    for rows in SIZES:
        app = make_app(is_demo=kind is mail)
        with app.app_context():
            actor, path = kind(rows, clock)
            db.session.commit()
        assert app.url_map.bind("").match(path)[0] == endpoint
        client = client_of(app, actor)
        assert client.get(path).status_code == 200  # what is read once for all is read
        with statements() as sent:
            assert client.get(path).status_code == 200
        counted[rows] = list(sent)

    few, many = (counted[rows] for rows in SIZES)
    more = [statement for statement in many if many.count(statement) > few.count(statement)]
    assert len(few) == len(many) > 0, more[:3]
