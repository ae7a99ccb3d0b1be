"""Nobody is shown a link that leads them nowhere: every role of a competition, stage by stage."""

from __future__ import annotations

import pytest

from commissioning.competition import services as competitions
from commissioning.competition.domain.frozen_model import notice_dict
from commissioning.competition.queries.model import drafted_model
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Role
from commissioning.kernel.canonical import canonical_json
from commissioning.kernel.stage import Stage
from commissioning.submission.services.closing import close_round
from tests.factories import competition as tenders
from tests.factories.award import priced_world
from tests.factories.competition import TimetableEntryFactory
from tests.factories.evaluation import respond, world_at
from tests.factories.identity import OrganisationFactory, PersonFactory, actor_of
from tests.pages.award.test_award_pages import announced
from tests.support.crawling import dead_links
from tests.support.pages import client_of
from tests.support.visits import Site

DEPTH = 2
ROLES = (
    Role.PROCUREMENT_LEAD,
    Role.APPROVER,
    Role.COMMERCIAL_OFFICER,
    Role.KEY_HOLDER,
    Role.EVALUATOR,
    Role.MODERATOR,
    Role.ASSESSOR,
    Role.AUDITOR,
)
PROPOSED = {
    Stage.PQQ_CLOSED: "shortlist_confirmed",
    Stage.ITN_CLOSED: "late_bid_decided",
    Stage.QUALITY_EVALUATION: "quality_locked",
}
PRICES = {(lot, place): 500_00 for lot in ("CPA1", "CPA2") for place in (1, 2)}


def follow(app, reference, actors):
    """Everybody follows what they are shown, from the first pages on: each dead link, and whose."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, actor in actors.items():
        client = app.test_client() if actor is None else client_of(app, actor)
        starts = ["/"] if actor is None else ["/", "/tenders" if name == "bidder" else "/account"]
        for link in dead_links(client, [*starts, f"/competitions/{reference}"], depth=DEPTH):
            found.setdefault(link, []).append(name)
    return [f"{page} -> {link}: {who}" for (page, link), who in sorted(found.items())]


def team_of(authority, reference):
    """Somebody in each role of the team."""
    return {
        role.value: actor_of(
            PersonFactory(organisation=authority, roles=[role], competition=reference)
        )
        for role in ROLES
    } | {
        "auditor of the authority": actor_of(
            PersonFactory(organisation=authority, roles=[Role.AUDITOR])
        ),
        "public": None,
    }


def proposed_draft(clock):
    tender = tenders.sound_draft(clock)
    competitions.propose_pqq_issue(tender.as_lead, tender.reference, clock=clock)
    return tender


def pqq_being_extended(clock):
    tender = tenders.pqq_open(clock)
    competitions.propose_extension(
        tender.as_lead,
        tender.reference,
        deadline="2026-04-20 12:00",
        reason="More time.",
        clock=clock,
    )
    return tender


@pytest.mark.parametrize(
    "build", [proposed_draft, pqq_being_extended, tenders.ready_for_itn, tenders.itn_open]
)
def test_links_lead_somewhere_while_it_is_set_up_and_open(app, clock, unit_of_work, build):
    with unit_of_work():
        tender = build(clock)
        actors = team_of(tender.authority, tender.reference)
        actors["lead"] = tender.as_lead
        bidder = tender.bidders[0] if tender.bidders else PersonFactory()
        actors["bidder"] = actor_of(bidder)
        actors["registered"] = actor_of(PersonFactory(organisation=OrganisationFactory()))
        reference = tender.reference

    assert follow(app, reference, actors) == []


def published(world, clock):
    """The notice as the issue of the PQQ leaves it, and the closing of the round."""
    notice = notice_dict(drafted_model(world.competition))
    world.competition.notice = canonical_json(notice).decode()
    world.competition.notice_sha256 = notice["sha256"]
    if world.competition.stage != Stage.PQQ_CLOSED.value:
        close_round(world.competition, at=clock.now())
    db.session.flush()


def actors_of(site):
    return site._actors | {"public": None}


@pytest.mark.parametrize("stage", [Stage.PQQ_CLOSED, Stage.ITN_CLOSED, Stage.QUALITY_EVALUATION])
def test_links_lead_somewhere_while_it_is_evaluated(app, clock, stage):
    def prepare(world):
        published(world, clock)
        if stage is Stage.PQQ_CLOSED:
            TimetableEntryFactory(competition=world.competition, instant=clock.now())
            respond(world)
        if stage is Stage.QUALITY_EVALUATION:
            world.assign(clock)
        if stage in PROPOSED:
            # What two people decide elsewhere, on a page that few of the team may read.
            event, lead = PROPOSED[stage], world.actor("lead")
            competitions.open_decision(lead, world.competition, event, clock=clock)

    site = Site(app, clock, world_at).make(stage, prepare)

    assert follow(app, site.reference, actors_of(site)) == []


def test_links_lead_somewhere_from_the_award_on(app, clock):
    site = Site(app, clock, lambda _stage, **changes: priced_world(PRICES, **changes))
    site.make(prepare=lambda world: published(world, clock))
    assert follow(app, site.reference, actors_of(site)) == []

    assert announced(site).status_code == 303
    assert follow(app, site.reference, actors_of(site)) == []
