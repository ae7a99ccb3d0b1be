"""What evaluation waits for, and from whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from commissioning.competition import queries as competition_queries
from commissioning.competition.models import Competition
from commissioning.evaluation.queries.completeness import missing_records
from commissioning.evaluation.queries.own import own_sheets
from commissioning.evaluation.queries.people import lots_and_criteria, price_facts, teams
from commissioning.evaluation.queries.selection import assessments_in, assessors_of, parts_of
from commissioning.evaluation.queries.sheets import conflicts_on, interests_of
from commissioning.kernel.actor import Actor, Role
from commissioning.kernel.stage import Stage
from commissioning.kernel.waiting import WaitingItem
from commissioning.permissions import Permission, may
from commissioning.submission import queries as submission_queries


def waiting_for(actor: Actor, now: datetime) -> list[WaitingItem]:
    """What a person should assess, assign, mark, agree, lock or complete, on each competition."""
    items: list[WaitingItem] = []
    for competition in competition_queries.competitions_for(actor):
        stage = Stage(competition.stage)
        roles = actor.roles_on(competition.reference)
        if stage is Stage.PQQ_CLOSED:
            items += _selection(actor, competition, now)
        elif stage in {Stage.SHORTLISTED, Stage.ITN_OPEN, Stage.ITN_CLOSED}:
            if Role.PROCUREMENT_LEAD in roles:
                items += _assigning(competition)
        elif stage is Stage.QUALITY_EVALUATION:
            items += _sheets(actor, competition)
            if Role.PROCUREMENT_LEAD in roles:
                items += _leading(actor, competition, now)
        elif stage is Stage.PRICE_EVALUATION:
            items += _pricing(actor, competition, now)
    return items


def _item(competition: Competition, title: str, detail: str, endpoint: str) -> WaitingItem:
    return WaitingItem(
        title,
        detail,
        f"evaluation.{endpoint}",
        {"reference": competition.reference},
        context=competition.title,
    )


def _selection(actor: Actor, competition: Competition, now: datetime) -> Iterator[WaitingItem]:
    parts = parts_of(competition)
    given = assessors_of(competition)
    responses = submission_queries.submitted_responses(competition)
    assessed = assessments_in(competition)
    mine = [
        part for part in parts if any(a.assessor == actor.reference for a in given.get(part, ()))
    ]
    declared = {interest.organisation for interest in interests_of(competition, actor.reference)}
    to_assess = sum(
        part not in assessed.get(response.id, {})
        for response in (responses if mine and None not in declared else ())
        if response.organisation.reference not in declared
        for part in mine
    )
    if to_assess:
        yield _item(
            competition,
            "Assess PQQ responses",
            f"{to_assess} {'assessment waits' if to_assess == 1 else 'assessments wait'} for you.",
            "selection",
        )
    facts = competition_queries.facts(competition, now)
    if not may(actor, Permission.EVALUATION_PROPOSE_SHORTLIST, facts):
        return
    without = [part for part in parts if part not in given]
    if without:
        yield _item(
            competition,
            "Give each part of the PQQ to an assessor",
            "Nobody has: " + ", ".join(without) + ".",
            "selection",
        )
    complete = all(
        part in assessed.get(response.id, {}) for response in responses for part in parts
    )
    if (
        complete
        and competition_queries.open_decision_for(competition, "shortlist_confirmed") is None
    ):
        yield _item(
            competition,
            "Propose the shortlist",
            "Every part of every response is assessed.",
            "shortlist",
        )


def _assigning(competition: Competition) -> Iterator[WaitingItem]:
    lots, criteria = lots_and_criteria(competition)
    assigned = teams(competition)
    without = sum(
        not (team := assigned.get((lot.id, criterion.id)))
        or not team.evaluators
        or not team.moderators
        for lot in lots
        for criterion in criteria
    )
    if without:
        yield _item(
            competition,
            "Assign evaluators and moderators",
            f"{without} of {len(lots) * len(criteria)} pairs of lot and criterion have no complete "
            "team yet.",
            "assignments",
        )


def _sheets(actor: Actor, competition: Competition) -> Iterator[WaitingItem]:
    steps = [sheet.step for sheet in own_sheets(competition, actor.reference)]
    for step, title, detail in (
        ("mark", "Mark the answers assigned to you", "to submit"),
        ("record", "Record the consensus", "on which everyone has submitted"),
        ("agree", "Agree to the consensus, or dissent", "on which the moderator has recorded it"),
    ):
        number = steps.count(step)
        if number:
            yield _item(
                competition,
                title,
                f"{number} {'sheet' if number == 1 else 'sheets'} {detail}.",
                "marking",
            )


def _leading(actor: Actor, competition: Competition, now: datetime) -> Iterator[WaitingItem]:
    yield from _assigning_with_bids(competition)
    facts = competition_queries.facts(competition, now)
    if (
        may(actor, Permission.EVALUATION_PROPOSE_QUALITY_LOCK, facts)
        and competition_queries.open_decision_for(competition, "quality_locked") is None
        and not missing_records(competition)
    ):
        yield _item(
            competition, "Propose the quality lock", "Every record is complete.", "quality_lock"
        )


def _assigning_with_bids(competition: Competition) -> Iterator[WaitingItem]:
    """People whose declared interest keeps them from what they were given must be replaced."""
    lots, _criteria = lots_and_criteria(competition)
    by_person: dict[str, set[int]] = {}
    for (lot, _criterion), team in teams(competition).items():
        for row in (*team.evaluators, *team.moderators):
            by_person.setdefault(row.person, set()).add(lot)
    touched = conflicts_on(competition, lots, by_person)
    stuck = sum(
        any(lot.id in by_person[person] for lot in conflicting)
        for person, conflicting in touched.items()
    )
    if stuck:
        yield _item(
            competition,
            "Replace people who declared an interest",
            f"{stuck} {'person has' if stuck == 1 else 'people have'} lost access to answers that "
            "somebody must mark or moderate.",
            "assignments",
        )


def _pricing(actor: Actor, competition: Competition, now: datetime) -> Iterator[WaitingItem]:
    facts = price_facts(competition, actor, now)
    if may(actor, Permission.EVALUATION_COMPLETE_PRICES, facts):
        yield _item(
            competition,
            "Complete the price evaluation",
            "The price envelopes are open.",
            "prices",
        )
