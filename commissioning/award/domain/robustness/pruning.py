"""Proofs, without solving again, that other quality points change no winner.

Quality points stand in the objective and in no limit. Where the award rule still decides the same
lots beforehand, the awards to choose from are therefore the same ones as before, or fewer where a
losing bid has fallen out, and the award A that won is one of them. Another award B that may still
be chosen differs from A on some lots; on each of these it has "switched" to a losing bid.

Sums (price per quality point, quality). On a lot, a switch from the winner to bid j gains B, over
A, what the winner has become worse less what j has become worse: g = change(winner) - change(j),
less being better. B was worse than the best award with j by nothing or more, for every j that it
switched to; so B was worth at least the largest of these forced optima F. Take B's switches in
the order of F, and let k be the last. B's worth over A is now at least F(k) - V less what its
switches gain, and they gain at most the sum over lots of the largest g > 0 among switches up to
k. If that is above 0 for each k with g > 0 up to it, no award that gains anything passes A or draws
level. An award that gains nothing keeps its distance: if it was worse it still is, and if it was
equal it comes later by the tie rule, as before. Single cases of it: a winner that improves (no
switch gains) and a loser that gets worse (the same) change nothing, ties and all.

Discounts are divided by quality points too where those count price per quality point lot by lot:
what a bid gains then depends on what else its bidder wins. Such changes are always solved again.

Ratio of sums. With L the ratio of A at the new points, B passes A or draws level only if
price(B) - L x (quality(B) + its change) <= 0. By its forced optima, price(B) >= F(k) x quality(B);
so for F(k) >= L the left side is at least (F(k) - L) x Q - L x U, where Q is the least quality that
any award can have (the lowest old points on each lot) and U the most that quality can have changed
by: lot by lot the winner's change or that of a switch up to k, whichever is larger. If it is above
0 for every k, A stands. And if no winner and no bid has gained points or lost any but losers, which
lost, every other award is worse or as it was, and A stands, ties and all.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from commissioning.award.domain.objective import measure, objective_value
from commissioning.award.domain.optimiser import Optimum
from commissioning.award.domain.optimiser.rules import forced_by
from commissioning.award.domain.problem import Bid, Objective, Problem
from commissioning.award.domain.reversion import REVERSIONS
from commissioning.award.domain.robustness.standing import Standing

_Switch = tuple[str, Bid, Fraction]


def points_change_nothing(standing: Standing, changed: Problem) -> bool:
    """Whether it is proven that other quality points leave every winner where it is.

    `changed` is the problem of `standing` with other points for any bids, or without some of them.
    False says only that there is no proof: the changed problem must be solved again.
    """
    problem = standing.problem
    if problem.award_rule in REVERSIONS or len(changed.lots) < len(problem.lots):
        return False
    if any((who, lot) not in changed.bid_for for lot, who in standing.award.items()):
        return False
    if forced_by(problem.award_rule, changed) != standing.forced:
        return False
    match problem.objective:
        case Objective.MIN_TOTAL_PRICE:
            return True
        case Objective.MIN_PORTFOLIO_PPQP:
            return _ratio_stands(standing, changed)
    return _sum_stands(standing, changed)


def _sum_stands(standing: Standing, changed: Problem) -> bool:
    problem = standing.problem
    if problem.objective is Objective.MIN_SUM_PPQP and _touches_a_package(problem, changed):
        return False
    switches: list[_Switch] = []
    for lot, bids in problem.bids_on.items():
        won = _worse_by(problem, changed, problem.bid_for[standing.award[lot], lot])
        for bid in bids:
            if (bid.bidder, lot) not in changed.bid_for or bid.bidder == standing.award[lot]:
                continue
            gain = won - _worse_by(problem, changed, bid)
            if gain > 0:
                switches.append((lot, bid, gain))
    ranked = _in_order(standing, switches)
    if ranked is None:
        return False
    now = standing.badness(standing.value)
    most: dict[str, Fraction] = {}
    total = Fraction(0)
    for forced, lot, gain in ranked:
        before = most.get(lot, Fraction(0))
        if gain > before:
            most[lot] = gain
            total += gain - before
        if forced - now - total <= 0:
            return False
    return True


def _ratio_stands(standing: Standing, changed: Problem) -> bool:
    problem, award = standing.problem, standing.award
    most: dict[str, Fraction] = {}
    switches: list[_Switch] = []
    for lot, bids in problem.bids_on.items():
        for bid in bids:
            if (bid.bidder, lot) not in changed.bid_for:
                continue
            more = Fraction(changed.bid_for[bid.bidder, lot].quality - bid.quality)
            if bid.bidder == award[lot]:
                most[lot] = more
            else:
                switches.append((lot, bid, more))
    if not any(most.values()) and all(more <= 0 for _, _, more in switches):
        return True
    ranked = _in_order(standing, switches)
    if ranked is None:
        return False
    ratio = objective_value(changed, award)
    least = sum(min(bid.quality for bid in bids) for bids in problem.bids_on.values())
    total = sum(most.values(), Fraction(0))
    for forced, lot, more in ranked:
        if more > most[lot]:
            total += more - most[lot]
            most[lot] = more
        if forced < ratio or (forced - ratio) * least - ratio * total <= 0:
            return False
    return True


def _worse_by(problem: Problem, changed: Problem, bid: Bid) -> Fraction:
    """By how much a bid's part of a sum has become worse (below 0: better)."""
    now = changed.bid_for[bid.bidder, bid.lot]
    return measure(problem, now) - measure(problem, bid) if now is not bid else Fraction(0)


def _in_order(
    standing: Standing, switches: list[_Switch]
) -> list[tuple[Fraction, str, Fraction]] | None:
    """The switches that some award makes, by their forced optimum; None where one is not known."""
    ranked = []
    for lot, bid, change in switches:
        found: Optimum = standing.best_with(bid)
        if not found.is_proven:
            return None
        if found.value is not None:
            ranked.append((standing.badness(found.value), lot, change))
    return sorted(ranked, key=lambda each: each[0])


def _touches_a_package(problem: Problem, changed: Problem) -> bool:
    """Whether a bid with other points is named in a package."""
    named: Mapping[tuple[str, str], None] = {
        (package.bidder, lot): None for package in problem.packages for lot in package.discounts
    }
    return any(
        (bid.bidder, bid.lot) in named and bid != problem.bid_for[bid.bidder, bid.lot]
        for bid in changed.bids
    )
