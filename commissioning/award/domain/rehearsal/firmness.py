"""How firmly awards would stand: how often a single mark would decide, on invented markets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from commissioning.award.domain.rehearsal.assumptions import Assumptions
from commissioning.award.domain.rehearsal.markets import Rules, invented_market
from commissioning.award.domain.rehearsal.report import Spread, spread_of
from commissioning.award.domain.robustness.findings import Heard, MarkFindings, go_on, heard_through
from commissioning.award.domain.robustness.marks import marks_that_decide
from commissioning.award.domain.robustness.standing import Standing
from commissioning.kernel.errors import BadInput


@dataclass(frozen=True)
class MarksOutlook:
    """How often a single agreed mark, one step up or down, would change who wins.

    Of the first `asked` markets, `examined` have an award by the rule of the competition and were
    looked at to the end, and `without_award` have none. In `deciding` of those examined at least
    one mark decides; `marks_deciding` of `marks_tried` do. `by_market` is how many do in a market.
    """

    asked: int
    examined: int
    without_award: int
    deciding: int
    marks_tried: int
    marks_deciding: int
    by_market: Spread | None
    is_exact: bool

    @property
    def is_complete(self) -> bool:
        """Whether all that was asked for was looked at."""
        return self.examined + self.without_award == self.asked


def single_marks(
    rules: Rules, assumptions: Assumptions, markets: int, *, heard: Heard = go_on
) -> MarksOutlook:
    """In how many invented markets a single mark would change who wins, by the rule as drafted.

    The first `markets` of the assumptions are looked at, each mark of each bid, as in a study of a
    real award: this takes far longer than solving a market, so that it is done for some of them.
    `heard` is told how many markets of how many are done, and asked between marks whether to go
    on; a market that is not looked at to the end is left out. Raises OutOfTime where even the
    solver cannot settle a market.
    """
    found: list[MarkFindings] = []
    without_award = 0
    for number in heard_through(range(markets), heard):
        findings = _findings(rules, assumptions, number, _still(heard, number, markets))
        if findings is None:
            without_award += 1
        elif findings.search.is_complete:
            found.append(findings)
    deciding = [len(each.changing) for each in found]
    return MarksOutlook(
        asked=markets,
        examined=len(found),
        without_award=without_award,
        deciding=sum(count > 0 for count in deciding),
        marks_tried=sum(each.search.tried for each in found),
        marks_deciding=sum(deciding),
        by_market=spread_of(map(Fraction, deciding)),
        is_exact=all(each.search.is_exact for each in found),
    )


def _findings(
    rules: Rules, assumptions: Assumptions, number: int, go: Callable[[], bool]
) -> MarkFindings | None:
    market = invented_market(rules, assumptions, number)
    if market.problem is None:
        return None
    try:
        standing = Standing(market.problem)
    except BadInput:  # the rule gives no award there
        return None
    quality = replace(rules.quality, bids=market.marks)
    return marks_that_decide(standing, quality, heard=lambda _done, _total: go())


def _still(heard: Heard, done: int, total: int) -> Callable[[], bool]:
    """Whether to go on, asked while one market is looked at."""
    return lambda: heard(done, total)
