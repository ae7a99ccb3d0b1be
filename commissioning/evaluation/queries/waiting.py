"""What evaluation waits for, and from whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from commissioning.competition import queries as competition_queries
from commissioning.competition.models import Competition
from commissioning.evaluation.queries.completeness import missing_in_each
from commissioning.evaluation.queries.own import own_sheets
from commissioning.evaluation.queries.people import lots_and_criteria, marked_in, teams
from commissioning.evaluation.queries.selection import (
    assessments_in,
    assessors_of_each,
    parts_of_each,
)
from commissioning.evaluation.queries.sheets import conflicts_in
from commissioning.kernel.actor import Actor, Role
from commissioning.kernel.stage import Stage
from commissioning.kernel.waiting import WaitingItem
from commissioning.permissions import Permission, may
from commissioning.submission import queries as submission_queries
from commissioning.submission.models import SelectionResponse

_ASSIGNING = (Stage.SHORTLISTED, Stage.ITN_OPEN, Stage.ITN_CLOSED)


def waiting_for(actor: Actor, now: datetime) -> list[WaitingItem]:
    """What a person should assess, assign, mark, agree, lock or complete, on each competition.

    Competitions at one stage are read together: as many queries for many as for one.
    """
    at: dict[Stage, list[Competition]] = {}
    led: dict[Stage, list[Competition]] = {}
    for competition in competition_queries.competitions_for(actor):
        stage = Stage(competition.stage)
        at.setdefault(stage, []).append(competition)
        if Role.PROCUREMENT_LEAD in actor.roles_on(competition.reference):
            led.setdefault(stage, []).append(competition)
    assigning = [row for stage in _ASSIGNING for row in led.get(stage, ())]
    marking, locking = at.get(Stage.QUALITY_EVALUATION), led.get(Stage.QUALITY_EVALUATION)
    return [
        *(_interests(actor, [row for rows in led.values() for row in rows], now) if led else ()),
        *(_selection(actor, at[Stage.PQQ_CLOSED], now) if Stage.PQQ_CLOSED in at else ()),
        *(_assigning(assigning) if assigning else ()),
        *(_sheets(actor, marking) if marking else ()),
        *(_leading(actor, locking, now) if locking else ()),
        *(_pricing(actor, at[Stage.PRICE_EVALUATION], now) if Stage.PRICE_EVALUATION in at else ()),
    ]


def _item(competition: Competition, title: str, detail: str, endpoint: str) -> WaitingItem:
    return WaitingItem(
        title,
        detail,
        f"evaluation.{endpoint}",
        {"reference": competition.reference},
        context=competition.title,
    )


def _interests(
    actor: Actor, competitions: Sequence[Competition], now: datetime
) -> Iterator[WaitingItem]:
    """Whoever declared an interest stays barred until two people have decided on it."""
    facts = competition_queries.facts_of_each(competitions, now)
    waiting = competition_queries.interests_to_decide(*competitions)
    for competition in competitions:
        number = sum(
            may(
                actor,
                Permission.EVALUATION_PROPOSE_INTEREST,
                replace(facts[competition.id], person=interest.person),
            )
            for interest in waiting[competition.id]
        )
        if number:
            yield _item(
                competition,
                "Propose a decision on a declared interest",
                f"{number} {'declaration is' if number == 1 else 'declarations are'} not decided.",
                "interests",
            )


def _selection(
    actor: Actor, competitions: Sequence[Competition], now: datetime
) -> Iterator[WaitingItem]:
    parts = parts_of_each(*competitions)
    given = assessors_of_each(*competitions)
    assessed = assessments_in(*competitions)
    facts = competition_queries.facts_of_each(competitions, now)
    proposed = competition_queries.events_proposed(*competitions)
    responses: dict[int, list[SelectionResponse]] = {row.id: [] for row in competitions}
    for response in submission_queries.submitted_responses(*competitions):
        responses[response.competition_id].append(response)
    bars = competition_queries.bars_in(*competitions, people=[actor.reference])
    declared = {key: {bar.organisation for bar in found} for key, found in bars.items()}
    for competition in competitions:
        key = competition.id
        mine = [
            part
            for part in parts[key]
            if any(row.assessor == actor.reference for row in given[key].get(part, ()))
        ]
        to_assess = sum(
            part not in assessed.get(response.id, {})
            for response in responses[key]
            if not declared[key] & {None, response.organisation.reference}
            for part in mine
        )
        if to_assess:
            yield _item(
                competition,
                "Assess PQQ responses",
                f"{to_assess} {'assessment waits' if to_assess == 1 else 'assessments wait'} for "
                "you.",
                "selection",
            )
        if not may(actor, Permission.EVALUATION_PROPOSE_SHORTLIST, facts[key]):
            continue
        without = [part for part in parts[key] if part not in given[key]]
        if without:
            yield _item(
                competition,
                "Give each part of the PQQ to an assessor",
                "Nobody has: " + ", ".join(without) + ".",
                "selection",
            )
        is_complete = all(
            part in assessed.get(response.id, {})
            for response in responses[key]
            for part in parts[key]
        )
        if is_complete and (key, "shortlist_confirmed") not in proposed:
            yield _item(
                competition,
                "Propose the shortlist",
                "Every part of every response is assessed.",
                "shortlist",
            )


def _assigning(competitions: Sequence[Competition]) -> Iterator[WaitingItem]:
    every_lot, every_criterion = lots_and_criteria(*competitions)
    assigned = teams(*competitions)
    for competition in competitions:
        lots = [row for row in every_lot if row.competition_id == competition.id]
        criteria = [row for row in every_criterion if row.competition_id == competition.id]
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
                f"{without} of {len(lots) * len(criteria)} pairs of lot and criterion have no "
                "complete team yet.",
                "assignments",
            )


def _sheets(actor: Actor, competitions: Sequence[Competition]) -> Iterator[WaitingItem]:
    steps: dict[int, list[str]] = {row.id: [] for row in competitions}
    for sheet in own_sheets(actor.reference, *competitions):
        steps[sheet.lot.competition_id].append(sheet.step)
    for competition in competitions:
        for step, title, detail in (
            ("mark", "Mark the answers assigned to you", "to submit"),
            ("record", "Record the consensus", "on which everyone has submitted"),
            (
                "agree",
                "Agree to the consensus, or dissent",
                "on which the moderator has recorded it",
            ),
        ):
            number = steps[competition.id].count(step)
            if number:
                yield _item(
                    competition,
                    title,
                    f"{number} {'sheet' if number == 1 else 'sheets'} {detail}.",
                    "marking",
                )


def _leading(
    actor: Actor, competitions: Sequence[Competition], now: datetime
) -> Iterator[WaitingItem]:
    yield from _assigning_with_bids(competitions)
    facts = competition_queries.facts_of_each(competitions, now)
    proposed = competition_queries.events_proposed(*competitions)
    locking = [
        row
        for row in competitions
        if may(actor, Permission.EVALUATION_PROPOSE_QUALITY_LOCK, facts[row.id])
        and (row.id, "quality_locked") not in proposed
    ]
    missing = missing_in_each(*locking) if locking else {}
    for competition in locking:
        if not missing[competition.id]:
            yield _item(
                competition, "Propose the quality lock", "Every record is complete.", "quality_lock"
            )


def _assigning_with_bids(competitions: Sequence[Competition]) -> Iterator[WaitingItem]:
    """People whose declared interest keeps them from what they were given must be replaced."""
    lots, _criteria = lots_and_criteria(*competitions)
    by_person: dict[str, set[int]] = {}
    for (lot, _criterion), team in teams(*competitions).items():
        for row in (*team.evaluators, *team.moderators):
            by_person.setdefault(row.person, set()).add(lot)
    touched = conflicts_in(competitions, lots, by_person)
    for competition in competitions:
        stuck = sum(
            any(lot.id in by_person[person] for lot in conflicting)
            for (key, person), conflicting in touched.items()
            if key == competition.id
        )
        if stuck:
            yield _item(
                competition,
                "Replace people who declared an interest",
                f"{stuck} {'person has' if stuck == 1 else 'people have'} lost access to answers "
                "that somebody must mark or moderate.",
                "assignments",
            )


def _pricing(
    actor: Actor, competitions: Sequence[Competition], now: datetime
) -> Iterator[WaitingItem]:
    facts = competition_queries.facts_of_each(competitions, now)
    marked = marked_in(actor.reference, *competitions)
    for competition in competitions:
        known = replace(facts[competition.id], has_marked_here=competition.id in marked)
        if may(actor, Permission.EVALUATION_COMPLETE_PRICES, known):
            yield _item(
                competition,
                "Complete the price evaluation",
                "The price envelopes are open.",
                "prices",
            )
