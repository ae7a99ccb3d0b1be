"""More rows for the list pages: what is decided, published, declared and asked."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise

from commissioning.competition import queries as competition_queries
from commissioning.competition.domain.frozen_model import notice_dict
from commissioning.competition.domain.ties import Act, Correction, TiesOfRecord
from commissioning.competition.models import (
    Decision,
    DocumentVersion,
    Interest,
    TenderDocument,
    TieRecord,
)
from commissioning.identity import queries as identities
from commissioning.identity.domain.ties import TieKind
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Role
from commissioning.kernel.canonical import canonical_json
from commissioning.kernel.references import new_reference
from commissioning.kernel.stage import Stage
from commissioning.submission.models import HelpRequest, LateBid, Receipt
from tests.factories.competition import TimetableEntryFactory
from tests.factories.evaluation import world_at
from tests.factories.identity import (
    LONG_AGO,
    AdministratorFactory,
    OrganisationFactory,
    actor_of,
    team_member,
)
from tests.factories.infrastructure import OutageFactory
from tests.factories.submission import add_bidder, contest


def late_bids(rows, clock):
    world = world_at(Stage.ITN_CLOSED, lots=("L1",), bidders=rows)
    TimetableEntryFactory(competition=world.competition, event="itn_deadline", instant=LONG_AGO)
    decision = decided(world, 1, event="late_bid_decided", payload={"verdict": "accept"})[0]
    for bid in world.bids:
        receipt = Receipt(
            reference=new_reference("REC"),
            bid=bid,
            idempotency_key="1",
            body="{}",
            received_at=LONG_AGO,
        )
        sealed = dict.fromkeys(("sealed_quality", "sealed_price", "own_quality", "own_price"), b"")
        digests = {"quality_sha256": "0" * 64, "price_sha256": "0" * 64}
        late = {"reason": "The line failed.", "received_at": LONG_AGO}
        db.session.add(
            LateBid(
                reference=new_reference("LAT"),
                bid=bid,
                receipt=receipt,
                decision=decision,
                **late,
                **sealed,
                **digests,
            )
        )
    return world.actor("approver"), f"/competitions/{world.reference}/late-bids"


def decided(world, number, event="deadline_extended", **changes):
    made = [
        Decision(
            reference=new_reference("DEC"),
            competition=world.competition,
            event=event,
            status="sent_back",
            proposed_by=world.ref("lead"),
            proposed_at=LONG_AGO,
            decided_by=world.ref("approver"),
            decided_at=LONG_AGO,
            **changes,
        )
        for _ in range(number)
    ]
    db.session.add_all(made)
    return made


def decisions(rows, clock):
    world = world_at(Stage.ITN_CLOSED, lots=("L1",), bidders=1)
    decided(world, rows)
    return world.actor("lead"), f"/competitions/{world.reference}/decisions"


def documents(rows, clock, *, who="lead", rest="documents"):
    world = world_at(Stage.ITN_OPEN, lots=("L1",), bidders=1)
    for number in range(rows):
        document = TenderDocument(
            reference=new_reference("DOC"),
            competition=world.competition,
            title=f"Document {number}",
            part="itn",
        )
        db.session.add(
            DocumentVersion(
                document=document,
                version=1,
                file_name="a.pdf",
                media_type="application/pdf",
                size_bytes=1,
                sha256="0" * 64,
                store_key="0" * 32,
                added_by="USR-TEST",
                added_at=LONG_AGO,
            )
        )
    return world.actor(who), f"/competitions/{world.reference}/{rest}"


def published(rows, clock):
    reader, path = documents(rows, clock, rest="published")
    row = competition_queries.competition_by_reference(path.split("/")[2])
    notice = notice_dict(competition_queries.drafted_model(row))
    row.notice, row.notice_sha256 = canonical_json(notice).decode(), notice["sha256"]
    return reader, path


def interests(rows, clock):
    world = world_at(Stage.ITN_CLOSED, lots=("L1",), bidders=rows)
    for bidder in world.bidders:
        db.session.add(
            Interest(
                competition_id=world.competition.id,
                person=world.ref("e1"),
                organisation=bidder.reference,
                statement="I worked there.",
                declared_at=LONG_AGO,
            )
        )
    return world.actor("lead"), f"/competitions/{world.reference}/evaluation/interests"


def ties(rows, clock):
    world = world_at(Stage.ITN_CLOSED, lots=("L1",), bidders=rows + 1)
    for version, (first, second) in enumerate(pairwise(world.bidders), start=2):
        correction = Correction(Act.PUT, TieKind.OWNERSHIP, first.reference, second.reference)
        payload = correction.to_dict()
        decision = decided(world, 1, event="ties_corrected", payload=payload)[0]
        held = TiesOfRecord(((first.reference, second.reference),)).to_dict()
        db.session.add(
            TieRecord(
                competition_id=world.competition.id,
                version=version,
                content=json.dumps(held),
                sha256="0" * 64,
                decision=decision,
                kept_at=LONG_AGO,
            )
        )
    return world.actor("lead"), f"/competitions/{world.reference}/ties"


def help_queue(rows, clock):
    made = contest(bidders=0)
    bidders = OrganisationFactory.create_batch(rows)
    for bidder in bidders:
        ask(made.row, bidder)
    officer = team_member(made.authority, made.reference, Role.DUTY_OFFICER)
    return actor_of(officer), f"/competitions/{made.reference}/help-requests"


def own_help(rows, clock):
    made = contest(bidders=0)
    bidder = add_bidder(made).actor
    organisation = identities.organisation_by_reference(bidder.organisation)
    for _ in range(rows):
        ask(made.row, organisation)
    return bidder, f"/competitions/{made.reference}/help"


def ask(competition, organisation):
    db.session.add(
        HelpRequest(
            reference=new_reference("HLP"),
            competition=competition,
            organisation=organisation,
            idempotency_key=new_reference("KEY"),
            text="The page does not load.",
            asked_by="USR-TEST",
            asked_at=LONG_AGO,
        )
    )


def outages(rows, clock):
    for number in range(rows):
        began = LONG_AGO + timedelta(days=number)
        OutageFactory(started_at=began, ended_at=began + timedelta(minutes=30))
    return actor_of(AdministratorFactory()), "/help/deadlines"
