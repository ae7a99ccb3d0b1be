"""A small competition with everybody in it, for tests that cross all contexts.

Three areas, three bidders, two criteria with three questions, three key holders of whom two open.
`found(clock)` sets it up as a draft that can be issued, through the services. People are known by a
name of the test's own ("lead", "north_signatory"); `small.actor(name)` is the person as services
take them, with the roles that they hold at that moment, whatever was committed in between.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from commissioning.competition import services as competition
from commissioning.competition.services.criteria import LeafInput
from commissioning.identity import queries as identity
from commissioning.kernel.actor import BIDDER_ROLES, Actor, Role
from commissioning.kernel.clock import SetClock
from tests.factories.identity import (
    AuthorityFactory,
    OperatorFactory,
    OrganisationFactory,
    PersonFactory,
)

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
REFERENCE = "SMALL-1"
LOTS = {"L1": 10_000_000_00, "L2": 8_000_000_00, "L3": 6_000_000_00}
SHARE_PPM = 500_000
FUNDING_MULTIPLE = 2
MINIMUM_POINTS = 50_000
MAX_MARK = 4
DISCOUNT_RATE = "0.035"
PRICE_YEARS = 3
# criterion: name, weight, minimum mark, {leaf: weight}
CRITERIA = {
    "C1": ("Delivering the sentence", "60", 2, {"C1": "60"}),
    "C2": ("Local partnership", "40", 1, {"C2.1": "25", "C2.2": "15"}),
}
LEAVES = {leaf: criterion for criterion, told in CRITERIA.items() for leaf in told[3]}
# question: part, kind, answer, rule
QUESTIONS = {
    "Q1": ("Organisation", "not_scored", "text", {}),
    "Q2": ("Organisation", "pass_fail", "yes_no", {"passes": ["yes"]}),
    "Q3": ("Experience", "scored", "text", {"max_score": 4, "minimum": 2}),
}
PARTS = ("Organisation", "Experience")
DAYS = {
    "notice": 0.5,
    "pqq_deadline": 40,
    "itn_issue": 100,
    "itn_deadline": 160,
    "award_decision": 300,
}

# name: the roles on the competition
TEAM = {
    "approver": {Role.APPROVER},
    "commercial": {Role.COMMERCIAL_OFFICER},
    "moderator": {Role.MODERATOR},
    "evaluator_1": {Role.EVALUATOR},
    "evaluator_2": {Role.EVALUATOR},
    "evaluator_3": {Role.EVALUATOR},
    "holder_1": {Role.KEY_HOLDER},
    "holder_2": {Role.KEY_HOLDER},
    "holder_3": {Role.KEY_HOLDER},
    "assessor": {Role.ASSESSOR},
    "auditor": {Role.AUDITOR},
    "nobody": set(),
}
# name: the bidder, and the roles for it
BIDDING = {
    "north_writer": ("north", {Role.BID_MANAGER, Role.BID_WRITER}),
    "north_signatory": ("north", {Role.SIGNATORY}),
    "south": ("south", set(BIDDER_ROLES)),
    "east": ("east", set(BIDDER_ROLES)),
}
BIDDERS = ("north", "south", "east")
WRITER = {"north": "north_writer", "south": "south", "east": "east"}
SIGNATORY = {"north": "north_signatory", "south": "south", "east": "east"}


@dataclass
class Person:
    """What a test keeps of somebody between two transactions."""

    reference: str
    personal_key: bytes


@dataclass
class Small:
    """The competition, and everybody around it."""

    clock: SetClock
    reference: str = REFERENCE
    authority: str = ""
    programme: str = ""
    people: dict[str, Person] = field(default_factory=dict)
    organisations: dict[str, str] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        """A person as services take them now."""
        person = self.people[name]
        return identity.actor_of(identity.user_by_reference(person.reference), person.personal_key)

    def ref(self, name: str) -> str:
        """The reference of a person."""
        return self.people[name].reference

    def refs(self, *names: str) -> list[str]:
        """The references of several people."""
        return [self.ref(name) for name in names]

    def add(self, name: str, person) -> None:
        """Somebody more."""
        self.people[name] = Person(person.reference, person.personal_key)


def found(clock: SetClock | None = None) -> Small:
    """The competition as a draft that is ready to be issued; nothing is committed here."""
    small = Small(clock or SetClock(START))
    _people(small)
    _drafted(small)
    return small


def _people(small: Small) -> None:
    authority = AuthorityFactory(name="Ours")
    small.authority = authority.reference
    small.add("lead", PersonFactory(organisation=authority, roles=[Role.PROCUREMENT_LEAD]))
    for name in TEAM:
        small.add(name, PersonFactory(organisation=authority, roles=[]))
    # A lead elsewhere: the same roles, for another authority.
    other = AuthorityFactory(name="Theirs")
    small.add("stranger", PersonFactory(organisation=other, roles=[Role.PROCUREMENT_LEAD]))
    small.organisations["theirs"] = other.reference
    small.add("administrator", PersonFactory(organisation=OperatorFactory()))
    bidders = {name: OrganisationFactory(name=name.title()) for name in BIDDERS}
    small.organisations |= {name: row.reference for name, row in bidders.items()}
    for name, (bidder, roles) in BIDDING.items():
        small.add(name, PersonFactory(organisation=bidders[bidder], roles=sorted(roles)))


def _drafted(small: Small) -> None:
    clock, lead = small.clock, small.actor("lead")
    programme = competition.create_programme(
        lead, authority=small.authority, name="Rehabilitation", clock=clock
    )
    small.programme = programme.reference
    competition.create_competition(
        lead,
        programme=small.programme,
        reference=small.reference,
        title="Rehabilitation in three areas",
        commenced_on=clock.now().date(),
        light_touch=True,
        profile="short",
        clock=clock,
    )
    lead = small.actor("lead")
    for lot, value in LOTS.items():
        competition.save_lot(
            lead,
            small.reference,
            lot=None,
            reference=lot,
            name=f"Area {lot}",
            annual_value_pence=value,
            clock=clock,
        )
    for reference, (name, weight, minimum, leaves) in CRITERIA.items():
        competition.save_criterion(
            lead,
            small.reference,
            criterion=None,
            reference=reference,
            name=name,
            weight=Decimal(weight),
            minimum_mark=minimum,
            leaves=[
                LeafInput(leaf, f"How will you do {leaf}?", Decimal(part))
                for leaf, part in leaves.items()
            ],
            clock=clock,
        )
    competition.set_rules(lead, small.reference, **rules(), clock=clock)
    for reference, (part, kind, answer, rule) in QUESTIONS.items():
        competition.save_question(
            lead,
            small.reference,
            question=None,
            reference=reference,
            part=part,
            kind=kind,
            answer=answer,
            text=f"What of {reference}?",
            rule=rule,
            clock=clock,
        )
    competition.set_timetable(
        lead,
        small.reference,
        {event: clock.now() + timedelta(days=days) for event, days in DAYS.items()},
        clock=clock,
    )
    for name, roles in TEAM.items():
        for role in roles:
            competition.give_role(lead, small.reference, small.ref(name), role, clock=clock)


def rules(**changes) -> dict:
    """The rules of the competition, as the lead types them."""
    known = {
        "max_mark": MAX_MARK,
        "minimum_points": MINIMUM_POINTS,
        "discount_rate": Decimal(DISCOUNT_RATE),
        "price_years": PRICE_YEARS,
        "price_base_year": 2026,
        "closing_rule": "majority",
        "objective": "min_sum_ppqp",
        "award_rule": "optimum",
        "limits": {"max_value_share_per_bidder_ppm": SHARE_PPM},
        "funding_multiple": FUNDING_MULTIPLE,
    }
    return known | changes
