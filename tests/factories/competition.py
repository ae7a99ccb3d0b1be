"""Competitions for tests: as bare rows, or set up and moved along by the services.

`CompetitionFactory(stage=...)` makes rows at a stage and nothing around them. `sound_draft(clock)`
and the functions after it do what people do, with the services, and return a `Tender`: the people
of one competition and its reference.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import factory

from commissioning.competition import queries, services
from commissioning.competition.domain.timetable import TimetableEvent, deadline_at
from commissioning.competition.models import (
    Competition,
    Criterion,
    Leaf,
    Lot,
    Programme,
    SelectionQuestion,
    TimetableEntry,
)
from commissioning.identity.models import Organisation, User
from commissioning.kernel.actor import Actor, Role
from commissioning.kernel.canonical import sha256_hex
from commissioning.kernel.clock import SetClock
from commissioning.kernel.references import new_reference
from commissioning.kernel.stage import Stage
from tests.factories.identity import AuthorityFactory, OrganisationFactory, PersonFactory, actor_of
from tests.factories.rows import RowFactory

LONG_AGO = datetime(2013, 1, 7, 9, 0, tzinfo=UTC)
_numbers = itertools.count(1)


class ProgrammeFactory(RowFactory):
    """A programme of an authority of its own."""

    class Meta:
        model = Programme

    reference = factory.LazyFunction(lambda: new_reference("PRG"))
    authority = factory.SubFactory(AuthorityFactory)
    name = factory.Sequence(lambda n: f"Programme {n}")
    created_at = LONG_AGO


class CompetitionFactory(RowFactory):
    """A competition at a stage: with the digests that its stage asks for, and without lots."""

    class Meta:
        model = Competition

    reference = factory.Sequence(lambda n: f"ROW-{n}")
    programme = factory.SubFactory(ProgrammeFactory)
    title = factory.Sequence(lambda n: f"Competition {n}")
    stage = "draft"
    stage_since = LONG_AGO
    regime = "pa_2023_light_touch"
    commenced_on = date(2026, 3, 2)
    profile = "short"
    created_by = "USR-TEST"
    created_at = LONG_AGO
    notice_sha256 = factory.LazyAttribute(lambda made: None if made.stage == "draft" else "0" * 64)
    model_sha256 = factory.LazyAttribute(
        lambda made: "0" * 64 if Stage(made.stage).is_at_or_after(Stage.ITN_OPEN) else None
    )


class LotFactory(RowFactory):
    """A lot of a competition."""

    class Meta:
        model = Lot

    competition = factory.SubFactory(CompetitionFactory)
    position = factory.Sequence(lambda n: n)
    reference = factory.Sequence(lambda n: f"L{n}")
    name = factory.Sequence(lambda n: f"Area {n}")
    annual_value_pence = 1_000_000_00


class CriterionFactory(RowFactory):
    """A criterion with one leaf that carries its whole weight."""

    class Meta:
        model = Criterion

    competition = factory.SubFactory(CompetitionFactory)
    position = factory.Sequence(lambda n: n)
    reference = factory.Sequence(lambda n: f"C{n}")
    name = factory.Sequence(lambda n: f"Criterion {n}")
    weight = Decimal(100)
    minimum_mark = 1
    leaves = factory.LazyAttribute(
        lambda made: [
            Leaf(position=1, reference=made.reference, question="How?", weight=made.weight)
        ]
    )


class SelectionQuestionFactory(RowFactory):
    """A question of the PQQ."""

    class Meta:
        model = SelectionQuestion

    competition = factory.SubFactory(CompetitionFactory)
    position = factory.Sequence(lambda n: n)
    reference = factory.Sequence(lambda n: f"Q{n}")
    part = "Declarations"
    kind = "pass_fail"
    answer = "yes_no"
    question = "Do you?"
    rule = factory.LazyFunction(lambda: {"passes": ["yes"]})


class TimetableEntryFactory(RowFactory):
    """A date of a timetable."""

    class Meta:
        model = TimetableEntry

    competition = factory.SubFactory(CompetitionFactory)
    event = "pqq_deadline"
    instant = LONG_AGO
    zone = "Europe/London"
    wall_text = factory.LazyAttribute(lambda made: deadline_at(made.instant).wall_text)
    version = 1
    set_by = "USR-TEST"
    set_at = LONG_AGO


@dataclass
class Tender:
    """A competition with the people who run it and, from the shortlist on, its bidders."""

    reference: str
    authority: Organisation
    programme: Programme
    clock: SetClock
    lead: User
    approver: User
    key_holders: list[User] = field(default_factory=list)
    bidders: list[User] = field(default_factory=list)

    @property
    def row(self) -> Competition:
        return queries.competition_by_reference(self.reference)

    @property
    def as_lead(self) -> Actor:
        return actor_of(self.lead)

    @property
    def as_approver(self) -> Actor:
        return actor_of(self.approver)

    def member(self, *roles: Role) -> Actor:
        """One more person of the authority, in these roles on the competition."""
        return actor_of(
            PersonFactory(organisation=self.authority, roles=roles, competition=self.reference)
        )

    def deadline(self, event: TimetableEvent | str) -> datetime:
        held = queries.deadline_of(self.row, event)
        assert held is not None
        return held.instant_utc


def bare_draft(clock: SetClock, *, light_touch: bool = True, profile: str = "short") -> Tender:
    """A competition that its lead has just created, with an approver and nothing else."""
    authority = AuthorityFactory()
    lead = PersonFactory(organisation=authority, roles=[Role.PROCUREMENT_LEAD])
    programme = services.create_programme(
        actor_of(lead), authority=authority.reference, name="Rehabilitation", clock=clock
    )
    competition = services.create_competition(
        actor_of(lead),
        programme=programme.reference,
        reference=f"TENDER-{next(_numbers)}",
        title="Rehabilitation of offenders",
        commenced_on=clock.now().date(),
        light_touch=light_touch,
        profile=profile,
        clock=clock,
    )
    approver = PersonFactory(organisation=authority, roles=[])
    tender = Tender(competition.reference, authority, programme, clock, lead, approver)
    services.give_role(
        tender.as_lead, tender.reference, approver.reference, Role.APPROVER, clock=clock
    )
    return tender


def sound_draft(
    clock: SetClock, *, lots: int = 2, light_touch: bool = True, profile: str = "short"
) -> Tender:
    """A competition whose check list is empty: it can be proposed for issue."""
    tender = bare_draft(clock, light_touch=light_touch, profile=profile)
    for number in range(1, lots + 1):
        add_lot(tender, f"L{number}")
    services.load_standard_criteria(tender.as_lead, tender.reference, clock=clock)
    services.load_standard_questions(tender.as_lead, tender.reference, clock=clock)
    services.set_timetable(tender.as_lead, tender.reference, usual_dates(clock), clock=clock)
    return tender


def usual_dates(clock: SetClock) -> dict[str, datetime]:
    """A timetable that holds, counted in days from now."""
    days = {
        "notice": 0.5,
        "pqq_deadline": 40,
        "shortlist": 60,
        "itn_issue": 70,
        "itn_deadline": 120,
        "award_decision": 180,
        "standstill_end": 200,
        "signature": 201,
    }
    return {event: clock.now() + timedelta(days=count) for event, count in days.items()}


def add_lot(tender: Tender, reference: str, **changes) -> Lot:
    """A lot as the lead types it in."""
    fields = {
        "lot": None,
        "reference": reference,
        "name": f"Area {reference}",
        "annual_value_pence": 10_000_000_00,
    }
    return services.save_lot(
        tender.as_lead, tender.reference, **(fields | changes), clock=tender.clock
    )


def pqq_open(clock: SetClock, **changes) -> Tender:
    """A competition whose PQQ two people have just issued."""
    tender = sound_draft(clock, **changes)
    decision = services.propose_pqq_issue(tender.as_lead, tender.reference, clock=clock)
    services.approve_pqq_issue(tender.as_approver, decision.reference, clock=clock)
    return tender


def pqq_closed(clock: SetClock, **changes) -> Tender:
    """A competition whose PQQ deadline has just passed."""
    tender = pqq_open(clock, **changes)
    clock.move_to(tender.deadline("pqq_deadline"))
    services.pass_deadlines(clock=clock)
    return tender


def shortlisted(clock: SetClock, *, bidders: int = 2, **changes) -> Tender:
    """A competition with bidders admitted to all of its lots, by two people."""
    tender = pqq_closed(clock, **changes)
    tender.bidders = [PersonFactory(organisation=OrganisationFactory()) for _ in range(bidders)]
    decision = services.open_decision(
        tender.as_lead, tender.row, "shortlist_confirmed", clock=clock
    )
    services.close_decision(tender.as_approver, decision, approved=True, clock=clock)
    services.record_admissions(
        tender.as_approver,
        tender.row,
        [
            (lot.reference, person.organisation.reference, 10_000_000_00)
            for person in tender.bidders
            for lot in tender.row.lots
        ],
        at=clock.now(),
    )
    services.advance_stage(
        tender.as_approver,
        tender.row,
        "shortlist_confirmed",
        {"every_part_assessed": True},
        at=clock.now(),
        decision=decision,
    )
    return tender


def ready_for_itn(clock: SetClock, **changes) -> Tender:
    """A shortlisted competition with its keys held and rehearsed: its check list is empty."""
    tender = shortlisted(clock, **changes)
    needed, _threshold = queries.key_holders_needed(tender.row)
    for _ in range(needed):
        person = PersonFactory(organisation=tender.authority, roles=[])
        tender.key_holders.append(person)
        services.give_role(
            tender.as_lead, tender.reference, person.reference, Role.KEY_HOLDER, clock=clock
        )
    at = clock.now()
    services.record_opening_keys(tender.as_lead, tender.row, sha256=sha256_hex("keys"), at=at)
    services.record_rehearsal(actor_of(tender.key_holders[0]), tender.row, at=at)
    return tender


def itn_open(clock: SetClock, **changes) -> Tender:
    """A competition whose ITN two people have just issued."""
    tender = ready_for_itn(clock, **changes)
    decision = services.propose_itn_issue(tender.as_lead, tender.reference, clock=clock)
    services.approve_itn_issue(tender.as_approver, decision.reference, clock=clock)
    return tender


def itn_closed(clock: SetClock, **changes) -> Tender:
    """A competition whose deadline for bids has just passed."""
    tender = itn_open(clock, **changes)
    clock.move_to(tender.deadline("itn_deadline"))
    services.pass_deadlines(clock=clock)
    return tender
