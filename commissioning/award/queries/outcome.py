"""What one bidder is told when preferred bidders are announced: its own bids, and who won.

Of any other bid it learns who is preferred, that bid's quality points and its price per quality
point; of those that are not preferred it learns how many were ranked, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from commissioning.award.domain import comparison
from commissioning.award.domain.objective import measure
from commissioning.award.domain.problem import parse_problem
from commissioning.award.domain.wording import (
    NOBODY_MAY_TAKE,
    PREFERRED_OVER_ALL,
    why_not_preferred,
    why_outranked,
)
from commissioning.award.models import PreferredBidder
from commissioning.award.queries.award import announced_runs, preferred_bidders
from commissioning.competition import queries as competitions
from commissioning.competition.domain.criteria import EvaluationModel, decimal_text
from commissioning.competition.models import Competition
from commissioning.evaluation import queries as evaluations
from commissioning.evaluation.models import BidResult
from commissioning.identity import queries as identities
from commissioning.permissions import Facts
from commissioning.submission import queries as submissions
from commissioning.submission.domain.lifecycle import BidStatus
from commissioning.submission.models import Bid


@dataclass(frozen=True, slots=True)
class LeafOutcome:
    """One answer of the bidder: the agreed mark, its reason, and what it is worth in points."""

    reference: str
    question: str
    weight: str
    mark: int | None
    reason: str
    points: Fraction | None


@dataclass(frozen=True, slots=True)
class CriterionOutcome:
    """One criterion: its weight, the points of the bid out of it, and its answers."""

    reference: str
    name: str
    weight: str
    minimum_mark: int
    points: Fraction | None
    leaves: tuple[LeafOutcome, ...]


@dataclass(frozen=True, slots=True)
class LotOutcome:
    """What became of the bidder's bid for one lot.

    `figure` and `winning_figure` are price per quality point, "N/D" in pence a point. `winner` is
    the name of the preferred bidder and None where the lot has none. `result` is None for a bid
    that could not be opened; `ranked` counts the bids that have a rank on the lot.
    """

    lot: str
    name: str
    bid: str
    max_mark: int
    result: BidResult | None
    criteria: tuple[CriterionOutcome, ...]
    ranked: int
    is_preferred: bool
    winner: str | None
    winning_millipoints: int | None
    winning_figure: str | None
    because: str

    @property
    def figure(self) -> str | None:
        """The bid's own price per quality point; None where it is out."""
        return None if self.result is None else self.result.price_per_quality_point


def own_result_facts(competition: Competition, organisation: str, now: datetime) -> Facts:
    """What the permission table needs to know of a bidder's own result."""
    return competitions.facts(competition, now, organisation=organisation)


def own_outcomes(competition: Competition, organisation: str) -> list[LotOutcome]:
    """What became of each bid that a bidder submitted, lot by lot; empty where it has none.

    Meant for after the announcement: the caller asks the policy first.
    """
    bidder = identities.organisation_by_reference(organisation)
    own = [
        bid
        for bid in submissions.own_bids(bidder, competition)
        if bid.status == BidStatus.SUBMITTED.value
    ]
    model = competitions.evaluation_model(competition)
    results: dict[int, list[BidResult]] = {}
    for result in evaluations.results(competition):
        results.setdefault(result.bid.lot_id, []).append(result)
    # A lot whose preferred bidder fell away is announced anew: the last one counts.
    preferred = {row.lot_id: row for row in preferred_bidders(competition)}
    reasons = _reasons(organisation, competition)
    questions = {
        leaf.reference: leaf.question
        for criterion in competition.criteria
        for leaf in criterion.leaves
    }
    found = []
    for bid in own:
        won = preferred.get(bid.lot_id)
        criteria = _criteria(model, questions, evaluations.agreed_reasons(bid))
        found.append(
            _outcome(
                bid,
                max_mark=model.max_mark,
                criteria=criteria,
                results=results.get(bid.lot_id, []),
                preferred=won,
                reason=reasons.get(bid.lot.reference),
            )
        )
    return found


def _reasons(organisation: str, competition: Competition) -> Mapping[str, str]:
    """Why a bid of this bidder is not preferred, by lot: from the problem as it was solved.

    Only for bids that stood in the problem, by the measure of its objective and by the limits that
    stood in the way. No figure of another bidder is in it.
    """
    found = {}
    for run in announced_runs(competition):
        problem = parse_problem(run.problem)
        award = json.loads(run.answer)["award"]
        better = comparison.displaced(problem, award)
        for lot in problem.lots:
            own = problem.bid_for.get((organisation, lot.id))
            winner = award.get(lot.id)
            if own is None or winner == organisation:
                continue
            if winner is None:
                found[lot.id] = NOBODY_MAY_TAKE
                continue
            limits = {item.bidder: item.limits for item in better[lot.id]}
            if organisation in limits:
                found[lot.id] = why_not_preferred(limits[organisation], problem.objective)
            else:
                won_at = measure(problem, problem.bid_for[winner, lot.id])
                found[lot.id] = why_outranked(
                    problem.objective, is_equal=measure(problem, own) == won_at
                )
    return found


def _outcome(
    bid: Bid,
    *,
    max_mark: int,
    criteria: tuple[CriterionOutcome, ...],
    results: Sequence[BidResult],
    preferred: PreferredBidder | None,
    reason: str | None,
) -> LotOutcome:
    own = next((row for row in results if row.bid_id == bid.id), None)
    winning = (
        next((row for row in results if row.bid_id == preferred.bid_id), None)
        if preferred is not None
        else None
    )
    is_preferred = preferred is not None and preferred.bid_id == bid.id
    return LotOutcome(
        lot=bid.lot.reference,
        name=bid.lot.name,
        bid=bid.reference,
        max_mark=max_mark,
        result=own,
        criteria=criteria,
        ranked=sum(row.rank is not None for row in results),
        is_preferred=is_preferred,
        winner=preferred.organisation.name if preferred is not None else None,
        winning_millipoints=winning.quality_millipoints if winning is not None else None,
        winning_figure=winning.price_per_quality_point if winning is not None else None,
        because=_why_preferred(own) if is_preferred else _because(own, reason),
    )


def _why_preferred(own: BidResult | None) -> str:
    """What is to be said of a bid that is preferred without being first on its lot."""
    return PREFERRED_OVER_ALL if own is not None and own.rank != 1 else ""


def _because(own: BidResult | None, reason: str | None) -> str:
    """Why the bid is not preferred, as a sentence that names nobody."""
    if own is None:
        return "Your bid could not be opened, so it was not evaluated."
    if own.price_per_quality_point is None:
        return "Your bid is out, so it was not ranked."
    return reason or "No bid is preferred for this lot."


def _criteria(
    model: EvaluationModel, questions: Mapping[str, str], agreed: Mapping[str, tuple[int, str]]
) -> tuple[CriterionOutcome, ...]:
    found = []
    for criterion in model.criteria:
        leaves: list[LeafOutcome] = []
        for leaf in criterion.leaves:
            mark, reason = agreed.get(leaf.id, (None, ""))
            worth = None if mark is None else Fraction(leaf.weight) * mark / model.max_mark
            leaves.append(
                LeafOutcome(
                    leaf.id,
                    questions.get(leaf.id, ""),
                    decimal_text(leaf.weight),
                    mark,
                    reason,
                    worth,
                )
            )
        worths = [leaf.points for leaf in leaves if leaf.points is not None]
        found.append(
            CriterionOutcome(
                criterion.id,
                criterion.name,
                decimal_text(criterion.weight),
                criterion.minimum_mark,
                sum(worths, Fraction(0)) if len(worths) == len(leaves) else None,
                tuple(leaves),
            )
        )
    return tuple(found)
