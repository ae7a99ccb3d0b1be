"""The withdrawals that decide: a bidder without a lot goes, and others win or lose by it."""

from __future__ import annotations

from commissioning.award.domain.optimiser.rules import forced_by
from commissioning.award.domain.problem import Problem
from commissioning.award.domain.reversion import REVERSIONS
from commissioning.award.domain.robustness.changes import without_bidder
from commissioning.award.domain.robustness.findings import (
    Heard,
    Search,
    Withdrawal,
    WithdrawalFindings,
    go_on,
    heard_through,
    moved_lots,
)
from commissioning.award.domain.robustness.standing import Standing


def withdrawals_that_decide(standing: Standing, *, heard: Heard = go_on) -> WithdrawalFindings:
    """Every bidder that wins no lot, and whose withdrawal of all its bids changes any winner.

    It may: a first place that it held and lost to a limit protects or exposes other bidders, a
    reversion takes lots in another order without it, and a group that is left with one member is
    none any more. `heard` is told how many bidders of how many are done.

    One case needs no new solution. Where an optimum rule decides the same lots beforehand as it
    did, the awards without the bidder are those of all awards that give it nothing. The award that
    won is among them, so that it is the best of fewer, and of equals still the first by the tie
    rule; limits at most and at least hold for it as they did. This fails only where a group's
    limits go with the bidder.
    """
    problem = standing.problem
    winners = set(standing.award.values())
    losers = [bidder.id for bidder in problem.bidders if bidder.id not in winners]
    before = standing.solved
    changing = []
    tried = 0
    for bidder in heard_through(losers, heard):
        tried += 1
        changed = without_bidder(problem, bidder)
        if _changes_nothing(standing, changed) and not _ends_a_group(standing, bidder):
            continue
        after = standing.solve_again(changed)
        moved = moved_lots(problem, standing.award, after)
        if moved:
            changing.append(Withdrawal(bidder, moved))
    return WithdrawalFindings(
        tuple(changing),
        Search(tried, len(losers), standing.solved - before, standing.is_exact),
    )


def _changes_nothing(standing: Standing, changed: Problem) -> bool:
    """Whether an optimum rule decides the same lots beforehand, and chooses among fewer awards."""
    rule = standing.problem.award_rule
    return rule not in REVERSIONS and forced_by(rule, changed) == standing.forced


def _ends_a_group(standing: Standing, bidder: str) -> bool:
    """Whether a group is left with a single member once the bidder has gone."""
    return any(len(group.members) == 2 for group in standing.problem.groups_of.get(bidder, ()))
