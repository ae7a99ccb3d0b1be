"""Why an award is as it is, or why there is none, with the names that people know."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from commissioning.award.domain.answer import Infeasible
from commissioning.award.domain.explanation import Explanation, Loser, Reason, Winner
from commissioning.award.domain.limits import Rule
from commissioning.award.domain.objective import measure
from commissioning.award.domain.problem import AwardRule, Problem, parse_problem
from commissioning.award.domain.reading import read_explanation, read_infeasible
from commissioning.award.domain.shortfall_words import shortfall_in_words
from commissioning.award.domain.standing import rule_name
from commissioning.award.domain.wording import (
    LIMIT_WORDS,
    OBJECTIVE_WORDS,
    in_plain_names,
    limits_in_words,
)
from commissioning.identity import queries as identities
from commissioning.kernel.errors import NotFound

REASONS = {
    Reason.IMPOSSIBLE: "Impossible",
    Reason.DEARER: "Not better",
    Reason.CAPACITY: "Capacity or ceiling",
    Reason.OWN_LIMIT: "Limit on the bidder",
    Reason.SHARED_LIMIT: "Limit on its group",
    Reason.COMBINATION: "All lots together",
}
"""Why a bid lost, in a word or two; the sentence beside it says the rest."""


@dataclass(frozen=True, slots=True)
class CostRow:
    """What one limit costs, in the unit of the objective; None where it was not settled."""

    limit: str
    cost: Fraction | None
    objective_without: Fraction | None
    binding_for: tuple[str, ...]
    is_saving: bool


@dataclass(frozen=True, slots=True)
class RuleRow:
    """What one award rule gives: how it differs from the award that stands."""

    name: str
    is_published: bool
    objective: Fraction | None
    cost: Fraction | None
    differs_on: tuple[str, ...]
    unawarded: tuple[str, ...]
    broken: str
    is_proven: bool


@dataclass(frozen=True, slots=True)
class LosingBid:
    """A bid that lost: its figure and rank on the lot, why, and what it would cost to let it win.

    `figure` is what bids are ranked by, with quality as it is. `moves` are the other lots that go
    elsewhere in the best award with the bid.
    """

    bidder: str
    figure: Fraction
    rank: int
    reason: str
    in_words: str
    cost: Fraction | None
    is_impossible: bool
    moves: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LotStory:
    """How one lot was won, and why each other bid lost it; `winner` is None where nobody may."""

    lot: str
    winner: str | None
    figure: Fraction | None
    rank: int | None
    in_words: str
    losers: tuple[LosingBid, ...]


@dataclass(frozen=True, slots=True)
class ExplainedAward:
    """Everything that an explanation says, exact, with names in its sentences."""

    objective_kind: str
    objective_name: str
    objective: Fraction
    optimum: Fraction | None
    costs: tuple[CostRow, ...]
    rules: tuple[RuleRow, ...]
    lots: Mapping[str, LotStory]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Why there is no award: sentences, the limits in conflict, and the most that can be had."""

    sentences: tuple[str, ...]
    conflict: tuple[str, ...]
    partial: Mapping[str, str]


def names_in(problem: Problem) -> dict[str, str]:
    """What people call the bidders of a problem, and the suppliers behind its groups."""
    suppliers = {group.id: group.id.removeprefix("group:") for group in problem.groups}
    found = identities.names_of([*(one.id for one in problem.bidders), *suppliers.values()])
    return {**found, **{group: found.get(one, one) for group, one in suppliers.items()}}


def explained_award(problem_text: str, answer_text: str) -> ExplainedAward | None:
    """The explanation that an answer carries; None where it holds none. See `domain.explanation`.

    Both texts are documents as they were kept.
    """
    problem, answer = parse_problem(problem_text), json.loads(answer_text)
    explanation = read_explanation(answer)
    if explanation is None:
        return None
    names = names_in(problem)
    award: Mapping[str, str] = answer["award"]
    optimum = explanation.rules[AwardRule.OPTIMUM]
    return ExplainedAward(
        objective_kind=problem.objective.value,
        objective_name=OBJECTIVE_WORDS[problem.objective],
        objective=Fraction(answer["objective"]),
        optimum=optimum.objective if optimum.is_proven else None,
        costs=_costs(explanation, names),
        rules=_rules(problem, explanation, award),
        lots={lot.id: _story(problem, lot.id, explanation, award, names) for lot in problem.lots},
    )


def lot_story(problem_text: str, answer_text: str, lot: str) -> tuple[ExplainedAward, LotStory]:
    """How one lot was won and lost; NotFound where the lot is not in it, or nothing explains it."""
    explained = explained_award(problem_text, answer_text)
    if explained is None or lot not in explained.lots:
        raise NotFound
    return explained, explained.lots[lot]


def shortfall_of(problem_text: str, answer_text: str) -> Shortfall | None:
    """Why an answer holds no award, in words; None where it does, or where that is not known."""
    problem = parse_problem(problem_text)
    infeasible = read_infeasible(json.loads(answer_text))
    if infeasible is None:
        return None
    return _shortfall(problem, infeasible, names_in(problem))


def _shortfall(problem: Problem, infeasible: Infeasible, names: Mapping[str, str]) -> Shortfall:
    partial = infeasible.partial.award if infeasible.partial is not None else {}
    return Shortfall(
        tuple(in_plain_names(each, names) for each in shortfall_in_words(problem, infeasible)),
        tuple(
            dict.fromkeys(LIMIT_WORDS.get(rule, rule.value) for rule in infeasible.conflict or ())
        ),
        {lot.id: partial.get(lot.id, "") for lot in problem.lots} if partial else {},
    )


def _costs(explanation: Explanation, names: Mapping[str, str]) -> tuple[CostRow, ...]:
    return tuple(
        CostRow(
            LIMIT_WORDS[rule],
            cost.cost,
            cost.objective_without,
            tuple(names.get(one, one) for one in cost.binding_for),
            is_saving=rule is Rule.PACKAGES,
        )
        for rule, cost in explanation.limits.items()
    )


def _rules(
    problem: Problem, explanation: Explanation, award: Mapping[str, str]
) -> tuple[RuleRow, ...]:
    best = explanation.rules[AwardRule.OPTIMUM].objective
    rows = []
    for rule, given in explanation.rules.items():
        is_whole = given.objective is not None and not given.unawarded and given.is_proven
        rows.append(
            RuleRow(
                rule_name(rule),
                rule is problem.award_rule,
                given.objective if given.award else None,
                abs(given.objective - best)
                if is_whole and best is not None and given.objective is not None
                else None,
                tuple(
                    lot.id for lot in problem.lots if given.award.get(lot.id) != award.get(lot.id)
                )
                if given.award
                else (),
                given.unawarded if given.award else (),
                limits_in_words(given.broken) if given.broken else "",
                given.is_proven,
            )
        )
    return tuple(rows)


def _story(
    problem: Problem,
    lot: str,
    explanation: Explanation,
    award: Mapping[str, str],
    names: Mapping[str, str],
) -> LotStory:
    winner: Winner | None = next((one for one in explanation.winners if one.lot == lot), None)
    figures = {bid.bidder: measure(problem, bid) for bid in problem.bids_on[lot]}
    return LotStory(
        lot=lot,
        winner=award.get(lot),
        figure=abs(figures[winner.bidder]) if winner is not None else None,
        rank=winner.rank_on_lot if winner is not None else None,
        in_words=in_plain_names(winner.in_words, names)
        if winner is not None
        else f"By the published rule nobody may take lot {lot}.",
        losers=tuple(
            _losing(loser, figures, names)
            for loser in sorted(
                (one for one in explanation.losers if one.lot == lot),
                key=lambda one: figures[one.bidder],
            )
        ),
    )


def _losing(loser: Loser, figures: Mapping[str, Fraction], names: Mapping[str, str]) -> LosingBid:
    own = figures[loser.bidder]
    return LosingBid(
        bidder=names.get(loser.bidder, loser.bidder),
        figure=abs(own),
        rank=1 + sum(other < own for other in figures.values()),
        reason=REASONS[loser.reason],
        in_words=in_plain_names(loser.in_words, names),
        cost=loser.cost_if_forced,
        is_impossible=loser.reason is Reason.IMPOSSIBLE,
        moves=loser.lots_that_would_move,
    )
