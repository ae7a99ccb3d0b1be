"""What may be said of an answer: whether it is proven to be what the published award rule gives.

Under an optimum, that is a proven optimum. Under a reversion it is the award that the rule gives
lot by lot: worked out again here, exactly and with no solver. A reversion may leave lots over that
nobody may take; the award of the others is then the whole outcome of the published rule, and as
good a one to recommend as any.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from commissioning.award.domain.answer import Status
from commissioning.award.domain.problem import AwardRule, Problem
from commissioning.award.domain.reversion import REVERSIONS, reversion
from commissioning.competition.domain.award_rules import RULE_NAMES
from commissioning.competition.domain.criteria import AwardRule as PublishedRule

_PROVEN: Final = {
    AwardRule.OPTIMUM: "Proven optimal in exact arithmetic",
    AwardRule.PROTECTED_OPTIMUM: (
        "Proven in exact arithmetic to be the best award that leaves the protected first places "
        "untouched"
    ),
}
_ONLY: Final = {
    AwardRule.OPTIMUM: ", and the only optimal award.",
    AwardRule.PROTECTED_OPTIMUM: ", and the only one as good.",
}


def rule_name(rule: AwardRule) -> str:
    """An award rule as it was published."""
    return RULE_NAMES[PublishedRule(rule.value)]


def left_over(problem: Problem, award: Mapping[str, str]) -> tuple[str, ...]:
    """The lots with a valid bid that an award gives to nobody, in the order of lots."""
    return tuple(lot.id for lot in problem.lots if lot.id not in award)


def is_proven_by_rule(problem: Problem, answer: Mapping[str, Any]) -> bool:
    """Whether an answer is proven to be exactly what the published award rule gives.

    `answer` is the document that `Answer.to_dict` writes. Only such an answer may be recommended.
    """
    award = answer["award"]
    if not award:
        return False
    if problem.award_rule in REVERSIONS:
        reached = answer["status"] in (Status.OPTIMAL, Status.FEASIBLE)
        return reached and dict(award) == reversion(problem, problem.award_rule)
    return bool(answer["status"] == Status.OPTIMAL)


def standing_in_words(
    problem: Problem, answer: Mapping[str, Any], *, is_published: bool = True
) -> str:
    """What is true of an answer that holds an award, or of one that came to no end.

    `is_published` is False where a scenario states the rule, and nobody published it.
    """
    which = "published rule" if is_published else "rule of this scenario"
    if answer["status"] == Status.UNKNOWN:
        return (
            "No award was found in the time given, and none was shown to be impossible. Solve it "
            "again."
        )
    if not is_proven_by_rule(problem, answer):
        return (
            f"The award keeps every limit, but it is not proven to be what the {which} gives. "
            "Solve it again before it can be recommended."
        )
    rule = problem.award_rule
    if rule not in REVERSIONS:
        if answer["unique"]:
            return _PROVEN[rule] + _ONLY[rule]
        return (
            f"{_PROVEN[rule]}. Other awards are equally good; this one follows from the published "
            "tie rule."
        )
    said = (
        f"This is the award that the {which} gives ({rule_name(rule)}), worked out exactly; "
        "the rule gives no other. It need not be the optimum: the explanation shows what each "
        "award rule gives, and costs."
    )
    lots = left_over(problem, answer["award"])
    if not lots:
        return said
    which = "lot" if len(lots) == 1 else "lots"
    those = "that lot follows its" if len(lots) == 1 else "those lots follow their"
    return f"{said} By the rule nobody may take {which} {', '.join(lots)}: {those} own path."
