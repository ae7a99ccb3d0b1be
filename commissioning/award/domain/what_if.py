"""Award problems with one limit taken out or set anew: the what-ifs behind every explanation.

A limit is named by its `Rule`. Those of `limits` stand once; those of lots, bidders and groups
stand under one name for all their holders, and can be set for one holder alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from commissioning.award.domain.limits import Rule
from commissioning.award.domain.problem import Problem

_GENERAL: Final = (
    Rule.MAX_LOTS_PER_BIDDER,
    Rule.MAX_VALUE_SHARE_PER_BIDDER,
    Rule.MAX_LOTS_PER_GROUP,
    Rule.MAX_VALUE_SHARE_PER_GROUP,
    Rule.MIN_DISTINCT_WINNERS,
    Rule.INCOMPATIBLE_LOTS,
    Rule.BUDGET,
)
"""The limits of the competition as a whole; the rule's text is the name of the field."""

_OF_HOLDERS: Final = {
    Rule.LOT_MAX_PRICE: ("lots", "max_price"),
    Rule.BIDDER_MAX_LOTS: ("bidders", "max_lots"),
    Rule.BIDDER_MAX_VALUE: ("bidders", "max_value"),
    Rule.BIDDER_MAX_PRICE: ("bidders", "max_price"),
    Rule.GROUP_MAX_LOTS: ("groups", "max_lots"),
    Rule.GROUP_MAX_VALUE_SHARE: ("groups", "max_value_share_ppm"),
    Rule.GROUP_MAX_VALUE: ("groups", "max_value"),
}
"""The limits of single lots, bidders or groups: where they stand, and in which field."""


def stated_limits(problem: Problem) -> tuple[Rule, ...]:
    """The names of all limits that a problem states, and `packages`, in their usual order."""
    stated: set[Rule] = {rule for rule in _GENERAL if getattr(problem.limits, rule.value)}
    for rule, (part, name) in _OF_HOLDERS.items():
        if any(getattr(holder, name) is not None for holder in getattr(problem, part)):
            stated.add(rule)
    if problem.packages:
        stated.add(Rule.PACKAGES)
    return tuple(rule for rule in Rule if rule in stated)


def without(problem: Problem, rule: Rule) -> Problem:
    """The problem with one limit taken out whole, for all its holders, and the rest as it is.

    Without `packages`, discounts are ignored. Raises ValueError for a rule that is no limit.
    """
    if rule is Rule.PACKAGES:
        return problem.changed(packages=())
    if rule in _OF_HOLDERS:
        part, name = _OF_HOLDERS[rule]
        holders = tuple(replace(holder, **{name: None}) for holder in getattr(problem, part))
        return problem.changed(**{part: holders})
    if rule not in _GENERAL:
        raise ValueError(f"{rule} is no limit that could be taken out.")
    nothing: Any = () if rule is Rule.INCOMPATIBLE_LOTS else None
    return with_limit(problem, rule, None, nothing)


def with_limit(problem: Problem, rule: Rule, holder: str | None, value: Any) -> Problem:
    """The problem with one limit set to `value` (None: no limit) for one holder, by its id.

    The holder is None for a limit of the competition as a whole.
    """
    if rule in _GENERAL:
        return problem.changed(limits=replace(problem.limits, **{rule.value: value}))
    part, name = _OF_HOLDERS[rule]
    holders = tuple(
        replace(each, **{name: value}) if each.id == holder else each
        for each in getattr(problem, part)
    )
    return problem.changed(**{part: holders})


def single_limits(problem: Problem) -> tuple[tuple[Rule, str | None, int], ...]:
    """Each limit that is an integer, one by one: its name, whose it is (None: general), its value.

    In the usual order of names, then in the order of lots, bidders or groups. Incompatible lots
    are no integer, and are not among them.
    """
    single: list[tuple[Rule, str | None, int]] = []
    for rule in stated_limits(problem):
        if rule in _OF_HOLDERS:
            part, name = _OF_HOLDERS[rule]
            for holder in getattr(problem, part):
                value = getattr(holder, name)
                if value is not None:
                    single.append((rule, holder.id, value))
        elif rule not in (Rule.INCOMPATIBLE_LOTS, Rule.PACKAGES):
            single.append((rule, None, getattr(problem.limits, rule.value)))
    return tuple(single)
