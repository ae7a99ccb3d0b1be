"""Checking an award with no solver: every limit, every reference, the exact objective.

Whoever made the award, and however, this says whether it is valid. It does not say whether it is
the best one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commissioning.award.domain.limits import Broken, Rule, broken_limits
from commissioning.award.domain.objective import objective_value
from commissioning.award.domain.problem import BadProblem, Problem, read_json
from commissioning.award.domain.problem.places import inside, quoted
from commissioning.award.domain.rationals import rational_text
from commissioning.award.domain.reversion import REVERSIONS, reversion


def verify(problem: Problem, answer: Mapping[str, Any]) -> list[Broken]:
    """An award is valid when every lot goes to one bidder that bid for it, within every limit.

    Under a reversion rule a lot may go to nobody, but only where the award is, lot for lot, what
    that rule gives.

    `answer` is the document that `Answer.to_dict` writes; only `award` and `objective` are read,
    and an objective that is not stated at all is not checked. Returns what is broken, nothing
    where the award is valid. Raises BadProblem where the document holds no award.
    """
    award = read_award(answer)
    misnamed = _misnamed(problem, award)
    if misnamed:
        return misnamed
    broken = _unawarded(problem, award)
    if broken and problem.award_rule in REVERSIONS:
        by_rule = reversion(problem, problem.award_rule)
        broken = [] if dict(award) == by_rule else broken
    broken.extend(broken_limits(problem, award))
    if "objective" in answer:
        exact = rational_text(objective_value(problem, award))
        stated = answer["objective"]
        if stated != exact:
            shown = quoted(stated) if isinstance(stated, str) else "something else than a text"
            sentence = f"The objective is stated as {shown}; it is exactly {quoted(exact)}."
            broken.append(Broken(Rule.OBJECTIVE, exact, sentence))
    return broken


def read_answer(source: str | bytes) -> Mapping[str, Any]:
    """The answer document of a JSON text. Raises BadProblem where there is no award in it."""
    answer = read_json(source)
    if not isinstance(answer, Mapping):
        raise BadProblem("$", "must be an object that holds an award")
    read_award(answer)
    return answer


def read_award(answer: Mapping[str, Any]) -> Mapping[str, str]:
    """The award in an answer: lot to bidder. Raises BadProblem where there is none to check."""
    award = answer.get("award")
    if not isinstance(award, Mapping):
        raise BadProblem("$.award", "must be an object that gives each lot a bidder")
    twice = getattr(answer, "twice", None) or getattr(award, "twice", None)
    if twice is not None:
        raise BadProblem("$.award", f"cannot be read: {quoted(twice)} stands twice in one object")
    if not award:
        raise BadProblem("$.award", "holds no award to check")
    for lot, bidder in award.items():
        if not isinstance(bidder, str):
            raise BadProblem(inside("$.award", lot), "must be the id of a bidder")
    return award


def _misnamed(problem: Problem, award: Mapping[str, str]) -> list[Broken]:
    """Lots, bidders and bids that the problem does not know: nothing can be counted with them."""
    broken = []
    for lot, bidder in award.items():
        if lot not in problem.lot_by_id:
            broken.append(Broken(Rule.UNKNOWN, lot, f"There is no lot {lot} in the problem."))
        elif bidder not in problem.bidder_by_id:
            sentence = f"Lot {lot} goes to {bidder}, who is no bidder of the problem."
            broken.append(Broken(Rule.UNKNOWN, bidder, sentence))
        elif (bidder, lot) not in problem.bid_for:
            sentence = f"Lot {lot} goes to {bidder}, who made no bid for it."
            broken.append(Broken(Rule.NO_BID, lot, sentence))
    return broken


def _unawarded(problem: Problem, award: Mapping[str, str]) -> list[Broken]:
    return [
        Broken(Rule.EVERY_LOT, lot.id, f"Lot {lot.id} goes to nobody.")
        for lot in problem.lots
        if lot.id not in award
    ]
