"""What can be had where no award of every lot exists, in words."""

from __future__ import annotations

from commissioning.award.domain.answer import Infeasible, Partial, Relaxation
from commissioning.award.domain.limits import Rule
from commissioning.award.domain.problem import Problem
from commissioning.award.domain.wording import LIMIT_WORDS
from commissioning.kernel.money import Money

_IN_PENCE = frozenset(
    {
        Rule.BUDGET,
        Rule.LOT_MAX_PRICE,
        Rule.BIDDER_MAX_VALUE,
        Rule.BIDDER_MAX_PRICE,
        Rule.GROUP_MAX_VALUE,
    }
)
_MOST_SHOWN = 8
# What a relaxation changes is the value allowed, of which the funding proved is a part only.
_WORDS = LIMIT_WORDS | {
    Rule.BIDDER_MAX_VALUE: "the value that the funding proved allows",
    Rule.GROUP_MAX_VALUE: "the value that the funding behind the group allows",
}


def shortfall_in_words(problem: Problem, infeasible: Infeasible) -> tuple[str, ...]:
    """What cannot be had and what can, one sentence a line, after the first reason.

    A limit is not changed once bids are open: what would help is said as what a new competition
    would need, never as a choice.
    """
    lines = [infeasible.in_words]
    if infeasible.partial is not None:
        lines.append(_partial(problem, infeasible.partial))
    if infeasible.relaxations is not None:
        helping = [each for each in infeasible.relaxations if each.to is not None]
        lines += [_relaxation(each) for each in helping[:_MOST_SHOWN]]
        if len(helping) > _MOST_SHOWN:
            lines.append(f"{len(helping) - _MOST_SHOWN} other limits would each do alone, too.")
        if infeasible.relaxations and not helping:
            lines.append("To change one limit alone would not do.")
    return tuple(lines)


def _partial(problem: Problem, partial: Partial) -> str:
    left_over = [lot.id for lot in problem.lots if lot.id not in partial.award]
    if not left_over:
        return "Every lot can be awarded if the number of different winners is left aside."
    named = ", ".join(left_over[:_MOST_SHOWN])
    more = f" and {len(left_over) - _MOST_SHOWN} more" if len(left_over) > _MOST_SHOWN else ""
    return (
        f"At most {len(partial.award)} of {len(problem.lots)} lots can be awarded; "
        f"the best such award leaves over {named}{more}."
    )


def _relaxation(relaxation: Relaxation) -> str:
    whose = "" if relaxation.holder is None else f" for {relaxation.holder}"
    rule = relaxation.rule
    return (
        f"Every lot could be awarded if {_WORDS[rule]}{whose} were "
        f"{_amount(rule, relaxation.to or 0)} instead of {_amount(rule, relaxation.stated)}; "
        "that would need a new competition."
    )


def _amount(rule: Rule, number: int) -> str:
    if rule in _IN_PENCE:
        return str(Money(number))
    if rule.value.endswith("_ppm"):
        whole, rest = divmod(number, 10_000)
        return f"{whole}.{rest:04}".rstrip("0").rstrip(".") + "%"
    return f"{number:,}"
