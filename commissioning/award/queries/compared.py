"""Scenarios beside the published award: winners, totals, shares and the cost of each limit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from commissioning.award.domain.limits import holdings
from commissioning.award.domain.problem import parse_problem
from commissioning.award.domain.scenario import totals_of
from commissioning.award.domain.standing import rule_name
from commissioning.award.domain.wording import OBJECTIVE_WORDS
from commissioning.award.models import AwardScenario
from commissioning.award.queries.award import Solved, latest_run
from commissioning.award.queries.explained import CostRow, explained_award, names_in
from commissioning.award.queries.scenarios import scenario_standing
from commissioning.competition.models import Competition


@dataclass(frozen=True, slots=True)
class Column:
    """One award among those compared; `reference` is None for the published one.

    `winners` is lot to the bidder's name; `shares` is bidder's name to its share of the published
    total. `price` in pence, `quality` in milli-points, `ratio` and `sum_of_ratios` in pence a
    milli-point. Without an
    award they are empty or None, and `says` is why.
    """

    reference: str | None
    name: str
    rule: str
    changes: tuple[str, ...]
    says: str
    objective_kind: str
    objective_name: str
    winners: Mapping[str, str]
    shares: Mapping[str, Fraction]
    price: int | None
    quality: int | None
    ratio: Fraction | None
    sum_of_ratios: Fraction | None
    costs: tuple[CostRow, ...]
    differs_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """The published award first, then the scenarios; and the lots and bidders in any of them."""

    columns: tuple[Column, ...]
    lots: tuple[str, ...]
    bidders: tuple[str, ...]


def compared_scenarios(
    competition: Competition, scenarios: Sequence[AwardScenario], real_now: datetime
) -> Compared:
    """The published award beside the last answers of scenarios, all figures exact."""
    run = latest_run(competition)
    published = Solved(run.problem, run.answer, run.solved_at) if run is not None else None
    base = _column(
        None, "Published", published, says="" if published else "Not solved yet.", beside={}
    )
    columns = [base]
    for scenario in scenarios:
        standing = scenario_standing(competition, scenario, real_now)
        says = "" if standing.solved is not None else "Not solved yet."
        if standing.is_older:
            says = "Changed since it was solved."
        columns.append(
            _column(
                standing.reference,
                standing.name,
                standing.solved,
                changes=standing.changes,
                says=says,
                beside=base.winners,
            )
        )
    named = {lot for column in columns for lot in column.winners}
    return Compared(
        tuple(columns),
        tuple(lot.reference for lot in competition.lots if lot.reference in named),
        tuple(sorted({bidder for column in columns for bidder in column.shares})),
    )


def _column(
    reference: str | None,
    name: str,
    solved: Solved | None,
    *,
    changes: tuple[str, ...] = (),
    says: str,
    beside: Mapping[str, str],
) -> Column:
    if solved is None:
        return Column(
            reference,
            name,
            "",
            changes,
            says,
            "min_sum_ppqp",
            "",
            {},
            {},
            None,
            None,
            None,
            None,
            (),
            (),
        )
    problem, answer = parse_problem(solved.problem), json.loads(solved.answer)
    names = names_in(problem)
    award: Mapping[str, str] = answer["award"]
    explained = explained_award(solved.problem, solved.answer)
    totals = totals_of(problem, award) if award else None
    winners = {lot: names.get(bidder, bidder) for lot, bidder in award.items()}
    every = {*winners, *beside} if winners and beside else set()
    return Column(
        reference,
        name,
        rule_name(problem.award_rule),
        changes,
        says or ("" if award else "No award keeps every limit."),
        problem.objective.value,
        OBJECTIVE_WORDS[problem.objective],
        winners,
        {
            names.get(each.id, each.id): each.share
            for each in (holdings(problem, award) if award else ())
            if each.lots and not each.is_group and each.share is not None
        },
        totals.price if totals is not None else None,
        totals.quality if totals is not None else None,
        totals.ratio if totals is not None else None,
        totals.sum_of_ratios if totals is not None else None,
        explained.costs if explained is not None else (),
        tuple(sorted(lot for lot in every if winners.get(lot) != beside.get(lot))),
    )
