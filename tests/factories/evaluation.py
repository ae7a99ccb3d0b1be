"""A competition with its people and bids, at whatever stage a test of evaluation begins.

`world_at(stage)` makes the rows as the contexts below leave them: a frozen model, lots, criteria,
a team, and bids whose envelopes are open as far as the stage says. `world.actor("e1")` is a person
as services take them, with the roles that they hold at that moment.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal

import factory

from commissioning.competition.domain.frozen_model import to_frozen_dict
from commissioning.competition.models import (
    Admission,
    Competition,
    Criterion,
    Leaf,
    Lot,
    Programme,
    SelectionQuestion,
)
from commissioning.competition.queries.model import drafted_model
from commissioning.competition.services import freeze_ties
from commissioning.evaluation import services
from commissioning.infrastructure import documents
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import SYSTEM, Role
from commissioning.kernel.canonical import canonical_json, sha256_hex
from commissioning.kernel.references import new_reference
from commissioning.kernel.stage import Stage
from commissioning.submission.domain.envelopes import FileEntry, PriceDocument, QualityDocument
from commissioning.submission.domain.sealing import FileSeal, Place
from commissioning.submission.models import Bid, BidEnvelope, BidFile, SelectionResponse
from tests.factories.identity import AuthorityFactory, OrganisationFactory, PersonFactory, actor_of
from tests.factories.rows import RowFactory

LONG_AGO = datetime(2013, 9, 1, 9, 0, tzinfo=UTC)
CRITERIA = (
    ("C1", "Delivering the sentence", "60", 2, (("C1", "60"),)),
    ("C2", "Local partnership", "40", 1, (("C2.1", "25"), ("C2.2", "15"))),
)
QUESTIONS = (
    ("Q1", "Organisation", "not_scored", {}),
    ("Q2", "Declarations", "pass_fail", {"passes": ["no"]}),
    ("Q3", "Experience", "scored", {"max_score": 4, "minimum": 2}),
    ("Q4", "Experience", "pass_fail", {"passes": []}),
)
TEAM = {
    "lead": [Role.PROCUREMENT_LEAD],
    "approver": [Role.APPROVER],
    "commercial": [Role.COMMERCIAL_OFFICER],
    "moderator": [Role.MODERATOR],
    "moderator2": [Role.MODERATOR],
    "e1": [Role.EVALUATOR],
    "e2": [Role.EVALUATOR],
    "e3": [Role.EVALUATOR],
    "e4": [Role.EVALUATOR],
    "a1": [Role.ASSESSOR],
    "a2": [Role.ASSESSOR],
    "auditor": [Role.AUDITOR],
    "holder": [Role.KEY_HOLDER],
}


class _ProgrammeFactory(RowFactory):
    class Meta:
        model = Programme

    reference = factory.LazyFunction(lambda: new_reference("PRG"))
    authority = factory.SubFactory(AuthorityFactory)
    name = "Rehabilitation services"
    created_at = LONG_AGO


class _CompetitionFactory(RowFactory):
    class Meta:
        model = Competition

    reference = factory.Sequence(lambda n: f"TR-{n}")
    programme = factory.SubFactory(_ProgrammeFactory)
    title = "Probation services in two areas"
    is_invented = True
    stage_since = LONG_AGO
    regime = "pcr_2006_part_b"
    commenced_on = date(2013, 9, 1)
    tie_seed = "5eed"
    created_by = "USR-TEST"
    created_at = LONG_AGO


class _LotFactory(RowFactory):
    class Meta:
        model = Lot

    reference = factory.Sequence(lambda n: f"CPA{n}")
    annual_value_pence = 2_000_000_000


class BidFactory(RowFactory):
    """A submitted bid whose quality envelope is open; `opened=False` leaves it sealed."""

    class Meta:
        model = Bid

    reference = factory.LazyFunction(lambda: new_reference("BID"))
    status = "submitted"
    submitted_at = LONG_AGO

    @classmethod
    def _create(cls, model_class, *args, opened=True, answers=None, files=(), **rest):
        bid = super()._create(model_class, *args, **rest)
        leaves = [leaf for c in bid.competition.criteria for leaf in c.leaves]
        document = QualityDocument(
            place_of(bid),
            "salt",
            answers
            or {
                leaf.reference: f"Answer to {leaf.reference}.\n\nCANARY-{bid.reference}."
                for leaf in leaves
            },
            tuple(files),
        ).to_dict()
        text = canonical_json(document).decode()
        db.session.add(
            BidEnvelope(
                bid=bid,
                envelope="quality",
                sealed=b"sealed",
                sha256=sha256_hex(document),
                opened=text if opened else None,
            )
        )
        db.session.add(BidEnvelope(bid=bid, envelope="price", sealed=b"sealed", sha256="0" * 64))
        db.session.flush()
        db.session.refresh(bid)
        return bid


class ResponseFactory(RowFactory):
    """A submitted PQQ response."""

    class Meta:
        model = SelectionResponse

    reference = factory.LazyFunction(lambda: new_reference("PQQ"))
    organisation = factory.SubFactory(OrganisationFactory)
    status = "submitted"
    submitted_at = LONG_AGO

    @classmethod
    def _create(cls, model_class, *args, answers=None, lots=(), funding_pence=0, **rest):
        response = super()._create(model_class, *args, **rest)
        given = {"Q1": "A company.", "Q2": "no", "Q3": "Ten years.", "Q4": "Yes, since 2004."}
        snapshot = {
            "reference": response.reference,
            "competition": response.competition.reference,
            "bidder": response.organisation.reference,
            "answers": given | (answers or {}),
            "lots": list(lots),
            "proved_funding_pence": funding_pence,
            "funding_source": "A guarantee.",
        }
        response.snapshot = canonical_json(snapshot).decode()
        response.snapshot_sha256 = sha256_hex(snapshot)
        db.session.flush()
        return response


def place_of(bid):
    return Place(
        bid.competition.reference,
        bid.round,
        bid.lot.reference,
        bid.organisation.reference,
        bid.reference,
    )


def open_price(bid, *fees_pence, adjustments_pence=0):
    """Put an opened price schedule into a bid, as the opening leaves it."""
    document = PriceDocument(
        place_of(bid), "salt", fees_pence, adjustments_pence, f"CANARY-{bid.reference}"
    ).to_dict()
    envelope = next(row for row in bid.envelopes if row.envelope == "price")
    envelope.opened = canonical_json(document).decode()
    db.session.flush()


def file_entry(**changes):
    """A file as an opened quality document lists it."""
    known = {
        "reference": new_reference("FIL"),
        "leaf": "C1",
        "name": "plan.pdf",
        "media_type": "application/pdf",
        "size": 2048,
        "sha256": "0" * 64,
        "key": "0" * 64,
    }
    return FileEntry(**(known | changes))


def attach_file(bid, leaf, content, **changes):
    """Put a sealed file into an opened bid, as its bidder and the opening leave it."""
    entry = file_entry(leaf=leaf, **changes)
    key = secrets.token_bytes(32)
    seal = FileSeal(key, purpose=place_of(bid).file_purpose(entry.reference), largest=10**6)
    store_key = documents.store().put(seal.pieces([content]))
    entry = replace(entry, key=key.hex(), size=seal.size, sha256=seal.sha256)
    envelope = next(row for row in bid.envelopes if row.envelope == "quality")
    document = json.loads(envelope.opened)
    document["files"].append(entry.to_dict())
    envelope.opened = canonical_json(document).decode()
    db.session.add(
        BidFile(reference=entry.reference, bid=bid, store_key=store_key, added_at=LONG_AGO)
    )
    db.session.flush()
    return entry


@dataclass
class World:
    """A competition and everybody in it."""

    competition: Competition
    people: dict
    lots: list = field(default_factory=list)
    bidders: list = field(default_factory=list)
    bids: list = field(default_factory=list)
    responses: list = field(default_factory=list)

    @property
    def reference(self):
        return self.competition.reference

    def actor(self, name):
        return actor_of(self.people[name])

    def ref(self, name):
        return self.people[name].reference

    def refs(self, *names):
        return [self.ref(name) for name in names]

    def bids_for(self, lot):
        return [bid for bid in self.bids if bid.lot.reference == lot]

    def entries(self, lot, criterion, mark=3, **marks):
        """Marks with reasons for a whole sheet; `marks` by the leaf, dots as underscores."""
        row = next(c for c in self.competition.criteria if c.reference == criterion)
        return {
            (bid.reference, leaf.reference): (
                marks.get(leaf.reference.replace(".", "_"), mark),
                f"Reason for {leaf.reference} of {bid.reference}.",
            )
            for bid in self.bids_for(lot)
            for leaf in row.leaves
        }

    def assign(self, clock, *evaluators, moderator="moderator", lots=None, criteria=None):
        for criterion in criteria or [c.reference for c in self.competition.criteria]:
            services.assign_team(
                self.actor("lead"),
                self.reference,
                criterion,
                lots=lots or [lot.reference for lot in self.lots],
                evaluators=self.refs(*(evaluators or ("e1", "e2", "e3"))),
                moderator=self.ref(moderator),
                clock=clock,
            )

    def submit(self, clock, *evaluators, lot, criterion, mark=3, **marks):
        for name in evaluators:
            services.submit_marks(
                self.actor(name),
                self.reference,
                lot,
                criterion,
                entries=self.entries(lot, criterion, mark, **marks),
                clock=clock,
            )

    def agree(self, clock, *evaluators, lot, criterion, mark=3, **marks):
        services.record_consensus(
            self.actor("moderator"),
            self.reference,
            lot,
            criterion,
            self.entries(lot, criterion, mark, **marks),
            clock=clock,
        )
        for name in evaluators or ("e1", "e2", "e3"):
            services.agree_consensus(self.actor(name), self.reference, lot, criterion, clock=clock)

    def mark_everything(self, clock, marks=None):
        """Assign, mark, agree: every sheet is complete. `marks` {(lot, criterion): mark}."""
        self.assign(clock)
        for lot in {bid.lot.reference for bid in self.bids}:
            for criterion in self.competition.criteria:
                mark = (marks or {}).get((lot, criterion.reference), 3)
                where = {"lot": lot, "criterion": criterion.reference, "mark": mark}
                self.submit(clock, "e1", "e2", "e3", **where)
                self.agree(clock, **where)


def world_at(
    stage=Stage.QUALITY_EVALUATION,
    *,
    lots=("CPA1", "CPA2"),
    bidders=2,
    criteria=CRITERIA,
    team=TEAM,
    **changes,
):
    """A competition at a stage, with a team, and a bid of every bidder for every lot."""
    authority = AuthorityFactory()
    competition = _CompetitionFactory(
        programme__authority=authority, stage=Stage.DRAFT.value, **changes
    )
    world = World(competition, {})
    for name, roles in team.items():
        world.people[name] = PersonFactory(
            organisation=authority,
            name=f"Robin {name.capitalize()}",
            roles=roles,
            competition=competition.reference,
        )
    world.lots = [
        _LotFactory(competition=competition, position=place, reference=lot, name=f"Area {lot}")
        for place, lot in enumerate(lots, start=1)
    ]
    _add_criteria(competition, criteria)
    _add_questions(competition)
    db.session.flush()
    db.session.refresh(competition)
    world.bidders = [OrganisationFactory(name=f"Bidder {n}") for n in range(1, bidders + 1)]
    if stage is not Stage.DRAFT:
        competition.notice, competition.notice_sha256 = "{}", "0" * 64
    if stage.is_at_or_after(Stage.SHORTLISTED):
        _admit(world)
    if stage.is_at_or_after(Stage.ITN_OPEN):
        frozen = to_frozen_dict(drafted_model(competition))
        competition.model, competition.model_sha256 = json.dumps(frozen), frozen["sha256"]
    competition.stage = stage.value
    db.session.flush()
    if stage.is_at_or_after(Stage.ITN_CLOSED):
        freeze_ties(SYSTEM, competition, at=LONG_AGO)
    if stage.is_at_or_after(Stage.ITN_OPEN):
        opened = stage.is_at_or_after(Stage.QUALITY_EVALUATION)
        world.bids = [
            BidFactory(competition=competition, lot=lot, organisation=bidder, opened=opened)
            for lot in world.lots
            for bidder in world.bidders
        ]
    return world


def respond(world, *, lots=None, **rest):
    """A submitted PQQ response, for all lots unless told otherwise, with funding enough."""
    rest.setdefault("funding_pence", 1_000_000_000)
    response = ResponseFactory(
        competition=world.competition,
        lots=lots or [lot.reference for lot in world.lots],
        **rest,
    )
    world.responses.append(response)
    return response


def _add_criteria(competition, criteria):
    for place, (reference, name, weight, minimum, leaves) in enumerate(criteria, start=1):
        row = Criterion(
            competition=competition,
            position=place,
            reference=reference,
            name=name,
            weight=Decimal(weight),
            minimum_mark=minimum,
        )
        row.leaves = [
            Leaf(
                position=number,
                reference=leaf,
                question=f"How will you do {leaf}?",
                weight=Decimal(part),
            )
            for number, (leaf, part) in enumerate(leaves, start=1)
        ]
        db.session.add(row)


def _add_questions(competition):
    for place, (reference, part, kind, rule) in enumerate(QUESTIONS, start=1):
        db.session.add(
            SelectionQuestion(
                competition=competition,
                position=place,
                reference=reference,
                part=part,
                kind=kind,
                question=f"Question {reference}?",
                rule=rule,
            )
        )


def _admit(world):
    for lot in world.lots:
        for bidder in world.bidders:
            db.session.add(
                Admission(
                    competition_id=world.competition.id,
                    lot=lot,
                    organisation=bidder,
                    how="shortlist",
                    proved_funding_pence=1_000_000_000,
                    admitted_at=LONG_AGO,
                )
            )
