"""The rehearsal itself: every invented market solved by every rule, and without the limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from commissioning.award.domain.explanation import RuleAnswer
from commissioning.award.domain.limits import Rule
from commissioning.award.domain.optimiser import Certificate, Deadline, Inquiry
from commissioning.award.domain.optimiser.deadline import OutOfTime
from commissioning.award.domain.optimiser.rules import answer_by
from commissioning.award.domain.problem import AwardRule, Problem
from commissioning.award.domain.rehearsal.assumptions import Assumptions
from commissioning.award.domain.rehearsal.markets import InventedMarket, Rules, invented_market
from commissioning.award.domain.rehearsal.report import (
    KindOutlook,
    LimitOutlook,
    LotOutlook,
    MarketOutcome,
    Rehearsal,
    RuleOutlook,
    spread_of,
)
from commissioning.award.domain.robustness.findings import Heard, go_on, heard_through
from commissioning.award.domain.what_if import stated_limits, without

SHARE_LIMITS: Final = (
    Rule.MAX_VALUE_SHARE_PER_BIDDER,
    Rule.MAX_VALUE_SHARE_PER_GROUP,
    Rule.GROUP_MAX_VALUE_SHARE,
)
"""What the share limit is: of bidders and of suppliers through all their bidders, together."""

FUNDING_LIMITS: Final = (Rule.BIDDER_MAX_VALUE,)
"""What the funding test is: the value won is at most a multiple of the funding proved."""


@dataclass(frozen=True)
class _Solved:
    """One market with the answers of all rules, and its optimum without each limit."""

    market: InventedMarket
    answers: Mapping[AwardRule, RuleAnswer] = field(default_factory=dict)
    without_shares: Fraction | None = None
    without_funding: Fraction | None = None

    @property
    def optimum(self) -> Fraction | None:
        """The objective of the optimum; None where no award exists, or there is no bid."""
        found = self.answers.get(AwardRule.OPTIMUM)
        return None if found is None else found.objective

    def award_by(self, rule: AwardRule) -> Mapping[str, str]:
        """The award that a rule gives; empty where it gives none."""
        found = self.answers.get(rule)
        return {} if found is None or found.broken else found.award


def rehearse(rules: Rules, assumptions: Assumptions, *, heard: Heard = go_on) -> Rehearsal:
    """What the rules would do, market by market, if markets were as assumed. All are invented.

    Each market is solved by all four award rules, and the optimum again without the share limits
    and without the funding test; every figure is an exact difference of proven answers. A lot
    without a valid bid is left out of its market, as in a real one. `heard` is told how many
    markets of how many are done; where it stops, the report is of those solved by then. Raises
    OutOfTime where even the solver cannot settle a market.
    """
    inquiry = Inquiry("highs", Deadline())
    solved = [
        _solve(invented_market(rules, assumptions, number), inquiry)
        for number in heard_through(range(assumptions.markets), heard)
    ]
    published = AwardRule(rules.model["award_rule"])
    pairs = [each for each in solved if each.market.problem is not None]
    return Rehearsal(
        assumptions=assumptions,
        published=published,
        markets=tuple(_outcome(each, len(rules.values)) for each in solved),
        without_bid=len(solved) - len(pairs),
        without_award=sum(each.optimum is None for each in pairs),
        lots=tuple(_lot(lot, solved) for lot in rules.values),
        share_limit=_limit(
            any(rules.model["limits"].get(rule.value) for rule in SHARE_LIMITS[:2]),
            [(each.optimum, each.without_shares) for each in pairs],
        ),
        funding_test=_limit(
            bool(rules.model["limits"].get("funding_multiple")),
            [(each.optimum, each.without_funding) for each in pairs],
        ),
        rules=tuple(_rule(rule, pairs) for rule in AwardRule),
        kinds=_kinds(rules, assumptions, published, pairs),
        is_exact=inquiry.certificate is Certificate.EXACT,
    )


def _solve(market: InventedMarket, inquiry: Inquiry) -> _Solved:
    problem = market.problem
    if problem is None:
        return _Solved(market)
    engine = inquiry.engine(problem)
    answers = {rule: answer_by(rule, engine, inquiry) for rule in AwardRule}
    if not all(answer.is_proven for answer in answers.values()):
        raise OutOfTime
    return _Solved(
        market,
        answers,
        _without(problem, SHARE_LIMITS, answers, inquiry),
        _without(problem, FUNDING_LIMITS, answers, inquiry),
    )


def _without(
    problem: Problem,
    limits: Sequence[Rule],
    answers: Mapping[AwardRule, RuleAnswer],
    inquiry: Inquiry,
) -> Fraction | None:
    """The optimum without some limits; as it is, where none of them is stated."""
    stated = [rule for rule in stated_limits(problem) if rule in limits]
    if not stated:
        return answers[AwardRule.OPTIMUM].objective
    for rule in stated:
        problem = without(problem, rule)
    return inquiry.optimum(inquiry.engine(problem)).value


def _outcome(solved: _Solved, lots: int) -> MarketOutcome:
    counts = _bids_by_lot(solved)
    valued = counts.values()
    best = solved.optimum
    return MarketOutcome(
        number=solved.market.number,
        bidders=len(solved.market.bidders),
        bids=sum(valued),
        lots_without_bid=lots - len(counts),
        lots_with_one_bid=sum(count == 1 for count in valued),
        objective=best,
        share_cost=_part(best, solved.without_shares),
        funding_cost=_part(best, solved.without_funding),
        worse_by=tuple(
            (rule, worse)
            for rule, answer in solved.answers.items()
            if solved.award_by(rule) and not answer.unawarded
            for worse in [_part(answer.objective, best)]
            if worse is not None
        ),
    )


def _part(worse: Fraction | None, better: Fraction | None) -> Fraction | None:
    """How much worse a figure is than another, as a part of that; None where it is none of it."""
    if worse is None or better is None:
        return None
    if worse == better:
        return Fraction(0)
    return abs(worse - better) / abs(better) if better else None


def _bids_by_lot(solved: _Solved) -> dict[str, int]:
    problem = solved.market.problem
    return {} if problem is None else {lot: len(bids) for lot, bids in problem.bids_on.items()}


def _lot(lot: str, solved: Sequence[_Solved]) -> LotOutlook:
    counts = [_bids_by_lot(each).get(lot, 0) for each in solved]
    return LotOutlook(
        lot, tuple(counts.count(number) for number in range(max(counts, default=0) + 1))
    )


def _limit(
    is_stated: bool,  # noqa: FBT001 - what it is, not how to go about it
    pairs: Sequence[tuple[Fraction | None, Fraction | None]],
) -> LimitOutlook:
    both = [(best, freed) for best, freed in pairs if best is not None and freed is not None]
    costs = [abs(best - freed) for best, freed in both]
    parts = [part for best, freed in both if (part := _part(best, freed)) is not None]
    return LimitOutlook(
        is_stated=is_stated,
        compared=len(both),
        costing=sum(cost > 0 for cost in costs),
        made_impossible=sum(best is None and freed is not None for best, freed in pairs),
        absolute=spread_of(costs),
        relative=spread_of(parts),
    )


def _rule(rule: AwardRule, pairs: Iterable[_Solved]) -> RuleOutlook:
    markets = [each for each in pairs if each.optimum is not None]
    awarded = [each for each in markets if each.award_by(rule)]
    whole = [each for each in awarded if not each.answers[rule].unawarded]
    differing = [each for each in whole if each.award_by(rule) != each.award_by(AwardRule.OPTIMUM)]
    parts = [_part(each.answers[rule].objective, each.optimum) for each in differing]
    return RuleOutlook(
        rule=rule,
        markets=len(markets),
        whole=len(whole),
        differing=len(differing),
        leaving_lots=len(awarded) - len(whole),
        without_award=len(markets) - len(awarded),
        worse_by=spread_of(part for part in parts if part is not None),
    )


def _kinds(
    rules: Rules, assumptions: Assumptions, published: AwardRule, pairs: Sequence[_Solved]
) -> tuple[KindOutlook, ...]:
    """How each kind fares, over the markets in which the published rule gives an award."""
    awarded = [(each.market, award) for each in pairs if (award := each.award_by(published))]
    value = sum(rules.values[lot] for _, award in awarded for lot in award)
    outlooks = []
    for kind in assumptions.kinds:
        bidders = bids = winners = lots = worth = 0
        for market, award in awarded:
            of_kind = {each.id for each in market.bidders if each.kind == kind.id}
            won = [lot for lot, who in award.items() if who in of_kind]
            bidders += len(of_kind)
            if market.problem is not None:
                bids += sum(bid.bidder in of_kind for bid in market.problem.bids)
            winners += len({award[lot] for lot in won})
            lots += len(won)
            worth += sum(rules.values[lot] for lot in won)
        share = Fraction(worth, value) if value else Fraction(0)
        outlooks.append(KindOutlook(kind.id, kind.name, bidders, bids, winners, lots, share))
    return tuple(outlooks)
