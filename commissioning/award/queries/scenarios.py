"""Reading scenarios: what each changes, how far its solving is, and its last answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import joinedload

from commissioning.award.domain.problem import Problem, parse_problem, problem_sha256
from commissioning.award.domain.scenario import Changes, changes_in_words, scenario_problem
from commissioning.award.domain.standing import is_proven_by_rule
from commissioning.award.domain.work import ACTIVE, FELL_SILENT, has_fallen_silent
from commissioning.award.models import AwardRun, AwardScenario, AwardWork
from commissioning.award.queries.award import Solved, problem_of_record
from commissioning.award.queries.explained import names_in
from commissioning.competition.models import Competition
from commissioning.infrastructure.database import db
from commissioning.kernel.errors import NotFound


def scenario_by_reference(reference: str) -> AwardScenario:
    """A scenario with its competition; NotFound where there is none."""
    found = db.session.scalar(
        select(AwardScenario)
        .options(joinedload(AwardScenario.competition))
        .where(AwardScenario.reference == reference)
    )
    if found is None:
        raise NotFound
    return found


def scenarios_of(competition: Competition) -> Sequence[AwardScenario]:
    """The scenarios of a competition, in the order in which they were made."""
    return db.session.scalars(
        select(AwardScenario)
        .where(AwardScenario.competition_id == competition.id)
        .order_by(AwardScenario.id)
    ).all()


def changes_of(scenario: AwardScenario) -> Changes:
    """What a scenario has instead of what was published."""
    return Changes.from_dict(json.loads(scenario.changes))


def work_by_reference(reference: str) -> AwardWork:
    """A piece of work with its competition; NotFound where there is none."""
    found = db.session.scalar(
        select(AwardWork)
        .options(joinedload(AwardWork.competition))
        .where(AwardWork.reference == reference)
    )
    if found is None:
        raise NotFound
    return found


def is_settled(problem: Problem, answer: Mapping[str, Any]) -> bool:
    """Whether an answer is final: proven to be what the rule gives, or that there is no award."""
    return answer["status"] == "infeasible" or is_proven_by_rule(problem, answer)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a piece of work is, as a page says it."""

    reference: str
    is_active: bool
    is_waiting: bool
    done: int
    total: int
    says: str
    asked_by: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class ScenarioStanding:
    """A scenario as a page shows it.

    `changes` are sentences; `progress` is of the work asked for last, None before the first;
    `solved` is the last answer; `is_older` says that the scenario or the record changed since.
    """

    reference: str
    name: str
    changes: tuple[str, ...]
    progress: Progress | None
    solved: Solved | None
    is_older: bool


def scenario_standing(
    competition: Competition, scenario: AwardScenario, real_now: datetime
) -> ScenarioStanding:
    """What a scenario changes, how far its solving is, and its last answer."""
    return scenario_standings(competition, [scenario], real_now)[0]


def scenario_standings(
    competition: Competition, scenarios: Sequence[AwardScenario], real_now: datetime
) -> list[ScenarioStanding]:
    """The same for many scenarios of a competition at once."""
    published = parse_problem(problem_of_record(competition))
    works: dict[int | None, list[AwardWork]] = {}
    for work in _works(AwardWork.id.in_(_last_works(scenarios))):
        works.setdefault(work.scenario_id, []).append(work)
    names = names_in(published)
    return [
        _standing(published, names, scenario, works.get(scenario.id, []), real_now)
        for scenario in scenarios
    ]


def _last_works(scenarios: Sequence[AwardScenario]) -> list[int]:
    """The keys of each scenario's newest work, and of its newest that came to an answer."""
    of = AwardWork.scenario_id.in_([scenario.id for scenario in scenarios])
    newest = select(func.max(AwardWork.id)).where(of).group_by(AwardWork.scenario_id)
    answered = newest.where(AwardWork.answer.is_not(None))
    return list(db.session.scalars(newest.union(answered)))


def _standing(
    published: Problem,
    names: Mapping[str, str],
    scenario: AwardScenario,
    works: Sequence[AwardWork],
    real_now: datetime,
) -> ScenarioStanding:
    changes = changes_of(scenario)
    done = next((work for work in works if work.answer is not None), None)
    return ScenarioStanding(
        scenario.reference,
        scenario.name,
        changes_in_words(published, changes, names),
        progress_of(works[0], real_now) if works else None,
        _solved(done),
        done is not None
        and done.problem_sha256 != problem_sha256(scenario_problem(published, changes)),
    )


def _solved(work: AwardWork | None) -> Solved | None:
    if work is None or work.answer is None:
        return None
    return Solved(work.problem, work.answer, work.asked_at)


def progress_of(work: AwardWork, real_now: datetime) -> Progress:
    """How far work is; what gives no sign of life any more is said to have ended."""
    is_silent = has_fallen_silent(work.status, work.seen_at, real_now)
    return Progress(
        work.reference,
        work.status in ACTIVE and not is_silent,
        work.status == "waiting",
        work.done,
        work.total,
        FELL_SILENT if is_silent else work.says,
        work.asked_by,
        work.ended_at,
    )


@dataclass(frozen=True, slots=True)
class OtherAward:
    """One award beside the one that stands: what it is worth, and which lots go elsewhere."""

    place: int
    objective: Fraction
    is_the_award: bool
    differs_on: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AlternativesFound:
    """The awards within a margin of the optimum, the best first, and whether these are all."""

    margin_ppm: int
    is_complete: bool
    awards: tuple[OtherAward, ...]


def alternatives_standing(
    run: AwardRun, real_now: datetime
) -> tuple[Progress | None, tuple[AlternativesFound, ...]]:
    """How far the search beside a run is, and what was found: the last answer of each margin."""
    works = _works(and_(AwardWork.run_id == run.id, AwardWork.margin_ppm.is_not(None)))
    award = json.loads(run.answer)["award"]
    names = names_in(parse_problem(run.problem))
    found: dict[int, AlternativesFound] = {}
    for work in works:
        margin = work.margin_ppm or 0
        if work.answer is not None and margin not in found:
            found[margin] = _found(margin, json.loads(work.answer), award, names)
    return (
        progress_of(works[0], real_now) if works else None,
        tuple(found[margin] for margin in sorted(found)),
    )


def _found(
    margin: int, document: Mapping[str, Any], award: Mapping[str, str], names: Mapping[str, str]
) -> AlternativesFound:
    return AlternativesFound(
        margin,
        document["complete"],
        tuple(
            OtherAward(
                place,
                Fraction(each["objective"]),
                each["award"] == award,
                tuple(
                    (lot, names.get(bidder, bidder))
                    for lot, bidder in each["award"].items()
                    if award.get(lot) != bidder
                ),
            )
            for place, each in enumerate(document["awards"], start=1)
        ),
    )


def _works(condition: Any) -> Sequence[AwardWork]:
    return db.session.scalars(
        select(AwardWork).where(condition).order_by(AwardWork.id.desc()).limit(200)
    ).all()
