"""The award rules of a problem in words: those of the tender documents, said of what is solved.

The words stand in `competition.domain.award_rules`, once: what a competition publishes and what a
problem states are put into words by the same function, so that they can be compared.
"""

from __future__ import annotations

from dataclasses import replace

from commissioning.award.domain.problem import Problem
from commissioning.competition.domain import award_rules
from commissioning.competition.domain.award_rules import AwardRules, RuledLot
from commissioning.competition.domain.criteria import AwardRule, Limits, Objective


def rules_of_problem(problem: Problem) -> AwardRules:
    """The rules that a problem lays down, whoever bids.

    What each bidder proved stands in the problem as that bidder's own limit: the published multiple
    is no part of it.
    """
    limits = problem.limits
    return AwardRules(
        lots=tuple(RuledLot(lot.id, lot.value, lot.max_price) for lot in problem.lots),
        objective=Objective(problem.objective.value),
        award_rule=AwardRule(problem.award_rule.value),
        limits=Limits(
            max_lots_per_bidder=limits.max_lots_per_bidder,
            max_value_share_per_bidder_ppm=limits.max_value_share_per_bidder_ppm,
            max_lots_per_group=limits.max_lots_per_group,
            max_value_share_per_group_ppm=limits.max_value_share_per_group_ppm,
            min_distinct_winners=limits.min_distinct_winners,
            incompatible_lots=limits.incompatible_lots,
            budget=limits.budget,
        ),
        share_base_pence=problem.share_base_value,
        lot_order=problem.lot_order,
        has_packages=bool(problem.packages),
    )


def rules_in_words(problem: Problem) -> tuple[str, ...]:
    """The rules by which lots go to bidders, as numbered paragraphs of a tender document would say.

    In this order: what every award is, what the best one is, the award rule, each limit with its
    exact figure, and what settles ties. Money in pounds, shares in per cent and in money.
    """
    return award_rules.rules_in_words(rules_of_problem(problem))


def says_what_was_published(problem: Problem, published: AwardRules) -> bool:
    """Whether a problem is solved by the rules that were published, lots without a bid apart.

    A lot without a valid bid is in no problem, nor is a pair of lots of which one is left out; the
    base of the shares stays. Everything else must say the same, word for word and figure for
    figure.
    """
    with_bid = {lot.id for lot in problem.lots}
    limits = replace(
        published.limits,
        incompatible_lots=tuple(
            pair for pair in published.limits.incompatible_lots if with_bid.issuperset(pair)
        ),
        funding_multiple=None,
    )
    left = replace(
        published, lots=tuple(lot for lot in published.lots if lot.id in with_bid), limits=limits
    )
    return rules_of_problem(problem) == left
