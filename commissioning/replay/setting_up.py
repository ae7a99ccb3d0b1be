"""The authority is founded, its competition is set up, and the PQQ is issued."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from commissioning.competition import services as competition
from commissioning.identity import services as identity
from commissioning.kernel.actor import Role
from commissioning.replay.cast import PASSWORD, Cast
from commissioning.replay.scenario import Scenario, wall_text
from commissioning.submission import services as submission

Progress = Iterator[tuple[int, int]]


def found_authority(scenario: Scenario, cast: Cast) -> Progress:
    """The administrator makes the authority; its people are invited and sign in."""
    people = scenario.raw["people"]
    operator_email = "ada.quillfeather@operator.example"
    identity.create_operator(
        name=people["administrator"], email=operator_email, password=PASSWORD, clock=cast.clock
    )
    submission.note_signing_key(clock=cast.clock)  # as the clock of a running site does
    cast.enter("administrator", operator_email)
    told = scenario.raw["authority"]
    authority = identity.create_authority(
        cast.actor("administrator"),
        name=told["name"],
        identifier_scheme=told["identifier_scheme"],
        identifier=told["identifier"],
        clock=cast.clock,
    )
    team = _team(scenario)
    for done, (key, name, roles) in enumerate(team, start=1):
        cast.invite("administrator", key, authority.reference, name, roles, domain="authority")
        yield done, len(team)


def _team(scenario: Scenario) -> list[tuple[str, str, list[Role]]]:
    """Everybody of the authority: the key in the cast, the name, the roles for the authority."""
    people = scenario.raw["people"]
    team = [
        ("lead", people["lead"], [Role.PROCUREMENT_LEAD]),
        ("commercial_officer", people["commercial_officer"], []),
        ("approver", people["approver"], []),
        ("auditor", people["auditor"], [Role.AUDITOR]),
        ("duty_officer", people["duty_officer"], []),
    ]
    for group in ("key_holder", "assessor", "moderator"):
        team += [(f"{group}:{number}", name, []) for number, name in enumerate(people[f"{group}s"])]
    names = [
        f"{first} {last}"
        for last in people["evaluator_last_names"]
        for first in people["evaluator_first_names"]
    ]
    team += [(f"evaluator:{number}", name, []) for number, name in enumerate(names)]
    return team


_ROLES_BY_KEY = {
    "commercial_officer": Role.COMMERCIAL_OFFICER,
    "approver": Role.APPROVER,
    "key_holder": Role.KEY_HOLDER,
    "assessor": Role.ASSESSOR,
    "moderator": Role.MODERATOR,
    "evaluator": Role.EVALUATOR,
    "auditor": Role.AUDITOR,
    "duty_officer": Role.DUTY_OFFICER,
}


def set_up_competition(scenario: Scenario, cast: Cast) -> Progress:
    """The lead sets up programme and competition, part by part, and gives the roles."""
    lead, told = cast.actor("lead"), scenario.raw["competition"]
    reference = told["reference"]
    programme = competition.create_programme(
        lead,
        authority=cast.people["lead"].organisation,
        name=scenario.raw["programme"]["name"],
        description=scenario.raw["programme"]["description"],
        clock=cast.clock,
    )
    competition.create_competition(
        lead,
        programme=programme.reference,
        reference=reference,
        title=told["title"],
        summary=told["summary"],
        commenced_on=told["commenced_on"],
        light_touch=told["light_touch"],
        profile=told["profile"],
        is_invented=True,
        clock=cast.clock,
    )
    lead = cast.actor("lead")
    yield 1, 6
    competition.import_lots(lead, reference, scenario.lots_csv, clock=cast.clock)
    yield 2, 6
    competition.load_standard_criteria(lead, reference, clock=cast.clock)
    rules = dict(scenario.raw["rules"])
    rules["discount_rate"] = Decimal(rules["discount_rate"])
    competition.set_rules(lead, reference, **rules, clock=cast.clock)
    yield 3, 6
    competition.set_timetable(
        lead,
        reference,
        {event: wall_text(wall) for event, wall in scenario.raw["timetable"].items()},
        clock=cast.clock,
    )
    yield 4, 6
    competition.load_standard_questions(lead, reference, clock=cast.clock)
    yield 5, 6
    for key, person in cast.people.items():
        role = _ROLES_BY_KEY.get(key.partition(":")[0])
        if role is not None:
            competition.give_role(lead, reference, person.reference, role, clock=cast.clock)
    yield 6, 6


def issue_pqq(scenario: Scenario, cast: Cast) -> Progress:
    """The lead proposes the issue of the PQQ, the approver approves it."""
    reference = scenario.raw["competition"]["reference"]
    cast.clock.move_to(scenario.act("pqq_issue"))
    decision = competition.propose_pqq_issue(cast.actor("lead"), reference, clock=cast.clock)
    competition.approve_pqq_issue(cast.actor("approver"), decision.reference, clock=cast.clock)
    yield 1, 1
