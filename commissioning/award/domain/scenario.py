"""A scenario: what would come out by other rules, or if a bidder had stayed away.

It is a copy of the published problem with changes. It binds nobody: the published rules stay the
published rules, and only the published problem can be recommended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any, Final

from commissioning.award.domain.objective import net_prices
from commissioning.award.domain.problem import AwardRule, Limits, Objective, Problem, parse_problem
from commissioning.award.domain.rules_words import rules_in_words
from commissioning.award.domain.standing import rule_name
from commissioning.competition.domain.award_rules import OBJECTIVE_NAMES
from commissioning.competition.domain.criteria import Objective as PublishedObjective

MOST_COMPARED: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a scenario has instead of what was published.

    `limits` are all general limits of the scenario; `without` are bidders left out, by reference.
    `ignores_funding` leaves out what each bidder may win by the funding that it proved.
    """

    objective: Objective
    award_rule: AwardRule
    limits: Limits
    without: tuple[str, ...] = ()
    ignores_funding: bool = False

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON."""
        limits = {
            each.name: getattr(self.limits, each.name)
            for each in fields(self.limits)
            if getattr(self.limits, each.name) not in (None, ())
        }
        if self.limits.incompatible_lots:
            limits["incompatible_lots"] = [list(pair) for pair in self.limits.incompatible_lots]
        return {
            "objective": self.objective.value,
            "award_rule": self.award_rule.value,
            "limits": limits,
            "without": list(self.without),
            "ignores_funding": self.ignores_funding,
        }

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Changes:
        """What `to_dict` wrote."""
        limits = dict(written["limits"])
        pairs = tuple((pair[0], pair[1]) for pair in limits.pop("incompatible_lots", ()))
        return cls(
            objective=Objective(written["objective"]),
            award_rule=AwardRule(written["award_rule"]),
            limits=Limits(**limits, incompatible_lots=pairs),
            without=tuple(written["without"]),
            ignores_funding=written["ignores_funding"],
        )


def as_published(problem: Problem) -> Changes:
    """No change: where a scenario starts from."""
    return Changes(
        objective=problem.objective, award_rule=problem.award_rule, limits=problem.limits
    )


def scenario_problem(published: Problem, changes: Changes) -> Problem:
    """The published problem with the changes of a scenario.

    A bidder left out takes its bids along; a lot that keeps no bid is left out, as one without a
    valid bid is, and the base of the shares stays. A general share of groups stands for the same
    share of each group. Raises BadProblem where nothing is left to award, or a limit is no limit.
    """
    gone = frozenset(changes.without)
    bids = tuple(bid for bid in published.bids if bid.bidder not in gone)
    with_bid = {bid.lot for bid in bids}
    pairs = tuple(pair for pair in changes.limits.incompatible_lots if with_bid.issuperset(pair))
    share = changes.limits.max_value_share_per_group_ppm
    groups = (
        replace(
            group,
            members=tuple(one for one in group.members if one not in gone),
            max_value_share_ppm=share,
        )
        for group in published.groups
    )
    changed = published.changed(
        objective=changes.objective,
        award_rule=changes.award_rule,
        limits=replace(changes.limits, incompatible_lots=pairs),
        stated_share_base=published.share_base_value,
        lots=tuple(lot for lot in published.lots if lot.id in with_bid),
        bidders=tuple(
            replace(one, max_value=None) if changes.ignores_funding else one
            for one in published.bidders
            if one.id not in gone
        ),
        bids=bids,
        groups=tuple(group for group in groups if group.members),
        packages=tuple(one for one in published.packages if one.bidder not in gone),
        lot_order=tuple(lot for lot in published.lot_order if lot in with_bid),
        fixed={lot: one for lot, one in published.fixed.items() if one not in gone},
    )
    return parse_problem(changed.to_dict())


def changes_in_words(
    published: Problem, changes: Changes, names: Mapping[str, str]
) -> tuple[str, ...]:
    """In what a scenario differs from what was published, one sentence each; none where in nothing.

    `names` is what bidders are called.
    """
    said = []
    if changes.award_rule is not published.award_rule:
        said.append(
            f"Award rule: {rule_name(changes.award_rule).lower()}, instead of "
            f"{rule_name(published.award_rule).lower()}."
        )
    if changes.objective is not published.objective:
        said.append(
            f"Best award: {_objective_name(changes.objective)}, instead of "
            f"{_objective_name(published.objective)}."
        )
    if changes.limits != published.limits:
        before = rules_in_words(published)
        after = rules_in_words(
            published.changed(limits=changes.limits, stated_share_base=published.share_base_value)
        )
        said += [f"Not in force: {one}" for one in before if one not in after]
        said += [f"In force instead: {one}" for one in after if one not in before]
    if changes.ignores_funding:
        said.append("The funding that bidders proved is left aside.")
    said += [f"Without {names.get(one, one)}." for one in changes.without]
    return tuple(said)


@dataclass(frozen=True, slots=True)
class Totals:
    """What an award comes to: net prices in pence, quality in milli-points, and their ratios.

    `ratio` is the portfolio price per quality point, in pence a milli-point; None without quality.
    `sum_of_ratios` is the sum of each lot's own.
    """

    price: int
    quality: int
    ratio: Fraction | None
    sum_of_ratios: Fraction


def totals_of(problem: Problem, award: Mapping[str, str]) -> Totals:
    """Total price, total quality and both prices per quality point of an award, exact."""
    net = net_prices(problem, award)
    qualities = {lot: problem.bid_for[bidder, lot].quality for lot, bidder in award.items()}
    price, quality = sum(net.values()), sum(qualities.values())
    ratios = sum((Fraction(net[lot], qualities[lot]) for lot in award), Fraction(0))
    return Totals(price, quality, Fraction(price, quality) if quality else None, ratios)


def _objective_name(objective: Objective) -> str:
    return OBJECTIVE_NAMES[PublishedObjective(objective.value)].lower()
