"""A competition with its team and bidders at any stage, and responses and bids made as in the site.

`contest(stage=...)` makes the rows of a competition at a stage; what bidders and key holders do is
done by the services, with a clock that each act moves to its place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from commissioning.competition import queries as competitions
from commissioning.competition.domain.frozen_model import to_frozen_dict
from commissioning.competition.models import Admission, Competition, Leaf
from commissioning.identity import queries as identities
from commissioning.identity.domain import keys
from commissioning.identity.models import Organisation, User
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor, Role
from commissioning.kernel.canonical import canonical_json
from commissioning.kernel.clock import SetClock
from commissioning.kernel.references import new_reference
from commissioning.kernel.stage import Stage
from commissioning.submission import services
from commissioning.submission.domain.sealing import FIRST_ROUND, Envelope
from commissioning.submission.models import OpeningKey
from commissioning.submission.queries import digest_of_keys, opening_keys
from commissioning.submission.services import custody
from tests.factories.competition import (
    CompetitionFactory,
    CriterionFactory,
    LotFactory,
    SelectionQuestionFactory,
    TimetableEntryFactory,
)
from tests.factories.identity import (
    LONG_AGO,
    AuthorityFactory,
    OrganisationFactory,
    PersonFactory,
    actor_of,
    team_member,
)

PQQ_DEADLINE = datetime(2014, 1, 31, 12, 0, tzinfo=UTC)
ITN_DEADLINE = datetime(2014, 6, 30, 11, 0, tzinfo=UTC)  # noon in London, in summer


@dataclass
class Bidder:
    """An organisation that bids, and the person who does everything for it."""

    organisation: Organisation
    person: User

    @property
    def reference(self) -> str:
        return self.organisation.reference

    @property
    def actor(self) -> Actor:
        return actor_of(self.person)


@dataclass
class Contest:
    """A competition of a test, with the people who run it."""

    row: Competition
    authority: Organisation
    clock: SetClock
    people: dict[str, list[User]] = field(default_factory=dict)
    bidders: list[Bidder] = field(default_factory=list)

    @property
    def reference(self) -> str:
        return self.row.reference

    @property
    def lot(self) -> str:
        return self.row.lots[0].reference

    def person(self, role: Role, number: int = 0) -> Actor:
        return actor_of(self.people[Role(role).value][number])

    def holders(self, count: int) -> list[Actor]:
        return [self.person(Role.KEY_HOLDER, number) for number in range(count)]

    def move_to(self, stage: Stage) -> None:
        """Put the competition at a stage, as if everything before had happened."""
        self.row.stage = stage.value
        db.session.flush()

    def answers(self, text: str = "We will.") -> dict[str, str]:
        return {leaf.reference: text for c in self.row.criteria for leaf in c.leaves}

    def fees(self) -> list[int]:
        return [1_000_000_000 + year for year in range(self.row.price_years)]


def contest(
    *,
    stage: Stage = Stage.ITN_OPEN,
    lots: int = 2,
    bidders: int = 1,
    profile: str = "full",
    clock: SetClock | None = None,
    with_keys: bool = True,
    word_limit: int = 50,
) -> Contest:
    """A competition at a stage, with lots L1.., three questions, a team, keys and bidders.

    The clock, its own or the one that is given, then stands a day before the open stage's deadline.
    """
    authority = AuthorityFactory()
    row = CompetitionFactory(
        programme__authority=authority, stage=stage.value, profile=profile, is_invented=True
    )
    for index in range(1, lots + 1):
        LotFactory(
            competition=row,
            position=index,
            reference=f"L{index}",
            name=f"Area {index}",
            annual_value_pence=1_000_000_000 * index,
        )
    for index in (1, 2):
        leaf = Leaf(
            position=1,
            reference=f"Q{index}",
            question=f"How will you do {index}?",
            weight=Decimal(50),
            word_limit=word_limit,
            allows_file=index == 1,
        )
        CriterionFactory(
            competition=row,
            position=index,
            reference=f"C{index}",
            name=f"Criterion {index}",
            weight=Decimal(50),
            leaves=[leaf],
        )
    SelectionQuestionFactory(
        competition=row,
        position=1,
        reference="A1",
        part="Organisation",
        kind="not_scored",
        answer="text",
        question="Who are you?",
        word_limit=word_limit,
        rule={},
    )
    SelectionQuestionFactory(competition=row, position=2, reference="B1")
    for event, instant in (("pqq_deadline", PQQ_DEADLINE), ("itn_deadline", ITN_DEADLINE)):
        TimetableEntryFactory(competition=row, event=event, instant=instant)
    db.session.flush()
    deadline = PQQ_DEADLINE if stage is Stage.PQQ_OPEN else ITN_DEADLINE
    made = Contest(row, authority, clock or SetClock(LONG_AGO))
    made.clock.move_to(deadline - timedelta(days=1))
    holders = competitions.key_holders_needed(row)[0]
    for role, count in (
        (Role.PROCUREMENT_LEAD, 1),
        (Role.APPROVER, 1),
        (Role.COMMERCIAL_OFFICER, 1),
        (Role.EVALUATOR, 1),
        (Role.MODERATOR, 1),
        (Role.AUDITOR, 1),
        (Role.KEY_HOLDER, holders),
    ):
        made.people[role.value] = [
            team_member(authority, row.reference, role, admitted=False) for _ in range(count)
        ]
    if with_keys and stage.is_at_or_after(Stage.ITN_OPEN):
        give_keys(made)
    for _ in range(bidders):
        add_bidder(made)
    return made


def give_keys(made: Contest) -> None:
    """Opening keys, as the lead's preparation makes them, rehearsed."""
    for envelope in Envelope:
        pair = keys.new_key_pair()
        row = OpeningKey(
            competition=made.row,
            round=FIRST_ROUND,
            envelope=envelope.value,
            public_key=pair.public,
            threshold=competitions.key_holders_needed(made.row)[1],
            made_at=LONG_AGO,
        )
        db.session.add(row)
        holders = identities.public_keys_of(competitions.key_holders(made.row))
        custody.entrust(row, pair.private, holders, at=LONG_AGO)
    made.row.opening_keys_sha256 = digest_of_keys(opening_keys(made.row))
    made.row.rehearsed_at = LONG_AGO
    db.session.flush()


def freeze_model(made: Contest) -> None:
    """The evaluation model as the issue of the ITN fixes it, in place of the rows."""
    made.row.tie_seed = "0" * 64
    frozen = to_frozen_dict(competitions.drafted_model(made.row))
    made.row.model = canonical_json(frozen).decode()
    made.row.model_sha256 = frozen["sha256"]
    db.session.flush()


def add_bidder(made: Contest, *, lots: list[str] | None = None) -> Bidder:
    """A bidder with one person in all of a bidder's roles, admitted to all lots, or to some."""
    organisation = OrganisationFactory()
    bidder = Bidder(organisation, PersonFactory(organisation=organisation))
    for lot in made.row.lots:
        if lots is None or lot.reference in lots:
            db.session.add(
                Admission(
                    competition_id=made.row.id,
                    lot=lot,
                    organisation=organisation,
                    how="shortlist",
                    proved_funding_pence=10**11,
                    admitted_at=LONG_AGO,
                )
            )
    db.session.flush()
    made.bidders.append(bidder)
    return bidder


def colleague(bidder: Bidder, *roles: Role, admitted: bool = True) -> Actor:
    """Another person of a bidder, with these roles only."""
    return actor_of(PersonFactory(organisation=bidder.organisation, roles=roles, admitted=admitted))


def drafted_bid(made: Contest, bidder: Bidder, lot: str | None = None, text: str = "We will."):
    """A bid whose answers and prices are drafted."""
    chosen = lot or made.lot
    services.save_quality_draft(
        bidder.actor,
        made.reference,
        chosen,
        bidder.reference,
        made.answers(text),
        clock=made.clock,
    )
    return services.save_price_draft(
        bidder.actor,
        made.reference,
        chosen,
        bidder.reference,
        fees_pence=made.fees(),
        note=text,
        clock=made.clock,
    )


def submitted_bid(made: Contest, bidder: Bidder, lot: str | None = None, text: str = "We will."):
    """A bid that is submitted: returns its row."""
    bid = drafted_bid(made, bidder, lot, text)
    services.submit_bid(
        bidder.actor,
        made.reference,
        lot or made.lot,
        bidder.reference,
        idempotency_key=new_reference("KEY"),
        clock=made.clock,
    )
    return bid


def opened(made: Contest, envelope: str = "quality") -> None:
    """The envelopes opened by the threshold of key holders, after the deadline."""
    stage = Stage.ITN_CLOSED if envelope == "quality" else Stage.QUALITY_LOCKED
    made.move_to(stage)
    if made.clock.moment < ITN_DEADLINE:
        made.clock.move_to(ITN_DEADLINE)
    threshold = competitions.key_holders_needed(made.row)[1]
    for holder in made.holders(threshold):
        services.join_opening(holder, made.reference, envelope, clock=made.clock)


def submitted_response(made: Contest, bidder: Bidder):
    """A PQQ response that is complete and submitted: returns its row."""
    services.save_response(
        bidder.actor,
        made.reference,
        bidder.reference,
        answers={"A1": "A company.", "B1": "yes"},
        lots=[made.lot],
        proved_funding_pence=500_000_000,
        funding_source="A bank's letter.",
        clock=made.clock,
    )
    return services.submit_response(
        bidder.actor, made.reference, bidder.reference, clock=made.clock
    )
