"""Which limits cannot hold together, and what could be had in spite of them.

The filters ask for what-ifs through a callback, so that the question stays apart from whoever
solves it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from commissioning.award.domain.limits import LOT_COUNTS, Rule, allowances, counted, holdings
from commissioning.award.domain.problem import (
    AwardRule,
    Bid,
    Bidder,
    Group,
    Limits,
    Objective,
    Problem,
)
from commissioning.award.domain.problem.statement import PPM
from commissioning.award.domain.what_if import stated_limits, with_limit, without


def conflict(problem: Problem, is_feasible: Callable[[Problem], bool]) -> tuple[Rule, ...]:
    """A set of limits that cannot hold together, and from which none can be left out.

    A deletion filter over the limit names in their usual order: a limit without which there is
    still no award is left out for good. That every lot is awarded, fixed lots included, is
    implicit: the set is empty where that alone cannot be. To be asked only where no award exists.
    """
    kept, needed = problem, []
    for rule in stated_limits(problem):
        if rule is Rule.PACKAGES:
            continue  # without discounts there is never more room
        fewer = without(kept, rule)
        if is_feasible(fewer):
            needed.append(rule)
        else:
            kept = fewer
    return tuple(needed)


@dataclass(frozen=True)
class WithGaps:
    """An award problem in which lots may stay unawarded, as an ordinary award problem.

    A lot that goes to one of `nobody`, who stand last among the bidders and are no limit's
    business, is not awarded. A nobody bids at a price of 0 and, where quality counts, at none.
    """

    problem: Problem
    nobody: frozenset[str]

    def most_lots(self) -> Problem:
        """The problem whose best award leaves the fewest lots unawarded."""
        bids = tuple(
            replace(bid, quality=0 if bid.bidder in self.nobody else 1) for bid in self.problem.bids
        )
        return self.problem.changed(bids=bids, objective=Objective.MAX_TOTAL_QUALITY)

    def with_gaps(self, most: int) -> Problem:
        """The problem under its own objective, with at most so many lots unawarded."""
        if most == 0:
            bids = tuple(bid for bid in self.problem.bids if bid.bidder not in self.nobody)
            return self.problem.changed(bids=bids)
        gaps = Group(_another(self.problem.groups), tuple(sorted(self.nobody)), max_lots=most)
        return self.problem.changed(groups=(*self.problem.groups, gaps))

    def awarded(self, award: Mapping[str, str]) -> dict[str, str]:
        """The lots of an award that go to somebody."""
        return {lot: bidder for lot, bidder in award.items() if bidder not in self.nobody}


def with_gaps_allowed(problem: Problem) -> WithGaps:
    """The same lots, bids and limits, but a lot may go to nobody, and winners are not counted.

    A fixed lot goes to its bidder or to nobody. Every limit stands as a limit of its holder, so
    that none bears on nobody.
    """
    ids = {bidder.id for bidder in problem.bidders}
    names: dict[str, str] = {}
    for lot in problem.lots:
        name = f"nobody for {lot.id}"
        while name in ids:
            name += "!"
        ids.add(name)
        names[lot.id] = name
    counts = problem.objective in (Objective.MIN_PORTFOLIO_PPQP, Objective.MAX_TOTAL_QUALITY)
    bids = [bid for bid in problem.bids if problem.fixed.get(bid.lot, bid.bidder) == bid.bidder]
    bids += [Bid(names[lot.id], lot.id, 0, 0 if counts else 1) for lot in problem.lots]
    changed = problem.changed(
        bidders=(
            *(_on_its_own(problem, bidder) for bidder in problem.bidders),
            *(Bidder(names[lot.id]) for lot in problem.lots),
        ),
        groups=tuple(_as_a_group(problem, group) for group in problem.groups),
        bids=tuple(bids),
        limits=Limits(
            incompatible_lots=problem.limits.incompatible_lots, budget=problem.limits.budget
        ),
        stated_share_base=problem.share_base_value,
        fixed={},
        award_rule=AwardRule.OPTIMUM,
    )
    return WithGaps(changed, frozenset(names.values()))


def _on_its_own(problem: Problem, bidder: Bidder) -> Bidder:
    least = _least(problem, bidder)
    return replace(bidder, max_lots=least.get("lots"), max_value=least.get("value"))


def _as_a_group(problem: Problem, group: Group) -> Group:
    least = _least(problem, group)
    return replace(
        group,
        max_lots=least.get("lots"),
        max_value=least.get("value"),
        max_value_share_ppm=None,
    )


def _least(problem: Problem, holder: Bidder | Group) -> dict[str, int]:
    """Of the limits on a holder the least in lots, and the least in value."""
    least: dict[str, int] = {}
    for rule, allowed in allowances(problem, holder):
        if rule is Rule.BIDDER_MAX_PRICE:
            continue
        unit = "lots" if "max_lots" in rule.value else "value"
        least[unit] = min(allowed, least.get(unit, allowed))
    return least


def _another(groups: tuple[Group, ...]) -> str:
    name = "nobody"
    while any(group.id == name for group in groups):
        name += "!"
    return name


@dataclass(frozen=True)
class LeastHeld:
    """The question how little a limit must allow: the best award of `problem` allows the least.

    What the limit must allow, in its unit, is `total` less the quality of that award.
    """

    problem: Problem
    total: int


def least_held(problem: Problem, rule: Rule, holder: str) -> LeastHeld:
    """Which award makes the least of what one limit of one lot, bidder or group counts.

    That limit is left out, all others stay. Qualities are set so that the most quality is the
    least that is counted: lots, value, or gross price, in whole numbers.
    """
    members = {holder}
    if rule.value.startswith("group."):
        members = set(next(each for each in problem.groups if each.id == holder).members)

    def counts(bid: Bid) -> int:
        if rule is Rule.LOT_MAX_PRICE:
            return bid.price if bid.lot == holder else 0
        return counted(problem, rule, bid) if bid.bidder in members else 0

    most = {
        lot.id: max((counts(bid) for bid in problem.bids_on[lot.id]), default=0)
        for lot in problem.lots
    }
    asked = with_limit(problem, rule, holder, None).changed(
        bids=tuple(replace(bid, quality=most[bid.lot] - counts(bid)) for bid in problem.bids),
        objective=Objective.MAX_TOTAL_QUALITY,
    )
    return LeastHeld(asked, sum(most.values()))


def largest_held(problem: Problem, rule: Rule, award: Mapping[str, str]) -> int | None:
    """What a general limit on bidders or groups must allow for an award to stand.

    The most lots that one of them holds; of a share, the parts per million of the most value. None
    where the shares are taken of nothing.
    """
    is_group = rule in (Rule.MAX_LOTS_PER_GROUP, Rule.MAX_VALUE_SHARE_PER_GROUP)
    held = [each for each in holdings(problem, award) if each.is_group is is_group]
    if rule in LOT_COUNTS:
        return max((len(each.lots) for each in held), default=0)
    return share_needed(problem, max((each.value for each in held), default=0))


def share_needed(problem: Problem, value: int) -> int | None:
    """The smallest share, in parts per million, that allows lots worth `value` pence in all.

    None where the shares are taken of nothing.
    """
    base = problem.share_base_value
    return -(-PPM * value // base) if base else None
